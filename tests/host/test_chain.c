/* SPDX-License-Identifier: MIT */
/* SOURCES: lib/audit/told.c lib/chain/hash.c lib/chain/record.c lib/chain/verify.c
 * services/audit/log.c lib/password/port.c
 * @libsodium/src/libsodium/crypto_generichash/blake2b/ref/blake2b-ref.c
 * @libsodium/src/libsodium/crypto_generichash/blake2b/ref/blake2b-compress-ref.c
 * @libsodium/src/libsodium/crypto_generichash/blake2b/ref/generichash_blake2b.c */
/* FLAGS: -w -D_GNU_SOURCE -DSODIUM_STATIC -DHAVE_WEAK_SYMBOLS -DNATIVE_LITTLE_ENDIAN
   -fno-sanitize=alignment
   -I@libsodium/src/libsodium/include/sodium -I@libsodium/src/libsodium/include */
/* The log of `audit`: what it keeps, also when its server ends at any moment, and that whatever is
 * done to its text is found, with the first record that it was done to. */
#include "services/audit/log.h"

#include <stdlib.h>
#include <string.h>

#include "lib/chain/verify.h"
#include "tap.h"

#define SECOND 1000000000ull

static struct log_kept kept;
static struct log log_now;

static err_t add(unsigned source, const char *what, uint64_t now) {
    char text[AUDIT_TOLD_MOST];
    struct audit_told told;
    const struct audit_told six = {{text_of("7"), text_of("3"), text_of("wcuser"), text_of(what),
                                    text_of("/x"), text_of("granted")}};
    size_t n = audit_told_write(text, &six);
    check(n && audit_told_parse((struct text){text, n}, &told));
    return log_add(&log_now, source, &told,
                   (struct log_time){now, 1000000000000000000ll + (int64_t)now});
}

static char *text_make(size_t *length) {
    *length = log_size(&log_now);
    char *text = malloc(*length + 1);
    log_text(&log_now, text);
    text[*length] = 0;
    return text;
}

static struct chain_verdict verify(const char *text, size_t length) {
    struct chain_verdict v;
    char *exact = malloc(length); /* so that a read beyond it is found */
    memcpy(exact, text, length);
    chain_verify(exact, length, &v);
    free(exact);
    return v;
}

static void begin(void) {
    memset(&kept, 0, sizeof kept);
    log_open(&log_now, &kept);
}

/* Twelve records, of three sources in turn. */
static char *twelve(size_t *length) {
    begin();
    for (unsigned i = 0; i < 12; i++)
        check(err_ok(add(AUDIT_INIT + i % 3, "login", i * SECOND)));
    return text_make(length);
}

/* Where line n (from 0) of the records begins. */
static char *record_at(char *text, unsigned n) {
    for (n += AUDIT_SOURCES; n; n--)
        text = strchr(text, '\n') + 1;
    return text;
}

static void test_right(void) {
    size_t length;
    begin();
    char *text = text_make(&length);
    struct chain_verdict v = verify(text, length);
    check(v.fault == CHAIN_RIGHT && !v.records);
    free(text);
    text = twelve(&length);
    v = verify(text, length);
    check(v.fault == CHAIN_RIGHT && v.records == 12);
    check(strstr(text, "1 init 1 2001-09-09T01:46:40.000000Z 7 3 wcuser login /x granted ") !=
          NULL);
    free(text);
    tap_test("chain: an empty log and one of twelve records are right");
}

/* Every byte of every line changed, to several others. */
static void test_altered(void) {
    size_t length, found = 0, tried = 0;
    char *text = twelve(&length);
    for (size_t i = 0; i < length; i++)
        for (unsigned bit = 0; bit < 8; bit += 3) {
            text[i] ^= (char)(1 << bit);
            tried++;
            found += verify(text, length).fault != CHAIN_RIGHT;
            text[i] ^= (char)(1 << bit);
        }
    check(found == tried);
    char *line = record_at(text, 4); /* the second of its source */
    strstr(line, "wcuser")[0] = 'v';
    struct chain_verdict v = verify(text, length);
    check(v.fault == CHAIN_ALTERED && v.source == AUDIT_INIT + 1 && v.number == 2 &&
          v.records == 4);
    free(text);
    tap_test("chain: whatever bit is flipped, it is found, and the record is named");
}

static void line_cut(char *text, size_t *length, char *line) {
    char *next = strchr(line, '\n') + 1;
    memmove(line, next, *length - (size_t)(next - text) + 1);
    *length -= (size_t)(next - line);
}

static void test_removed(void) {
    for (unsigned n = 0; n < 12; n++) {
        size_t length;
        char *text = twelve(&length);
        line_cut(text, &length, record_at(text, n));
        struct chain_verdict v = verify(text, length);
        check(v.fault == CHAIN_REMOVED && v.source == AUDIT_INIT + n % 3 && v.number == n / 3 + 1);
        free(text);
    }
    tap_test("chain: a record that was removed is named, also the first and the last");
}

static void test_moved(void) {
    for (unsigned n = 0; n + 1 < 12; n++)
        for (unsigned m = n + 1; m < 12; m++) {
            size_t length, a, b;
            char *text = twelve(&length), *copy = malloc(length + 1), *one = record_at(text, n),
                 *two = record_at(text, m);
            a = (size_t)(strchr(one, '\n') + 1 - one);
            b = (size_t)(strchr(two, '\n') + 1 - two);
            size_t before = (size_t)(one - text), between = (size_t)(two - one) - a;
            memcpy(copy, text, before);
            memcpy(copy + before, two, b);
            memcpy(copy + before + b, one + a, between);
            memcpy(copy + before + b + between, one, a);
            memcpy(copy + before + b + between + a, two + b, length - before - a - b - between);
            struct chain_verdict v = verify(copy, length);
            bool same = n % 3 == m % 3;
            check(v.fault == (same ? CHAIN_REMOVED : CHAIN_MOVED) || v.fault == CHAIN_REMOVED);
            check(v.records >= n && v.records <= m);
            free(copy);
            free(text);
        }
    tap_test("chain: any two records that changed places are found");
}

static void test_cut_off(void) {
    size_t length;
    char *text = twelve(&length);
    for (size_t n = 0; n < length; n++)
        check(verify(text, n).fault != CHAIN_RIGHT);
    char *more = malloc(length + 7);
    memcpy(more, text, length);
    memcpy(more + length, "1 init\n", 7);
    check(verify(more, length + 7).fault == CHAIN_NO_RECORD);
    free(more);
    free(text);
    tap_test("chain: a log that is cut off anywhere, or goes on, is found");
}

static void test_twice(void) {
    size_t length;
    char *text = twelve(&length), *line = record_at(text, 3);
    size_t n = (size_t)(strchr(line, '\n') + 1 - line), at = (size_t)(line - text);
    char *more = malloc(length + n);
    memcpy(more, text, at + n);
    memcpy(more + at + n, line, length - at);
    struct chain_verdict v = verify(more, length + n);
    check(v.fault == CHAIN_MOVED && v.source == AUDIT_INIT && v.number == 2);
    free(more);
    free(text);
    tap_test("chain: a record that is there twice is named");
}

static void test_full(void) {
    size_t length;
    begin();
    check(err_ok(add(AUDIT_AUTH, "login", 0)));
    for (unsigned i = 0; i < 5 * LOG_RECORDS + 3; i++)
        check(err_ok(add(AUDIT_BOOTFS, "mount", i * SECOND)));
    char *text = text_make(&length);
    struct chain_verdict v = verify(text, length);
    check(v.fault == CHAIN_RIGHT && v.records == LOG_RECORDS + 1);
    check(strstr(text, "from bootfs 259 ") && strstr(text, "to bootfs 323 ") &&
          strstr(text, "from auth 0 0"));
    free(text);
    tap_test("log: a source that writes much drops its own oldest records, which are counted");
}

static void test_flood(void) {
    size_t length;
    unsigned kept_count = 0;
    begin();
    for (unsigned i = 0; i < 1000; i++)
        kept_count += err_ok(add(AUDIT_BOOTFS, "mount", 1));
    check(kept_count == LOG_BURST);
    check(err_ok(add(AUDIT_AUTH, "login", 1))); /* others are heard */
    check(err_is(add(AUDIT_BOOTFS, "mount", 1 + SECOND / LOG_STEADY / 2), ERR_LIMIT));
    check(err_ok(add(AUDIT_BOOTFS, "mount", 1 + SECOND)));
    char *text = text_make(&length);
    check(strstr(text, " - - - flood 969 lost ") != NULL);
    check(verify(text, length).records == LOG_BURST + 3);
    free(text);
    tap_test("log: a flood is counted, in one record, and keeps nobody else from being heard");
}

/* Every slot half written, as by a server that ended there. */
static void test_restart(void) {
    size_t length;
    for (unsigned count = 1; count < 3 * LOG_RECORDS; count += 7) {
        begin();
        for (unsigned i = 0; i < count; i++)
            check(err_ok(add(AUDIT_BOOTFS, "mount", i * SECOND)));
        log_open(&log_now, &kept);
        unsigned there = count < LOG_RECORDS ? count : LOG_RECORDS;
        char *text = text_make(&length);
        struct chain_verdict v = verify(text, length);
        check(v.fault == CHAIN_RIGHT && v.records == there && log_now.sequence == count);
        free(text);
        struct log_slot *next = &kept.slot[AUDIT_BOOTFS][(count + 1) % LOG_RECORDS];
        memset(next->line, 'x', 20);
        log_open(&log_now, &kept);
        check(err_ok(add(AUDIT_BOOTFS, "mount", 1000 * SECOND)));
        text = text_make(&length);
        v = verify(text, length);
        check(v.fault == CHAIN_RIGHT &&
              v.records == (count < LOG_RECORDS ? count + 1 : LOG_RECORDS));
        free(text);
    }
    tap_test("log: what was kept is there after a restart, but for what was being overwritten");
}

/* What is kept is a server's own memory; but nothing in it leads out of it. */
static void test_damaged(void) {
    uint64_t state = 5;
    for (unsigned turn = 0; turn < 300; turn++) {
        size_t length;
        begin();
        for (unsigned i = 0; i < 100; i++)
            add(AUDIT_INIT + i % 2, "login", i * SECOND);
        for (unsigned i = 0; i < 40; i++)
            ((uint8_t *)&kept)[random_below(&state, sizeof kept)] ^= (uint8_t)random_next(&state);
        log_open(&log_now, &kept);
        check(err_ok(add(AUDIT_INIT, "login", 1000 * SECOND)));
        char *text = text_make(&length);
        check(verify(text, length).fault == CHAIN_RIGHT);
        free(text);
    }
    tap_test("log: of memory that was damaged what is left is a chain");
}

static void test_words(void) {
    char to[AUDIT_WORD_MOST + 1], text[AUDIT_TOLD_MOST];
    struct audit_told told;
    char all[256];
    for (unsigned i = 0; i < sizeof all; i++)
        all[i] = (char)i;
    audit_word_write(to, (struct text){"a b\n%", 5});
    check(!strcmp(to, "a%20b%0a%25"));
    audit_word_write(to, (struct text){all, 0});
    check(!strcmp(to, "-"));
    audit_word_write(to, (struct text){all, sizeof all});
    check(audit_word_valid(text_of(to)) && strlen(to) <= AUDIT_WORD_MOST);
    static const char *const bad[] = {
        "",           "1",          "1 2 3 4 5",    "1 2 3 4 5 6 7", "1  3 4 5 6",
        " 1 2 3 4 5", "1 2 3 4 5 ", "1 2 3 4 5 6 ", "1 2 3 4 5 \n",  "1 2 3 4\t5 6"};
    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++)
        check(!audit_told_parse(text_of(bad[i]), &told));
    check(audit_told_parse(text_of("1 2 3 4 5 6"), &told));
    for (unsigned i = 0; i < AUDIT_WORDS; i++)
        told.word[i] = (struct text){all + 128, 60};
    check(!audit_told_write(text, &told));
    tap_test("told: words are visible characters, six of them");
}

int main(void) {
    test_words();
    test_right();
    test_altered();
    test_removed();
    test_moved();
    test_twice();
    test_cut_off();
    test_full();
    test_flood();
    test_restart();
    test_damaged();
    return tap_done();
}
