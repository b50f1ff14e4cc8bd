/* SPDX-License-Identifier: MIT */
/* SOURCES: kernel/mm/frame.c kernel/boot/memory_map.c */
/*
 * The page allocator against a naive model: one byte a page that says what it is. Random maps of
 * RAM with random reserved parts, then random operations; every page handed out is written and
 * checked when it comes back, so that two owners of one page are found.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "boot/memory_map.h"
#include "frame.h"
#include "log.h"
#include "tap.h"

#define PAGES  4096u /* 16 MiB of physical memory */
#define ROUNDS 60u
#define STEPS  3000u

uintptr_t host_ram;

enum page { ABSENT, RESERVED, FREE, USED, BOOT };
static uint8_t model[PAGES];
static uint64_t free_pages;
static uint64_t seed = 1;

void panic(const char *format, ...) {
    printf("Bail out! panic: %s\n", format);
    abort();
}

void boot_fail(const char *format, ...) {
    printf("Bail out! boot_fail: %s\n", format);
    abort();
}

static uint64_t *word(uint64_t page) {
    return phys_to_virt(page * PAGE_BYTES);
}

static void random_ranges(struct memory_map *m, unsigned most, unsigned longest) {
    *m = (struct memory_map){.count = 0};
    for (unsigned n = 1 + (unsigned)random_below(&seed, most); n; n--) {
        uint64_t start = 1 + random_below(&seed, PAGES - 1);
        uint64_t end = start + 1 + random_below(&seed, longest);
        memory_map_add(m, start * PAGE_BYTES, (end < PAGES ? end : PAGES) * PAGE_BYTES);
    }
}

static void mark(const struct memory_map *m, uint8_t from, uint8_t to) {
    for (size_t i = 0; i < m->count; i++)
        for (paddr_t at = m->ranges[i].start; at < m->ranges[i].end; at += PAGE_BYTES)
            if (model[at / PAGE_BYTES] == from)
                model[at / PAGE_BYTES] = to;
}

/* What the allocator keeps for its own array is used from the start: seen by what it says is free.
 */
static void begin(struct memory_map *ram) {
    struct memory_map reserved;
    random_ranges(ram, 6, 1500);
    memory_map_add(ram, 2000 * PAGE_BYTES, 2300 * PAGE_BYTES); /* room for the array */
    random_ranges(&reserved, 5, 40);
    memory_map_remove(&reserved, 2000 * PAGE_BYTES, 2300 * PAGE_BYTES);
    memset(model, ABSENT, sizeof(model));
    mark(ram, ABSENT, FREE);
    mark(&reserved, FREE, RESERVED);
    uint64_t bytes = frame_init(ram->ranges, ram->count, reserved.ranges, reserved.count);
    check(bytes == frame_free_count() * PAGE_BYTES);
    free_pages = frame_free_count();
    uint64_t array = 0, expected = 0;
    for (uint64_t p = 0; p < PAGES; p++) {
        expected += model[p] == FREE;
        const struct frame *f = frame_of(p * PAGE_BYTES);
        check(!f || f->kind == FRAME_FREE || f->kind == FRAME_RESERVED);
        check((f && f->kind == FRAME_FREE) <= (model[p] == FREE));
        if (model[p] == FREE && f->kind == FRAME_RESERVED) {
            model[p] = RESERVED;
            array++;
        }
    }
    check(array == round_up(frame_total * sizeof(struct frame), PAGE_BYTES) / PAGE_BYTES);
    check(expected - array == free_pages);
}

static void take(void) {
    paddr_t page = frame_alloc();
    check(!page == !free_pages);
    if (!page)
        return;
    check(model[page / PAGE_BYTES] == FREE && page % PAGE_BYTES == 0);
    check(frame_of(page)->kind == FRAME_KERNEL && frame_address(frame_of(page)) == page);
    model[page / PAGE_BYTES] = USED;
    *word(page / PAGE_BYTES) = page ^ seed;
    *(word(page / PAGE_BYTES) + 1) = seed;
    free_pages--;
}

static uint64_t random_used(void) {
    uint64_t p = random_below(&seed, PAGES);
    for (unsigned i = 0; i < PAGES && model[p] != USED; i++)
        p = (p + 1) % PAGES;
    return model[p] == USED ? p : PAGES;
}

static void give(void) {
    uint64_t p = random_used();
    if (p == PAGES)
        return;
    check(*word(p) == ((p * PAGE_BYTES) ^ *(word(p) + 1)));
    frame_free(p * PAGE_BYTES);
    model[p] = FREE;
    free_pages++;
}

/* Several at once, as a TLB batch does. */
static void give_list(void) {
    struct list list = {&list, &list};
    uint64_t n = 0;
    for (unsigned i = 0; i < 20; i++) {
        uint64_t p = random_used();
        if (p == PAGES)
            break;
        frame_of(p * PAGE_BYTES)->kind = FRAME_FREE;
        list_append(&list, &frame_of(p * PAGE_BYTES)->list);
        model[p] = FREE;
        n++;
    }
    frame_free_list(&list, n);
    free_pages += n;
    check(list_empty(&list));
}

static bool model_has_run(uint64_t pages) {
    for (uint64_t p = 0; p + pages <= PAGES; p += pages) {
        uint64_t n = 0;
        while (n < pages && model[p + n] == FREE)
            n++;
        if (n == pages && p)
            return true;
    }
    return false;
}

static void take_boot(void) {
    unsigned order = (unsigned)random_below(&seed, 5);
    uint64_t pages = 1ull << order;
    paddr_t start = frame_alloc_boot(order);
    check(!start == !model_has_run(pages));
    if (!start)
        return;
    check(start % (pages * PAGE_BYTES) == 0);
    for (uint64_t i = 0; i < pages; i++) {
        check(model[start / PAGE_BYTES + i] == FREE);
        model[start / PAGE_BYTES + i] = BOOT;
    }
    free_pages -= pages;
}

static void look(const struct memory_map *ram) {
    uint64_t p = random_below(&seed, PAGES), n = 1 + random_below(&seed, 3);
    bool any = false;
    for (uint64_t i = p; i < p + n && i < PAGES; i++)
        any |= model[i] != ABSENT;
    check(frame_is_ram(p * PAGE_BYTES, n * PAGE_BYTES) == any);
    check(!!frame_of(p * PAGE_BYTES) == (p * PAGE_BYTES < ram->ranges[ram->count - 1].end));
}

/* The allocator is set up once in its life: each round has a process of its own. */
static void play(uint64_t round) {
    struct memory_map ram;
    seed = round * 1000003;
    begin(&ram);
    uint64_t taking = random_below(&seed, 80);
    for (unsigned step = 0; step < STEPS; step++) {
        uint64_t what = random_below(&seed, 100);
        if (what < 2)
            take_boot();
        else if (what < 4)
            give_list();
        else if (what < 20)
            look(&ram);
        else if (what < 20 + taking)
            take();
        else
            give();
        check(frame_free_count() == free_pages);
    }
    for (uint64_t n = free_pages + 1; n; n--)
        take(); /* the last one finds nothing */
}

int main(void) {
    void *ram =
        mmap(NULL, PAGES * PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    host_ram = (uintptr_t)ram;
    for (uint64_t round = 1; round <= ROUNDS && ram != MAP_FAILED; round++) {
        int status = 1;
        pid_t child = fork();
        if (!child) {
            play(round);
            fflush(stdout);
            _exit(tap_bad != 0);
        }
        check(child > 0 && waitpid(child, &status, 0) == child && status == 0);
    }
    tap_test("random maps and operations agree with the model");
    return tap_done();
}
