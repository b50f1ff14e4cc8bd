/* SPDX-License-Identifier: MIT */
/*
 * The lines of the log of `audit`, docs/man/5/audit.md. The records of each source are a chain: the
 * hash of each is of its text and of the hash of the one before it.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "lib/audit/told.h"
#include "lib/chain/hash.h"

#define CHAIN_LINE_MOST 640u /* bytes of a line with its end */

struct chain_record {
    uint64_t sequence;  /* of all records, from 1 */
    unsigned source;    /* enum audit_source */
    uint64_t number;    /* of those of this source, from 1 */
    struct text hashed; /* the part of the line that the hash is of */
    uint8_t hash[CHAIN_HASH];
};

/* Where a chain begins or ends. */
struct chain_end {
    unsigned source;
    uint64_t number; /* of the last record before; 0: there is none, and the hash is all zeros */
    uint8_t hash[CHAIN_HASH];
};

#define CHAIN_FROM "from" /* the record before the first that is there */
#define CHAIN_TO   "to"   /* the last one */

/* Writes the line of the record behind `before`, with its end; its length, 0: it does not fit. In
 * `r` the hash and, with the line's address, the hashed part are filled in. */
size_t chain_record_write(char to[CHAIN_LINE_MOST], struct chain_record *r,
                          const uint8_t before[CHAIN_HASH], int64_t nanoseconds,
                          const struct audit_told *told);
/* Takes a line without its end apart. False: it is no record. */
bool chain_record_parse(struct text line, struct chain_record *r);
size_t chain_end_write(char to[CHAIN_LINE_MOST], const char *word, const struct chain_end *end);
bool chain_end_parse(struct text line, const char *word, struct chain_end *end);
