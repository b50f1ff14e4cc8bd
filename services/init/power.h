/* SPDX-License-Identifier: MIT */
/* The machine's end, in order: programs, text of the console, servers, power. */
#pragma once
#include <stdbool.h>

#include "abi/err.h"
#include "abi/power.h"
#include "lib/audit/tell.h"
#include "lib/sys/cap.h"

/* The session with which it can be asked for (abi/power.h), made when it is asked for first; for
 * the supervisor's thread. HANDLE_NONE: it cannot be made. */
struct session_cap power_session(void);
/* Makes the thread that answers. */
err_t power_start(void);
/* The machine goes off or starts again; or stands, if no way that is known works. `who` asked for
 * it. For any thread but the supervisor's. */
_Noreturn void power_down(enum power_op what, struct audit_actor who);
/* Whether that has begun: nothing is to be started any more. */
bool power_going(void);
