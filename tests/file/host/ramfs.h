/* SPDX-License-Identifier: MIT */
/* The RAM disk in the program that tests it, and what must hold of it between two requests. */
#pragma once
#include "services/ramfs/inode.h"
#include "tests/file/host/host.h"

/* Starts an empty disk and gives a session to its root, with all rights. */
struct session_cap host_ramfs_start(uint64_t limit);
/* What is wrong with the tree, its counts or what is used; NULL: nothing. */
const char *host_ramfs_broken(void);
/* A number for all that clients can see but times: names, modes, owners, links, contents. */
uint64_t host_ramfs_digest(void);
