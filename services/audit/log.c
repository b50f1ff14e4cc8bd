/* SPDX-License-Identifier: MIT */
#include "services/audit/log.h"

#include <stdio.h>
#include <string.h>

#include "lib/chain/verify.h"

#define SECOND   1000000000ull
#define THOUSAND 1000ull

static struct log_slot *slot_of(const struct log *l, unsigned source, uint64_t number) {
    return &l->kept->slot[source][number % LOG_RECORDS];
}

/* ---- what an earlier server left ---- */

/* False: nothing is there, or it was not finished. */
static bool slot_read(const struct log_slot *s, unsigned source, struct chain_record *r) {
    uint8_t hash[CHAIN_HASH];
    if (!s->length || s->length > CHAIN_LINE_MOST || s->line[s->length - 1] != '\n' ||
        !chain_record_parse((struct text){s->line, s->length - 1}, r) || r->source != source)
        return false;
    chain_hash(s->before, r->hashed.at, r->hashed.length, hash);
    return !memcmp(hash, r->hash, sizeof hash);
}

/* Whether record `number` is in its slot and is what `hash` is of. */
static bool slot_has(const struct log *l, unsigned source, uint64_t number,
                     const uint8_t hash[CHAIN_HASH]) {
    struct chain_record r;
    return number && slot_read(slot_of(l, source, number), source, &r) && r.number == number &&
           !memcmp(r.hash, hash, CHAIN_HASH);
}

static void source_open(struct log *l, unsigned source) {
    struct log_source *s = &l->source[source];
    struct chain_record r;
    s->last.source = source;
    s->tokens = LOG_BURST * THOUSAND;
    for (unsigned i = 0; i < LOG_RECORDS; i++) {
        if (!slot_read(&l->kept->slot[source][i], source, &r) || r.number % LOG_RECORDS != i)
            continue;
        if (r.sequence > l->sequence)
            l->sequence = r.sequence;
        if (r.number <= s->last.number)
            continue;
        s->last.number = r.number;
        memcpy(s->last.hash, r.hash, sizeof r.hash);
    }
    uint64_t first = s->last.number;
    while (first && s->last.number - first < LOG_RECORDS - 1 &&
           slot_has(l, source, first - 1, slot_of(l, source, first)->before))
        first--;
    s->dropped = first ? first - 1 : 0;
}

void log_open(struct log *l, struct log_kept *kept) {
    *l = (struct log){.kept = kept};
    for (unsigned source = 1; source < AUDIT_SOURCES; source++)
        source_open(l, source);
}

/* ---- new records ---- */

/* The slot is empty while it is written, so half a record is never taken for one. */
static err_t record_keep(struct log *l, unsigned source, const struct audit_told *told,
                         struct log_time t) {
    struct log_source *s = &l->source[source];
    struct chain_record r = {
        .sequence = l->sequence + 1, .source = source, .number = s->last.number + 1};
    struct log_slot *slot = slot_of(l, source, r.number);
    char line[CHAIN_LINE_MOST];
    size_t length = chain_record_write(line, &r, s->last.hash, t.wall, told);
    if (!length)
        return ERROR(BAD_ARGUMENT);
    __atomic_store_n(&slot->length, 0, __ATOMIC_SEQ_CST);
    memcpy(slot->before, s->last.hash, sizeof slot->before);
    memcpy(slot->line, line, length);
    __atomic_store_n(&slot->length, (uint32_t)length, __ATOMIC_SEQ_CST);
    l->sequence = r.sequence;
    s->last.number = r.number;
    memcpy(s->last.hash, r.hash, sizeof r.hash);
    if (s->last.number - s->dropped > LOG_RECORDS)
        s->dropped = s->last.number - LOG_RECORDS;
    return OK;
}

static bool token_take(struct log_source *s, uint64_t now) {
    uint64_t passed = now > s->at ? now - s->at : 0;
    if (passed > LOG_BURST * SECOND)
        passed = LOG_BURST * SECOND;
    uint64_t added = passed * LOG_STEADY / (SECOND / THOUSAND);
    if (added) {
        s->at = now;
        s->tokens += added;
    }
    if (s->tokens > LOG_BURST * THOUSAND)
        s->tokens = LOG_BURST * THOUSAND;
    if (s->tokens < THOUSAND)
        return false;
    s->tokens -= THOUSAND;
    return true;
}

static void refused_tell(struct log *l, unsigned source, struct log_time t) {
    struct log_source *s = &l->source[source];
    char count[24];
    struct audit_told told = {{[AUDIT_WHAT] = text_of("flood"), [AUDIT_OUTCOME] = text_of("lost")}};
    for (unsigned i = AUDIT_PROCESS; i <= AUDIT_USER; i++)
        told.word[i] = text_of("-");
    snprintf(count, sizeof count, "%llu", (unsigned long long)s->refused);
    told.word[AUDIT_OBJECT] = text_of(count);
    if (err_ok(record_keep(l, source, &told, t)))
        s->refused = 0;
}

err_t log_add(struct log *l, unsigned source, const struct audit_told *told, struct log_time t) {
    struct log_source *s = &l->source[source];
    if (!token_take(s, t.now)) {
        s->refused++;
        return ERROR(LIMIT);
    }
    if (s->refused)
        refused_tell(l, source, t);
    return record_keep(l, source, told, t);
}

void log_settle(struct log *l, struct log_time t) {
    for (unsigned source = 1; source < AUDIT_SOURCES; source++)
        if (l->source[source].refused && token_take(&l->source[source], t.now))
            refused_tell(l, source, t);
}

/* ---- the text ---- */

static struct chain_end first_of(const struct log *l, unsigned source) {
    const struct log_source *s = &l->source[source];
    struct chain_end end = {.source = source, .number = s->dropped};
    if (s->last.number > s->dropped)
        memcpy(end.hash, slot_of(l, source, s->dropped + 1)->before, sizeof end.hash);
    return end;
}

/* Adds to the text, or only to how long it is. */
struct text_out {
    char *to;
    size_t length;
};

static void put(struct text_out *out, const char *from, size_t length) {
    if (out->to)
        memcpy(out->to + out->length, from, length);
    out->length += length;
}

static void end_put(struct text_out *out, const char *word, struct chain_end end) {
    char line[CHAIN_LINE_MOST];
    put(out, line, chain_end_write(line, word, &end));
}

static uint64_t sequence_of(const struct log_slot *s) {
    struct text line = {s->line, s->length}, word = audit_word_take(&line);
    uint64_t n = 0;
    for (size_t i = 0; i < word.length; i++)
        n = 10 * n + (uint64_t)(word.at[i] - '0');
    return n;
}

/* The source whose next record is the oldest; 0: there are no more. */
static unsigned oldest_of(const struct log *l, const uint64_t next[AUDIT_SOURCES]) {
    unsigned oldest = 0;
    uint64_t least = UINT64_MAX;
    for (unsigned s = 1; s < AUDIT_SOURCES; s++) {
        if (next[s] > l->source[s].last.number)
            continue;
        uint64_t sequence = sequence_of(slot_of(l, s, next[s]));
        if (sequence >= least)
            continue;
        least = sequence;
        oldest = s;
    }
    return oldest;
}

static void records_put(const struct log *l, struct text_out *out) {
    uint64_t next[AUDIT_SOURCES];
    for (unsigned s = 1; s < AUDIT_SOURCES; s++)
        next[s] = l->source[s].dropped + 1;
    for (unsigned s; (s = oldest_of(l, next)); next[s]++) {
        const struct log_slot *slot = slot_of(l, s, next[s]);
        put(out, slot->line, slot->length);
    }
}

static void all_put(const struct log *l, struct text_out *out) {
    put(out, CHAIN_HEAD "\n", sizeof CHAIN_HEAD);
    for (unsigned s = 1; s < AUDIT_SOURCES; s++)
        end_put(out, CHAIN_FROM, first_of(l, s));
    records_put(l, out);
    for (unsigned s = 1; s < AUDIT_SOURCES; s++)
        end_put(out, CHAIN_TO, l->source[s].last);
}

size_t log_size(const struct log *l) {
    struct text_out out = {NULL, 0};
    all_put(l, &out);
    return out.length;
}

void log_text(const struct log *l, char *to) {
    struct text_out out = {to, 0};
    all_put(l, &out);
}
