/* SPDX-License-Identifier: MIT */
/*
 * From keys that go down and up to events: modifiers, locks, dead keys, repetition. Nothing here
 * makes a system call.
 */
#pragma once
#include "abi/keyboard.h"
#include "drivers/keyboard/layout.h"

#define KEYS_EVENTS 2u /* of one key, at most */

/* Zeros and a layout: no key is down, nothing is locked. */
struct keys {
    const struct layout *layout;
    uint8_t down[KEYS];
    uint8_t locks;   /* KEYBOARD_CAPS, KEYBOARD_NUM */
    uint32_t accent; /* of a dead key, 0: none */
};

/* How many events it makes. A key that is down and goes down once more repeats. */
unsigned keys_take(struct keys *k, uint16_t key, bool down, struct keyboard_event *to);
/* No key is down any more: what happened meanwhile is not known. */
void keys_forget(struct keys *k);
