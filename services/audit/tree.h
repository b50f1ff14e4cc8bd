/* SPDX-License-Identifier: MIT */
/*
 * What the server serves: a directory with the file `audit`, which can only be read, and for each
 * source a file without a name, which can only be written. Who opens the log gets it as it is then.
 */
#pragma once
#include "lib/file/server.h"
#include "services/audit/log.h"

/* The root; `now` tells the time. */
struct node *tree_start(struct log *l, struct log_time (*now)(void));
/* For file_server.lasting. */
struct node *tree_source(uint8_t number);
/* For file_server.begins and .denied. */
void tree_begins(const struct file_request *r);
void tree_denied(const struct file_request *r, struct text name, err_t e);
