/* SPDX-License-Identifier: MIT */
/* The machine's end, in order: programs, text of the console, servers, power. */
#pragma once
#include <stdbool.h>

#include "abi/err.h"
#include "abi/power.h"
#include "lib/sys/cap.h"

/* Makes the session with which it can be asked for (abi/power.h), and the thread that answers. */
err_t power_start(void);
/* HANDLE_NONE: power_start failed. */
struct session_cap power_session(void);
/* The machine goes off or starts again; or stands, if no way that is known works. For any thread
 * but the supervisor's. */
_Noreturn void power_down(enum power_op what);
/* Whether that has begun: nothing is to be started any more. */
bool power_going(void);
