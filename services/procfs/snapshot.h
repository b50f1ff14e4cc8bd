/* SPDX-License-Identifier: MIT */
/* What the reader of an open file sees: a text that stays what it is while it is read. There is a
 * fixed number of them, so that nobody can use up the server's memory with open files. */
#pragma once
#include "abi/err.h"
#include "services/procfs/format.h"

#define SNAPSHOTS         256u
#define SNAPSHOTS_ACCOUNT 192u /* of one account; others can always open something */

/* LIMIT: all are in use, or the account has too many. Its text is empty. */
err_t snapshot_take(uint64_t account, struct text_of_proc **out);
void snapshot_give(const struct text_of_proc *text);
