/* SPDX-License-Identifier: MIT */
/*
 * What init tells `audit`, and the sessions with which others do (abi/audit.h). What init tells
 * waits in a queue, from which a thread writes it: nobody waits for the server but who drains the
 * queue. What finds it full is lost, and counted.
 */
#pragma once
#include "abi/audit.h"
#include "abi/err.h"
#include "lib/audit/tell.h"

/* Makes the sessions, once, when the server's endpoint is there. */
err_t notes_sources(void);
/* The session of a source; HANDLE_NONE: it was not made. */
struct session_cap notes_source(enum audit_source source);
/* False: there is no thread, and nothing is told. */
bool notes_start(void);
void note(struct audit_actor who, const char *what, const char *object, const char *outcome);
/* Waits until all is told, at most a second. */
void notes_drain(void);
