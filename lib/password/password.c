/* SPDX-License-Identifier: MIT */
#include "lib/password/password.h"

#include <argon2.h>

static bool in_range(const struct password_cost *cost, size_t length) {
    return cost->memory >= PASSWORD_MEMORY_LEAST && cost->memory <= PASSWORD_MEMORY_MOST &&
           cost->passes && cost->passes <= PASSWORD_PASSES_MOST && length <= PASSWORD_MOST;
}

bool password_hash(const struct password_cost *cost, const uint8_t salt[PASSWORD_SALT],
                   const char *password, size_t length, uint8_t hash[PASSWORD_HASH]) {
    if (!in_range(cost, length))
        return false;
    /* It changes neither password nor salt without a flag that says so. */
    argon2_context context = {.out = hash,
                              .outlen = PASSWORD_HASH,
                              .pwd = (uint8_t *)(uintptr_t)password,
                              .pwdlen = (uint32_t)length,
                              .salt = (uint8_t *)(uintptr_t)salt,
                              .saltlen = PASSWORD_SALT,
                              .t_cost = cost->passes,
                              .m_cost = cost->memory,
                              .lanes = 1,
                              .threads = 1,
                              .flags = ARGON2_FLAG_CLEAR_MEMORY};
    return argon2_ctx(&context, Argon2_id) == ARGON2_OK;
}

bool password_same(const uint8_t a[PASSWORD_HASH], const uint8_t b[PASSWORD_HASH]) {
    volatile uint8_t difference = 0;
    for (unsigned i = 0; i < PASSWORD_HASH; i++)
        difference |= a[i] ^ b[i];
    return !difference;
}
