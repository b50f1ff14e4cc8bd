/* SPDX-License-Identifier: MIT */
/*
 * Locks of files, FILE_LOCK of abi/file.h. They bind only those who ask. A lock of a range belongs
 * to an owner, a session of its own that ends with its process, or to the open file; a lock of the
 * whole to the open file. It ends with what it belongs to.
 *
 * A request that waits for a lock has a queue of its own: what it waits for is not what others wait
 * for.
 */
#pragma once
#include "lib/file/waits.h"

#define LOCKS_MAX        8192u
#define LOCKS_OF_ACCOUNT 2048u

/* The server's regular files and directories can be locked; it has no cargo of its own. */
void locks_start(struct file_server *s);
err_t serve_owner(struct file_request *r, struct file *f);
err_t serve_lock(struct file_request *r, struct file *f);
/* An open file ends, and what it has locked. */
void locks_file_end(struct file *f);
/* A node ends, of which nothing is open any more. */
void locks_node_end(struct node *n);
