/* SPDX-License-Identifier: MIT */
/*
 * The usual way of a system call, straight from the entry code: everything about it is as it should
 * be. The rest is syscall.c. What this file calls keeps registers as C does, the file itself need
 * not (FROM_ENTRY in the Makefile).
 */
#include "cpu.h"
#include "process.h"
#include "syscall.h"
#include "trace.h"
#include "upcall.h"

#define RIGHT_NONE 0
#define OBJECT_ANY OBJECT_NONE

#define H(kind, needed, name)                                                                      \
    {                                                                                              \
        .mask = SLOT_WORD(OBJECT_##kind ? 0xff : 0, SLOT_REVOKED, RIGHT_##needed),                 \
        .want = SLOT_WORD(OBJECT_##kind, 0, RIGHT_##needed)                                        \
    }
#define V(name)                                                                                    \
    { .mask = 0 }
#define A(name)                                                                                    \
    { .mask = 0 }
#define S(name)                                                                                    \
    { .mask = 0 }
#define _                                                                                          \
    { .mask = 0 }
const struct call_info calls[SYSCALL_COUNT] = {
#define SYSCALL(n, name, a1, a2, ...) [n] = {.run = sys_##name, .handle = {a1, a2}},
#include "abi/syscall.def"
#undef SYSCALL
};
#undef H
#undef V
#undef A
#undef S
#undef _

/* The usual case; false: look closer. */
static inline bool handle_good(const struct thread *t, struct call_handle h, unsigned i,
                               struct call_args *c) {
    c->slot[i] = slot_good(&t->process->slots, t->regs.a[i], h.mask, h.want);
    return c->slot[i];
}

static inline bool handles_good(const struct thread *t, const struct call_info *info,
                                struct call_args *c) {
    if (!info->handle[0].mask)
        return true;
    return likely(handle_good(t, info->handle[0], 0, c)) &&
           (likely(!info->handle[1].mask) || likely(handle_good(t, info->handle[1], 1, c)));
}

static struct thread *unusual(struct thread *t, uint64_t number) {
    cpu_self()->work = WORK_SHARE;
    if (number >= NATIVE_NUMBERS && !(trace_groups & TRACE_CALLS))
        upcall_foreign(t);
    else
        kernel_syscall_again(t);
    return kernel_leave();
}

/* Nothing of this function is needed after the call has run: `t` may be gone then. */
struct thread *kernel_syscall(struct thread *t, uint64_t number) {
    struct cpu *cpu = cpu_self();
    if (unlikely(t->attention & ATTEND_DYING))
        return kernel_leave(); /* it came before it was told: parts of its process may be gone */
    if (unlikely(number >= SYSCALL_COUNT || !syscall_allowed(t, number) ||
                 trace_groups & TRACE_CALLS))
        return unusual(t, number);
    const struct call_info *info = &calls[number];
    __asm__("" : "+r"(info)); /* it is not found again for each use */
    if (unlikely(!handles_good(t, info, &cpu->call)))
        return unusual(t, number);
    cpu->work = WORK_SHARE;
    cpu->call.a = t->regs.a;
    cpu->call.r[0] = cpu->call.r[1] = 0;
    err_t e = info->run(t, &cpu->call);
    cpu = cpu_self();
    if (unlikely(!err_ok(e))) {
        if (!is_blocked(e))
            syscall_complete(cpu, e);
        return kernel_leave();
    }
    t = cpu->current;
    t->regs.a[0] = cpu->call.r[0];
    t->regs.a[1] = cpu->call.r[1];
    t->regs.status = ERR_OK;
    return leave(cpu, t);
}
