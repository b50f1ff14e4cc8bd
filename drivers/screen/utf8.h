/* SPDX-License-Identifier: MIT */
/*
 * Characters from bytes that anybody wrote, and back (Unicode 15.0, section 3.9). What is no
 * well-formed sequence becomes U+FFFD, one for each longest beginning of one.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

#define UTF8_BAD 0xfffdu
#define UTF8_MAX 4u /* bytes of a character */

/* Zeros: at the begin of a character. */
struct utf8 {
    uint32_t character; /* what of it has come */
    uint32_t lower;     /* the lowest and highest that the next byte can be; 0: it is a first one */
    uint32_t upper;
    uint32_t left; /* bytes to come */
};

/* Takes a byte; how many characters are complete with it, 0 to 2. */
unsigned utf8_take(struct utf8 *u, uint8_t byte, uint32_t to[2]);
/* How many bytes it has. */
size_t utf8_put(uint32_t character, uint8_t to[UTF8_MAX]);
