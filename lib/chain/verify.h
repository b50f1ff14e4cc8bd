/* SPDX-License-Identifier: MIT */
/*
 * Whether a log is as `audit` gave it out: all records from the first to the last of each source,
 * in their order, each as it was. What was dropped at the front is not missed; the anchors say what
 * was before. Who can write all of a log anew can make another one that is right in itself; that
 * one's last hashes are not those of the server.
 */
#pragma once
#include "lib/chain/record.h"

#define CHAIN_HEAD "audit 1" /* the first line */

enum chain_fault {
    CHAIN_RIGHT,
    CHAIN_NO_LOG,    /* the first lines are not those of a log */
    CHAIN_NO_RECORD, /* a line that is no record, or one behind the end */
    CHAIN_ALTERED,   /* the record is not what follows the one before */
    CHAIN_REMOVED,   /* the record of this number is not there */
    CHAIN_MOVED,     /* the record is not at its place, or there twice */
    CHAIN_CUT_OFF,   /* the end is missing */
};

struct chain_verdict {
    enum chain_fault fault;
    size_t line;     /* from 1 */
    unsigned source; /* of the record: enum audit_source, 0: not known */
    uint64_t number; /* of the record, among those of its source */
    uint64_t records;
};

void chain_verify(const char *log, size_t length, struct chain_verdict *v);
/* A sentence. */
const char *chain_fault_text(enum chain_fault fault);
