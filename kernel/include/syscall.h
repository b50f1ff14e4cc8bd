/* SPDX-License-Identifier: MIT */
/*
 * How system calls are implemented: each call of abi/syscall.def is a function sys_NAME. The
 * dispatcher has checked filter, handles, types and rights before it runs. A function checks
 * everything first and then acts; it returns OK with results in c->r, an error, AGAIN (run me again
 * from the start) or BLOCKED (the thread waits; whoever wakes it sets status and results).
 */
#pragma once
#include "abi/syscall.h"
#include "process.h"
#include "thread.h"

struct cpu;

struct call_args {
    struct slot *slot[2]; /* handle arguments, in order */
    const uint64_t *a;    /* a0..a8; handle arguments stand there too */
    uint64_t r[2];
};

#define SYSCALL(n, name, ...) err_t sys_##name(struct thread *t, struct call_args *c);
#include "abi/syscall.def"
#undef SYSCALL

/* What a handle's slot must have: its word under a mask. */
struct call_handle {
    uint32_t mask, want; /* mask 0: the argument is no handle */
};

#define NATIVE_NUMBERS (SYSCALL_WORDS * 64u) /* from SYSCALL_BASE on */

struct call_info {
    err_t (*run)(struct thread *t, struct call_args *c);
    struct call_handle handle[2]; /* handles come first */
} __attribute__((aligned(32)));
extern const struct call_info calls[SYSCALL_COUNT];

static inline bool syscall_allowed(const struct thread *t, uint64_t number) {
    uint64_t word = t->process->filter.native[number / 64];
    return word >> number % 64 & 1;
}
/* The current system call returned `e`; if that is BLOCKED, its thread may be gone. */
void syscall_complete(struct cpu *cpu, err_t e);
/* The whole way, for a call that is unusual or runs again, within what is left of cpu->work. */
void kernel_syscall_again(struct thread *t);

extern const char *const syscall_names[SYSCALL_COUNT];

/* Puts a new object into the caller's table as a root handle with all rights of its type; frees the
 * object if there is no room for the handle. */
err_t syscall_new_handle(struct thread *t, struct object *o, struct call_args *c);

/* The end of a call that emptied the slot of handle `h`: destroys what is unused now, then the slot
 * is free. OK or AGAIN. */
err_t handle_gone(struct thread *t, handle_t h, struct slot *s);

/* The slot of a handle in the caller's table that may be used, with a type (OBJECT_NONE: any) and
 * rights; `argument` is told in errors. */
err_t handle_check_slowly(struct thread *t, handle_t h, enum object_type type, uint16_t rights,
                          unsigned argument, struct slot **out);
static inline err_t handle_check(struct thread *t, handle_t h, enum object_type type,
                                 uint16_t rights, unsigned argument, struct slot **out) {
    struct slot *s =
        slot_good(&t->process->slots, h, SLOT_WORD(type ? 0xff : 0, SLOT_REVOKED, rights),
                  SLOT_WORD(type, 0, rights));
    if (unlikely(!s))
        return handle_check_slowly(t, h, type, rights, argument, out);
    *out = s;
    return OK;
}
