/* SPDX-License-Identifier: MIT */
/*
 * From a system-call number to its function: the filter, then the handles with their types and
 * rights, all from the table abi/syscall.def. Handles are refused while they are being revoked and
 * when their object is being destroyed; only handle_close and pool_destroy go on with a handle that
 * they have flagged.
 */
#include "syscall.h"

#include "cpu.h"
#include "ipc.h"
#include "process.h"
#include "test_call.h"
#include "trace.h"
#include "upcall.h"

#define OBJECT_ANY OBJECT_NONE

err_t handle_check_slowly(struct thread *t, handle_t h, enum object_type type, uint16_t rights,
                          unsigned argument, struct slot **out) {
    struct slot *s = h != HANDLE_THREAD ? slot_find(&t->process->slots, h) : &t->self;
    if (!s || !s->object)
        return ERROR_ARG(BAD_HANDLE, (uint16_t)argument);
    if (s->flags & SLOT_REVOKED || s->object->dying)
        return ERROR_ARG(REVOKED, (uint16_t)argument);
    if (type != OBJECT_ANY && s->type != type)
        return ERROR_ARG(WRONG_TYPE, (uint16_t)argument);
    if (rights & ~s->rights)
        return ERROR_ARG(NO_RIGHT, (uint16_t)argument);
    *out = s;
    return OK;
}

/* A close or pool_destroy that was preempted left its slot flagged, or emptied already. */
static err_t closing(struct thread *t, uint64_t number, struct call_args *c, err_t e) {
    struct slot *s = slot_find(&t->process->slots, c->a[0]);
    if (!err_is(e, ERR_REVOKED) || !s)
        return e;
    if (number != SYSCALL_handle_close && s->type != OBJECT_NONE &&
        (s->type != OBJECT_POOL || !(s->rights & RIGHT_POOL_DESTROY)))
        return e;
    c->slot[0] = s;
    return OK;
}

static err_t find_handles(struct thread *t, uint64_t number, struct call_args *c) {
    for (unsigned i = 0; i < 2 && calls[number].handle[i].mask; i++) {
        uint32_t want = calls[number].handle[i].want;
        err_t e = handle_check_slowly(t, c->a[i], want & 0xff, (uint16_t)(want >> 16), i + 1,
                                      &c->slot[i]);
        if (!err_ok(e) && (number == SYSCALL_handle_close || number == SYSCALL_pool_destroy))
            e = closing(t, number, c, e);
        if (!err_ok(e))
            return e;
    }
    return OK;
}

static void finish(struct thread *t, uint64_t number, err_t e) {
    thread_status(t, e);
    if (!err_ok(e))
        trace(TRACE_DENIALS, denied, number, e.code);
}

void syscall_complete(struct cpu *cpu, err_t e) {
    struct thread *t = cpu->current;
    if (is_blocked(e))
        return;
    if (is_again(e)) {
        t->attention |= ATTEND_RESTART;
        cpu->work = 0; /* others first */
        return;
    }
    t->regs.a[0] = cpu->call.r[0];
    t->regs.a[1] = cpu->call.r[1];
    finish(t, t->regs.status - SYSCALL_BASE, e);
}

static void run_slowly(struct thread *t, uint64_t number, struct cpu *cpu) {
    trace(TRACE_CALLS, system_call, t->regs.status, t->regs.a[0]);
    if (number >= NATIVE_NUMBERS) {
        upcall_foreign(t);
    } else if (number >= SYSCALL_COUNT) {
        if (!kernel_test_call(t, number))
            finish(t, number, ERROR(BAD_CALL));
    } else {
        err_t e =
            syscall_allowed(t, number) ? find_handles(t, number, &cpu->call) : ERROR(FILTERED);
        if (err_ok(e))
            e = calls[number].run(t, &cpu->call);
        syscall_complete(cpu, e);
    }
}

void kernel_syscall_again(struct thread *t) {
    struct cpu *cpu = cpu_self();
    cpu->call = (struct call_args){.a = t->regs.a};
    run_slowly(t, t->regs.status - SYSCALL_BASE, cpu);
}

err_t syscall_new_handle(struct thread *t, struct object *o, struct call_args *c) {
    struct slot_table *table = &t->process->slots;
    err_t e = slot_reserve(table, 1);
    if (!err_ok(e)) {
        object_release(o); /* nothing was done with it: no long work */
        return e;
    }
    struct slot *s = slot_take(table);
    slot_install(s, o, object_types[o->type].rights, o->type == OBJECT_SIGNAL ? ~0ull : 0, NULL);
    c->r[0] = slot_handle(s);
    return OK;
}
