/* SPDX-License-Identifier: MIT */
#include "drivers/keyboard/keys.h"

#include <string.h>

/* ---- modifiers ---- */

static bool either(const struct keys *k, uint16_t left, uint16_t right) {
    return k->down[left] || k->down[right];
}

static uint8_t modifiers_of(const struct keys *k) {
    uint8_t m = k->locks;
    m |= either(k, KEY_LEFT_SHIFT, KEY_RIGHT_SHIFT) ? KEYBOARD_SHIFT : 0;
    m |= either(k, KEY_LEFT_CONTROL, KEY_RIGHT_CONTROL) ? KEYBOARD_CONTROL : 0;
    m |= either(k, KEY_LEFT_META, KEY_RIGHT_META) ? KEYBOARD_META : 0;
    m |= k->down[KEY_LEFT_ALT] ? KEYBOARD_ALT : 0;
    m |= k->down[KEY_RIGHT_ALT] ? KEYBOARD_ALT_GR : 0;
    return m;
}

static void lock(struct keys *k, uint16_t key) {
    if (key == KEY_CAPS_LOCK)
        k->locks ^= KEYBOARD_CAPS;
    else if (key == KEY_NUM_LOCK)
        k->locks ^= KEYBOARD_NUM;
}

/* ---- characters ---- */

/* With a lock the pad types numbers, unless shift is held. */
static uint32_t pad_character(uint16_t key, uint8_t modifiers) {
    static const char pad[] = "789-456+1230.";
    uint32_t c = (uint8_t)pad[key - KEY_PAD_7];
    bool numbers = !(modifiers & KEYBOARD_NUM) == !!(modifiers & KEYBOARD_SHIFT);
    return numbers || c == '-' || c == '+' ? c : 0;
}

static uint32_t fixed_character(uint16_t key, uint8_t modifiers) {
    if (key >= KEY_PAD_7 && key <= KEY_PAD_POINT)
        return pad_character(key, modifiers);
    switch (key) {
    case KEY_ESCAPE:
        return 0x1b;
    case KEY_BACKSPACE:
        return '\b';
    case KEY_TAB:
        return '\t';
    case KEY_ENTER:
    case KEY_PAD_ENTER:
        return '\n';
    case KEY_SPACE:
        return ' ';
    case KEY_PAD_TIMES:
        return '*';
    case KEY_PAD_SLASH:
        return '/';
    default:
        return 0;
    }
}

/* Rows of a layout have no gaps, but the keys between theirs do not belong to them. */
static bool in_layout(uint16_t key) {
    return (key >= KEY_1 && key < KEY_BACKSPACE) || (key >= KEY_Q && key < KEY_ENTER) ||
           (key >= KEY_A && key <= KEY_GRAVE) || (key >= KEY_BACKSLASH && key < KEY_RIGHT_SHIFT) ||
           key == KEY_102ND;
}

static uint32_t character_of(const struct keys *k, uint16_t key, uint8_t modifiers, bool *dead) {
    bool shift = modifiers & KEYBOARD_SHIFT, alt_gr = modifiers & KEYBOARD_ALT_GR;
    *dead = false;
    if (!in_layout(key))
        return fixed_character(key, modifiers);
    enum level level = (alt_gr ? LEVEL_ALT_GR : LEVEL_PLAIN) + (shift ? 1 : 0);
    uint32_t c = layout_character(k->layout, key, level, dead);
    return modifiers & KEYBOARD_CAPS ? layout_other_case(c) : c;
}

/* ---- events ---- */

/* A character behind a dead key: both together, or one after the other if they do not fit. */
static unsigned join(struct keys *k, struct keyboard_event *to) {
    uint32_t accent = k->accent, c = to[0].character;
    uint32_t both = c == accent ? accent : layout_compose(accent, c);
    k->accent = 0;
    if (both) {
        to[0].character = both;
        return 1;
    }
    to[1] = to[0];
    to[0] = (struct keyboard_event){accent, 0, KEYBOARD_DOWN, to[1].modifiers};
    return 2;
}

unsigned keys_take(struct keys *k, uint16_t key, bool down, struct keyboard_event *to) {
    bool dead = false, was = key < KEYS && k->down[key];
    if (!key || key >= KEYS || (!down && !was))
        return 0;
    k->down[key] = down && key != KEY_PAUSE; /* which tells its end with its begin */
    if (down && !was)
        lock(k, key);
    uint8_t action = !down ? KEYBOARD_UP : was ? KEYBOARD_REPEAT : KEYBOARD_DOWN;
    to[0] = (struct keyboard_event){0, key, action, modifiers_of(k)};
    if (!down)
        return 1;
    to[0].character = character_of(k, key, to[0].modifiers, &dead);
    if (k->accent && to[0].character)
        return join(k, to);
    if (dead) {
        k->accent = to[0].character;
        to[0].character = 0;
    }
    return 1;
}

void keys_forget(struct keys *k) {
    memset(k->down, 0, sizeof k->down);
    k->accent = 0;
}
