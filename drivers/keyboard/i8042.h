/* SPDX-License-Identifier: MIT */
/*
 * The keyboard controller of a PC, with a keyboard and a mouse. It is told to make scan codes of
 * set 1 of what the keyboard sends. No wait for it is longer than I8042_TRIES pauses, whatever it
 * does.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "abi/err.h"

#define I8042_TRIES 40u
#define I8042_PAUSE 500000u /* nanoseconds */

#define LIGHT_SCROLL 1u
#define LIGHT_NUM    2u
#define LIGHT_CAPS   4u

struct i8042 {
    uint8_t mouse_length; /* of the mouse's packets, 3 or 4; 0: there is none */
    uint8_t lights, step; /* of the keyboard; step: what was sent of the command, 0: nothing */
};

/* TIMED_OUT: nothing like it answers. A keyboard that is not there is no mistake, nor a mouse. */
err_t i8042_start(struct i8042 *c);
/* The next byte and who sent it, if there is one. */
bool i8042_take(struct i8042 *c, uint8_t *byte, bool *mouse);
/* Has the keyboard show LIGHT_*. */
void i8042_lights(struct i8042 *c, uint8_t lights);

/* What the above needs of the machine: its registers, and a pause of I8042_PAUSE. */
uint8_t i8042_read(bool status);
void i8042_write(bool command, uint8_t value);
void i8042_pause(void);
