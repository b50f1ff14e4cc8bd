/* SPDX-License-Identifier: MIT */
/*
 * The clock of a PC, a Motorola MC146818A or what behaves like one. It counts in local time or UTC,
 * as whoever set it liked; here it is UTC. What it answers is looked at bit by bit, and no answer
 * takes longer than CMOS_TRIES pauses.
 */
#pragma once
#include <stdint.h>

#include "abi/err.h"

#define CMOS_TRIES 50u
#define CMOS_PAUSE 500000u /* nanoseconds; an update takes up to 2 ms */

/* Its registers, as they were read. */
struct cmos {
    uint8_t second, minute, hour, day, month, year, century;
    uint8_t control; /* register B */
    uint8_t valid;   /* register D */
};

/* Seconds since 1970. CORRUPT: no moment, the clock stands, or it has been without power. */
err_t cmos_decode(const struct cmos *c, int64_t *seconds);
/* The registers of one moment. TIMED_OUT: it never stopped to change them. */
err_t cmos_take(struct cmos *c);
err_t cmos_time(int64_t *seconds);

/* What the above needs of the machine: a register, and a pause of CMOS_PAUSE. */
uint8_t cmos_register(unsigned which);
void cmos_pause(void);
