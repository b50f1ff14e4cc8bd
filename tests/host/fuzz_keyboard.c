/* SPDX-License-Identifier: MIT */
/* SOURCES: drivers/keyboard/scan.c drivers/keyboard/layout.c drivers/keyboard/layouts.c
   drivers/keyboard/keys.c drivers/keyboard/mouse.c drivers/keyboard/i8042.c
   drivers/screen/typed.c drivers/screen/utf8.c */
/*
 * A controller that answers anything: whatever it says, start and work end, keys and the mouse stay
 * within their tables, and events are such that they can be typed.
 */
#include <stdlib.h>

#include "drivers/keyboard/i8042.h"
#include "drivers/keyboard/keys.h"
#include "drivers/keyboard/mouse.h"
#include "drivers/keyboard/scan.h"
#include "drivers/screen/typed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t *bytes;
static size_t left, pauses;

uint8_t i8042_read(bool status) {
    (void)status;
    if (!left)
        return 0;
    left--;
    return *bytes++;
}

void i8042_write(bool command, uint8_t value) {
    (void)command;
    (void)value;
}

void i8042_pause(void) {
    if (++pauses > 20 * I8042_TRIES)
        abort();
}

static void type(const struct keyboard_event *e) {
    uint8_t to[TYPED_MOST];
    if (e->key >= KEYS || e->action > KEYBOARD_REPEAT || e->character > 0x10ffff)
        abort();
    if (typed_put(e, e->modifiers & KEYBOARD_SHIFT, to) > TYPED_MOST)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct i8042 c;
    struct scan scan = {0};
    struct keys keys = {.layout = &layouts[size % layout_count]};
    struct mouse mouse = {.length = 3 + size % 2, .width = 64, .height = 48};
    struct keyboard_event made[KEYS_EVENTS];
    uint16_t key;
    uint8_t byte;
    bool of_mouse, down;
    bytes = data;
    left = size;
    pauses = 0;
    (void)i8042_start(&c);
    while (i8042_take(&c, &byte, &of_mouse)) {
        pauses = 0;
        if (of_mouse)
            mouse_take(&mouse, byte);
        else if (scan_take(&scan, byte, &key, &down))
            for (unsigned n = keys_take(&keys, key, down, made); n; n--)
                type(&made[n - 1]);
        if (mouse.x >= 64 || mouse.y >= 48 || mouse.count >= mouse.length)
            abort();
    }
    return 0;
}
