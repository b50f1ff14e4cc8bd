/* SPDX-License-Identifier: MIT */
#include "services/ramfs/placed.h"

#include <stdlib.h>

#include "lib/file/transport.h"

static struct badges all = {.limit = PLACED_MAX};

err_t placed_make(struct file_request *r, struct placed **out) {
    struct placed *p = calloc(1, sizeof *p);
    if (!p)
        return ERROR(NO_MEMORY);
    err_t e = badges_add(&all, &p->counted, r->account, PLACED_OF_ACCOUNT);
    if (!err_ok(e)) {
        free(p);
        return e;
    }
    p->handle = r->received[0].handle;
    r->received_count = 0; /* it is ours now */
    *out = p;
    return OK;
}

void placed_end(struct placed *p) {
    if (!p)
        return;
    transport_close(p->handle);
    badges_remove(&all, &p->counted);
    free(p);
}
