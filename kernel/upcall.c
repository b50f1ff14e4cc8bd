/* SPDX-License-Identifier: MIT */
/*
 * Upcalls and faults. The frame goes to the thread's upcall stack, or below the stack pointer when
 * that is on it already. The way back is user code's own affair (process_upcall(2)), so
 * nothing is kept here. What the thread block says is the user's: read once, believed only about
 * the user's own memory.
 *
 * A frame that has to wait for its page is not written: what faulted runs again later. A breakpoint
 * or single step does not run again and then goes untold; upcall stacks are better not
 * pager-backed.
 */
#include "upcall.h"

#include "abi/upcall.h"
#include "arch/layout.h"
#include "arch/pagetable.h"
#include "cpu.h"
#include "process.h"
#include "trace.h"

enum { MASK_NONE, MASK_UPCALL, MASK_FIXUP };

#define FOREIGN_CALLS (64u * FOREIGN_WORDS)

static uint32_t mask_of(const struct thread *t) {
    return READ_ONCE(t->block->upcall_mask);
}

static void fill(const struct thread *t, struct upcall_frame *frame, unsigned reason, uint64_t code,
                 vaddr_t address, uint64_t error) {
    frame->reason = reason;
    frame->code = code;
    frame->address = address;
    frame->error = error;
    regs_frame(&t->regs, frame);
}

/* Where the next frame goes; 0: there is no upcall stack. */
static vaddr_t place(const struct thread *t) {
    const volatile struct thread_block *b = t->block;
    vaddr_t base = b->upcall_base, top = b->upcall_top, sp = t->regs.sp;
    bool nested = sp >= base && sp < top;
    return top ? ((nested ? sp - REGS_RED_ZONE : top) - sizeof(struct upcall_frame)) & -16ul : 0;
}

static bool on_stack(const struct thread *t, vaddr_t at) {
    return at >= READ_ONCE(t->block->upcall_base) && at < USER_END;
}

/* The frame in its page, if that can be written at once. */
static struct upcall_frame *reach(const struct thread *t, vaddr_t at) {
    bool one_page = (at & (PAGE_BYTES - 1)) <= PAGE_BYTES - sizeof(struct upcall_frame);
    return likely(one_page && on_stack(t, at))
               ? pt_user_pointer(t->process->space, at, MEMORY_WRITE)
               : NULL;
}

/*
 * It may wait for a page, even if an interrupt is pending: that one is told after this. The wait is
 * one at an instruction, which runs again afterwards; if it was a system call, it was not one that
 * the kernel knows.
 */
static err_t write(struct thread *t, vaddr_t at, const struct upcall_frame *frame) {
    uint8_t pending = t->attention & ATTEND_INTERRUPT;
    if (!on_stack(t, at))
        return ERROR(BAD_ADDRESS);
    if (frame->reason != UPCALL_INTERRUPT && !t->regs.full)
        regs_rewind(&t->regs);
    regs_set_full(&t->regs);
    t->attention &= ~pending;
    err_t e = user_write(at, frame, sizeof(*frame));
    t->attention |= pending;
    return e;
}

static bool go(struct thread *t, vaddr_t at, unsigned reason) {
    t->block->upcall_mask = MASK_UPCALL;
    regs_upcall(&t->regs, t->process->upcall_entry, at, at, reason);
    return true;
}

__attribute__((noinline)) static bool enter_slowly(struct thread *t, vaddr_t at, unsigned reason,
                                                   uint64_t code, vaddr_t address, uint64_t error) {
    struct upcall_frame frame;
    fill(t, &frame, reason, code, address, error);
    err_t e = write(t, at, &frame);
    if (err_ok(e))
        return go(t, at, reason);
    if (is_again(e) || is_blocked(e) || err_is(e, ERR_INTERRUPTED))
        return false;
    process_end(t->process, END_FAULT, FAULT_UPCALL, at);
    return true;
}

/* Not masked, and there is an entry and a stack. False: what caused it runs again. */
__attribute__((always_inline)) static inline bool enter(struct thread *t, vaddr_t at,
                                                        unsigned reason, uint64_t code,
                                                        vaddr_t address, uint64_t error) {
    struct upcall_frame *frame = reach(t, at);
    if (unlikely(!frame))
        return enter_slowly(t, at, reason, code, address, error);
    fill(t, frame, reason, code, address, error);
    return go(t, at, reason);
}

bool upcall_possible(const struct thread *t) {
    return t->process->upcall_entry && mask_of(t) == MASK_NONE && place(t);
}

/* On the stack of what faulted: if that is the matter, the second fault ends it. */
static void enter_fixup(struct thread *t, unsigned kind, vaddr_t address, uint64_t error) {
    vaddr_t sp = (t->regs.sp - REGS_RED_ZONE) & -16ul;
    vaddr_t frame = t->block_address + offsetof(struct thread_block, fixup);
    fill(t, &t->block->fixup, UPCALL_FIXUP, kind, address, error);
    t->block->upcall_mask = MASK_FIXUP;
    regs_upcall(&t->regs, t->process->upcall_fixup, sp, frame, UPCALL_FIXUP);
}

void upcall_fault(struct thread *t, unsigned kind, vaddr_t address, uint32_t access) {
    struct process *p = t->process;
    uint32_t mask = mask_of(t);
    vaddr_t at = place(t);
    if (unlikely(t->attention & ATTEND_DYING))
        return; /* it does not run any more anyway */
    trace(TRACE_FAULTS, fault, kind, address);
    if (mask == MASK_NONE && p->upcall_entry && at)
        enter(t, at, UPCALL_FAULT, kind, address, access);
    else if (mask == MASK_UPCALL && p->upcall_fixup)
        enter_fixup(t, kind, address, access);
    else
        process_end(p, END_FAULT, mask > MASK_UPCALL ? FAULT_UPCALL : kind, address);
}

void kernel_fault(struct thread *t, unsigned kind, vaddr_t address, uint32_t access) {
    cpu_self()->work = WORK_SHARE;
    if (unlikely(t->attention & ATTEND_DYING))
        return; /* as in kernel_syscall */
    if (likely(kind == FAULT_UNMAPPED)) {
        err_t e = space_fault(t, address, access, &kind);
        if (err_ok(e) || is_again(e) || is_blocked(e) || err_is(e, ERR_INTERRUPTED))
            return; /* the instruction runs again */
    }
    upcall_fault(t, kind, address, access);
}

void upcall_foreign(struct thread *t) {
    struct process *p = t->process;
    uint64_t number = t->regs.status;
    bool allowed = number < FOREIGN_CALLS && p->filter.foreign[number / 64] >> number % 64 & 1;
    vaddr_t at = likely(allowed && p->upcall_entry && mask_of(t) == MASK_NONE) ? place(t) : 0;
    if (likely(at)) {
        enter(t, at, UPCALL_FOREIGN, number, 0, 0);
        return;
    }
    trace(TRACE_DENIALS, denied, number, ERR_FILTERED);
    upcall_fault(t, FAULT_CALL, number, 0);
}

bool upcall_interrupt(struct thread *t) {
    if (!upcall_possible(t)) {
        if (mask_of(t) != MASK_NONE)
            t->block->upcall_pending = 1;
        return true; /* it stays pending, for the next wait or the end of the mask */
    }
    if (!enter(t, place(t), UPCALL_INTERRUPT, 0, 0, 0))
        return false;
    t->attention &= ~ATTEND_INTERRUPT;
    t->block->upcall_pending = 0;
    return !(t->attention & ATTEND_DYING);
}
