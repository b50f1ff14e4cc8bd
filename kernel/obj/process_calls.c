/* SPDX-License-Identifier: MIT */
/*
 * The system calls on processes, but for those that copy or exchange memory (process_clone.c,
 * process_become.c) or map it (mapping.c). Nothing here waits for another process.
 */
#include "process.h"

#include "arch/layout.h"
#include "cpu.h"
#include "endpoint.h"
#include "pool.h"
#include "syscall.h"
#include "thread.h"
#include "trace.h"

#define PIECE 256u /* bytes that a debugger's copy takes through the kernel stack at once */

static struct process *process_of(const struct slot *s) {
    return container_of(s->object, struct process, object);
}

err_t sys_process_create(struct thread *t, struct call_args *c) {
    struct process *p;
    err_t e = process_create(container_of(c->slot[0]->object, struct pool, object),
                             t->process->filter.priority, &p);
    return err_ok(e) ? syscall_new_handle(t, &p->object, c) : e;
}

err_t sys_process_give(struct thread *t, struct call_args *c) {
    struct process *p = process_of(c->slot[0]);
    struct slot *from = c->slot[1], *s;
    (void)t;
    if (!process_usable(p))
        return ERROR_ARG(DEAD, 1);
    if (from->type == OBJECT_REPLY)
        return ERROR_ARG(WRONG_TYPE, 2);
    err_t e = slot_reserve(&p->slots, 1);
    if (!err_ok(e))
        return e;
    s = slot_take(&p->slots);
    slot_install(s, from->object, from->rights & (uint16_t)c->a[2], from->badge, from);
    trace(TRACE_GRANTS, grant, s->type, p->identity);
    c->r[0] = slot_handle(s);
    return OK;
}

/* A process that ends itself leaves the rest to its undertaker. */
err_t sys_process_kill(struct thread *t, struct call_args *c) {
    struct process *p = process_of(c->slot[0]);
    if (p->state <= PROCESS_ALIVE)
        process_end(p, END_KILL, c->a[1], 0);
    if (p == t->process || p->state == PROCESS_ENDED)
        return OK;
    return process_teardown(p) ? OK : AGAIN;
}

err_t sys_process_exit(struct thread *t, struct call_args *c) {
    process_end(t->process, END_EXIT, c->a[0], 0);
    return OK;
}

static bool allows(const struct syscall_filter *f, unsigned number) {
    return f->native[number / 64] >> number % 64 & 1;
}

void process_narrow(struct process *p, const struct syscall_filter *by) {
    struct syscall_filter *f = &p->filter;
    for (unsigned i = 0; i < SYSCALL_WORDS; i++)
        f->native[i] &= by->native[i];
    for (unsigned i = 0; i < FOREIGN_WORDS; i++)
        f->foreign[i] &= by->foreign[i];
    f->priority = min_u64(f->priority, by->priority);
    p->message_calls_allowed =
        allows(f, SYSCALL_call) && allows(f, SYSCALL_reply_wait) && allows(f, SYSCALL_forward_wait);
    for (struct list *l = p->threads.next; l != &p->threads; l = l->next)
        container_of(l, struct thread, of_process)->filtered = !p->message_calls_allowed;
}

err_t sys_process_filter(struct thread *t, struct call_args *c) {
    struct syscall_filter by;
    (void)t;
    err_t e = user_read(&by, c->a[1], sizeof(by));
    if (err_ok(e))
        process_narrow(process_of(c->slot[0]), &by);
    return e;
}

static bool entry_ok(vaddr_t entry) {
    return !entry || user_range_ok(entry, 1);
}

err_t sys_process_upcall(struct thread *t, struct call_args *c) {
    struct process *p = process_of(c->slot[0]);
    (void)t;
    if (!entry_ok(c->a[1]))
        return ERROR_ARG(BAD_ARGUMENT, 2);
    if (!entry_ok(c->a[2]))
        return ERROR_ARG(BAD_ARGUMENT, 3);
    p->upcall_entry = c->a[1];
    p->upcall_fixup = c->a[2];
    return OK;
}

err_t sys_process_bind(struct thread *t, struct call_args *c) {
    struct process *p = process_of(c->slot[0]);
    (void)t;
    if (!process_usable(p) && p->state != PROCESS_DYING)
        return ERROR_ARG(DEAD, 1);
    if (p->ended.endpoint)
        return ERROR_ARG(BUSY, 1);
    p->cookie = c->a[2];
    notice_bind(&p->ended, MESSAGE_ENDED,
                container_of(c->slot[1]->object, struct endpoint, object));
    return OK;
}

static nanos_t cpu_time(const struct process *p) {
    uint64_t ticks = p->ticks;
    for (const struct list *l = p->threads.next; l != &p->threads; l = l->next) {
        const struct thread *t = container_of(l, struct thread, of_process);
        ticks += t->ticks + cpu_uncounted(t);
    }
    return arch_length(ticks);
}

err_t sys_process_info(struct thread *t, struct call_args *c) {
    const struct process *p = process_of(c->slot[0]);
    bool alive = p->state <= PROCESS_ALIVE; /* else parts of it may be gone */
    struct process_info info = {
        .identity = p->identity,
        .account = p->object.pool->account->identity,
        .resident = alive ? p->space->resident << PAGE_SHIFT : 0,
        .tables = alive ? (p->space->table_pages + p->slots.page_count + 1) << PAGE_SHIFT : 0,
        .threads = p->thread_count,
        .handles = alive ? p->slots.used : 0,
        .cpu_time = cpu_time(p),
        .reason = p->reason,
        .code = p->code,
        .address = p->address,
        .ended = p->state == PROCESS_ENDED,
    };
    (void)t;
    return user_write(c->a[1], &info, sizeof(info));
}

/* One piece of a debugger's copy; *done bytes of it were copied. */
static err_t copy_piece(struct space *s, vaddr_t address, vaddr_t buffer, uint64_t n, bool write,
                        uint64_t *done) {
    uint8_t piece[PIECE];
    err_t e;
    *done = 0;
    if (write) {
        e = user_read(piece, buffer, n);
        if (!err_ok(e))
            return e.code == ERR_BAD_ADDRESS ? ERROR_ARG(BAD_ADDRESS, 3) : e;
        e = space_write(s, address, piece, n, done);
        return err_ok(e) || *done ? OK : ERROR_ARG(BAD_ADDRESS, 2);
    }
    e = space_read(s, address, piece, n, done);
    if (!err_ok(e) && !*done)
        return ERROR_ARG(BAD_ADDRESS, 2);
    e = user_write(buffer, piece, *done);
    if (!err_ok(e))
        *done = 0;
    return e.code == ERR_BAD_ADDRESS ? ERROR_ARG(BAD_ADDRESS, 3) : e;
}

/* Stops short where something is not accessible and when its share of work is used up. */
static err_t debug_copy(struct call_args *c, bool write) {
    const struct process *p = process_of(c->slot[0]);
    uint64_t length = c->a[3], done = 0, n = PIECE, got = PIECE;
    if (!process_usable(p))
        return ERROR_ARG(DEAD, 1);
    for (; done < length && got == n; done += got) {
        n = min_u64(length - done, PIECE);
        err_t e = copy_piece(p->space, c->a[1] + done, c->a[2] + done, n, write, &got);
        if (!err_ok(e) && (!done || e.code != ERR_BAD_ADDRESS))
            return e;
        if (work_spent(3)) {
            done += got;
            break;
        }
    }
    c->r[0] = done;
    return OK;
}

err_t sys_process_read(struct thread *t, struct call_args *c) {
    (void)t;
    return debug_copy(c, false);
}

err_t sys_process_write(struct thread *t, struct call_args *c) {
    (void)t;
    return debug_copy(c, true);
}
