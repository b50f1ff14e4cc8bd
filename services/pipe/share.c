/* SPDX-License-Identifier: MIT */
#include "services/pipe/share.h"

#include <stdbool.h>
#include <stddef.h>

#define ACCOUNTS 256u /* that can have something at one time */

static struct share { uint64_t account, bytes; /* 0 bytes: unused */ } shares[ACCOUNTS];
static uint64_t total, used;

void shares_start(uint64_t bytes) {
    total = bytes;
}

uint64_t shares_used(void) {
    return used;
}

/* The account's, or an unused one, or NULL. */
static struct share *share_find(uint64_t account) {
    struct share *unused = NULL;
    for (struct share *s = shares; s < shares + ACCOUNTS; s++) {
        if (s->bytes && s->account == account)
            return s;
        if (!s->bytes && !unused)
            unused = s;
    }
    return unused;
}

static bool fits(const struct share *s, uint64_t bytes, uint64_t most) {
    return s && bytes <= total - used && s->bytes <= most && bytes <= most - s->bytes;
}

uint64_t share_offer(uint64_t account, uint64_t wanted, uint64_t low) {
    const struct share *s = share_find(account);
    if (fits(s, wanted, total / 2))
        return wanted;
    return fits(s, low, total - total / 4) ? low : 0;
}

err_t share_change(uint64_t account, uint64_t from, uint64_t to) {
    struct share *s = share_find(account);
    uint64_t more = to > from ? to - from : 0;
    if (!s || (more && !fits(s, more, from ? total / 2 : total)))
        return ERROR(LIMIT);
    s->account = account;
    s->bytes += to - from;
    used += to - from;
    return OK;
}
