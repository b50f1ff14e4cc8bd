/* SPDX-License-Identifier: MIT */
/* The tree of an archive as files: read-only. */
#pragma once
#include "services/bootfs/tree.h"

/*
 * Makes `archive` the tree that is served, with its root in *root. It is read where it is, and must
 * stay. The result is that of tree_build.
 */
const char *bootfs_start(struct text archive, struct node **root, size_t *at);
/* Memory that begins with a file's contents, which lie in the archive. UNSUPPORTED: they do not
 * begin with a page. In tests on the host there is none. */
err_t bootfs_memory(struct text data, handle_t *out);
