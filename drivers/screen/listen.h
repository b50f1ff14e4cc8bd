/* SPDX-License-Identifier: MIT */
/*
 * The keyboard, without waiting for it: a thread has it open and reads it, and opens it again when
 * its driver was started again, or somebody else had it.
 */
#pragma once
#include <stddef.h>

#include "abi/err.h"
#include "abi/keyboard.h"
#include "lib/sys/cap.h"

/* `keyboard`: the root of its driver. Raises `bits` of the signal when there are events. */
err_t listen_start(struct session_cap keyboard, struct signal_cap signal, uint64_t bits);
/* The next events, at most `room`: how many. */
size_t listen_take(struct keyboard_event *to, size_t room);
