/* SPDX-License-Identifier: MIT */
/*
 * The tree of /proc: files about the machine, `self`, and a directory for each process that the
 * caller sees. Each request is answered for who makes it, so the tree is another one for each.
 */
#pragma once
#include "lib/file/server.h"
#include "services/procfs/format.h"

/* What of the machine does not come from `proc`. `now` is called for each text. */
struct tree_machine {
    void (*now)(struct machine *m); /* fills in all but `total` */
};

/* For file_server.begins. */
void tree_begins(const struct file_request *r);
/* The root. */
struct node *tree_start(const struct tree_machine *machine);
