/* SPDX-License-Identifier: MIT */
/*
 * The page allocator. One struct frame per page from physical address 0 to the end of RAM, in an
 * array at the end of the largest free range. Frames in the free list, and those that are about to
 * get there, have the kind FREE; pages that are not RAM, and RAM in use since before, are RESERVED.
 */
#include "frame.h"

#include "boot/memory_map.h"
#include "log.h"
#include "string.h"

struct frame *frames;
uint64_t frame_total;

static struct list free_list = {&free_list, &free_list};
static uint64_t free_count;
static struct memory_range ram[BOOT_RANGES];
static size_t ram_count;

paddr_t frame_alloc(void) {
    struct frame *f = list_first(&free_list, struct frame, list);
    if (unlikely(!f))
        return 0;
    list_remove(&f->list);
    f->kind = FRAME_KERNEL;
    f->flags = 0;
    free_count--;
    return frame_address(f);
}

void frame_free(paddr_t page) {
    struct frame *f = frame_of(page);
    assert(f && f->kind != FRAME_FREE);
    f->kind = FRAME_FREE;
    f->pool = NULL;
    list_prepend(&free_list, &f->list);
    free_count++;
}

void frame_free_list(struct list *list, uint64_t n) {
    if (list_empty(list))
        return;
    list->next->prev = free_list.prev;
    free_list.prev->next = list->next;
    list->prev->next = &free_list;
    free_list.prev = list->prev;
    list_init(list);
    free_count += n;
}

uint64_t frame_free_count(void) {
    return free_count;
}

static bool run_is_free(const struct frame *f, uint64_t pages) {
    for (uint64_t i = 0; i < pages; i++)
        if (f[i].kind != FRAME_FREE)
            return false;
    return true;
}

paddr_t frame_alloc_boot(unsigned order) {
    uint64_t pages = 1ul << order;
    for (uint64_t at = frame_total & -pages; at >= pages;) {
        struct frame *f = &frames[at -= pages];
        if (!run_is_free(f, pages))
            continue;
        for (uint64_t i = 0; i < pages; i++) {
            list_remove(&f[i].list);
            f[i].kind = FRAME_RESERVED;
        }
        free_count -= pages;
        return frame_address(f);
    }
    return 0;
}

bool frame_is_ram(paddr_t start, uint64_t bytes) {
    for (size_t i = 0; i < ram_count; i++)
        if (start < ram[i].end && ram[i].start - min_u64(start, ram[i].start) < bytes)
            return true;
    return false;
}

struct layout {
    const struct memory_range *ranges, *reserved;
    size_t n, m;
};

/* The first part of RAM from `from` on that is not reserved. */
static bool next_usable(const struct layout *l, paddr_t from, struct memory_range *out) {
    for (size_t i = 0; i < l->n; i++) {
        struct memory_range r = l->ranges[i];
        if (r.start < from)
            r.start = from;
        for (size_t j = 0; j < l->m && r.start < r.end; j++) {
            if (l->reserved[j].end <= r.start)
                continue;
            if (l->reserved[j].start > r.start) {
                r.end = min_u64(r.end, l->reserved[j].start);
                break;
            }
            r.start = l->reserved[j].end;
        }
        if (r.start < r.end) {
            *out = r;
            return true;
        }
    }
    return false;
}

static void add_free(paddr_t start, paddr_t end) {
    for (paddr_t page = start; page < end; page += PAGE_BYTES) {
        struct frame *f = frame_of(page);
        f->kind = FRAME_FREE;
        list_append(&free_list, &f->list);
        free_count++;
    }
}

uint64_t frame_init(const struct memory_range *ranges, size_t n,
                    const struct memory_range *reserved, size_t m) {
    struct layout l = {ranges, reserved, n, m};
    struct memory_range r, largest = {0, 0};
    assert(n <= BOOT_RANGES);
    for (paddr_t at = 0; next_usable(&l, at, &r); at = r.end)
        if (r.end - r.start > largest.end - largest.start)
            largest = r;

    frame_total = n ? ranges[n - 1].end >> PAGE_SHIFT : 0;
    uint64_t bytes = round_up(frame_total * sizeof(struct frame), PAGE_BYTES);
    if (largest.end - largest.start <= bytes)
        boot_fail("too little memory: %lu KiB", (largest.end - largest.start) >> 10);
    frames = phys_to_virt(largest.end - bytes);
    memset(frames, 0, bytes);
    memcpy(ram, ranges, n * sizeof(*ranges));
    ram_count = n;

    for (paddr_t at = 0; next_usable(&l, at, &r); at = r.end)
        add_free(r.start, r.end == largest.end ? r.end - bytes : r.end);
    return free_count * PAGE_BYTES;
}
