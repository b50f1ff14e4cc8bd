/* SPDX-License-Identifier: MIT */
/*
 * Operations on files whose results are told, line by line. The same program runs on Linux and
 * here, and the lines must be the same: whatever may differ (identities, times, devices, places
 * outside the test's own directory) is not told. It begins in an empty directory, as user 0, with
 * the descriptors 0, 1 and 2 in use.
 */
#pragma once
#include <stdint.h>

struct group {
    const char *name;
    void (*run)(void);
};
extern const struct group groups[]; /* ends with one without a name */

/* Runs one in a directory of its own, which is empty afterwards. */
void group_run(const struct group *g);
/* What takes a line: given by who runs the operations. */
void line_take(const char *line);

void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* In a child: what is told goes to a file, from which its parent tells it, and removes it. */
void say_to(const char *file);
void said_in(const char *file);
/* Tells a result, and errno if that is -1. */
void tell(const char *what, long result);
#define DO(call) tell(#call, (long)(call))
/* The same with the argument that makes the difference. */
void tell_of(const char *what, const char *name, long result);
#define DO_OF(name, call) tell_of(#call, name, (long)(call))

/* Tells type, permissions, links, owner and size of a name, or why not. */
void show(const char *path);
/* Tells all that is below a directory, in the order of names. */
void tree(const char *path);
/* Makes a regular file with a text. */
void text_make(const char *path, const char *text);
/* Makes what is named here; removes all that is in the directory first:
 *   file (5 bytes), hard (its second name), empty, script (executable), dir, dir/inner, void, full
 *   (a directory with a file), to-file, to-dir, to-void, dangling, loop (links), pipe */
void usual_make(void);
/* Removes all that is in a directory. */
void directory_empty(const char *path);
/* Numbers that are the same in each run. */
uint32_t random_next(void);
uint32_t random_below(uint32_t n);
