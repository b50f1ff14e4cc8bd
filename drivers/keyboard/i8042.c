/* SPDX-License-Identifier: MIT */
/* Commands and bits: IBM PS/2 Technical Reference, Keyboard and Auxiliary Device Controller; of the
 * devices: Keyboards, and Mouse, "Commands from the system". */
#include "drivers/keyboard/i8042.h"

#define STATUS_OUTPUT 0x01u /* a byte can be read */
#define STATUS_INPUT  0x02u /* none can be written yet */
#define STATUS_MOUSE  0x20u /* the byte is the mouse's */
#define NOTHING       0xffu /* what is read where no device answers */

#define CONFIG_READ  0x20u
#define CONFIG_WRITE 0x60u
#define MOUSE_OFF    0xa7u
#define MOUSE_ON     0xa8u
#define KEYBOARD_OFF 0xadu
#define KEYBOARD_ON  0xaeu
#define TO_MOUSE     0xd4u
#define CONFIG_SET   0x43u /* both interrupts, translation to set 1 */
#define CONFIG_CLEAR 0x30u /* neither is off */

#define DEVICE_LIGHTS  0xedu
#define DEVICE_ID      0xf2u
#define DEVICE_RATE    0xf3u
#define DEVICE_ENABLE  0xf4u
#define DEVICE_DEFAULT 0xf6u
#define DEVICE_TAKEN   0xfau
#define WHEEL_ID       3u

#define DRAIN_MOST 64u

/* ---- bytes ---- */

static err_t wait_for(uint8_t bit, uint8_t value) {
    for (unsigned i = 0; i < I8042_TRIES; i++) {
        uint8_t status = i8042_read(true);
        if (status != NOTHING && (status & bit) == value)
            return OK;
        i8042_pause();
    }
    return ERROR(TIMED_OUT);
}

static err_t put(bool command, uint8_t value) {
    err_t e = wait_for(STATUS_INPUT, 0);
    if (err_ok(e))
        i8042_write(command, value);
    return e;
}

static err_t get(uint8_t *value) {
    err_t e = wait_for(STATUS_OUTPUT, STATUS_OUTPUT);
    if (err_ok(e))
        *value = i8042_read(false);
    return e;
}

static void drain(void) {
    for (unsigned i = 0; i < DRAIN_MOST && i8042_read(true) & STATUS_OUTPUT; i++)
        (void)i8042_read(false);
}

/* ---- start ---- */

/* What the devices send meanwhile counts as nothing. */
static err_t configure(void) {
    uint8_t config = 0;
    err_t e = put(true, KEYBOARD_OFF);
    if (err_ok(e))
        e = put(true, MOUSE_OFF);
    drain();
    if (err_ok(e))
        e = put(true, CONFIG_READ);
    if (err_ok(e))
        e = get(&config);
    if (err_ok(e))
        e = put(true, CONFIG_WRITE);
    config = (config | CONFIG_SET) & (uint8_t)~CONFIG_CLEAR;
    if (err_ok(e))
        e = put(false, config);
    return e;
}

/* A byte for a device that takes it. */
static err_t tell(bool mouse, uint8_t byte) {
    uint8_t answer = 0;
    err_t e = mouse ? put(true, TO_MOUSE) : OK;
    if (err_ok(e))
        e = put(false, byte);
    if (err_ok(e))
        e = get(&answer);
    return err_ok(e) && answer != DEVICE_TAKEN ? ERROR(TIMED_OUT) : e;
}

static err_t tell_all(bool mouse, const uint8_t *bytes, unsigned count) {
    err_t e = OK;
    for (unsigned i = 0; i < count && err_ok(e); i++)
        e = tell(mouse, bytes[i]);
    return e;
}

/* Three rates in this order ask for the wheel (Microsoft, "IntelliMouse" specification). */
static uint8_t mouse_begin(void) {
    static const uint8_t wheel[] = {DEVICE_DEFAULT, DEVICE_RATE, 200,      DEVICE_RATE, 100,
                                    DEVICE_RATE,    80,          DEVICE_ID};
    uint8_t id = 0;
    err_t e = put(true, MOUSE_ON);
    if (err_ok(e))
        e = tell_all(true, wheel, sizeof wheel);
    if (err_ok(e))
        e = get(&id);
    if (err_ok(e))
        e = tell(true, DEVICE_ENABLE);
    if (!err_ok(e))
        return 0;
    return id == WHEEL_ID ? 4 : 3;
}

err_t i8042_start(struct i8042 *c) {
    *c = (struct i8042){0};
    err_t e = configure();
    if (!err_ok(e))
        return e;
    c->mouse_length = mouse_begin();
    e = put(true, KEYBOARD_ON);
    if (err_ok(e))
        (void)tell(false, DEVICE_ENABLE);
    i8042_lights(c, 0);
    return e;
}

/* ---- at work ---- */

/* The command and what it says are each taken by the keyboard before the next is sent. */
static void lights_go_on(struct i8042 *c) {
    if (c->step == 1 && err_ok(put(false, c->lights)))
        c->step = 2;
    else
        c->step = 0;
}

void i8042_lights(struct i8042 *c, uint8_t lights) {
    c->lights = lights;
    c->step = err_ok(put(false, DEVICE_LIGHTS)) ? 1 : 0;
}

bool i8042_take(struct i8042 *c, uint8_t *byte, bool *mouse) {
    uint8_t status = i8042_read(true);
    if (status == NOTHING || !(status & STATUS_OUTPUT))
        return false;
    *byte = i8042_read(false);
    *mouse = status & STATUS_MOUSE;
    if (!*mouse && c->step && *byte == DEVICE_TAKEN)
        lights_go_on(c);
    return true;
}
