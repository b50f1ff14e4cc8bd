/* SPDX-License-Identifier: MIT */
/* The namespaces: what the sessions of `ns` stand for. */
#pragma once
#include "lib/file/badges.h"
#include "services/ns/table.h"

#define SPACES_MAX 4096u /* of one account */

struct space {
    struct badged badged;
    struct table *table;
};

/* A namespace that begins as `from`, or (NULL) empty. */
err_t space_make(struct table *from, uint64_t account, struct space **out);
/* Those that are made from now on get no badge that a session of an earlier `ns` has. */
err_t spaces_succeed(struct endpoint_cap endpoint);
void space_end(struct space *s);
/* NULL: there is none of this badge. */
struct space *space_find(uint64_t badge);
