/* SPDX-License-Identifier: MIT */
/*
 * Scan codes of set 1, as the controller makes them of whatever the keyboard sends, to keys
 * (abi/keyboard.h). IBM PS/2 Technical Reference, Keyboards (101- and 102-key), tables of scan
 * codes.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* Zeros: between two codes. */
struct scan {
    uint8_t extended; /* E0 came */
    uint8_t pause;    /* bytes to come of the one key that has a code of six */
};

/* True: a key went down or up with this byte. */
bool scan_take(struct scan *s, uint8_t byte, uint16_t *key, bool *down);
