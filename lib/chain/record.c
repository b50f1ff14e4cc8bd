/* SPDX-License-Identifier: MIT */
#include "lib/chain/record.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define DIGITS      (2 * CHAIN_HASH)
#define SECOND      1000000000ll
#define MICROSECOND 1000ll

/* ---- words ---- */

static void hash_write(const uint8_t hash[CHAIN_HASH], char to[DIGITS + 1]) {
    static const char digit[] = "0123456789abcdef";
    for (size_t i = 0; i < CHAIN_HASH; i++) {
        to[2 * i] = digit[hash[i] >> 4];
        to[2 * i + 1] = digit[hash[i] & 15];
    }
    to[DIGITS] = 0;
}

static int digit_value(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool hash_take(struct text *from, uint8_t hash[CHAIN_HASH]) {
    struct text word = audit_word_take(from);
    if (word.length != DIGITS)
        return false;
    for (size_t i = 0; i < CHAIN_HASH; i++) {
        int high = digit_value(word.at[2 * i]), low = digit_value(word.at[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        hash[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

/* In decimal, without zeros in front. */
static bool number_take(struct text *from, uint64_t *out) {
    struct text word = audit_word_take(from);
    if (!word.length || word.length > 19 || (word.at[0] == '0' && word.length > 1))
        return false;
    *out = 0;
    for (size_t i = 0; i < word.length; i++) {
        if (word.at[i] < '0' || word.at[i] > '9')
            return false;
        *out = 10 * *out + (uint64_t)(word.at[i] - '0');
    }
    return true;
}

static bool source_take(struct text *from, unsigned *out) {
    *out = audit_source_find(audit_word_take(from));
    return *out != 0;
}

/* ---- records ---- */

/* As of RFC 3339, with six digits of the second. */
static void time_write(char to[40], int64_t nanoseconds) {
    time_t seconds = (time_t)(nanoseconds / SECOND);
    struct tm t;
    if (!gmtime_r(&seconds, &t))
        t = (struct tm){.tm_year = 70, .tm_mday = 1};
    snprintf(to, 40, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", (t.tm_year + 1900) % 10000,
             t.tm_mon + 1, t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec,
             (int)(nanoseconds % SECOND / MICROSECOND));
}

size_t chain_record_write(char to[CHAIN_LINE_MOST], struct chain_record *r,
                          const uint8_t before[CHAIN_HASH], int64_t nanoseconds,
                          const struct audit_told *told) {
    char time[40], digits[DIGITS + 1];
    time_write(time, nanoseconds);
    int n = snprintf(to, CHAIN_LINE_MOST, "%llu %s %llu %s", (unsigned long long)r->sequence,
                     audit_source_name(r->source), (unsigned long long)r->number, time);
    for (unsigned i = 0; i < AUDIT_WORDS && n > 0 && (unsigned)n < CHAIN_LINE_MOST; i++)
        n += snprintf(to + n, CHAIN_LINE_MOST - (unsigned)n, " %.*s", (int)told->word[i].length,
                      told->word[i].at);
    if (n < 0 || (unsigned)n + DIGITS + 3 > CHAIN_LINE_MOST)
        return 0;
    r->hashed = (struct text){to, (size_t)n};
    chain_hash(before, to, (size_t)n, r->hash);
    hash_write(r->hash, digits);
    n += snprintf(to + n, CHAIN_LINE_MOST - (unsigned)n, " %s\n", digits);
    return (size_t)n;
}

bool chain_record_parse(struct text line, struct chain_record *r) {
    struct text left = line;
    if (!number_take(&left, &r->sequence) || !source_take(&left, &r->source) ||
        !number_take(&left, &r->number))
        return false;
    for (unsigned i = 0; i < 1 + AUDIT_WORDS; i++) /* the time, and what was told */
        if (!audit_word_valid(audit_word_take(&left)))
            return false;
    if (left.at == line.at || !r->sequence || !r->number)
        return false;
    r->hashed = (struct text){line.at, (size_t)(left.at - line.at) - 1};
    return hash_take(&left, r->hash) && !left.length && line.at[line.length - 1] != ' ';
}

/* ---- ends ---- */

size_t chain_end_write(char to[CHAIN_LINE_MOST], const char *word, const struct chain_end *end) {
    char digits[DIGITS + 1];
    hash_write(end->hash, digits);
    return (size_t)snprintf(to, CHAIN_LINE_MOST, "%s %s %llu %s\n", word,
                            audit_source_name(end->source), (unsigned long long)end->number,
                            digits);
}

bool chain_end_parse(struct text line, const char *word, struct chain_end *end) {
    static const uint8_t none[CHAIN_HASH];
    struct text left = line, first = audit_word_take(&left);
    if (first.length != strlen(word) || memcmp(first.at, word, first.length) != 0)
        return false;
    return source_take(&left, &end->source) && number_take(&left, &end->number) &&
           hash_take(&left, end->hash) && !left.length && line.at[line.length - 1] != ' ' &&
           (end->number || !memcmp(end->hash, none, sizeof none));
}
