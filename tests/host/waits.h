/* SPDX-License-Identifier: MIT */
/*
 * Doubles for what signals, futexes and alarms ask of the rest of the kernel: threads that only
 * remember how their wait ended, user memory that is an array of words, and a fake clock.
 */
#pragma once
#include <stdlib.h>
#include <string.h>

#include "arch/layout.h"
#include "cpu.h"
#include "endpoint.h"
#include "futex.h"
#include "memory.h"
#include "process.h"
#include "signal.h"
#include "syscall.h"
#include "tap.h"
#include "timer.h"

#define THREADS   160
#define WORDS     8
#define WORD_BASE 0x100000ul

struct cpu cpus[CPUS_MAX], *host_cpu = cpus;
unsigned cpu_count = CPUS_MAX;
uint64_t host_ticks = 1;
uintptr_t host_ram;
uint32_t trace_groups;

struct pool pool;
static struct process process;
static struct thread threads[THREADS];
static err_t ended[THREADS]; /* how the last wait ended */
static uint32_t words[WORDS];
static struct memory memories[2];
static unsigned shared_with[WORDS]; /* which object backs a word */
static nanos_t timer_at;            /* what the hardware timer is set to */
static unsigned timer_sets, signalled, work_left = 1000000;

void arch_timer_set(nanos_t when) {
    timer_at = when;
    timer_sets++;
}
uint64_t arch_random(void) {
    static uint64_t state = 7;
    return random_next(&state);
}
bool work_spent(unsigned units) {
    if (work_left < units)
        return true;
    work_left -= units;
    return false;
}
err_t thread_wait(struct thread *t, enum wait_kind kind, nanos_t deadline, uint64_t mask,
                  struct list *queue) {
    if (t->attention & ATTEND_INTERRUPT)
        return ERROR(INTERRUPTED);
    if (deadline <= clock_now())
        return ERROR(TIMED_OUT);
    t->state = STATE_WAITING;
    t->wait_kind = (uint8_t)kind;
    t->wait_mask = mask;
    if (queue)
        list_append(queue, &t->wait_link);
    alarm_set(t, deadline);
    return BLOCKED;
}
void thread_wake(struct thread *t, err_t e) {
    check(t->state == STATE_WAITING && !t->wait_node.linked && list_empty(&t->wait_link));
    alarm_cancel(t);
    t->state = STATE_READY;
    ended[t - threads] = e;
}
void call_end(struct thread *t, err_t e) {
    t->state = STATE_READY;
    ended[t - threads] = e;
}
void thread_abort(struct thread *t, err_t e) {
    if (t->state == STATE_CALLING) {
        call_end(t, e);
        return;
    }
    if (t->wait_kind == WAIT_FUTEX)
        futex_cancel(t);
    else
        list_remove(&t->wait_link);
    thread_wake(t, e);
}
void object_settle_later(struct object *o) {
    (void)o;
}
void endpoint_signalled(struct endpoint *e) {
    check(e->signal && e->signal->bits);
    signalled++;
}
err_t object_create(struct pool *p, enum object_type type, struct object **out) {
    *out = calloc(1, 4096);
    (*out)->type = (uint8_t)type;
    (*out)->pool = p;
    return OK;
}
err_t syscall_new_handle(struct thread *t, struct object *o, struct call_args *c) {
    (void)t;
    c->r[0] = (uintptr_t)o;
    return OK;
}
uint64_t arch_load_user(vaddr_t from) {
    return words[(from - WORD_BASE) / 4];
}
err_t user_read(void *to, vaddr_t from, uint64_t length) {
    check(length == sizeof(uint32_t));
    *(uint32_t *)to = words[(from - WORD_BASE) / 4];
    return OK;
}
err_t space_locate(struct space *s, vaddr_t address, struct memory **memory, uint64_t *offset) {
    unsigned word = (unsigned)(address - WORD_BASE) / 4;
    (void)s;
    *memory = &memories[shared_with[word]];
    *offset = word / 2;
    return OK;
}

static void waits_init(void) {
    process.space = (struct space *)&process;
    for (unsigned i = 0; i < CPUS_MAX; i++)
        cpus[i].index = i;
    for (unsigned i = 0; i < THREADS; i++) {
        threads[i].process = &process;
        threads[i].state = STATE_READY;
        list_init(&threads[i].wait_link);
    }
}

/* Runs a system call of `t`; results in *c. */
#define invoke(name, t, c, ...)                                                                    \
    ((c)->a = (const uint64_t[9]){__VA_ARGS__}, (c)->r[0] = (c)->r[1] = 0, sys_##name((t), (c)))
