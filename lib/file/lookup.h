/* SPDX-License-Identifier: MIT */
/*
 * Names as a program means them: what a single call of lib/file/client.h cannot do, done by asking
 * again. Symbolic links are followed and unions searched.
 *
 * A name that begins with a slash counts from the root of the namespace. There `..` is taken out:
 * what is before it is first made sure to be a directory with no link in its name. Any other name
 * counts from a directory and goes to that directory's server, which knows `..`; only a name that
 * leads above the directory, or through a link that begins with a slash, goes on from the root.
 */
#pragma once
#include "lib/file/client.h"

#define LOOKUP_LINKS_MAX 40u
#define LOOKUP_ROOM      (2 * INLINE_MAX) /* the names, and in between a link's text */

/* A directory from which names count. */
struct lookup_base {
    struct session_cap session;
    struct text path; /* from the root, without links and `..`; empty: not known */
    uint64_t mount;   /* of `ns`, as it was answered when the directory was opened */
    bool by_path;     /* names count from `path`, and the session is not used */
};

/* NOT_FOUND: the directory was renamed or removed, so that it is not at its path any more. */
err_t lookup_base_check(struct session_cap space, const struct lookup_base *b);

struct lookup {
    struct session_cap space;   /* of `ns` */
    struct session_cap session; /* from which the names count now: `space`, or a directory */
    struct file_name name;      /* its path is the first name */
    struct file_found found;    /* of the last call */
    unsigned names;
    const struct lookup_base *base[2];
    size_t length[2];
    size_t physical[2]; /* bytes of the name that are a directory without links in its name */
    bool rooted;        /* names count from the root of the namespace */
    unsigned links;
    char text[LOOKUP_ROOM]; /* the first name and, directly behind it, the second */
};

/*
 * Begins with a name. `base` NULL: the root. It, and the session, are used until the lookup ends.
 * NAME_TOO_LONG; NOT_FOUND: the base is not where it was and its session cannot be used.
 */
err_t lookup_start(struct lookup *l, struct session_cap space, const struct lookup_base *base,
                   struct text path, uint32_t flags);
/* The same with two names, for RENAME and LINK: together at most INLINE_MAX bytes. */
err_t lookup_start_two(struct lookup *l, struct session_cap space,
                       const struct lookup_base *const base[2], const struct text path[2],
                       uint32_t flags);

/* Puts at most INLINE_MAX bytes directly behind the names, for one call: it is not copied again. */
struct text lookup_append(struct lookup *l, const void *from, size_t length);

/* The second name. */
static inline struct text lookup_second(const struct lookup *l) {
    return (struct text){l->text + l->length[0], l->length[1]};
}

/*
 * Calls `call`, which asks l->session about l->name, until it has an answer that is not about the
 * way to the file. After success l->found is about the file, and no link is in the first name apart
 * from a last one that is meant.
 */
err_t lookup_do(struct lookup *l, err_t (*call)(struct lookup *l, void *context), void *context);

/*
 * After success: the path of the first name from the root, without `.`, `..` and final slash.
 * NAME_TOO_LONG: it has more than FILE_PATH_MAX bytes; NOT_FOUND: that of the base is not known.
 */
err_t lookup_path(const struct lookup *l, char to[FILE_PATH_MAX + 1], size_t *length);

err_t lookup_open(struct lookup *l, struct session_cap *out);
err_t lookup_stat(struct lookup *l, struct file_stat *out);
