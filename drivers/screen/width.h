/* SPDX-License-Identifier: MIT */
#pragma once
#include <stdint.h>

/* Columns of a character: 2 of the wide ones of East Asia, 0 of marks that join the one before. */
unsigned width_of(uint32_t character);
