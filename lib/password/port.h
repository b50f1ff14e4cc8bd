/* SPDX-License-Identifier: MIT */
/* What the files of libsodium that sodium.mk names use of its others. */
#pragma once
#include <stddef.h>

/* Zeros that the compiler does not take for useless. */
void sodium_memzero(void *const at, const size_t size);
/* A caller's mistake: ends the program. */
_Noreturn void sodium_misuse(void);
/* What the processor can do beyond the least: nothing that is made use of. */
int sodium_runtime_has_sse41(void);
int sodium_runtime_has_ssse3(void);
int sodium_runtime_has_avx2(void);
int sodium_runtime_has_avx512f(void);
