/* SPDX-License-Identifier: MIT */
/*
 * The calls of abi/test.h. They need handles like any other call, so that a test of hostile
 * programs may run on a kernel that has them.
 */
#include "abi/boot.h"
#include "abi/test.h"
#include "ipc.h"
#include "pool.h"
#include "process.h"
#include "test_call.h"
#include "thread.h"

const uint32_t kernel_boot_flags = BOOT_TEST;

/* The object behind the first argument, or NULL with the status set. */
static struct object *object_of(struct thread *t, enum object_type type, uint16_t rights) {
    uint64_t h = t->regs.a[0];
    struct slot *s = slot_find(&t->process->slots, h);
    err_t e = OK;
    if (!s || s->flags & SLOT_REVOKED || s->type == OBJECT_REPLY || s->object->dying)
        e = ERROR_ARG(BAD_HANDLE, 1);
    else if (s->type != type)
        e = ERROR_ARG(WRONG_TYPE, 1);
    else if (rights & ~s->rights)
        e = ERROR_ARG(NO_RIGHT, 1);
    thread_status(t, e);
    return err_ok(e) ? s->object : NULL;
}

static void fail(struct thread *t) {
    struct object *o = object_of(t, OBJECT_POOL, RIGHT_POOL_LIMIT);
    if (!o)
        return;
    struct pool *p = container_of(o, struct pool, object);
    uint64_t left = p->fail_after;
    p->fail_after = t->regs.a[1];
    t->regs.a[0] = left;
}

static void check(struct thread *t) {
    if (object_of(t, OBJECT_TRACE, RIGHT_TRACE_CONTROL))
        t->regs.a[0] = invariants_check(t->regs.a[1] & CHECK_FRAMES);
}

static void path(struct thread *t) {
    if (object_of(t, OBJECT_TRACE, RIGHT_TRACE_CONTROL))
        message_slow =
            t->regs.a[1] ? message_slow & ~MESSAGE_SLOW_TEST : message_slow | MESSAGE_SLOW_TEST;
}

bool kernel_test_call(struct thread *t, uint64_t number) {
    switch (number) {
    case TEST_FAIL:
        fail(t);
        return true;
    case TEST_CHECK:
        check(t);
        return true;
    case TEST_PATH:
        path(t);
        return true;
    }
    return false;
}
