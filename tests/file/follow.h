/* SPDX-License-Identifier: MIT */
/*
 * What a client makes of the answer SYMLINK: the operations of lib/file/client.h with links
 * followed, as the system calls of the same names do it. SYMLINK from here is POSIX's ELOOP. Links
 * are read through `root` if their text begins with a slash, else where they are.
 */
#pragma once
#include "lib/file/client.h"

err_t follow_open(struct session_cap root, struct session_cap s, const struct file_name *n,
                  struct session_cap *out);
err_t follow_stat(struct session_cap root, struct session_cap s, const char *name, uint32_t flags,
                  struct file_stat *out);
err_t follow_set(struct session_cap root, struct session_cap s, const char *name,
                 const struct file_set *set);
err_t follow_make(struct session_cap root, struct session_cap s, const char *name, uint32_t mode,
                  const char *text);
err_t follow_remove(struct session_cap root, struct session_cap s, const char *name,
                    uint32_t flags);
err_t follow_read_link(struct session_cap root, struct session_cap s, const char *name, char *to,
                       size_t size, size_t *length);
err_t follow_rename(struct session_cap root, struct session_cap s, const char *from, const char *to,
                    uint32_t flags);
err_t follow_link(struct session_cap root, struct session_cap s, const char *from, const char *to,
                  uint32_t flags);

/* Removes all that is in a directory of the server; of the host, whose descriptor it closes. */
void follow_empty(struct session_cap s);
void follow_empty_host(int descriptor);
