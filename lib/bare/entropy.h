/* SPDX-License-Identifier: MIT */
/* What the processor knows that nobody else does; the port is in the directory of its name. */
#pragma once
#include <stdint.h>

#define ENTROPY_WORDS 4u

/* Random words of the processor's own; how many it gave. */
unsigned entropy_take(uint64_t word[ENTROPY_WORDS]);
/* A fast counter. */
uint64_t entropy_counter(void);
