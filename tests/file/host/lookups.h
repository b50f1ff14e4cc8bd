/* SPDX-License-Identifier: MIT */
/*
 * The operations of lib/file/client.h with links followed (lib/file/lookup.h), as the system calls
 * of the same names do it. SYMLINK from here is POSIX's ELOOP; ABOVE_ROOT, a name that leads out of
 * the directory `s`.
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
