/* SPDX-License-Identifier: MIT */
#include "lib/password/port.h"

#include <stdlib.h>
#include <string.h>

void sodium_memzero(void *const at, const size_t size) {
    explicit_bzero(at, size);
}

void sodium_misuse(void) {
    abort();
}

int sodium_runtime_has_sse41(void) {
    return 0;
}

int sodium_runtime_has_ssse3(void) {
    return 0;
}

int sodium_runtime_has_avx2(void) {
    return 0;
}

int sodium_runtime_has_avx512f(void) {
    return 0;
}
