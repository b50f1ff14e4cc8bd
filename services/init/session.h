/* SPDX-License-Identifier: MIT */
/* A person's session: the program `ttyshelly`, and all that it starts, in a pool of its own. */
#pragma once
#include <stdbool.h>

#include "services/init/children.h"

/* Where a person sits: a terminal of the server `tty`. */
struct seat {
    const char *terminal; /* its name in /dev */
    const char *kind;     /* of terminal: TERM */
};

extern const struct seat seat_serial, seat_screen;

/* Whether the image has that program. */
bool session_possible(void);
/* Starts it and waits for its end; what is left of its processes then ends too. For threads of the
 * monitor and of logins, one at a time for a seat. */
err_t session_run(const struct seat *seat, struct session_end *end);
