/* SPDX-License-Identifier: MIT */
/*
 * Pollers: what a client asks about many files of a server at once. A poller is an open file that
 * has watches, each for one open file with the client's cookie for it. When something happens to a
 * watched file its watch is put into the poller's list and the client's signal is raised, once
 * until the client reads the list; what the list says is looked up when it is read.
 */
#pragma once
#include "lib/file/server.h"

/* Bounds of what clients make a server keep: of one account, and of all together. */
#define WATCHES_OF_ACCOUNT 4096u
#define WATCHES_MAX        16384u
#define WATCHES_FEW        1024u /* of a server that does not change its limits: its files never wait */
#define WATCHES_OF_NODE    1024u
#define POLLERS_OF_ACCOUNT 256u
#define POLLERS_FEW        64u
#define POLLERS_MAX        2048u /* each has a handle of the server */

err_t serve_poll(struct file_request *r, struct file *f);
err_t serve_poller(struct file_request *r, struct file *f);
err_t serve_ready(struct file_request *r, struct file *f);
/* The file is closed: nobody watches it any more. */
void watches_end(struct file *f);
