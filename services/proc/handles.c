/* SPDX-License-Identifier: MIT */
#include "services/proc/handles.h"

#include <string.h>

#include "lib/sys/program.h"
#include "lib/sys/room.h"
#include "lib/sys/syscall.h"
#include "services/proc/body.h"
#include "services/proc/killer.h"

/* The memory of this many pages is kept for the next process: so a fork does not change mappings
 * here, which every processor that served lately would have to be told. */
#define PAGES_KEPT 256u

struct held {
    struct process_cap process;
    struct thread_cap thread;
    struct memory_cap memory, narrow; /* of the page; to read it only, for others */
    struct proc_page *page;           /* where it is here; NULL: the process has none */
};

static struct held held[PROCESSES_MAX];
static struct endpoint_cap endpoint;
static uint64_t pages; /* address of the first */

static struct held *held_of(const struct process *p) {
    return &held[process_index(p)];
}

void handles_start(struct endpoint_cap e) {
    endpoint = e;
    pages = room_take((uint64_t)PROCESSES_MAX * PAGE_SIZE);
}

/* ---- the page ---- */

void body_show(const struct process *p) {
    struct proc_page *page = held_of(p)->page;
    if (!page)
        return;
    page->number = process_number(p, p);
    page->parent = process_number(p->parent, p);
    page->group = p->group->value;
    page->session_number = p->session->value;
}

/* In the order that abi/proc.h promises: no reader takes half a record for whole. */
static void record(struct proc_raised *to, const struct process *p, const struct raise *r) {
    __atomic_store_n(&to->sequence, 0, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_RELEASE);
    to->code = r->code;
    to->process = r->from ? process_number(r->from, p) : r->child;
    to->value = r->value;
    __atomic_store_n(&to->sequence, p->sequence, __ATOMIC_RELEASE);
}

void body_mark(const struct process *p, const struct raise *r) {
    struct proc_page *page = held_of(p)->page;
    if (!page)
        return;
    record(&page->raised[r->signal], p, r);
    __atomic_store_n(&page->sequence, p->sequence, __ATOMIC_RELEASE);
}

void body_interrupt(const struct process *p) {
    struct thread_cap thread = held_of(p)->thread;
    if (thread.h != HANDLE_NONE)
        (void)sys_thread_interrupt(thread); /* DEAD: it will say which other one */
}

void body_kill(const struct process *p) {
    killer_take(held_of(p)->process);
}

static struct proc_page *page_at(const struct process *p) {
    return (struct proc_page *)(pages + (uint64_t)process_index(p) * PAGE_SIZE);
}

static void page_free(struct held *h, struct proc_page *at) {
    sys_process_unmap(SELF_PROCESS, (uint64_t)at, PAGE_SIZE);
    sys_handle_close(ANY(h->narrow));
    sys_handle_close(ANY(h->memory));
    h->memory.h = h->narrow.h = HANDLE_NONE;
}

static err_t memory_make(struct held *h, struct proc_page *at) {
    err_t e = sys_memory_create(program_pool, PAGE_SIZE, MEMORY_READ | MEMORY_WRITE, &h->memory);
    if (err_ok(e))
        e = sys_handle_duplicate(ANY(h->memory), RIGHT_MEMORY_READ | RIGHT_REVOKE, 0, &h->narrow.h);
    if (err_ok(e))
        e = sys_process_map(SELF_PROCESS, h->memory, (uint64_t)at, 0, PAGE_SIZE,
                            MEMORY_READ | MEMORY_WRITE | MAP_PRESENT);
    if (!err_ok(e))
        page_free(h, at);
    return e;
}

static err_t page_make(const struct process *p, struct held *h) {
    err_t e = h->memory.h == HANDLE_NONE ? memory_make(h, page_at(p)) : OK;
    if (!err_ok(e))
        return e;
    h->page = page_at(p);
    memset(h->page, 0, sizeof *h->page);
    return e;
}

/* Copies that the process made of itself without our knowledge lose it too. */
static void page_end(const struct process *p, struct held *h) {
    if (!h->page)
        return;
    sys_handle_revoke(ANY(h->narrow));
    h->page = NULL;
    if (process_index(p) >= PAGES_KEPT)
        page_free(h, page_at(p));
}

/* Shows the page at an address there, for reading only and for ever. */
static err_t page_map(const struct held *h, struct process_cap process, uint64_t at) {
    return sys_process_map(process, h->narrow, at, 0, PAGE_SIZE, MEMORY_READ);
}

/* ---- what is handed over ---- */

/* Is it a thread of that process, in that state or (THREAD_ENDED) in any? */
static err_t thread_check(struct thread_cap thread, uint64_t process, uint64_t state) {
    struct thread_info info;
    err_t e = sys_thread_info(thread, &info);
    if (err_ok(e) && info.process != process)
        e = ERROR(BAD_ARGUMENT);
    if (err_ok(e) && state != THREAD_ENDED && info.state != state)
        e = ERROR(BUSY);
    return e;
}

/* Its own session, the number of which the page tells. The handle that was made is given up. */
static err_t session_give(const struct process *p, struct process_cap to, struct reply_cap reply,
                          handle_t *number) {
    struct session_cap session;
    err_t e =
        sys_endpoint_mint(endpoint, p->badge, RIGHT_SESSION_CALL | RIGHT_SEND, reply.h, &session);
    if (!err_ok(e))
        return e;
    e = sys_process_give(to, ANY(session), RIGHT_SESSION_CALL, number);
    sys_handle_close(ANY(session));
    return e;
}

/* After a fork the parent's page is where the child's has to be. */
static err_t equip(const struct process *p, struct held *h, uint64_t at, struct reply_cap reply) {
    err_t e = page_make(p, h);
    if (err_ok(e))
        e = session_give(p, h->process, reply, &h->page->session);
    if (err_ok(e))
        e = sys_process_unmap(h->process, at, PAGE_SIZE);
    return err_ok(e) ? page_map(h, h->process, at) : e;
}

static void let_go(const struct process *p, struct held *h) {
    h->process.h = HANDLE_NONE;
    h->thread.h = HANDLE_NONE;
    page_end(p, h);
}

err_t handles_begin(struct process *p, const struct handed *from, const struct beginning *b,
                    struct reply_cap reply) {
    struct held *h = held_of(p);
    uint64_t type, identity;
    err_t e = sys_handle_info(ANY(from->process), &type, &identity);
    if (err_ok(e))
        e = thread_check(from->thread, identity, THREAD_NEW);
    if (err_ok(e))
        e = sys_process_bind(from->process, endpoint, p->badge);
    if (!err_ok(e))
        return e;
    process_known(p, identity);
    h->process = from->process;
    h->thread = from->thread;
    if (b->page)
        e = equip(p, h, b->page, reply);
    body_show(p);
    if (err_ok(e))
        e = sys_thread_start(h->thread, b->entry, b->stack, b->argument);
    if (err_ok(e))
        return e;
    let_go(p, h);
    return e;
}

err_t handles_thread(struct process *p, struct thread_cap thread) {
    struct held *h = held_of(p);
    err_t e = thread_check(thread, p->kernel, THREAD_ENDED);
    if (!err_ok(e))
        return e;
    sys_handle_close(ANY(h->thread));
    h->thread = thread;
    return e;
}

err_t handles_become(struct process *p, const struct handed *from, uint64_t page) {
    const struct held *h = held_of(p);
    if (page && !h->page)
        return ERROR(NOT_FOUND);
    err_t e = page ? page_map(h, from->process, page) : OK;
    return err_ok(e) ? handles_thread(p, from->thread) : e;
}

void handles_look(const struct process *p, struct process_info *info, bool *runs) {
    const struct held *h = held_of(p);
    struct thread_info thread = {.state = THREAD_ENDED};
    *info = (struct process_info){.threads = 0};
    if (h->process.h != HANDLE_NONE)
        (void)sys_process_info(h->process, info);
    if (h->thread.h != HANDLE_NONE)
        (void)sys_thread_info(h->thread, &thread); /* it may be gone, and others be left */
    *runs = thread.state == THREAD_RUNNING;
}

bool handles_there(const struct process *p) {
    uint64_t type, identity;
    return err_ok(sys_handle_info(ANY(held_of(p)->process), &type, &identity));
}

uint64_t handles_end(const struct process *p) {
    struct held *h = held_of(p);
    struct process_info info = {.cpu_time = 0};
    (void)sys_process_info(h->process, &info);
    sys_handle_close(ANY(h->thread));
    sys_handle_close(ANY(h->process));
    let_go(p, h);
    return info.cpu_time;
}
