/* SPDX-License-Identifier: MIT */
/* What the end of a process means for who waits for it. */
#include "services/proc/ends.h"

#include "abi/proc.h"
#include "abi/upcall.h"

static uint32_t fault_signal(uint64_t kind) {
    static const uint8_t signals[] = {
        [FAULT_BUS] = PROC_SIGBUS,         [FAULT_MEMORY] = PROC_SIGKILL,
        [FAULT_INSTRUCTION] = PROC_SIGILL, [FAULT_DIVIDE] = PROC_SIGFPE,
        [FAULT_FLOATING] = PROC_SIGFPE,    [FAULT_BREAKPOINT] = PROC_SIGTRAP,
        [FAULT_STEP] = PROC_SIGTRAP,       [FAULT_ALIGNMENT] = PROC_SIGBUS,
        [FAULT_CALL] = PROC_SIGSYS,
    };
    return kind < sizeof signals && signals[kind] ? signals[kind] : PROC_SIGSEGV;
}

struct end end_of(enum end_reason reason, uint64_t code) {
    uint64_t signal = code ^ PROC_END_BY_SIGNAL, dumped = signal ^ PROC_END_DUMPED;
    if (reason == END_FAULT)
        return (struct end){PROC_KILLED, fault_signal(code)};
    if (reason != END_EXIT)
        return (struct end){PROC_KILLED, PROC_SIGKILL};
    if (signal - 1 < PROC_SIGNALS)
        return (struct end){PROC_KILLED, (uint32_t)signal};
    if (dumped - 1 < PROC_SIGNALS)
        return (struct end){PROC_DUMPED, (uint32_t)dumped};
    return (struct end){PROC_EXITED, (uint32_t)code & 0xff};
}
