/* SPDX-License-Identifier: MIT */
#include "lib/chain/verify.h"

#include <string.h>

/* What has been read. */
struct reading {
    struct text left;
    struct chain_verdict *verdict;
    struct chain_end last[AUDIT_SOURCES]; /* of each source, so far */
    uint64_t sequence;                    /* of the last record */
};

/* False: there is no whole line any more. */
static bool line_take(struct reading *r, struct text *line) {
    const char *end = r->left.length ? memchr(r->left.at, '\n', r->left.length) : NULL;
    if (!end)
        return false;
    *line = (struct text){r->left.at, (size_t)(end - r->left.at)};
    r->left.at += line->length + 1;
    r->left.length -= line->length + 1;
    r->verdict->line++;
    return true;
}

static bool fault(struct reading *r, enum chain_fault what, unsigned source, uint64_t number) {
    r->verdict->fault = what;
    r->verdict->source = source;
    r->verdict->number = number;
    return false;
}

/* The anchors: one for each source, in the order of their numbers. */
static bool head_check(struct reading *r) {
    struct text line;
    if (!line_take(r, &line) || line.length != strlen(CHAIN_HEAD) ||
        memcmp(line.at, CHAIN_HEAD, line.length) != 0)
        return fault(r, CHAIN_NO_LOG, 0, 0);
    for (unsigned s = 1; s < AUDIT_SOURCES; s++)
        if (!line_take(r, &line) || !chain_end_parse(line, CHAIN_FROM, &r->last[s]) ||
            r->last[s].source != s)
            return fault(r, CHAIN_NO_LOG, 0, 0);
    return true;
}

static bool record_check(struct reading *r, const struct chain_record *record) {
    struct chain_end *last = &r->last[record->source];
    uint8_t hash[CHAIN_HASH];
    chain_hash(last->hash, record->hashed.at, record->hashed.length, hash);
    if (record->number > last->number + 1)
        return fault(r, CHAIN_REMOVED, record->source, last->number + 1);
    if (record->number <= last->number)
        return fault(r, CHAIN_MOVED, record->source, record->number);
    if (memcmp(hash, record->hash, sizeof hash) != 0)
        return fault(r, CHAIN_ALTERED, record->source, record->number);
    if (record->sequence <= r->sequence)
        return fault(r, CHAIN_MOVED, record->source, record->number);
    last->number = record->number;
    memcpy(last->hash, hash, sizeof hash);
    r->sequence = record->sequence;
    r->verdict->records++;
    return true;
}

/* All records; true at the first line of the end, which is in *line. */
static bool records_check(struct reading *r, struct text *line) {
    struct chain_record record;
    struct chain_end end;
    while (line_take(r, line)) {
        if (chain_end_parse(*line, CHAIN_TO, &end))
            return true;
        if (!chain_record_parse(*line, &record))
            return fault(r, CHAIN_NO_RECORD, 0, 0);
        if (!record_check(r, &record))
            return false;
    }
    return fault(r, CHAIN_CUT_OFF, 0, 0);
}

/* What the end says of a source against what was there. */
static bool end_check(struct reading *r, const struct chain_end *end, unsigned source) {
    const struct chain_end *last = &r->last[source];
    if (end->source != source)
        return fault(r, CHAIN_CUT_OFF, source, 0);
    if (end->number > last->number)
        return fault(r, CHAIN_REMOVED, source, last->number + 1);
    if (end->number < last->number)
        return fault(r, CHAIN_MOVED, source, last->number);
    return !memcmp(end->hash, last->hash, sizeof last->hash) ||
           fault(r, CHAIN_ALTERED, source, last->number);
}

static bool tail_check(struct reading *r, struct text line) {
    struct chain_end end;
    for (unsigned s = 1; s < AUDIT_SOURCES; s++) {
        if (s > 1 && !line_take(r, &line))
            return fault(r, CHAIN_CUT_OFF, 0, 0);
        if (!chain_end_parse(line, CHAIN_TO, &end))
            return fault(r, CHAIN_CUT_OFF, 0, 0);
        if (!end_check(r, &end, s))
            return false;
    }
    return !r->left.length || fault(r, CHAIN_NO_RECORD, 0, 0);
}

void chain_verify(const char *log, size_t length, struct chain_verdict *v) {
    struct reading r = {.left = {log, length}, .verdict = v};
    struct text line;
    *v = (struct chain_verdict){.fault = CHAIN_RIGHT};
    if (head_check(&r) && records_check(&r, &line))
        (void)tail_check(&r, line);
}

const char *chain_fault_text(enum chain_fault fault) {
    static const char *const texts[] = {
        [CHAIN_RIGHT] = "nothing was altered, removed or moved",
        [CHAIN_NO_LOG] = "it does not begin as a log",
        [CHAIN_NO_RECORD] = "it is no record",
        [CHAIN_ALTERED] = "it was altered",
        [CHAIN_REMOVED] = "it was removed",
        [CHAIN_MOVED] = "it was moved or repeated",
        [CHAIN_CUT_OFF] = "the log is cut off",
    };
    return texts[fault];
}
