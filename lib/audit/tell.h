/* SPDX-License-Identifier: MIT */
/* For those who tell `audit` what happened. */
#pragma once
#include <stdint.h>

#include "abi/err.h"
#include "lib/audit/told.h"
#include "lib/sys/cap.h"

/* Who did it; zeros: the caller. */
struct audit_actor {
    uint64_t process, account; /* the kernel's numbers */
};

/* Tells one record, and waits until it is kept, at most a second. HANDLE_NONE: nobody is told. What
 * cannot be told is lost here; the server counts what it refuses. */
err_t audit_tell(struct session_cap audit, struct audit_actor who, const char *user,
                 const char *what, struct text object, const char *outcome);
