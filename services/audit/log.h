/* SPDX-License-Identifier: MIT */
/*
 * The records, a ring for each source, in memory that outlives the server: so no source pushes out
 * what another one told. A slot says itself which record is in it, and its hash whether it is
 * whole: whatever instruction the server ends at, all that was kept before is found again. No part
 * of it makes a system call.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/err.h"
#include "lib/chain/record.h"

#define LOG_RECORDS 64u /* of each source that are kept */
/* A source may write so many records at once, and then so many a second. */
#define LOG_BURST  32u
#define LOG_STEADY 4u

struct log_slot {
    uint8_t before[CHAIN_HASH]; /* of the record before */
    uint32_t length;            /* of the line with its end; 0: there is none */
    char line[CHAIN_LINE_MOST];
};

/* What is kept: zeros at first. */
struct log_kept {
    struct log_slot slot[AUDIT_SOURCES][LOG_RECORDS]; /* record n is in slot n % LOG_RECORDS */
};

_Static_assert(sizeof(struct log_kept) <= AUDIT_KEPT, "it has room");

struct log_source {
    struct chain_end last; /* its last record */
    uint64_t dropped;      /* how many records are not there any more */
    uint64_t tokens, at;   /* thousandths of records that it may write now; as of when */
    uint64_t refused;      /* records that were too many, of which no record tells yet */
};

struct log {
    struct log_kept *kept;
    struct log_source source[AUDIT_SOURCES];
    uint64_t sequence;
};

/* Times: `now` nanoseconds of the monotonic clock, `wall` since 1970. */
struct log_time {
    uint64_t now;
    int64_t wall;
};

/* Finds what was kept. */
void log_open(struct log *l, struct log_kept *kept);
/* Keeps a record: LIMIT, the source writes too fast, and it is counted. */
err_t log_add(struct log *l, unsigned source, const struct audit_told *told, struct log_time t);
/* Tells of what was refused, where nothing does yet. */
void log_settle(struct log *l, struct log_time t);
/* The bytes of the whole text; and the text, into as many. */
size_t log_size(const struct log *l);
void log_text(const struct log *l, char *to);
