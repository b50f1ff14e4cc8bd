/* SPDX-License-Identifier: MIT */
/* What came with an answer, from a server that may be anybody. */
#include "lib/sys/message.h"
#include "lib/sys/syscall.h"
#include "lib/sys/thread.h"

err_t session_received(struct session_cap *out) {
    const struct thread_block *b = thread_block();
    const struct handle_received *first = &b->received[0];
    unsigned kept = b->received_count == 1 && first->type == OBJECT_SESSION;
    for (unsigned i = kept; i < b->received_count; i++)
        if (b->received[i].handle != HANDLE_NONE)
            sys_handle_close((struct any_cap){b->received[i].handle});
    if (!kept || first->handle == HANDLE_NONE)
        return ERROR(CORRUPT);
    out->h = first->handle;
    return OK;
}
