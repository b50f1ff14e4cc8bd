/* SPDX-License-Identifier: MIT */
/* The directory of the keyboard and the mouse: kbd, kbdctl, mouse. */
#pragma once
#include "drivers/keyboard/keys.h"
#include "drivers/keyboard/mouse.h"
#include "lib/file/server.h"

/* The root. `keys.layout` changes when somebody writes a layout's name. */
struct node *files_start(struct file_server *s, struct keys *keys);
/* An event for whoever reads the keyboard. */
void files_key(const struct keyboard_event *e);
void files_mouse(const struct mouse *m);
