/* SPDX-License-Identifier: MIT */
/* Keys as the bytes that Linux' console types for them (TERM=linux). */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/keyboard.h"

#define TYPED_MOST 8u /* bytes of one event */

/* How many bytes it types. `application`: cursor keys begin with ESC O. No field is believed. */
size_t typed_put(const struct keyboard_event *e, bool application, uint8_t to[TYPED_MOST]);
