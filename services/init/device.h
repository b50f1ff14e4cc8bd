/* SPDX-License-Identifier: MIT */
/* The drivers' devices: each is given ports, interrupts and memory of its own and nothing else. */
#pragma once
#include "services/init/server.h"

/* For server.give. What is given is made once: a driver that follows another gets the same. */
err_t device_serial(const struct program_room *room, struct start_page *page);
err_t device_clock(const struct program_room *room, struct start_page *page);
err_t device_keyboard(const struct program_room *room, struct start_page *page);
/* With a session of the keyboard's driver. */
err_t device_screen(const struct program_room *room, struct start_page *page);

/* The boot loader gave a frame buffer. */
bool device_has_screen(void);
/* There is a screen, or the word `keyboard=' on the command line. */
bool device_has_keyboard(void);
