/* SPDX-License-Identifier: MIT */
/*
 * How system calls are implemented: each call of abi/syscall.def is a function sys_NAME. The
 * dispatcher has checked filter, handles, types and rights before it runs. A function checks
 * everything first and then acts; it returns OK with results in c->r, an error, AGAIN (run me again
 * from the start) or BLOCKED (the thread waits; whoever wakes it sets status and results).
 */
#pragma once
#include "abi/syscall.h"
#include "thread.h"

struct call_args {
    struct slot *slot[2]; /* handle arguments, in order */
    const uint64_t *a;    /* a0..a8; handle arguments stand there too */
    uint64_t r[2];
};

#define SYSCALL(n, name, ...) err_t sys_##name(struct thread *t, struct call_args *c);
#include "abi/syscall.def"
#undef SYSCALL

extern const char *const syscall_names[SYSCALL_COUNT];

/* Puts a new object into the caller's table as a root handle with all rights of its type; frees the
 * object if there is no room for the handle. */
err_t syscall_new_handle(struct thread *t, struct object *o, struct call_args *c);

/* The end of a call that emptied the slot of handle `h`: destroys what is unused now, then the slot is
 * free. OK or AGAIN. */
err_t handle_gone(struct thread *t, handle_t h, struct slot *s);

/* The slot of a handle in the caller's table that may be used; `argument` is told in errors. */
err_t handle_find(struct thread *t, handle_t h, unsigned argument, struct slot **out);
/* The same with a type (OBJECT_NONE: any) and rights. */
err_t handle_check(struct thread *t, handle_t h, enum object_type type, uint16_t rights,
                   unsigned argument, struct slot **out);
