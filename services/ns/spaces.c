/* SPDX-License-Identifier: MIT */
#include "services/ns/spaces.h"

#include <stdlib.h>

static struct badges spaces;

err_t space_make(struct table *from, uint64_t account, struct space **out) {
    struct table *t = from;
    err_t e = from ? OK : table_make(&t);
    if (!err_ok(e))
        return e;
    struct space *s = calloc(1, sizeof *s);
    if (s)
        e = badges_add(&spaces, &s->badged, account, SPACES_MAX);
    else
        e = ERROR(NO_MEMORY);
    if (!err_ok(e)) {
        free(s);
        if (!from)
            table_release(t);
        return e;
    }
    if (from)
        table_hold(from);
    s->table = t;
    *out = s;
    return OK;
}

err_t spaces_succeed(struct endpoint_cap endpoint) {
    return badges_succeed(&spaces, endpoint);
}

void space_end(struct space *s) {
    badges_remove(&spaces, &s->badged);
    table_release(s->table);
    free(s);
}

struct space *space_find(uint64_t badge) {
    return (struct space *)(void *)badges_find(&spaces, badge);
}
