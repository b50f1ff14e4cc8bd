/* SPDX-License-Identifier: MIT */
/* Fault kinds that upcalls and MESSAGE_ENDED name. The frame is struct upcall_frame, abi/ipc.h. */
#pragma once

enum fault_kind {
    FAULT_NONE,
    FAULT_UNMAPPED,    /* no mapping at the address */
    FAULT_ACCESS,      /* mapped, but not with this access */
    FAULT_BUS,         /* beyond the object's end, or the pager did not supply */
    FAULT_MEMORY,      /* the pool is dry and its holder said no */
    FAULT_INSTRUCTION, /* illegal or privileged instruction */
    FAULT_DIVIDE,
    FAULT_FLOATING,
    FAULT_BREAKPOINT,
    FAULT_STEP,
    FAULT_ALIGNMENT,
    FAULT_CALL, /* a system call that the filter or number range forbids, without an upcall entry */
    FAULT_UPCALL, /* the upcall stack could not be written, or a second fault while masked */
};
