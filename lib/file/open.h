/* SPDX-License-Identifier: MIT */
/* The open files of a server, by badge, and how many each account has. */
#pragma once
#include "lib/file/server.h"

err_t open_table_make(struct open_table **out);
/* A new file with a badge, for an account: TOO_MANY_OPEN, LIMIT (accounts), NO_MEMORY. */
err_t open_table_add(struct open_table *t, uint64_t account, struct file **out);
/* NULL: there is none of this badge. */
struct file *open_table_find(struct open_table *t, uint64_t badge);
void open_table_remove(struct open_table *t, struct file *f);
