/* SPDX-License-Identifier: MIT */
/*
 * Upcalls: an interrupt, after which the thread looks what is pending, or a fault, which is a
 * signal for the thread. Both come only where upcalls are not masked: in the program's code.
 */
#include <errno.h>
#include <signal.h>

#include "abi/memory.h"
#include "abi/upcall.h"
#include "lib/bare/bare.h"
#include "lib/posix/signals.h"

/* ---- faults ---- */

/* Intel SDM vol. 3A 6.15: numbers of exceptions; 4.7: bits of a page fault's error code. */
enum trap {
    TRAP_DIVIDE = 0,
    TRAP_STEP = 1,
    TRAP_BREAKPOINT = 3,
    TRAP_INSTRUCTION = 6,
    TRAP_PAGE = 14,
    TRAP_X87 = 16,
    TRAP_ALIGNMENT = 17,
    TRAP_SIMD = 19,
};
enum { PAGE_PRESENT = 1, PAGE_WRITTEN = 2, PAGE_BY_USER = 4, PAGE_EXECUTED = 16 };

/* What is told of each kind. `here`: the address is that of the instruction. */
static const struct fault {
    uint8_t signal, trap;
    int16_t code;
    bool here;
} faults[] = {
    [FAULT_UNMAPPED] = {SIGSEGV, TRAP_PAGE, SEGV_MAPERR, false},
    [FAULT_ACCESS] = {SIGSEGV, TRAP_PAGE, SEGV_ACCERR, false},
    [FAULT_BUS] = {SIGBUS, TRAP_PAGE, BUS_ADRERR, false},
    [FAULT_INSTRUCTION] = {SIGILL, TRAP_INSTRUCTION, ILL_ILLOPN, true},
    [FAULT_DIVIDE] = {SIGFPE, TRAP_DIVIDE, FPE_INTDIV, true},
    [FAULT_FLOATING] = {SIGFPE, TRAP_SIMD, FPE_FLTINV, true},
    [FAULT_BREAKPOINT] = {SIGTRAP, TRAP_BREAKPOINT, SI_KERNEL, true},
    [FAULT_STEP] = {SIGTRAP, TRAP_STEP, TRAP_TRACE, true},
    [FAULT_ALIGNMENT] = {SIGBUS, TRAP_ALIGNMENT, BUS_ADRALN, false},
};

/* Exceptions that are flagged and not masked, in the order in which Linux looks; vol. 1 8.1.3, and
 * 10.2.3, whose masks are 7 bits above the flags. */
static int floating_code(uint8_t *trap) {
    uint32_t mxcsr;
    uint16_t status, control;
    __asm__ volatile("stmxcsr %0\n\tfnstsw %1\n\tfnstcw %2"
                     : "=m"(mxcsr), "=m"(status), "=m"(control));
    uint32_t flagged = status & ~(uint32_t)control & 0x3f;
    *trap = flagged ? TRAP_X87 : TRAP_SIMD;
    if (!flagged)
        flagged = mxcsr & ~(mxcsr >> 7) & 0x3f;
    if (flagged & 1)
        return FPE_FLTINV;
    if (flagged & 4)
        return FPE_FLTDIV;
    if (flagged & 8)
        return FPE_FLTOVF;
    if (flagged & 18)
        return FPE_FLTUND;
    return flagged & 32 ? FPE_FLTRES : FPE_FLTINV;
}

static uint64_t error_code(const struct upcall_frame *frame) {
    if (frame->code == FAULT_ALIGNMENT || faults[frame->code].trap != TRAP_PAGE)
        return 0;
    return PAGE_BY_USER | (frame->code == FAULT_UNMAPPED ? 0 : PAGE_PRESENT) |
           (frame->error & MEMORY_WRITE ? PAGE_WRITTEN : 0) |
           (frame->error & MEMORY_EXECUTE ? PAGE_EXECUTED : 0);
}

/* Others end the process as `proc` tells them: there is no memory, or a call that is none. */
static int other_signal(uint64_t kind) {
    return kind == FAULT_MEMORY ? SIGKILL : (kind == FAULT_CALL ? SIGSYS : SIGSEGV);
}

static void fault(struct upcall_frame *frame) {
    struct thread_signals *own = signals_own();
    uint64_t kind = frame->code;
    if (kind >= sizeof faults / sizeof *faults || !faults[kind].signal)
        signal_end(other_signal(kind));
    struct fault f = faults[kind];
    struct signal_taken s = {.number = f.signal, .note = {.code = f.code}};
    if (kind == FAULT_FLOATING)
        s.note.code = floating_code(&f.trap);
    s.note.value = f.here ? frame->ip : frame->address;
    own->fault = (struct signal_fault){f.trap, error_code(frame), own->fault.address};
    if (f.trap == TRAP_PAGE)
        own->fault.address = frame->address;
    s.action = signal_action_for(s.number);
    if (own->mask & SIGNAL_BIT(s.number) || !signal_handled(&s.action))
        signal_end(s.number);
    signal_frame_push(frame, &s);
}

/* One of the library itself, on memory of the program that went away, or that a handler's frame has
 * no room in. It is too late for a handler. */
_Noreturn void signal_fixup(const struct upcall_frame *frame) {
    uint64_t kind = frame->code;
    bool usual = kind < sizeof faults / sizeof *faults && faults[kind].signal;
    signal_end(usual ? faults[kind].signal : other_signal(kind));
}

/* ---- upcalls ---- */

/* Where signal_resume had only words of the block left to load, it is as if it had loaded them. */
static void frame_settle(struct upcall_frame *frame) {
    const uint64_t *left = &thread_block()->user[USER_RESUME];
    if (frame->ip <= (uint64_t)signal_resume_open || frame->ip >= (uint64_t)signal_resume_end)
        return;
    frame->general[GENERAL_RAX] = left[0];
    frame->general[GENERAL_RCX] = left[1];
    frame->general[GENERAL_RSI] = left[2];
    frame->general[GENERAL_RDI] = left[3];
    frame->general[GENERAL_R11] = left[4];
    frame->ip = left[5];
}

/* From where a cancellation point has looked for a request up to where the call sets the mask:
 * a handler there would be too late for the one and too early for the other. What is pending ends
 * the call's wait, or begins at its end. */
extern const char __cp_end[] __attribute__((weak)), __cp_return[] __attribute__((weak));

static bool begins_call(uint64_t ip) {
    return ip == (uint64_t)__posix_call || (ip >= (uint64_t)__cp_end && ip < (uint64_t)__cp_return);
}

void signal_upcall(struct upcall_frame *frame, uint64_t reason) {
    frame_settle(frame);
    if (reason == UPCALL_FAULT)
        fault(frame);
    else if (reason == UPCALL_FOREIGN)
        signal_end(SIGSYS); /* a system-call instruction: programs have none */
    if (!begins_call(frame->ip))
        signals_deliver(frame);
    signal_resume(frame);
}
