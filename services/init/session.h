/* SPDX-License-Identifier: MIT */
/* A person's session: the program `ttyshelly`, and all that it starts, in a pool of its own. */
#pragma once
#include <stdbool.h>

#include "abi/err.h"

struct session_end {
    unsigned how; /* enum proc_how */
    unsigned code;
};

/* Whether the image has that program. */
bool session_possible(void);
/* Starts it and waits for its end; what is left of its processes then ends too. For the monitor's
 * thread. */
err_t session_run(struct session_end *end);
