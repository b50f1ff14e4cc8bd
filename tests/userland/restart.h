/* SPDX-License-Identifier: MIT */
/*
 * A server that is ended and started again at the same endpoint: what sessions of the first mean to
 * the second. Prints results and returns how many. Run by the first process, which has what a
 * supervisor has.
 */
#pragma once

unsigned restart_run(void);
