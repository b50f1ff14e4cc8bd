/* SPDX-License-Identifier: MIT */
/* The system calls on threads. */
#include "arch/layout.h"
#include "cpu.h"
#include "futex.h"
#include "process.h"
#include "sched.h"
#include "syscall.h"
#include "thread.h"
#include "trace.h"

static struct thread *thread_of(const struct slot *s) {
    return container_of(s->object, struct thread, object);
}

static bool ended(const struct thread *t) {
    return t->state == STATE_ENDED || t->attention & ATTEND_DYING;
}

err_t sys_thread_create(struct thread *t, struct call_args *c) {
    struct process *p = container_of(c->slot[0]->object, struct process, object);
    struct thread *new;
    if (c->a[2] > t->process->filter.priority)
        return ERROR_ARG(BAD_ARGUMENT, 3);
    if (!process_usable(p))
        return ERROR_ARG(DEAD, 1);
    err_t e = slot_reserve(&t->process->slots, 1);
    if (err_ok(e))
        e = thread_create(p, c->a[1], (unsigned)c->a[2], &new);
    if (!err_ok(e))
        return err_is(e, ERR_BAD_ARGUMENT) || err_is(e, ERR_OVERLAP)
                   ? (err_t){.code = e.code, .argument = 2}
                   : e;
    struct slot *s = slot_take(&t->process->slots);
    slot_install(s, &new->object, object_types[OBJECT_THREAD].rights, 0, NULL);
    c->r[0] = slot_handle(s);
    return OK;
}

err_t sys_thread_start(struct thread *t, struct call_args *c) {
    struct thread *new = thread_of(c->slot[0]);
    struct process *p = new->process;
    (void)t;
    if (c->a[1] >= USER_END || c->a[2] > USER_END)
        return ERROR_ARG(BAD_ARGUMENT, c->a[1] >= USER_END ? 2 : 3);
    if (ended(new))
        return ERROR_ARG(DEAD, 1);
    if (new->state != STATE_NEW)
        return ERROR_ARG(BUSY, 1);
    regs_start(&new->regs, c->a[1], c->a[2], c->a[3]);
    object_hold(&new->object);
    p->space->ran = true;
    p->live_threads++;
    if (p->state == PROCESS_BUILDING) {
        p->state = PROCESS_ALIVE;
        p->started = true;
        object_hold(&p->object);
        trace(TRACE_LIFE, process_start, p->identity, 0);
    }
    trace(TRACE_LIFE, thread_start, new->identity, 0);
    thread_ready(new);
    return OK;
}

/* Its registers are not about to change: it was not started, or is suspended and off its CPU. */
static bool stopped(const struct thread *t) {
    return t->state == STATE_NEW || (t->attention & ATTEND_SUSPENDED && cpus[t->cpu].current != t);
}

err_t sys_thread_registers_read(struct thread *t, struct call_args *c) {
    const struct thread *other = thread_of(c->slot[0]);
    struct thread_registers registers;
    (void)t;
    if (ended(other))
        return ERROR_ARG(DEAD, 1);
    if (!stopped(other))
        return ERROR_ARG(BUSY, 1);
    regs_read(other, &registers);
    return user_write(c->a[1], &registers, sizeof(registers));
}

/* Not while it waits: the end of the wait would write to them. A system call that was to run again
 * is forgotten. */
err_t sys_thread_registers_write(struct thread *t, struct call_args *c) {
    struct thread *other = thread_of(c->slot[0]);
    struct thread_registers registers;
    (void)t;
    err_t e = user_read(&registers, c->a[1], sizeof(registers));
    if (!err_ok(e))
        return e;
    if (ended(other))
        return ERROR_ARG(DEAD, 1);
    if (!stopped(other) || other->state > STATE_READY)
        return ERROR_ARG(BUSY, 1);
    if (!regs_write(other, &registers))
        return ERROR_ARG(BAD_ARGUMENT, 2);
    other->attention &= ~ATTEND_RESTART;
    return OK;
}

err_t sys_thread_interrupt(struct thread *t, struct call_args *c) {
    struct thread *other = thread_of(c->slot[0]);
    (void)t;
    if (ended(other))
        return ERROR_ARG(DEAD, 1);
    thread_interrupt(other);
    return OK;
}

err_t sys_thread_suspend(struct thread *t, struct call_args *c) {
    struct thread *other = thread_of(c->slot[0]);
    (void)t;
    if (ended(other))
        return ERROR_ARG(DEAD, 1);
    other->attention |= ATTEND_SUSPENDED;
    if (other->sched.queued)
        sched_dequeue(&cpus[other->cpu].queue, &other->sched);
    else if (cpu_elsewhere(other))
        cpu_poke(other);
    return OK;
}

err_t sys_thread_resume(struct thread *t, struct call_args *c) {
    struct thread *other = thread_of(c->slot[0]);
    (void)t;
    if (ended(other))
        return ERROR_ARG(DEAD, 1);
    if (!(other->attention & ATTEND_SUSPENDED))
        return OK;
    other->attention &= ~ATTEND_SUSPENDED;
    if (other->state == STATE_READY && !other->sched.queued && cpus[other->cpu].current != other)
        thread_ready(other);
    return OK;
}

/* Moves a thread off a CPU that it may no longer use. */
static void migrate(struct thread *t) {
    struct cpu *cpu = &cpus[t->cpu];
    if (t->affinity >> t->cpu & 1) {
        t->attention &= ~ATTEND_MIGRATE; /* it may stay again */
        return;
    }
    if (t->sched.queued) {
        sched_dequeue(&cpu->queue, &t->sched);
        thread_ready(t);
    } else if (cpu->current == t) {
        t->attention |= ATTEND_MIGRATE;
        if (cpu != cpu_self())
            cpu_poke(t);
    } else {
        t->cpu = (unsigned)__builtin_ctzl(t->affinity);
    }
}

err_t sys_thread_schedule(struct thread *t, struct call_args *c) {
    struct thread *other = thread_of(c->slot[0]);
    uint64_t affinity = c->a[2] & ((1ull << cpu_count) - 1);
    if (c->a[1] > t->process->filter.priority)
        return ERROR_ARG(BAD_ARGUMENT, 2);
    if (!affinity)
        return ERROR_ARG(BAD_ARGUMENT, 3);
    if (ended(other))
        return ERROR_ARG(DEAD, 1);
    other->base_priority = (uint8_t)c->a[1];
    other->affinity = affinity;
    thread_priority_update(other);
    migrate(other);
    return OK;
}

static uint64_t state_of(const struct thread *t) {
    if (ended(t))
        return THREAD_ENDED;
    if (t->state == STATE_NEW)
        return THREAD_NEW;
    if (t->attention & ATTEND_SUSPENDED)
        return THREAD_SUSPENDED;
    return t->state == STATE_READY ? THREAD_RUNNING : THREAD_WAITING;
}

err_t sys_thread_info(struct thread *t, struct call_args *c) {
    const struct thread *other = thread_of(c->slot[0]);
    struct thread_info info = {
        .identity = other->identity,
        .process = other->process ? other->process->identity : 0,
        .state = state_of(other),
        .priority = other->base_priority,
        .effective_priority = other->sched.priority,
        .affinity = other->affinity & ((1ull << cpu_count) - 1),
        .cpu_time = arch_length(other->ticks + cpu_uncounted(other)),
        .block = other->block_address,
    };
    (void)t;
    return user_write(c->a[1], &info, sizeof(info));
}

static err_t store_zero(vaddr_t word) {
    const uint32_t zero = 0;
    return word ? user_write(word, &zero, sizeof(zero)) : OK;
}

/* The last thread's end is its process's. From the moment the word is cleared nothing may be
 * repeated, as its memory may serve another purpose then. A bad range or word has no effect. */
err_t sys_thread_exit(struct thread *t, struct call_args *c) {
    struct process *p = t->process;
    bool last = p->live_threads == 1;
    err_t e = OK;
    if (!last && !thread_prepare_end(t))
        return AGAIN;
    if (c->a[1])
        e = space_unmap(p->space, c->a[0], c->a[1]);
    if (is_again(e))
        return e;
    t->regs.a[1] = 0; /* the range may be somebody's again by the time that the word is there */
    e = store_zero(c->a[2]);
    if (is_again(e) || is_blocked(e))
        return e;
    if (err_ok(e) && c->a[2])
        futex_wake_private(p->space, c->a[2], 1);
    if (last) {
        process_end(p, END_EXIT, 0, 0);
        return OK;
    }
    thread_end(t);
    return BLOCKED;
}

err_t sys_thread_yield(struct thread *t, struct call_args *c) {
    struct cpu *cpu = cpu_self();
    (void)t, (void)c;
    cpu->slice_over = true;
    cpu->errands |= ERRAND_RESCHEDULE;
    return OK;
}
