/* SPDX-License-Identifier: MIT */
/* SOURCES: lib/password/password.c lib/password/port.c
 * @libsodium/src/libsodium/crypto_pwhash/argon2/argon2.c
 * @libsodium/src/libsodium/crypto_pwhash/argon2/argon2-core.c
 * @libsodium/src/libsodium/crypto_pwhash/argon2/argon2-fill-block-ref.c
 * @libsodium/src/libsodium/crypto_pwhash/argon2/blake2b-long.c
 * @libsodium/src/libsodium/crypto_generichash/blake2b/ref/blake2b-ref.c
 * @libsodium/src/libsodium/crypto_generichash/blake2b/ref/blake2b-compress-ref.c
 * @libsodium/src/libsodium/crypto_generichash/blake2b/ref/generichash_blake2b.c */
/* FLAGS: -w -D_GNU_SOURCE -DSODIUM_STATIC -DHAVE_WEAK_SYMBOLS -DNATIVE_LITTLE_ENDIAN
   -fno-sanitize=alignment -I@libsodium/src/libsodium/crypto_pwhash/argon2
   -I@libsodium/src/libsodium/include/sodium -I@libsodium/src/libsodium/include */
/* The hash of passwords: the test vector of the standard, and what lib/password adds. */
#include "lib/password/password.h"

#include <argon2.h>
#include <string.h>

#include "tap.h"

/* Used by the functions of argon2.c that nothing here calls. */
int encode_string(char *to, size_t size, argon2_context *c, argon2_type type);
int decode_string(argon2_context *c, const char *from, argon2_type type);
int sodium_memcmp(const void *a, const void *b, size_t size);
int encode_string(char *to, size_t size, argon2_context *c, argon2_type type) {
    (void)to, (void)size, (void)c, (void)type;
    return ARGON2_ENCODING_FAIL;
}

int decode_string(argon2_context *c, const char *from, argon2_type type) {
    (void)c, (void)from, (void)type;
    return ARGON2_DECODING_FAIL;
}

int sodium_memcmp(const void *a, const void *b, size_t size) {
    (void)a, (void)b, (void)size;
    return -1;
}

/* RFC 9106, section 5.3. */
static void test_standard(void) {
    static const uint8_t right[32] = {0x0d, 0x64, 0x0d, 0xf5, 0x8d, 0x78, 0x76, 0x6c,
                                      0x08, 0xc0, 0x37, 0xa3, 0x4a, 0x8b, 0x53, 0xc9,
                                      0xd0, 0x1e, 0xf0, 0x45, 0x2d, 0x75, 0xb6, 0x5e,
                                      0xb5, 0x25, 0x20, 0xe9, 0x6b, 0x01, 0xe6, 0x59};
    uint8_t password[32], salt[16], secret[8], data[12], tag[32];
    memset(password, 1, sizeof password);
    memset(salt, 2, sizeof salt);
    memset(secret, 3, sizeof secret);
    memset(data, 4, sizeof data);
    argon2_context c = {.out = tag,
                        .outlen = sizeof tag,
                        .pwd = password,
                        .pwdlen = sizeof password,
                        .salt = salt,
                        .saltlen = sizeof salt,
                        .secret = secret,
                        .secretlen = sizeof secret,
                        .ad = data,
                        .adlen = sizeof data,
                        .t_cost = 3,
                        .m_cost = 32,
                        .lanes = 4,
                        .threads = 4};
    check(argon2_ctx(&c, Argon2_id) == ARGON2_OK);
    check(!memcmp(tag, right, sizeof right));
    tap_test("password: Argon2id as RFC 9106 has it");
}

static bool hash(uint32_t memory, uint32_t passes, const char *password, uint8_t to[32]) {
    static const uint8_t salt[PASSWORD_SALT] = {1, 2, 3};
    const struct password_cost cost = {memory, passes};
    return password_hash(&cost, salt, password, strlen(password), to);
}

static void test_limits(void) {
    uint8_t tag[32];
    char text[PASSWORD_MOST + 2];
    memset(text, 'x', sizeof text);
    text[PASSWORD_MOST + 1] = 0;
    check(!hash(1024, 1, text, tag));
    text[PASSWORD_MOST] = 0;
    check(hash(1024, 1, text, tag));
    check(hash(1024, 1, "", tag));
    check(!hash(1023, 1, "a", tag) && !hash(65537, 1, "a", tag));
    check(!hash(1024, 0, "a", tag) && !hash(1024, 11, "a", tag));
    tap_test("password: lengths and costs outside their range are refused");
}

/* Each parameter and each byte counts. */
static void test_differ(void) {
    uint8_t a[32], b[32];
    check(hash(1024, 1, "wcpass", a) && hash(1024, 1, "wcpass", b) && password_same(a, b));
    check(hash(1024, 1, "wcpasS", b) && !password_same(a, b));
    check(hash(1024, 2, "wcpass", b) && !password_same(a, b));
    check(hash(2048, 1, "wcpass", b) && !password_same(a, b));
    for (unsigned bit = 0; bit < 256; bit++) {
        memcpy(b, a, sizeof b);
        b[bit / 8] ^= (uint8_t)(1u << bit % 8);
        check(!password_same(a, b));
    }
    tap_test("password: other passwords, costs and single bits differ");
}

int main(void) {
    test_standard();
    test_limits();
    test_differ();
    return tap_done();
}
