/* SPDX-License-Identifier: MIT */
/* RUNS: 20000 */
/* SOURCES: lib/audit/told.c lib/chain/hash.c lib/chain/record.c lib/chain/verify.c
 * services/audit/log.c lib/password/port.c
 * @libsodium/src/libsodium/crypto_generichash/blake2b/ref/blake2b-ref.c
 * @libsodium/src/libsodium/crypto_generichash/blake2b/ref/blake2b-compress-ref.c
 * @libsodium/src/libsodium/crypto_generichash/blake2b/ref/generichash_blake2b.c */
/* FLAGS: -w -D_GNU_SOURCE -DSODIUM_STATIC -DHAVE_WEAK_SYMBOLS -DNATIVE_LITTLE_ENDIAN
   -fno-sanitize=alignment
   -I@libsodium/src/libsodium/include/sodium -I@libsodium/src/libsodium/include */
/* The input is a log, then what sources tell, line by line: what is taken makes a log that is
 * right, and of which no line looks like one that was not told. */
#include <stdlib.h>
#include <string.h>

#include "lib/chain/verify.h"
#include "services/audit/log.h"

static void must(bool right) {
    if (!right)
        __builtin_trap();
}

static struct log_kept kept;

static unsigned tell_lines(struct log *l, const char *at, const char *end) {
    unsigned taken = 0;
    while (at < end) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        size_t length = (size_t)((line_end ? line_end : end) - at);
        struct audit_told told;
        if (audit_told_parse((struct text){at, length}, &told))
            taken += err_ok(log_add(l, 1 + taken % (AUDIT_SOURCES - 1), &told,
                                    (struct log_time){taken * 1000000000ull, 0}));
        at += length + 1;
    }
    return taken;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct chain_verdict v;
    struct log l;
    chain_verify((const char *)data, size, &v);
    must(v.line <= size + 1 && chain_fault_text(v.fault));
    memset(&kept, 0, sizeof kept);
    log_open(&l, &kept);
    unsigned taken = tell_lines(&l, (const char *)data, (const char *)data + size);
    size_t length = log_size(&l);
    char *text = malloc(length);
    log_text(&l, text);
    chain_verify(text, length, &v);
    must(v.fault == CHAIN_RIGHT);
    must(v.records == taken || taken > LOG_RECORDS);
    free(text);
    return 0;
}
