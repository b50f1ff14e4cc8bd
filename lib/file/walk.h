/* SPDX-License-Identifier: MIT */
/* Looking names up, for lib/file/names.c. */
#pragma once
#include "lib/file/server.h"

/* Where a name led. What it holds is given back by walk_end. */
struct walk {
    struct node *node;      /* held; NULL: the last name is not there */
    struct node *directory; /* held: where the last name is; NULL if the name has none */
    struct text last;       /* the last name; empty for "", "." and ".." */
    bool slash;             /* ends with a slash: must be a directory */
};

/*
 * Goes along `path` from `start`. SYMLINK at a link that is not the last name, or is and `follow`.
 * On failure nothing is held. *used says how much of the path led there, with the component that is
 * a link, is not found or leads above `start`.
 */
err_t walk_path(struct node *start, struct text path, bool follow, struct walk *out, size_t *used);
void walk_end(struct walk *w);
