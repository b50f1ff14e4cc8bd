/* SPDX-License-Identifier: MIT */
/* What programs read. It is copied first and dropped when it has arrived. */
#include "services/tty/ldisc.h"

static uint32_t readable(const struct ldisc *d) {
    return (local(d, TTY_ICANON) ? d->line : d->head) - d->tail;
}

bool ldisc_ready(const struct ldisc *d, size_t least) {
    uint32_t count = readable(d);
    return local(d, TTY_ICANON) ? count > 0 : count >= (least ? least : 1);
}

/* An end of file counts as nothing. */
static bool is_end_of_file(const struct ldisc *d, uint32_t at) {
    return line_end(d, at) && !input_at(d, at);
}

size_t ldisc_available(const struct ldisc *d) {
    size_t count = readable(d), all = count;
    if (!local(d, TTY_ICANON))
        return count;
    for (uint32_t i = 0; i < all; i++)
        count -= is_end_of_file(d, d->tail + i);
    return count;
}

size_t ldisc_peek(const struct ldisc *d, uint8_t *to, size_t size, size_t *used) {
    bool lines = local(d, TTY_ICANON);
    size_t all = readable(d), done = 0;
    for (*used = 0; *used < all; ++*used) {
        uint32_t at = d->tail + (uint32_t)*used;
        bool last = lines && line_end(d, at), none = last && !input_at(d, at);
        if (done == size && !none) /* an end of file behind what fits goes with it */
            break;
        if (!none)
            to[done++] = input_at(d, at);
        if (!last)
            continue;
        ++*used;
        break;
    }
    return done;
}

void ldisc_drop(struct ldisc *d, size_t used) {
    for (; used; used--) {
        if (line_end(d, d->tail))
            d->push = false;
        line_end_set(d, d->tail++, false);
    }
}
