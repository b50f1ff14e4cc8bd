/* SPDX-License-Identifier: MIT */
/* The tree of an archive as files: read-only. */
#pragma once
#include "services/bootfs/tree.h"

/*
 * Makes `archive` the tree that is served, with its root in *root. It is read where it is, and must
 * stay. The result is that of tree_build.
 */
const char *bootfs_start(struct text archive, struct node **root, size_t *at);
