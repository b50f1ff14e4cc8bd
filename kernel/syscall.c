/* SPDX-License-Identifier: MIT */
/*
 * From a system-call number to its function: the filter, then the handles with their types and
 * rights, all from the table abi/syscall.def. Handles are refused while they are being revoked and
 * when their object is being destroyed; only handle_close and pool_destroy go on with a handle that they
 * have flagged.
 */
#include "syscall.h"

#include "cpu.h"
#include "ipc.h"
#include "process.h"
#include "test_call.h"
#include "trace.h"
#include "upcall.h"

#define RIGHT_NONE     0
#define OBJECT_ANY     OBJECT_NONE
#define NATIVE_NUMBERS (SYSCALL_WORDS * 64u)

struct call_info {
    err_t (*run)(struct thread *t, struct call_args *c);
    struct {
        uint16_t right;
        uint8_t type; /* enum object_type; OBJECT_ANY takes all */
        bool used;
    } handle[2]; /* handles come first */
};

#define H(kind, needed, name) {.right = RIGHT_##needed, .type = OBJECT_##kind, .used = true}
#define V(name)               {.used = false}
#define A(name)               {.used = false}
#define S(name)               {.used = false}
#define _                     {.used = false}
static const struct call_info calls[SYSCALL_COUNT] = {
#define SYSCALL(n, name, a1, a2, ...) [n] = {.run = sys_##name, .handle = {a1, a2}},
#include "abi/syscall.def"
#undef SYSCALL
};
#undef H
#undef V
#undef A
#undef S
#undef _

err_t handle_find(struct thread *t, handle_t h, unsigned argument, struct slot **out) {
    struct slot *s = likely(h != HANDLE_THREAD) ? slot_find(&t->process->slots, h) : &t->self;
    if (unlikely(!s || !s->object))
        return ERROR_ARG(BAD_HANDLE, (uint16_t)argument);
    if (unlikely(s->flags & SLOT_REVOKED || s->object->dying))
        return ERROR_ARG(REVOKED, (uint16_t)argument);
    *out = s;
    return OK;
}

err_t handle_check(struct thread *t, handle_t h, enum object_type type, uint16_t rights,
                   unsigned argument, struct slot **out) {
    err_t e = handle_find(t, h, argument, out);
    if (unlikely(!err_ok(e)))
        return e;
    if (unlikely(type != OBJECT_ANY && (*out)->type != type))
        return ERROR_ARG(WRONG_TYPE, (uint16_t)argument);
    if (unlikely(rights & ~(*out)->rights))
        return ERROR_ARG(NO_RIGHT, (uint16_t)argument);
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

static inline err_t find_handles(struct thread *t, uint64_t number, struct call_args *c) {
    const struct call_info *info = &calls[number];
    for (unsigned i = 0; i < 2 && info->handle[i].used; i++) {
        err_t e = handle_check(t, c->a[i], info->handle[i].type, info->handle[i].right, i + 1,
                               &c->slot[i]);
        if (unlikely(!err_ok(e) &&
                     (number == SYSCALL_handle_close || number == SYSCALL_pool_destroy)))
            e = closing(t, number, c, e);
        if (unlikely(!err_ok(e)))
            return e;
    }
    return OK;
}

static void finish(struct thread *t, uint64_t number, err_t e) {
    thread_status(t, e);
    if (!err_ok(e))
        trace(TRACE_DENIALS, denied, number, e.code);
}

static void native(struct thread *t, uint64_t number) {
    struct call_args c = {.a = t->regs.a};
    if (unlikely(!(t->process->filter.native[number / 64] >> number % 64 & 1))) {
        finish(t, number, ERROR(FILTERED));
        return;
    }
    err_t e = find_handles(t, number, &c);
    if (likely(err_ok(e)))
        e = calls[number].run(t, &c);
    if (unlikely(is_blocked(e)))
        return; /* perhaps for ever: `t` may be gone */
    if (unlikely(is_again(e))) {
        t->attention |= ATTEND_RESTART;
        cpu_self()->work = 0; /* others first */
        return;
    }
    t->regs.a[0] = c.r[0];
    t->regs.a[1] = c.r[1];
    finish(t, number, e);
}

static void other_number(struct thread *t, uint64_t number) {
    if (number >= NATIVE_NUMBERS)
        upcall_foreign(t);
    else if (!kernel_test_call(t, number))
        finish(t, number, ERROR(BAD_CALL));
}

void kernel_syscall(struct thread *t) {
    uint64_t number = t->regs.status - SYSCALL_BASE;
    if (unlikely(t->attention & ATTEND_DYING))
        return; /* it came here before it could be told, and must not wait for anything any more */
    trace(TRACE_CALLS, system_call, t->regs.status, t->regs.a[0]);
    cpu_self()->work = WORK_SHARE;
    if (likely(number < SYSCALL_COUNT))
        native(t, number);
    else
        other_number(t, number);
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
