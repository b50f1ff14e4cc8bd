/* SPDX-License-Identifier: MIT */
/* platform.h on anonymOS. The program is the first process; partners are clones of it. */
#include "tests/bench/platform.h"

#include "abi/trace.h"
#include "lib/sys/mem.h"
#include "lib/sys/print.h"
#include "lib/sys/room.h"
#include "lib/sys/thread.h"
#include "tests/bench/anonymos/local.h"

struct signal_cap events[2];
struct partner partners[PARTNERS];

static unsigned partner_count;
static struct memory_cap area_memory;
static struct process_cap copy;

void platform_fail(const char *what) {
    program_fail("bench failed: %s", what);
}

void need_failed(err_t e, const char *what) {
    program_fail("bench failed: %s: %s (argument %u)", what, error_text(e), e.argument);
}

void platform_counters(struct counters *c) {
    struct trace_counters now;
    need(sys_trace_counters((struct trace_cap){boot_page->trace}, &now), "trace_counters");
    *c = (struct counters){now.switches, now.flushes, now.ipis, now.interrupts};
}

void platform_print(const char *format, ...) {
    va_list list;
    va_start(list, format);
    print_arguments(format, list);
    va_end(list);
}

unsigned platform_cpus(void) {
    return boot_page->cpu_count;
}

const char *platform_option(const char *name) {
    return option_find(boot_page->command_line, name);
}

char *area_map(size_t bytes) {
    uint64_t at;
    need(room_allocate(root_pool(), bytes, MEMORY_READ | MEMORY_WRITE | MAP_PRIVATE_COPY,
                       &area_memory, &at),
         "area");
    return (char *)at;
}

void area_unmap(char *area, size_t bytes) {
    need(sys_process_unmap(SELF_PROCESS, (uint64_t)area, bytes), "area_unmap");
    need(sys_handle_close(ANY(area_memory)), "area_unmap");
}

void stay_on(unsigned cpu) {
    need(sys_thread_schedule(SELF_THREAD, PRIORITY, 1ull << cpu), "thread_schedule");
}

static void entry_run(void *run) {
    ((void (*)(void))run)();
}

/* Its stack is written before the copy is made, so that the copy has it. */
void partner_process(void (*run)(void), unsigned cpu) {
    struct partner *p = &partners[partner_count++];
    struct memory_cap stack;
    uint64_t at;
    need(room_allocate(root_pool(), THREAD_STACK, MEMORY_READ | MEMORY_WRITE | MAP_PRIVATE_COPY,
                       &stack, &at),
         "a partner's stack");
    struct thread_entry *entry = (void *)(at + THREAD_STACK - sizeof *entry);
    *entry = (struct thread_entry){entry_run, (void *)run};
    need(sys_process_clone(SELF_PROCESS, root_pool(), &p->process), "process_clone");
    need(sys_thread_create(p->process, room_take(PAGE), PRIORITY, &p->thread), "thread_create");
    need(sys_thread_schedule(p->thread, PRIORITY, 1ull << cpu), "thread_schedule");
    need(sys_thread_start(p->thread, (uint64_t)thread_start_up, (uint64_t)entry, (uint64_t)entry),
         "thread_start");
    need(sys_process_unmap(SELF_PROCESS, at, THREAD_STACK), "a partner's stack");
    need(sys_handle_close(ANY(stack)), "a partner's stack");
}

void partner_thread(void (*run)(void)) {
    struct thread_room room;
    need(thread_spawn(root_pool(), PRIORITY, entry_run, (void *)run, &room), "thread_spawn");
}

/* A thread of our own that waits for ever is left where it is: the machine is about to end. */
void partner_stop(void) {
    for (; partner_count; partner_count--) {
        struct partner *p = &partners[partner_count - 1];
        need(sys_process_kill(p->process, 0), "process_kill");
        need(sys_handle_close(ANY(p->thread)), "partner_stop");
        need(sys_handle_close(ANY(p->process)), "partner_stop");
    }
}

void events_open(void) {
    for (unsigned i = 0; i < 2; i++)
        need(sys_signal_create(root_pool(), &events[i]), "signal_create");
}

void events_close(void) {
    for (unsigned i = 0; i < 2; i++)
        need(sys_handle_close(ANY(events[i])), "events_close");
}

void process_life(void) {
    struct process_cap p;
    need(sys_process_create(root_pool(), &p), "process_create");
    need(sys_handle_close(ANY(p)), "handle_close");
}

void copy_begin(void) {
    need(sys_process_clone(SELF_PROCESS, root_pool(), &copy), "process_clone");
}

void copy_end(void) {
    need(sys_process_kill(copy, 0), "process_kill");
    need(sys_handle_close(ANY(copy)), "handle_close");
}
