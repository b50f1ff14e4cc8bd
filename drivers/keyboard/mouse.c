/* SPDX-License-Identifier: MIT */
#include "drivers/keyboard/mouse.h"

#define ALWAYS     0x08u /* of the first byte: tells that it is one */
#define X_NEGATIVE 0x10u
#define Y_NEGATIVE 0x20u
#define OVERFLOW   0xc0u

static uint32_t moved(uint32_t from, int32_t by, uint32_t limit) {
    int64_t to = (int64_t)from + by;
    return to < 0 ? 0 : to >= limit ? limit - 1 : (uint32_t)to;
}

/* The sign of a distance is in the first byte. */
static int32_t distance(uint8_t low, bool negative) {
    return negative ? (int32_t)low - 256 : low;
}

/* Linux' order of the bits is the device's: left, right, middle. */
static uint32_t buttons_of(const struct mouse *m) {
    uint32_t buttons = (m->packet[0] & 1 ? MOUSE_LEFT : 0) | (m->packet[0] & 2 ? MOUSE_RIGHT : 0) |
                       (m->packet[0] & 4 ? MOUSE_MIDDLE : 0);
    int8_t wheel = m->length == 4 ? (int8_t)(uint8_t)(m->packet[3] << 4) : 0;
    if (wheel)
        buttons |= wheel < 0 ? MOUSE_WHEEL_UP : MOUSE_WHEEL_DOWN;
    return buttons;
}

static bool packet_take(struct mouse *m) {
    uint8_t first = m->packet[0];
    uint32_t x = m->x, y = m->y, buttons = m->buttons;
    if (!(first & OVERFLOW)) {
        m->x = moved(x, distance(m->packet[1], first & X_NEGATIVE), m->width);
        m->y = moved(y, -distance(m->packet[2], first & Y_NEGATIVE), m->height);
    }
    m->buttons = buttons_of(m);
    bool wheel = m->buttons & (MOUSE_WHEEL_UP | MOUSE_WHEEL_DOWN);
    return wheel || m->x != x || m->y != y || m->buttons != buttons;
}

bool mouse_take(struct mouse *m, uint8_t byte) {
    if (!m->count && !(byte & ALWAYS))
        return false; /* something was lost: this is the middle of a packet */
    m->packet[m->count++] = byte;
    if (m->count < m->length)
        return false;
    m->count = 0;
    return packet_take(m);
}
