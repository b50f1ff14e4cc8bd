/* SPDX-License-Identifier: MIT */
/*
 * Names that start at the root of a namespace: what a single call cannot do, done by asking again.
 * Symbolic links are followed, unions searched, and `..` is taken out: what is before it is first
 * made sure to be a directory with no link in its name.
 */
#pragma once
#include "lib/file/client.h"

#define LOOKUP_LINKS_MAX 40u

struct lookup {
    struct session_cap space; /* of `ns` */
    struct file_name name;    /* its path is `text` */
    struct file_found found;  /* of the last call */
    size_t physical;          /* bytes of the path known to be a directory without links */
    unsigned links;
    char text[FILE_PATH_MAX + 1];
};

/* Begins with `directory`, a path without links and `..`, and a path that counts from there. */
err_t lookup_start(struct lookup *l, struct session_cap space, struct text directory,
                   struct text path, uint32_t flags);

/*
 * Calls `call` with l->name until it has an answer that is not about the way to the file. After
 * success l->text is the file's path without links and `..`, apart from a last link that is meant.
 */
err_t lookup_do(struct lookup *l, err_t (*call)(struct lookup *l, void *context), void *context);

err_t lookup_open(struct lookup *l, struct session_cap *out);
err_t lookup_stat(struct lookup *l, struct file_stat *out);
