/* SPDX-License-Identifier: MIT */
#include "drivers/screen/utf8.h"

#include <string.h>

#define NEXT_LOW  0x80u
#define NEXT_HIGH 0xbfu

/* Unicode 15.0, table 3-7: which bytes may follow a first one. */
static unsigned begin(struct utf8 *u, uint8_t byte, uint32_t *to) {
    if (byte < 0xc2 || byte > 0xf4) {
        *to = byte < 0x80 ? byte : UTF8_BAD;
        return 1;
    }
    u->left = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
    u->character = byte & (0x3fu >> u->left);
    u->lower = byte == 0xe0 ? 0xa0 : byte == 0xf0 ? 0x90 : NEXT_LOW;
    u->upper = byte == 0xed ? 0x9f : byte == 0xf4 ? 0x8f : NEXT_HIGH;
    return 0;
}

unsigned utf8_take(struct utf8 *u, uint8_t byte, uint32_t to[2]) {
    if (!u->left)
        return begin(u, byte, to);
    if (byte < u->lower || byte > u->upper) {
        u->left = 0;
        to[0] = UTF8_BAD;
        return 1 + begin(u, byte, to + 1);
    }
    u->character = u->character << 6 | (byte & 0x3f);
    u->lower = NEXT_LOW;
    u->upper = NEXT_HIGH;
    to[0] = u->character;
    return --u->left ? 0 : 1;
}

size_t utf8_put(uint32_t c, uint8_t to[UTF8_MAX]) {
    uint8_t bytes[UTF8_MAX] = {(uint8_t)(0xf0 | c >> 18), (uint8_t)(0x80 | (c >> 12 & 0x3f)),
                               (uint8_t)(0x80 | (c >> 6 & 0x3f)), (uint8_t)(0x80 | (c & 0x3f))};
    size_t count = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    if (count == 1)
        bytes[3] = (uint8_t)c;
    else if (count == 2)
        bytes[2] = (uint8_t)(0xc0 | c >> 6);
    else if (count == 3)
        bytes[1] = (uint8_t)(0xe0 | c >> 12);
    memcpy(to, bytes + UTF8_MAX - count, count);
    return count;
}
