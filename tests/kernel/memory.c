/* SPDX-License-Identifier: MIT */
/* Mappings: where, with what access, and what takes them away; physical pages and device memory. */
#include "tests/kernel/files.h"
#include "tests/kernel/workers.h"

#define RW (MEMORY_READ | MEMORY_WRITE)
#define RX (MEMORY_READ | MEMORY_EXECUTE)
#define AT 0x0d0000000000ull /* where nothing else is */

static err_t map(struct memory_cap m, uint64_t at, uint64_t offset, uint64_t bytes,
                 uint32_t flags) {
    return sys_process_map(SELF_PROCESS, m, at, offset, bytes, flags);
}

static void make(uint64_t pages, uint32_t access, struct memory_cap *m) {
    *m = (struct memory_cap){HANDLE_NONE};
    expect_ok(sys_memory_create(pool, pages * PAGE_SIZE, access, m));
}

static void arguments(void) {
    struct memory_cap m, fixed;
    expect_passed(make(4, MEMORY_ACCESS, &m));
    expect_passed(make(4, MEMORY_READ, &fixed));
    expect_error_in(map(m, AT + 1, 0, PAGE_SIZE, RW), BAD_ARGUMENT, 3);
    expect_error_in(map(m, AT, 0, 0, RW), BAD_ARGUMENT, 3);
    expect_error_in(map(m, AT, 0, 100, RW), BAD_ARGUMENT, 3);
    expect_error_in(map(m, 0, 0, PAGE_SIZE, RW), BAD_ARGUMENT, 3);
    expect_error_in(map(m, 0x00007ffffffff000ull, 0, PAGE_SIZE, RW), BAD_ARGUMENT, 3);
    expect_error_in(map(m, 0xffff800000000000ull, 0, PAGE_SIZE, RW), BAD_ARGUMENT, 3);
    expect_error_in(map(m, AT, 0, ~0xfffull, RW), BAD_ARGUMENT, 3);
    expect_error_in(map(m, AT, 1, PAGE_SIZE, RW), BAD_ARGUMENT, 4);
    expect_error_in(map(m, AT, 0, PAGE_SIZE, 0x100 | RW), BAD_ARGUMENT, 6);
    expect_error_in(map(m, AT, 0, PAGE_SIZE, MEMORY_WRITE), BAD_ARGUMENT, 6);
    expect_error_in(map(m, AT, 0, PAGE_SIZE, RW | MAP_UNCACHED), BAD_ARGUMENT, 6);
    expect_error_in(map(fixed, AT, 0, PAGE_SIZE, RW), NO_RIGHT, 6);
    expect_ok(map(m, AT, 0, 4 * PAGE_SIZE, RW));
    expect_error_in(map(m, AT + 3 * PAGE_SIZE, 0, 2 * PAGE_SIZE, RW), OVERLAP, 3);
    expect_error_in(map(m, AT - PAGE_SIZE, 0, 2 * PAGE_SIZE, RW), OVERLAP, 3);
    expect_error_in(map(m, AT - PAGE_SIZE, 0, 8 * PAGE_SIZE, RW), OVERLAP, 3);
    expect_ok(map(m, AT + 4 * PAGE_SIZE, 0, PAGE_SIZE, RW));
    expect_ok(map(m, AT - PAGE_SIZE, 0, PAGE_SIZE, RW));
}

static void faults(uint64_t at, bool write, uint64_t wanted) {
    uint64_t code;
    bool ended = touch_ends(pool, (char *)at, write, &code);
    if (ended != (wanted != FAULT_NONE) || code != wanted)
        test_fail(__FILE__, __LINE__, "%s at %lx: fault %lu, not %lu", write ? "write" : "read", at,
                  code, wanted);
}

static err_t unmap(uint64_t at, uint64_t bytes) {
    return sys_process_unmap(SELF_PROCESS, at, bytes);
}

/* The kernel keeps the place of what was unmapped: it must be in nobody's way. */
static void kept_place(void) {
    const uint64_t at = AT + 2 * PAGE_SIZE;
    struct memory_cap m;
    expect_passed(make(8, MEMORY_ACCESS, &m));
    for (unsigned before = 0; before <= 2; before++)
        for (unsigned after = 0; after <= 2; after++) {
            uint64_t from = at - before * PAGE_SIZE, bytes = (before + 2 + after) * PAGE_SIZE;
            expect_ok(map(m, at, 0, 2 * PAGE_SIZE, RW));
            *(volatile char *)at = 1;
            expect_ok(unmap(at, 2 * PAGE_SIZE));
            expect_passed(faults(at, false, FAULT_UNMAPPED));
            expect_error_in(sys_process_protect(SELF_PROCESS, at, PAGE_SIZE, RW), BAD_ADDRESS, 2);
            expect_ok(map(m, from, 0, bytes, RW));
            expect_error_in(map(m, at, 0, PAGE_SIZE, RW), OVERLAP, 3);
            expect_error_in(map(m, from + bytes - PAGE_SIZE, 0, PAGE_SIZE, RW), OVERLAP, 3);
            expect_ok(unmap(from, bytes));
            expect_ok(map(m, at, 0, 2 * PAGE_SIZE, RW));
            expect_ok(unmap(at, 2 * PAGE_SIZE));
            expect_ok(map(m, at + PAGE_SIZE, 0, PAGE_SIZE, RW));
            expect_error_in(map(m, at, 0, 2 * PAGE_SIZE, RW), OVERLAP, 3);
            expect_error_in(map(m, from, 0, bytes, RW), OVERLAP, 3);
            expect_ok(map(m, at, 0, PAGE_SIZE, RW));
            expect_ok(unmap(at, 2 * PAGE_SIZE));
        }
}

/* Access as it was asked for, and changed for parts. */
static void access(void) {
    struct memory_cap m;
    expect_passed(make(8, MEMORY_ACCESS, &m));
    expect_ok(map(m, AT, 0, 8 * PAGE_SIZE, RW));
    *(volatile char *)(AT + 3 * PAGE_SIZE) = 3;
    expect_ok(sys_process_protect(SELF_PROCESS, AT + 2 * PAGE_SIZE, 3 * PAGE_SIZE, MEMORY_READ));
    expect_passed(faults(AT + 2 * PAGE_SIZE, true, FAULT_ACCESS));
    expect_passed(faults(AT + 4 * PAGE_SIZE, true, FAULT_ACCESS));
    expect_passed(faults(AT + 3 * PAGE_SIZE, false, FAULT_NONE));
    expect_passed(faults(AT + PAGE_SIZE, true, FAULT_NONE));
    expect_passed(faults(AT + 5 * PAGE_SIZE, true, FAULT_NONE));
    expect_equal(*(volatile char *)(AT + 3 * PAGE_SIZE), 3);
    expect_ok(sys_process_protect(SELF_PROCESS, AT, 8 * PAGE_SIZE, 0));
    expect_passed(faults(AT + 7 * PAGE_SIZE, false, FAULT_ACCESS));
    expect_ok(sys_process_protect(SELF_PROCESS, AT, 8 * PAGE_SIZE, RW));
    expect_ok(sys_process_unmap(SELF_PROCESS, AT + PAGE_SIZE, PAGE_SIZE));
    expect_passed(faults(AT + PAGE_SIZE, false, FAULT_UNMAPPED));
    expect_passed(faults(AT, true, FAULT_NONE));
    expect_equal(*(volatile char *)(AT + 3 * PAGE_SIZE), 3);
    expect_error_in(sys_process_protect(SELF_PROCESS, AT, 8 * PAGE_SIZE, RW), BAD_ADDRESS, 2);
    expect_error_in(sys_process_protect(SELF_PROCESS, AT, PAGE_SIZE, MEMORY_WRITE), BAD_ARGUMENT,
                    4);
    expect_error_in(sys_process_protect(SELF_PROCESS, AT + 1, PAGE_SIZE, RW), BAD_ARGUMENT, 2);
    expect_ok(sys_process_unmap(SELF_PROCESS, AT, 8 * PAGE_SIZE));
    expect_ok(sys_process_unmap(SELF_PROCESS, AT, 8 * PAGE_SIZE)); /* nothing there: fine */
    expect_error_in(sys_process_unmap(SELF_PROCESS, AT + 1, PAGE_SIZE), BAD_ARGUMENT, 2);
}

/* A process's blocks of threads are the kernel's: not protected, not unmapped. */
static void blocks_stay(void) {
    uint64_t block = (uint64_t)thread_block();
    (void)sys_process_unmap(SELF_PROCESS, block, PAGE_SIZE);
    expect_error(sys_process_protect(SELF_PROCESS, block, PAGE_SIZE, MEMORY_READ), BAD_ADDRESS);
    expect_equal(thread_block()->self, block);
}

/* Writable or executable, never both, nor one after the other, without the right to that. */
static void write_or_execute(void) {
    struct memory_cap jit, m, other;
    struct process_cap p;
    expect_passed(make(4, MEMORY_ACCESS, &jit));
    expect_ok(sys_handle_duplicate(ANY(jit), RIGHTS_ALL & ~RIGHT_MEMORY_JIT, 0, &m.h));
    expect_error_in(map(m, AT, 0, PAGE_SIZE, RW | MEMORY_EXECUTE), NO_RIGHT, 6);
    expect_ok(map(m, AT, 0, 2 * PAGE_SIZE, RW));
    expect_error_in(sys_process_protect(SELF_PROCESS, AT, PAGE_SIZE, RX), NO_RIGHT, 4);
    expect_error_in(map(m, AT + (1 << 20), 0, PAGE_SIZE, RX), NO_RIGHT, 6);
    expect_ok(sys_process_protect(SELF_PROCESS, AT, 2 * PAGE_SIZE, MEMORY_READ));
    expect_error_in(sys_process_protect(SELF_PROCESS, AT, PAGE_SIZE, RX), NO_RIGHT, 4);
    expect_error_in(map(m, AT + (1 << 20), PAGE_SIZE, PAGE_SIZE, RX), NO_RIGHT, 6);
    expect_error_in(map(m, AT + (1 << 20), 2 * PAGE_SIZE, PAGE_SIZE, RX), NO_RIGHT, 6);
    expect_ok(sys_process_create(pool, &p));
    expect_ok(sys_process_map(p, m, AT, 0, PAGE_SIZE, RX)); /* another's */
    expect_ok(sys_process_unmap(SELF_PROCESS, AT, 2 * PAGE_SIZE));
    expect_passed(make(1, RW, &other));
    expect_error_in(map(other, AT, 0, PAGE_SIZE, RX), NO_RIGHT, 6);
}

static void jit(void) {
    static const uint8_t code[] = {0xb8, 42, 0, 0, 0, 0xc3}; /* mov eax, 42; ret */
    struct memory_cap m;
    expect_passed(make(1, MEMORY_ACCESS, &m));
    expect_ok(map(m, AT, 0, PAGE_SIZE, RW | MEMORY_EXECUTE));
    memcpy((void *)AT, code, sizeof code);
    expect_equal(((int (*)(void))AT)(), 42);
    expect_ok(sys_process_protect(SELF_PROCESS, AT, PAGE_SIZE, RX));
    expect_equal(((int (*)(void))AT)(), 42);
    expect_passed(faults(AT, true, FAULT_ACCESS));
    expect_ok(sys_process_protect(SELF_PROCESS, AT, PAGE_SIZE, RW));
    uint64_t code_of_fault;
    expect(!touch_ends(pool, (void *)AT, true, &code_of_fault));
}

/* Beyond the object's end there is nothing, also when the end comes nearer. */
static void the_end(void) {
    struct memory_cap m;
    struct memory_info info;
    volatile char *at = (volatile char *)AT;
    expect_passed(make(4, RW, &m));
    expect_ok(map(m, AT, 0, 8 * PAGE_SIZE, RW));
    expect_passed(faults(AT + 4 * PAGE_SIZE, false, FAULT_BUS));
    for (unsigned i = 0; i < 4; i++)
        at[i * PAGE_SIZE] = 1;
    expect_ok(sys_memory_resize(m, 2 * PAGE_SIZE));
    expect_ok(sys_memory_info(m, &info));
    expect(info.size == 2 * PAGE_SIZE && info.resident == 2 * PAGE_SIZE);
    expect_passed(faults(AT + 2 * PAGE_SIZE, false, FAULT_BUS));
    expect_passed(faults(AT + PAGE_SIZE, true, FAULT_NONE));
    expect_ok(sys_memory_resize(m, 8 * PAGE_SIZE));
    expect(at[3 * PAGE_SIZE] == 0 && at[PAGE_SIZE] == 1 && at[7 * PAGE_SIZE] == 0);
    expect_ok(sys_memory_resize(m, 0));
    expect_passed(faults(AT, false, FAULT_BUS));
    expect_error_in(sys_memory_resize(m, 100), BAD_ARGUMENT, 2);
    expect_error_in(sys_memory_discard(m, 0, PAGE_SIZE), BAD_ARGUMENT, 2);
}

/* Revoking the handle that a mapping was made with takes it away; closing it does not. */
static void revoked(void) {
    struct memory_cap m, child, grandchild;
    volatile char *at = (volatile char *)AT;
    expect_passed(make(4, RW, &m));
    expect_ok(sys_handle_duplicate(ANY(m), RIGHTS_ALL, 0, &child.h));
    expect_ok(sys_handle_duplicate(ANY(child), RIGHTS_ALL, 0, &grandchild.h));
    expect_ok(map(m, AT, 0, PAGE_SIZE, RW));
    expect_ok(map(child, AT + PAGE_SIZE, 0, PAGE_SIZE, RW));
    expect_ok(map(grandchild, AT + 2 * PAGE_SIZE, 0, PAGE_SIZE, RW));
    at[0] = 9;
    expect(at[PAGE_SIZE] == 9 && at[2 * PAGE_SIZE] == 9);
    expect_ok(sys_handle_close(ANY(grandchild)));
    expect_equal(at[2 * PAGE_SIZE], 9);
    expect_ok(sys_handle_revoke(ANY(child)));
    expect_passed(faults(AT + PAGE_SIZE, false, FAULT_UNMAPPED));
    expect_passed(faults(AT + 2 * PAGE_SIZE, false, FAULT_UNMAPPED));
    expect_equal(at[0], 9);
    expect_ok(sys_handle_close(ANY(child)));
    expect_ok(sys_handle_close(ANY(m)));
    expect_equal(at[0], 9);
}

/* Pages move from one object to absent places of another. */
static void supply(void) {
    struct memory_cap from, to;
    struct memory_info info;
    volatile char *at = (volatile char *)AT;
    expect_passed(make(300, RW, &from));
    expect_passed(make(300, RW, &to));
    expect_ok(map(from, AT, 0, 300 * PAGE_SIZE, RW));
    for (unsigned i = 0; i < 4; i++)
        at[i * PAGE_SIZE] = (char)(i + 1);
    expect_ok(sys_memory_supply(to, from, 8 * PAGE_SIZE, 0, 2 * PAGE_SIZE));
    expect_ok(sys_memory_info(from, &info));
    expect_equal(info.resident, 2 * PAGE_SIZE);
    expect_equal(at[0], 0);
    expect_equal(at[2 * PAGE_SIZE], 3);
    expect_ok(map(to, AT + (1 << 21), 0, 300 * PAGE_SIZE, RW));
    expect_equal(at[(1 << 21) + 9 * PAGE_SIZE], 2);
    expect_error_in(sys_memory_supply(to, from, 9 * PAGE_SIZE, 2 * PAGE_SIZE, PAGE_SIZE), BUSY, 3);
    expect_error_in(sys_memory_supply(to, from, 0, 10 * PAGE_SIZE, PAGE_SIZE), BAD_ARGUMENT, 4);
    expect_error_in(sys_memory_supply(to, from, 0, 3 * PAGE_SIZE, 2 * PAGE_SIZE), BAD_ARGUMENT, 4);
    expect_error_in(sys_memory_supply(to, from, 0, 0, 257 * PAGE_SIZE), BAD_ARGUMENT, 5);
    expect_error_in(sys_memory_supply(to, from, 300 * PAGE_SIZE, 0, PAGE_SIZE), BAD_ARGUMENT, 3);
    expect_ok(sys_memory_info(to, &info));
    expect_equal(info.resident, 2 * PAGE_SIZE);
}

/* A page whose address was told is not used again before its pool lets it go. */
static void physical(void) {
    struct memory_cap m, next;
    struct pool_cap p;
    struct pool_info info;
    uint64_t address, again, bytes;
    expect_ok(sys_pool_create(pool, 64 * PAGE_SIZE, 0, &p));
    expect_ok(sys_memory_create(p, 4 * PAGE_SIZE, RW, &m));
    expect_ok(sys_memory_physical(m, PAGE_SIZE, &address));
    expect(address && address % PAGE_SIZE == 0);
    expect_ok(sys_memory_physical(m, PAGE_SIZE + 8, &again));
    expect_equal(again, address + 8);
    expect_error_in(sys_memory_physical(m, 4 * PAGE_SIZE, &again), BAD_ARGUMENT, 2);
    expect_ok(sys_handle_close(ANY(m)));
    expect_ok(sys_pool_info(p, &info));
    expect(info.quarantined == PAGE_SIZE && info.used == PAGE_SIZE);
    for (unsigned i = 0; i < 20; i++) {
        expect_ok(sys_memory_create(p, PAGE_SIZE, RW, &next));
        expect_ok(sys_memory_physical(next, 0, &again));
        expect(again != address);
        expect_ok(sys_handle_close(ANY(next)));
    }
    expect_ok(sys_pool_release(p, &bytes));
    expect_equal(bytes, 21 * PAGE_SIZE);
    expect_equal(pool_used(p), 0);
    expect_ok(sys_memory_create(p, PAGE_SIZE, RW, &m));
    expect_ok(sys_memory_physical(m, 0, &address));
    expect_ok(sys_pool_destroy(p)); /* its quarantine goes to the parent */
    expect_ok(sys_pool_info(pool, &info));
    expect_equal(info.quarantined, PAGE_SIZE);
}

#define APIC      0xfee00000ull /* every PC's local interrupt controller */
#define APIC_KIND 0x30

static void device(void) {
    struct memory_cap all = {boot_page->device}, part, less;
    expect_error_in(sys_memory_clone(all, pool, 0x100000, PAGE_SIZE, &part), BAD_ARGUMENT, 3);
    expect_ok(sys_memory_clone(all, pool, APIC, PAGE_SIZE, &part));
    expect_error_in(sys_memory_clone(part, pool, PAGE_SIZE, PAGE_SIZE, &less), BAD_ARGUMENT, 3);
    expect_error(sys_memory_resize(part, 2 * PAGE_SIZE), UNSUPPORTED);
    expect_error(map(part, AT, 0, 2 * PAGE_SIZE, MEMORY_READ), BAD_ARGUMENT);
    expect_ok(map(part, AT, 0, PAGE_SIZE, MEMORY_READ | MAP_UNCACHED));
    uint32_t version = *(volatile uint32_t *)(AT + APIC_KIND);
    expect(version && version != ~0u);
    expect_ok(sys_handle_revoke(ANY(all)));
    expect_passed(faults(AT, false, FAULT_UNMAPPED));
}

/* Another processor sees the end of an access at once: never an old page. */
static struct {
    volatile uint64_t *word;
    volatile uint64_t seen, wrong;
    volatile bool stop;
} watch;

static void watcher(void *argument) {
    (void)argument;
    while (!watch.stop) {
        uint64_t value = *watch.word;
        if (value > 1)
            watch.wrong = value;
        watch.seen = value;
    }
}

static bool watcher_sees(uint64_t value) {
    uint64_t deadline = in_ms(PATIENCE_MS);
    while (watch.seen != value && clock_nanoseconds() < deadline)
        sys_thread_yield();
    return watch.seen == value;
}

static void other_processors(void) {
    struct memory_cap m, scratch;
    struct worker w;
    uint64_t *fill;
    expect_passed(make(1, RW, &m));
    expect_ok(map(m, AT, 0, PAGE_SIZE, RW));
    watch.word = (uint64_t *)AT;
    expect(worker_start(&w, PRIORITY, watcher, NULL));
    for (unsigned i = 0; i < 50; i++) {
        *(volatile uint64_t *)AT = 1;
        expect(watcher_sees(1));
        expect_ok(sys_memory_discard(m, 0, PAGE_SIZE));
        expect(memory_make(4 * PAGE_SIZE, &scratch, &fill));
        for (unsigned j = 0; j < 4 * PAGE_SIZE / 8; j++)
            fill[j] = ~0ull;
        expect(watcher_sees(0));
        expect_ok(sys_process_unmap(SELF_PROCESS, (uint64_t)fill, 4 * PAGE_SIZE));
        expect_ok(sys_handle_close(ANY(scratch)));
    }
    watch.stop = true;
    expect(worker_join(&w));
    expect_equal(watch.wrong, 0);
}

const struct test tests_memory[] = {
    TEST("memory.arguments", arguments),
    TEST("memory.kept-place", kept_place),
    TEST("memory.access", access),
    TEST("memory.blocks-stay", blocks_stay),
    TEST("memory.write-or-execute", write_or_execute),
    TEST("memory.jit", jit),
    TEST("memory.the-end", the_end),
    TEST("memory.revoked", revoked),
    TEST("memory.supply", supply),
    TEST("memory.physical", physical),
    TEST("memory.device", device),
    TEST("memory.other-processors", other_processors),
};
TESTS(memory);
