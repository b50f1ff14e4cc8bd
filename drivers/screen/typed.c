/* SPDX-License-Identifier: MIT */
#include "drivers/screen/typed.h"

#include "drivers/screen/utf8.h"

#define ESC     0x1bu
#define HIGHEST 0x10ffffu

/* What is behind ESC; of the keys of the pad when they type no number. */
static const char *sequence_of(uint16_t key) {
    static const char *const pad[] = {"[1~", "[A",  "[5~", NULL,  "[D",  "[G", "[C",
                                      NULL,  "[4~", "[B",  "[6~", "[2~", "[3~"};
    static const char *const cursor[] = {"[1~", "[A", "[5~", "[D",  "[C",
                                         "[4~", "[B", "[6~", "[2~", "[3~"};
    static const char *const function[] = {"[[A",  "[[B",  "[[C",  "[[D",  "[[E",
                                           "[17~", "[18~", "[19~", "[20~", "[21~"};
    if (key >= KEY_PAD_7 && key <= KEY_PAD_POINT)
        return pad[key - KEY_PAD_7];
    if (key >= KEY_HOME && key <= KEY_DELETE)
        return cursor[key - KEY_HOME];
    if (key >= KEY_F1 && key <= KEY_F10)
        return function[key - KEY_F1];
    if (key == KEY_F11 || key == KEY_F12)
        return key == KEY_F11 ? "[23~" : "[24~";
    return NULL;
}

static size_t put_sequence(uint16_t key, bool application, uint8_t *to) {
    const char *text = sequence_of(key);
    if (!text)
        return 0;
    size_t count = 0;
    to[count++] = ESC;
    for (; *text; text++)
        to[count++] = (uint8_t)*text;
    if (application && count == 3)
        to[1] = 'O';
    return count;
}

/* VT220 Programmer Reference, table 3-5. */
static uint32_t controlled(uint32_t c) {
    static const char digits[] = "\000\033\034\035\036\037\177"; /* of 2 to 8 */
    if ((c >= '@' && c <= '_') || (c >= 'a' && c <= '~'))
        return c & 0x1f;
    if (c >= '2' && c <= '8')
        return (uint8_t)digits[c - '2'];
    if (c == ' ')
        return 0;
    return c == '/' ? 0x1f : c == '?' ? 0x7f : c;
}

/* What the key types whatever the layout says; UINT32_MAX: it is none of those. */
static uint32_t fixed(const struct keyboard_event *e) {
    switch (e->key) {
    case KEY_ESCAPE:
        return ESC;
    case KEY_BACKSPACE:
        return e->modifiers & KEYBOARD_CONTROL ? '\b' : 0x7f;
    case KEY_TAB:
        return '\t';
    case KEY_ENTER:
    case KEY_PAD_ENTER:
        return '\r';
    default:
        return UINT32_MAX;
    }
}

static bool types(const struct keyboard_event *e) {
    bool character = e->character && e->character <= HIGHEST && e->character >> 11 != 0x1b;
    return character || fixed(e) != UINT32_MAX;
}

size_t typed_put(const struct keyboard_event *e, bool application, uint8_t to[TYPED_MOST]) {
    size_t count = 0;
    if (e->action != KEYBOARD_DOWN && e->action != KEYBOARD_REPEAT)
        return 0;
    if (!types(e))
        return put_sequence(e->key, application, to);
    uint32_t c = fixed(e);
    bool is_fixed = c != UINT32_MAX;
    if (!is_fixed)
        c = e->modifiers & KEYBOARD_CONTROL ? controlled(e->character) : e->character;
    if (e->modifiers & KEYBOARD_ALT || (e->key == KEY_TAB && e->modifiers & KEYBOARD_SHIFT))
        to[count++] = ESC;
    return count + utf8_put(c, to + count);
}
