/* SPDX-License-Identifier: MIT */
#pragma once
#include <stdint.h>

#include "abi/ipc.h"

struct end {
    uint32_t how, code; /* enum proc_how; exit code or signal */
};

/* Of what the kernel says of the end. How it ended is the kernel's to tell; of one that ended
 * itself, it is what the process says, see PROC_END_BY_SIGNAL. */
struct end end_of(enum end_reason reason, uint64_t code);
