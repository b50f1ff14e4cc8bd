/* SPDX-License-Identifier: MIT */
/* The directory that is mounted at /dev: cons, console, tty, ptmx, pts/, and tty1 at the screen. */
#pragma once
#include "services/tty/terminal.h"

/* Its root, for file_server_start. `glass`: the screen; NULL: there is none. */
struct node *tree_start(struct file_server *s, struct line *serial, struct line *glass);
/* The terminals at the serial line and at the screen. */
extern struct terminal console, screen;
