/* SPDX-License-Identifier: MIT */
/*
 * Registers and bits: Motorola MC146818A data sheet, "Address map" and "Registers". The century is
 * at 0x32 on PCs, where firmware has it (ACPI 6.5, 5.2.9, CENTURY); who has none keeps something
 * else there.
 */
#include "drivers/rtc/cmos.h"

#include <stdbool.h>
#include <string.h>

#define SECOND  0x00u
#define MINUTE  0x02u
#define HOUR    0x04u
#define DAY     0x07u
#define MONTH   0x08u
#define YEAR    0x09u
#define STATE   0x0au
#define CONTROL 0x0bu
#define VALID   0x0du
#define CENTURY 0x32u

#define STATE_UPDATE    0x80u /* an update is at work, or will be in less than 244 us */
#define CONTROL_SET     0x80u /* somebody sets it: it stands */
#define CONTROL_BINARY  0x04u
#define CONTROL_24      0x02u
#define VALID_TIME      0x80u /* it had power all the time */
#define HOUR_AFTER_NOON 0x80u

#define DAY_SECONDS 86400

/* ---- numbers ---- */

/* False: a digit that is none, or outside its range. */
static bool number(uint8_t value, bool binary, unsigned least, unsigned most, unsigned *out) {
    unsigned n = value;
    if (!binary && ((value & 0xf) > 9 || value >> 4 > 9))
        return false;
    if (!binary)
        n = (value >> 4) * 10u + (value & 0xf);
    *out = n;
    return n >= least && n <= most;
}

static bool hour_of(const struct cmos *c, bool binary, unsigned *out) {
    bool after = c->hour & HOUR_AFTER_NOON;
    if (c->control & CONTROL_24)
        return number(c->hour, binary, 0, 23, out);
    if (!number(c->hour & (uint8_t)~HOUR_AFTER_NOON, binary, 1, 12, out))
        return false;
    *out = *out % 12 + (after ? 12 : 0);
    return true;
}

/* Without a century that makes sense: from 1970 to 2069. */
static bool year_of(const struct cmos *c, bool binary, unsigned *out) {
    unsigned year, century;
    if (!number(c->year, binary, 0, 99, &year))
        return false;
    if (!number(c->century, binary, 19, 21, &century) || (century == 19 && year < 70))
        century = year < 70 ? 20 : 19;
    *out = century * 100 + year;
    return true;
}

static bool leap(unsigned year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static unsigned month_days(unsigned year, unsigned month) {
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && leap(year));
}

/* From 1970 to the first of a month. */
static int64_t days_before(unsigned year, unsigned month) {
    int64_t days = 0;
    for (unsigned y = 1970; y < year; y++)
        days += 365 + leap(y);
    for (unsigned m = 1; m < month; m++)
        days += month_days(year, m);
    return days;
}

err_t cmos_decode(const struct cmos *c, int64_t *seconds) {
    bool binary = c->control & CONTROL_BINARY;
    unsigned second, minute, hour, day, month, year;
    if (!(c->valid & VALID_TIME) || c->control & CONTROL_SET)
        return ERROR(CORRUPT);
    if (!number(c->second, binary, 0, 59, &second) || !number(c->minute, binary, 0, 59, &minute) ||
        !hour_of(c, binary, &hour) || !number(c->month, binary, 1, 12, &month) ||
        !year_of(c, binary, &year) || !number(c->day, binary, 1, month_days(year, month), &day))
        return ERROR(CORRUPT);
    *seconds =
        (days_before(year, month) + day - 1) * DAY_SECONDS + hour * 3600 + minute * 60 + second;
    return OK;
}

/* ---- the device ---- */

static void registers_read(struct cmos *c) {
    *c = (struct cmos){.second = cmos_register(SECOND),
                       .minute = cmos_register(MINUTE),
                       .hour = cmos_register(HOUR),
                       .day = cmos_register(DAY),
                       .month = cmos_register(MONTH),
                       .year = cmos_register(YEAR),
                       .century = cmos_register(CENTURY),
                       .control = cmos_register(CONTROL),
                       .valid = cmos_register(VALID)};
}

static bool updating(void) {
    return cmos_register(STATE) & STATE_UPDATE;
}

/* Twice the same, with no update at either's begin or end: an update may have come in the middle of
 * the first, but not of both. */
err_t cmos_take(struct cmos *c) {
    struct cmos again;
    for (unsigned i = 0; i < CMOS_TRIES; i++) {
        if (!updating()) {
            registers_read(c);
            registers_read(&again);
            if (!updating() && !memcmp(c, &again, sizeof again))
                return OK;
        }
        cmos_pause();
    }
    return ERROR(TIMED_OUT);
}

err_t cmos_time(int64_t *seconds) {
    struct cmos c;
    err_t e = cmos_take(&c);
    return err_ok(e) ? cmos_decode(&c, seconds) : e;
}
