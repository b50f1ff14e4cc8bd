/* SPDX-License-Identifier: MIT */
#include "drivers/keyboard/scan.h"

#include "abi/keyboard.h"

#define EXTENDED 0xe0u
#define PAUSE    0xe1u
#define UP       0x80u
#define LAST     0x58u /* of the codes without E0 that are keys; these have the keys' numbers */

/* Behind E0. 2a and 36 are shifts that nobody pressed. */
static uint16_t extended_key(uint8_t code) {
    static const uint8_t keys[128] = {
        [0x1c] = KEY_PAD_ENTER, [0x1d] = KEY_RIGHT_CONTROL,
        [0x35] = KEY_PAD_SLASH, [0x37] = KEY_PRINT,
        [0x38] = KEY_RIGHT_ALT, [0x46] = KEY_PAUSE,
        [0x47] = KEY_HOME,      [0x48] = KEY_UP,
        [0x49] = KEY_PAGE_UP,   [0x4b] = KEY_LEFT,
        [0x4d] = KEY_RIGHT,     [0x4f] = KEY_END,
        [0x50] = KEY_DOWN,      [0x51] = KEY_PAGE_DOWN,
        [0x52] = KEY_INSERT,    [0x53] = KEY_DELETE,
        [0x5b] = KEY_LEFT_META, [0x5c] = KEY_RIGHT_META,
        [0x5d] = KEY_MENU,
    };
    return keys[code];
}

/* E1 1D 45 E1 9D C5: down and up at once. */
static bool take_pause(struct scan *s, uint16_t *key, bool *down) {
    if (--s->pause)
        return false;
    *key = KEY_PAUSE;
    *down = true;
    return true;
}

bool scan_take(struct scan *s, uint8_t byte, uint16_t *key, bool *down) {
    bool extended = s->extended;
    uint8_t code = byte & (uint8_t)~UP;
    if (s->pause)
        return take_pause(s, key, down);
    s->extended = byte == EXTENDED;
    if (byte == PAUSE)
        s->pause = 5;
    if (byte == EXTENDED || byte == PAUSE)
        return false;
    uint16_t found = extended ? extended_key(code) : code <= LAST ? code : 0;
    if (!found)
        return false;
    *key = found;
    *down = !(byte & UP);
    return true;
}
