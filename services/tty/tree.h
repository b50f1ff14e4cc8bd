/* SPDX-License-Identifier: MIT */
/* The directory that is mounted at /dev: cons, console, tty, ptmx and pts/. */
#pragma once
#include "services/tty/terminal.h"

/* Its root, for file_server_start. */
struct node *tree_start(struct file_server *s);
/* The terminal at the serial line. */
extern struct terminal console;
