/* SPDX-License-Identifier: MIT */
/*
 * A PS/2 mouse, with a wheel or without: from its bytes to a place and buttons. Microsoft
 * "IntelliMouse" packets have a fourth byte; IBM PS/2 Technical Reference, Mouse, "Data report".
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum mouse_button {
    MOUSE_LEFT = 1,
    MOUSE_MIDDLE = 2,
    MOUSE_RIGHT = 4,
    MOUSE_WHEEL_UP = 8, /* these as in Plan 9: down for one event */
    MOUSE_WHEEL_DOWN = 16,
};

struct mouse {
    uint8_t length; /* of its packets: 3, or 4 with a wheel */
    uint8_t packet[4];
    uint8_t count;          /* bytes of it that have come */
    uint32_t width, height; /* of what it moves on */
    uint32_t x, y;
    uint32_t buttons; /* enum mouse_button */
};

/* True: there is a new place, or there are other buttons, with this byte. */
bool mouse_take(struct mouse *m, uint8_t byte);
