/* SPDX-License-Identifier: MIT */
/*
 * Programs that `proc` knows. The first process is process 1 of the server that it starts; a
 * program that it starts so has a page, can fork, and its end is told by `proc`.
 */
#pragma once
#include "lib/sys/elf.h"
#include "lib/sys/start.h"

/* Starts `proc`. */
err_t known_start(void);
/* Starts a program that is prepared, with a copy of the page; its number. It hands over the
 * process and its thread. */
err_t known_launch(const struct program_room *room, struct pool_cap pool,
                   const struct start_page *page, uint64_t *number);
/* Waits for its end until a time of the monotonic clock. *how is enum proc_how, *code as there. */
err_t known_wait(uint64_t number, uint64_t deadline, uint64_t *how, uint64_t *code);
