/* SPDX-License-Identifier: MIT */
/*
 * Keyboards: what is read of the file `kbd`. Keys are named by their places, with the numbers of
 * Linux (include/uapi/linux/input-event-codes.h), whatever is written on them. See
 * docs/man/4/kbd.md.
 */
#pragma once
#include <stdint.h>

enum keyboard_action { KEYBOARD_UP, KEYBOARD_DOWN, KEYBOARD_REPEAT };

/* What is held down, or locked, once the event has happened. */
#define KEYBOARD_SHIFT   0x01u
#define KEYBOARD_CONTROL 0x02u
#define KEYBOARD_ALT     0x04u
#define KEYBOARD_ALT_GR  0x08u
#define KEYBOARD_META    0x10u
#define KEYBOARD_CAPS    0x20u /* locked */
#define KEYBOARD_NUM     0x40u

struct keyboard_event {
    uint32_t character; /* that it types, by the layout; 0: none. Unicode */
    uint16_t key;       /* 0: none, as of what a dead key leaves when another key follows */
    uint8_t action;     /* enum keyboard_action */
    uint8_t modifiers;
};

enum keyboard_key {
    KEY_ESCAPE = 1,
    KEY_1 = 2,
    KEY_BACKSPACE = 14,
    KEY_TAB = 15,
    KEY_Q = 16,
    KEY_ENTER = 28,
    KEY_LEFT_CONTROL = 29,
    KEY_A = 30,
    KEY_GRAVE = 41,
    KEY_LEFT_SHIFT = 42,
    KEY_BACKSLASH = 43,
    KEY_Z = 44,
    KEY_RIGHT_SHIFT = 54,
    KEY_PAD_TIMES = 55,
    KEY_LEFT_ALT = 56,
    KEY_SPACE = 57,
    KEY_CAPS_LOCK = 58,
    KEY_F1 = 59,
    KEY_F10 = 68,
    KEY_NUM_LOCK = 69,
    KEY_SCROLL_LOCK = 70,
    KEY_PAD_7 = 71,
    KEY_PAD_MINUS = 74,
    KEY_PAD_PLUS = 78,
    KEY_PAD_POINT = 83,
    KEY_102ND = 86,
    KEY_F11 = 87,
    KEY_F12 = 88,
    KEY_PAD_ENTER = 96,
    KEY_RIGHT_CONTROL = 97,
    KEY_PAD_SLASH = 98,
    KEY_PRINT = 99,
    KEY_RIGHT_ALT = 100,
    KEY_HOME = 102,
    KEY_UP = 103,
    KEY_PAGE_UP = 104,
    KEY_LEFT = 105,
    KEY_RIGHT = 106,
    KEY_END = 107,
    KEY_DOWN = 108,
    KEY_PAGE_DOWN = 109,
    KEY_INSERT = 110,
    KEY_DELETE = 111,
    KEY_PAUSE = 119,
    KEY_LEFT_META = 125,
    KEY_RIGHT_META = 126,
    KEY_MENU = 127,
    KEYS = 128,
};
