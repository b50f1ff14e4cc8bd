/* SPDX-License-Identifier: MIT */
/* FLAGS: -D_GNU_SOURCE */
/* SOURCES: drivers/rtc/cmos.c */
/*
 * The clock of a PC: what its registers mean, for all values of each, and reading it while it goes
 * on, is preempted, stands, or is not there. The C library of this machine is the model.
 */
#include "drivers/rtc/cmos.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tap.h"

#define BINARY 0x04u
#define H24    0x02u
#define UPDATE 244  /* microseconds from the announcement to the update, */
#define BUSY   1984 /* and how long that takes */
#define SECOND 1000000

static uint64_t state = 1;

/* ---- what registers mean ---- */

static uint8_t coded(unsigned n, unsigned control) {
    return (uint8_t)(control & BINARY ? n : n / 10 << 4 | n % 10);
}

static struct cmos registers_of(int64_t seconds, unsigned control) {
    struct tm t;
    time_t at = seconds;
    gmtime_r(&at, &t);
    unsigned hour = (unsigned)t.tm_hour, year = (unsigned)t.tm_year + 1900;
    uint8_t shown = coded(hour, control);
    if (!(control & H24))
        shown = (uint8_t)(coded(hour % 12 ? hour % 12 : 12, control) | (hour >= 12 ? 0x80 : 0));
    return (struct cmos){.second = coded((unsigned)t.tm_sec, control),
                         .minute = coded((unsigned)t.tm_min, control),
                         .hour = shown,
                         .day = coded((unsigned)t.tm_mday, control),
                         .month = coded((unsigned)t.tm_mon + 1, control),
                         .year = coded(year % 100, control),
                         .century = coded(year / 100, control),
                         .control = (uint8_t)control,
                         .valid = 0x80};
}

static const unsigned controls[] = {0, BINARY, H24, BINARY | H24};

static bool is(const struct cmos *c, int64_t wanted) {
    int64_t got = -1;
    return err_ok(cmos_decode(c, &got)) && got == wanted;
}

/* From 1970 to the end of the 21st century after that, in steps that meet every hour. */
static void all_days(void) {
    for (unsigned k = 0; k < 4; k++)
        for (int64_t at = 0; at < 7258118400; at += 3600 * 25 - 61) {
            struct cmos c = registers_of(at, controls[k]);
            check(is(&c, at));
        }
    tap_test("all days from 1970 to 2199");
}

static void all_seconds(void) {
    for (unsigned k = 0; k < 4; k++)
        for (int64_t at = 1709164800 - 10; at < 1709164800 + 86400 + 10; at++) { /* 2024-02-29 */
            struct cmos c = registers_of(at, controls[k]);
            check(is(&c, at));
        }
    tap_test("all seconds of a leap day");
}

static void centuries(void) {
    for (unsigned century = 0; century < 256; century++)
        for (unsigned year = 0; year < 100; year++) {
            struct cmos c = registers_of(0, H24);
            c.century = (uint8_t)century;
            c.year = coded(year, H24);
            unsigned full = (year < 70 ? 2000 : 1900) + year;
            if (century == 0x20 || century == 0x21)
                full = (century == 0x20 ? 2000 : 2100) + year;
            struct tm t = {.tm_year = (int)full - 1900, .tm_mday = 1};
            check(is(&c, timegm(&t)));
        }
    tap_test("a century that makes sense, or none");
}

/* What a register of 256 values means is what the model can show, and nothing else is taken. */
static void all_values(size_t at, const char *name) {
    for (unsigned k = 0; k < 4; k++)
        for (unsigned value = 0; value < 256; value++) {
            bool shown = false;
            int64_t got = -1, wanted = -1;
            struct cmos c = registers_of(1798761599, controls[k]); /* 2026-12-31 23:59:59 */
            ((uint8_t *)&c)[at] = (uint8_t)value;
            /* Every second of a minute, minute of an hour, and so on, that shows these registers.
             */
            static const int64_t step[] = {1, 60, 3600, 86400, 86400},
                                 count[] = {60, 60, 24, 31, 366};
            for (int64_t n = 0, t = 1798761599; n < count[at]; n++, t -= step[at]) {
                struct cmos model = registers_of(t, controls[k]);
                if (memcmp(&model, &c, sizeof c) != 0)
                    continue;
                shown = true;
                wanted = t;
            }
            bool taken = err_ok(cmos_decode(&c, &got));
            check(taken == shown && (!shown || got == wanted));
        }
    tap_test(name);
}

static void years(void) {
    unsigned taken = 0;
    for (unsigned k = 0; k < 4; k++)
        for (unsigned value = 0; value < 256; value++) {
            int64_t got;
            struct cmos c = registers_of(1798761599, controls[k]);
            c.year = (uint8_t)value;
            taken += err_ok(cmos_decode(&c, &got));
        }
    check(taken == 400);
    struct cmos c = registers_of(1709164800, H24); /* a 29th of February */
    c.year = coded(26, H24);
    int64_t got;
    check(err_is(cmos_decode(&c, &got), ERR_CORRUPT));
    tap_test("years");
}

static void refused(void) {
    struct cmos c = registers_of(1798761599, H24);
    int64_t got = 77;
    c.valid = 0x7f;
    check(err_is(cmos_decode(&c, &got), ERR_CORRUPT));
    c = registers_of(1798761599, H24);
    c.control |= 0x80;
    check(err_is(cmos_decode(&c, &got), ERR_CORRUPT));
    memset(&c, 0, sizeof c);
    check(err_is(cmos_decode(&c, &got), ERR_CORRUPT));
    memset(&c, 0xff, sizeof c);
    check(err_is(cmos_decode(&c, &got), ERR_CORRUPT));
    check(got == 77);
    tap_test("a clock without power, one that is being set, none");
}

/* ---- reading a clock that goes on ---- */

enum manner { WORKS, STUCK, ABSENT, RANDOM } manner;
static int64_t now, started; /* microseconds */
static unsigned control, slowest, pauses, reads;

static uint8_t of_now(unsigned which) {
    struct cmos c = registers_of(now / SECOND, control);
    switch (which) {
    case 0:
        return c.second;
    case 2:
        return c.minute;
    case 4:
        return c.hour;
    case 7:
        return c.day;
    case 8:
        return c.month;
    case 9:
        return c.year;
    case 0x32:
        return c.century;
    case 0x0b:
        return c.control;
    case 0x0d:
        return c.valid;
    default:
        check(which == 0x0a);
        return 0x26;
    }
}

uint8_t cmos_register(unsigned which) {
    reads++;
    now += 1 + (int64_t)random_below(&state, slowest);
    if (!random_below(&state, 500)) /* others had the processor */
        now += (int64_t)random_below(&state, 3 * SECOND);
    int64_t phase = now % SECOND;
    if (manner == ABSENT)
        return 0xff;
    if (manner == RANDOM)
        return (uint8_t)random_next(&state);
    if (which == 0x0a && (manner == STUCK || phase >= SECOND - UPDATE || phase < BUSY))
        return 0xa6;
    if (phase < BUSY && which < 0x0a)
        return (uint8_t)random_next(&state);
    return of_now(which);
}

void cmos_pause(void) {
    pauses++;
    now += CMOS_PAUSE / 1000;
}

static err_t take(int64_t *seconds) {
    pauses = reads = 0;
    started = now;
    err_t e = cmos_time(seconds);
    check(pauses <= CMOS_TRIES && reads <= CMOS_TRIES * 20);
    return e;
}

/* The answer is what the clock said at one moment between the call and its end. */
static void goes_on(void) {
    unsigned failed = 0;
    manner = WORKS;
    for (unsigned i = 0; i < 50000; i++) {
        int64_t seconds = 0;
        /* Often shortly before the end of a minute, an hour, a day, a year. */
        static const int64_t ends[] = {1798761600, 1709251200, 951782400, 1798800000, 1798761660};
        int64_t before = (int64_t)random_below(&state, i % 2 ? 20000 : 5 * SECOND);
        now = ends[random_below(&state, 5)] * SECOND - before;
        control = controls[random_below(&state, 4)];
        slowest = i % 3 ? 20 : 400;
        err_t e = take(&seconds);
        failed += !err_ok(e);
        check(!err_ok(e) || (seconds >= started / SECOND && seconds <= now / SECOND));
    }
    check(!failed);
    tap_test("a clock that goes on while it is read");
}

static void no_clock(void) {
    int64_t seconds = 77;
    slowest = 20;
    manner = STUCK;
    check(err_is(take(&seconds), ERR_TIMED_OUT));
    manner = ABSENT;
    check(err_is(take(&seconds), ERR_TIMED_OUT));
    manner = RANDOM;
    for (unsigned i = 0; i < 100000; i++)
        check(!err_ok(take(&seconds)) || seconds >= 0);
    tap_test("a clock that is stuck, not there, or answers anything");
}

int main(void) {
    all_days();
    all_seconds();
    centuries();
    all_values(0, "all values of seconds");
    all_values(1, "all values of minutes");
    all_values(2, "all values of hours");
    all_values(3, "all values of days");
    all_values(4, "all values of months");
    years();
    refused();
    goes_on();
    no_clock();
    return tap_done();
}
