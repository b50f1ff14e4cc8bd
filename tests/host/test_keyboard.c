/* SPDX-License-Identifier: MIT */
/* SOURCES: drivers/keyboard/scan.c drivers/keyboard/layout.c drivers/keyboard/layouts.c
   drivers/keyboard/keys.c drivers/keyboard/mouse.c drivers/keyboard/i8042.c */
/*
 * The keyboard and the mouse: scan codes, layouts, modifiers, dead keys, packets, and the
 * controller: one that works, one that is not there, and one whose devices answer nothing.
 */
#include <string.h>

#include "drivers/keyboard/i8042.h"
#include "drivers/keyboard/keys.h"
#include "drivers/keyboard/mouse.h"
#include "drivers/keyboard/scan.h"
#include "tap.h"

static struct keys k;
static struct scan s;
static struct keyboard_event events[64];
static unsigned count;

static void layout(const char *name) {
    k = (struct keys){.layout = layout_find(name, strlen(name))};
    s = (struct scan){0};
    count = 0;
}

static void codes(const uint8_t *bytes, size_t size) {
    uint16_t key;
    bool down;
    for (size_t i = 0; i < size; i++)
        if (scan_take(&s, bytes[i], &key, &down) && count + KEYS_EVENTS <= 64)
            count += keys_take(&k, key, down, events + count);
}

#define CODES(...) codes((const uint8_t[]){__VA_ARGS__}, sizeof(uint8_t[]){__VA_ARGS__})

/* A key goes down and up, with others held. */
static uint32_t press(uint16_t key, uint16_t held, uint16_t also) {
    struct keyboard_event made[KEYS_EVENTS];
    keys_take(&k, held, true, made);
    keys_take(&k, also, true, made);
    unsigned n = keys_take(&k, key, true, events);
    count = n;
    keys_take(&k, key, false, made);
    keys_take(&k, also, false, made);
    keys_take(&k, held, false, made);
    return n ? events[0].character : 0;
}

static bool row(uint16_t first, uint16_t held, const char *text) {
    for (uint16_t key = first; *text; key++)
        if (press(key, held, 0) != layout_next(&text))
            return false;
    return true;
}

static void scan_codes(void) {
    layout("us");
    CODES(0x1e, 0x9e, 0xe0, 0x48, 0xe0, 0xc8, 0x2a, 0x1e, 0x9e, 0xaa);
    check(count == 8 && events[0].key == KEY_A && events[0].character == 'a');
    check(events[1].action == KEYBOARD_UP && !events[1].character);
    check(events[2].key == KEY_UP && !events[2].character && events[5].character == 'A');
    check(events[5].modifiers == KEYBOARD_SHIFT && !events[7].modifiers);
    count = 0;
    CODES(0xe1, 0x1d, 0x45, 0xe1, 0x9d);
    check(!count);
    CODES(0xc5, 0x1e, 0x1e, 0x1e, 0x9e);
    check(count == 5 && events[0].key == KEY_PAUSE && events[1].action == KEYBOARD_DOWN);
    check(events[2].action == KEYBOARD_REPEAT && events[3].character == 'a');
    count = 0;
    CODES(0xfa, 0xfe, 0xff, 0x00, 0x7f, 0xe0, 0x2a, 0xe0, 0x7f, 0x9e, 0x57, 0x58, 0x56);
    check(count == 3 && events[0].key == KEY_F11 && events[1].key == KEY_F12);
    check(events[2].key == KEY_102ND && events[2].character == '<');
    tap_test("keyboard: scan codes, of keys and of none");
}

static void layouts_type(void) {
    layout("us");
    check(row(KEY_1, 0, "1234567890-=") && row(KEY_1, KEY_LEFT_SHIFT, "!@#$%^&*()_+"));
    check(row(KEY_Z, KEY_RIGHT_SHIFT, "ZXCVBNM<>?") && row(KEY_A, 0, "asdfghjkl;'`"));
    layout("gb");
    check(press(3, KEY_LEFT_SHIFT, 0) == '"' && press(4, KEY_LEFT_SHIFT, 0) == 0xa3);
    check(press(KEY_BACKSLASH, 0, 0) == '#' && press(5, KEY_RIGHT_ALT, 0) == 0x20ac);
    check(press(KEY_Q + 2, KEY_RIGHT_ALT, KEY_LEFT_SHIFT) == 0xc9);
    layout("de");
    check(row(KEY_Q, 0, "qwertzuiopü+") && row(KEY_A, 0, "asdfghjklöä"));
    check(row(KEY_Z, KEY_LEFT_SHIFT, "YXCVBNM;:_") && press(KEY_Q, KEY_RIGHT_ALT, 0) == '@');
    check(press(8, KEY_RIGHT_ALT, 0) == '{' && press(12, KEY_RIGHT_ALT, 0) == '\\');
    check(press(KEY_102ND, KEY_RIGHT_ALT, 0) == '|' && !press(KEY_A, KEY_RIGHT_ALT, 0));
    layout("fr");
    check(row(KEY_1, 0, "&é\"'(-è_çà)=") && row(KEY_1, KEY_LEFT_SHIFT, "1234567890°+"));
    check(row(KEY_Q, 0, "azertyuiop") && press(10, KEY_RIGHT_ALT, 0) == '^');
    check(!layout_find("xx", 2) && !layout_find("d", 1) && !layout_find("", 0));
    tap_test("keyboard: layouts");
}

/* Every row has as many characters as keys, in all of its levels. */
static void tables_fit(void) {
    static const struct {
        uint16_t first, keys;
    } places[] = {{KEY_1, 12}, {KEY_Q, 12}, {KEY_A, 12}, {KEY_BACKSLASH, 11}, {KEY_102ND, 1}};
    for (size_t i = 0; i < layout_count; i++)
        for (unsigned r = 0; r < 5; r++)
            for (unsigned level = 0; level < LEVELS; level++) {
                const char *text = layouts[i].rows[r].level[level];
                unsigned length = 0;
                for (; text && *text; length++)
                    layout_next(&text);
                check(layouts[i].rows[r].first == places[r].first);
                check(!length || length == places[r].keys);
            }
    tap_test("keyboard: rows of layouts have a character for each key");
}

static void dead_keys(void) {
    layout("de");
    check(!press(13, 0, 0) && press(KEY_Q + 2, 0, 0) == 0xe9);
    check(!press(13, KEY_LEFT_SHIFT, 0) && press(KEY_A, KEY_LEFT_SHIFT, 0) == 0xc0);
    check(!press(KEY_GRAVE, 0, 0) && press(KEY_SPACE, 0, 0) == '^' && count == 1);
    check(!press(KEY_GRAVE, 0, 0) && press(KEY_GRAVE, 0, 0) == '^' && count == 1);
    check(!press(13, 0, 0) && press(KEY_Q, 0, 0) == 0xb4 && count == 2);
    check(!events[0].key && events[1].character == 'q' && events[1].key == KEY_Q);
    check(!press(13, 0, 0) && !press(KEY_UP, 0, 0) && press(KEY_A, 0, 0) == 0xe1);
    check(!press(13, 0, 0) && press(KEY_GRAVE, 0, 0) == 0xb4 && events[1].character == '^');
    check(press(KEY_A, 0, 0) == 'a');
    layout("fr");
    check(!press(26, KEY_LEFT_SHIFT, 0) && press(18, 0, 0) == 0xeb);
    tap_test("keyboard: dead keys");
}

static void locks(void) {
    layout("de");
    press(KEY_CAPS_LOCK, 0, 0);
    check(k.locks == KEYBOARD_CAPS && press(KEY_A, 0, 0) == 'A' && press(40, 0, 0) == 0xc4);
    check(press(KEY_A, KEY_LEFT_SHIFT, 0) == 'a' && press(KEY_1, 0, 0) == '1');
    press(KEY_CAPS_LOCK, 0, 0);
    check(!k.locks && press(KEY_A, 0, 0) == 'a');
    check(!press(KEY_PAD_7, 0, 0) && press(KEY_PAD_MINUS, 0, 0) == '-');
    press(KEY_NUM_LOCK, 0, 0);
    check(press(KEY_PAD_7, 0, 0) == '7' && !press(KEY_PAD_7, KEY_LEFT_SHIFT, 0));
    check(press(KEY_PAD_POINT, 0, 0) == '.' && press(KEY_PAD_ENTER, 0, 0) == '\n');
    struct keyboard_event made[KEYS_EVENTS];
    keys_take(&k, KEY_LEFT_SHIFT, true, made);
    keys_forget(&k);
    check(press(KEY_A, 0, 0) == 'a');
    check(!keys_take(&k, KEYS, true, made) && !keys_take(&k, 0, true, made));
    tap_test("keyboard: locks, the pad");
}

/* ---- mouse ---- */

static unsigned moves(struct mouse *m, const uint8_t *bytes, size_t size) {
    unsigned changed = 0;
    for (size_t i = 0; i < size; i++)
        changed += mouse_take(m, bytes[i]);
    return changed;
}

#define MOVES(m, ...) moves(m, (const uint8_t[]){__VA_ARGS__}, sizeof(uint8_t[]){__VA_ARGS__})

static void mouse(void) {
    struct mouse m = {.length = 3, .width = 100, .height = 50, .x = 50, .y = 25};
    check(MOVES(&m, 0x08, 10, 5) == 1 && m.x == 60 && m.y == 20);
    check(MOVES(&m, 0x38, 0xf6, 0xfb) == 1 && m.x == 50 && m.y == 25);
    check(MOVES(&m, 0x08, 0, 0) == 0 && MOVES(&m, 0x09, 0, 0) == 1 && m.buttons == MOUSE_LEFT);
    check(MOVES(&m, 0x0e, 0, 0) == 1 && m.buttons == (MOUSE_MIDDLE | MOUSE_RIGHT));
    check(MOVES(&m, 0x08, 0x7f, 0x7f) == 1 && m.x == 99 && m.y == 0);
    check(MOVES(&m, 0x18, 0, 0x80) == 1 && m.x == 0 && MOVES(&m, 0xc8, 50, 50) == 0);
    check(MOVES(&m, 0x00, 0x01, 0x08, 1, 0) == 1 && m.x == 1);
    m.length = 4;
    check(MOVES(&m, 0x08, 0, 0, 0x0f) == 1 && m.buttons == MOUSE_WHEEL_UP);
    check(MOVES(&m, 0x08, 0, 0, 0x01) == 1 && m.buttons == MOUSE_WHEEL_DOWN);
    check(MOVES(&m, 0x08, 0, 0, 0) == 1 && !m.buttons);
    tap_test("keyboard: packets of a mouse");
}

/* ---- the controller ---- */

static struct {
    bool there, keyboard, mouse, wheel;
    uint8_t config, command, out[16], lights;
    bool of_mouse[16], rates_right;
    unsigned out_count, rates, keyboard_next;
    unsigned pauses;
} device;

static void put_out(uint8_t byte, bool of_mouse) {
    device.of_mouse[device.out_count % 16] = of_mouse;
    device.out[device.out_count++ % 16] = byte;
}

uint8_t i8042_read(bool status) {
    uint8_t byte = device.out[0];
    if (!device.there)
        return 0xff;
    if (status)
        return device.out_count ? (device.of_mouse[0] ? 0x21 : 0x01) : 0;
    if (device.out_count) {
        device.out_count--;
        memmove(device.out, device.out + 1, 15);
        memmove(device.of_mouse, device.of_mouse + 1, 15);
    }
    return byte;
}

static void to_mouse(uint8_t byte) {
    static const uint8_t wanted[] = {0xf6, 0xf3, 200, 0xf3, 100, 0xf3, 80, 0xf2};
    if (!device.mouse)
        return;
    device.rates_right &= device.rates >= 8 || byte == wanted[device.rates];
    device.rates++;
    put_out(0xfa, true);
    if (byte == 0xf2)
        put_out(device.wheel && device.rates_right ? 3 : 0, true);
}

static void to_keyboard(uint8_t byte) {
    if (!device.keyboard)
        return;
    if (device.keyboard_next)
        device.lights = byte;
    device.keyboard_next = byte == 0xed;
    put_out(0xfa, false);
}

void i8042_write(bool command, uint8_t value) {
    uint8_t before = device.command;
    if (command && value == 0x20)
        put_out(device.config, false);
    device.command = command ? value : 0;
    if (command)
        return;
    if (before == 0x60)
        device.config = value;
    else if (before == 0xd4)
        to_mouse(value);
    else
        to_keyboard(value);
}

void i8042_pause(void) {
    device.pauses++;
}

static void controller_with(bool there, bool keyboard, bool has_mouse, bool wheel) {
    memset(&device, 0, sizeof device);
    device.there = there;
    device.keyboard = keyboard;
    device.mouse = has_mouse;
    device.wheel = wheel;
    device.config = 0x30;
    device.rates_right = true;
}

static void controllers(void) {
    struct i8042 c;
    uint8_t byte;
    bool of_mouse;
    controller_with(true, true, true, true);
    check(err_ok(i8042_start(&c)) && c.mouse_length == 4 && device.config == 0x43);
    while (i8042_take(&c, &byte, &of_mouse))
        ;
    i8042_lights(&c, LIGHT_CAPS);
    put_out(0x1e, false);
    check(i8042_take(&c, &byte, &of_mouse) && byte == 0xfa && !of_mouse);
    check(i8042_take(&c, &byte, &of_mouse) && byte == 0x1e);
    check(i8042_take(&c, &byte, &of_mouse) && device.lights == LIGHT_CAPS && !c.step);
    controller_with(true, true, true, false);
    check(err_ok(i8042_start(&c)) && c.mouse_length == 3);
    controller_with(true, false, false, false);
    check(err_ok(i8042_start(&c)) && c.mouse_length == 0);
    check(device.pauses <= 3 * I8042_TRIES);
    controller_with(false, false, false, false);
    check(err_is(i8042_start(&c), ERR_TIMED_OUT) && device.pauses <= 3 * I8042_TRIES);
    check(!i8042_take(&c, &byte, &of_mouse));
    tap_test("keyboard: a controller, without a wheel, without devices, and none");
}

int main(void) {
    scan_codes();
    layouts_type();
    tables_fit();
    dead_keys();
    locks();
    mouse();
    controllers();
    return tap_done();
}
