/* SPDX-License-Identifier: MIT */
/*
 * A process takes the address space of a prepared one. Everything that can fail comes first; then
 * the other threads end, which may be preempted, and then the spaces change places at once. From
 * its first step to the last the prepared process is claimed by the calling thread, so that nobody
 * takes away what was checked. It ends with the old space in it, and takes that with it when it is
 * closed.
 */
#include "abi/ipc.h"
#include "arch/layout.h"
#include "cpu.h"
#include "process.h"
#include "syscall.h"
#include "thread.h"

static err_t check(const struct thread *t, const struct process *prepared, const uint64_t *a) {
    if (prepared->state > PROCESS_ALIVE)
        return ERROR_ARG(DEAD, 1);
    if (prepared->state != PROCESS_BUILDING || prepared->thread_count)
        return ERROR_ARG(BUSY, 1);
    if (prepared->claimed_by && prepared->claimed_by != t->identity)
        return ERROR_ARG(BUSY, 1);
    if (prepared->object.pool != t->process->object.pool)
        return ERROR_ARG(BAD_ARGUMENT, 1); /* a space is paid for by its process's pool */
    if (!user_range_ok(a[1], 1))
        return ERROR_ARG(BAD_ARGUMENT, 2);
    if (!user_range_ok(a[2], 0))
        return ERROR_ARG(BAD_ARGUMENT, 3);
    return OK;
}

/* Makes the thread's block visible in the new space. Nobody runs there if it comes to nothing. */
static err_t claim(const struct thread *t, struct process *prepared, vaddr_t block) {
    const struct mapping *m = space_find(prepared->space, block);
    paddr_t page = virt_to_phys(t->block);
    if (prepared->claimed_by) /* its end takes one block out of the space, and no second one */
        return m && m->node.key == block && !m->memory && m->block_page == page
                   ? OK
                   : ERROR_ARG(BAD_ARGUMENT, 5);
    err_t e = space_map_block(prepared->space, block, page);
    if (err_is(e, ERR_BAD_ARGUMENT) || err_is(e, ERR_OVERLAP))
        return ERROR_ARG(BAD_ARGUMENT, 5);
    if (err_ok(e))
        prepared->claimed_by = t->identity;
    return e;
}

/* PREEMPTIBLE: false also while another CPU has one. */
static bool end_others(const struct thread *t) {
    struct list *all = &t->process->threads, *next;
    bool done = true;
    for (struct list *l = all->next; l != all; l = next) {
        struct thread *other = container_of(l, struct thread, of_process);
        next = l->next;
        if (other == t)
            continue;
        if (cpu_elsewhere(other)) {
            other->attention |= ATTEND_DYING;
            cpu_poke(other);
            done = false;
            continue;
        }
        if (!thread_prepare_end(other))
            return false;
        thread_end(other);
        if (work_spent(10))
            return false;
    }
    return done;
}

static void exchange(struct process *p, struct process *prepared) {
    struct space *old = p->space;
    p->space = prepared->space;
    p->space->process = p;
    p->space->ran = true; /* it is about to */
    prepared->space = old;
    old->process = NULL; /* no calls of anybody have windows in it */
    p->upcall_entry = p->upcall_fixup = 0;
}

static void move_block(struct thread *t, vaddr_t address) {
    struct thread_block *b = t->block;
    t->block_address = address;
    t->table = t->process->space->table;
    b->self = address;
    b->upcall_base = b->upcall_top = 0;
    b->upcall_mask = b->upcall_pending = 0;
    arch_thread_block_moved(t);
}

err_t sys_process_become(struct thread *t, struct call_args *c) {
    struct process *prepared = container_of(c->slot[0]->object, struct process, object);
    uint64_t argument = c->a[3];
    err_t e = check(t, prepared, c->a);
    if (err_ok(e))
        e = claim(t, prepared, c->a[4]);
    if (!err_ok(e))
        return e;
    if (!end_others(t))
        return AGAIN;
    space_unmap_block(t->process->space, t->block_address);
    exchange(t->process, prepared);
    move_block(t, c->a[4]);
    arch_space_reload(t);
    process_end(prepared, END_EXIT, 0, 0);
    regs_start(&t->regs, c->a[1], c->a[2], argument);
    c->r[0] = argument; /* where a result would go */
    return OK;
}
