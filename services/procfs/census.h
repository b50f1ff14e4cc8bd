/* SPDX-License-Identifier: MIT */
/*
 * What is asked of `proc`, on behalf of a viewer: a process that the kernel named as a caller. If
 * `proc` is not there or does not answer within a second, nothing is known: the error says so.
 */
#pragma once
#include "abi/census.h"
#include "abi/err.h"
#include "abi/ipc.h"
#include "lib/sys/cap.h"

struct census_total {
    uint64_t processes, running;
    uint64_t time; /* of the processors, nanoseconds */
    uint64_t highest;
    uint64_t depth; /* domains around the viewer's */
};

void census_start(struct session_cap proc);
/* The lowest numbers above one, in order, 0 behind the last. */
err_t census_next(uint64_t viewer, uint64_t above, uint64_t numbers[MESSAGE_WORDS]);
/* Number 0: the viewer. NOT_FOUND: it sees none. */
err_t census_get(uint64_t viewer, uint64_t number, struct census_process *out);
err_t census_total(uint64_t viewer, struct census_total *out);
