/* SPDX-License-Identifier: MIT */
/*
 * Data to and from the caller. The piece that was emitted last waits in the request: when it is the
 * only one it goes with the answer, without a copy of its own.
 */
#include <string.h>

#include "lib/file/serve.h"
#include "lib/file/transport.h"

static err_t deliver_piece(struct file_request *r) {
    struct text p = r->piece;
    size_t at = r->done - p.length;
    r->piece.length = 0;
    if (!p.length)
        return OK;
    if (r->write_window)
        return transport_store(r, at, p.at, p.length);
    memcpy((char *)&r->answer[1] + at, p.at, p.length);
    return OK;
}

err_t file_emit(struct file_request *r, const void *from, size_t length) {
    if (length > r->limit - r->done)
        length = r->limit - r->done;
    err_t e = deliver_piece(r);
    if (!err_ok(e))
        return e;
    r->piece = (struct text){from, length};
    r->done += length;
    return OK;
}

err_t file_finish(struct file_request *r) {
    bool whole = r->piece.length == r->done && r->piece.length <= INLINE_MAX;
    return r->write_window && whole ? OK : deliver_piece(r);
}

err_t file_take(struct file_request *r, size_t at, void *to, size_t length) {
    if (at + length <= r->data_length) {
        memcpy(to, r->data + at, length);
        return OK;
    }
    return transport_fetch(r, at, to, length);
}

bool file_entry_add(struct file_request *r, struct text name, uint32_t mode, uint64_t id,
                    uint64_t next) {
    size_t length = (sizeof(struct file_entry) + name.length + 7) & ~(size_t)7;
    size_t room = r->limit < INLINE_MAX ? r->limit : INLINE_MAX;
    if (length > room - r->done)
        return false;
    struct file_entry *e = (struct file_entry *)(void *)(r->space + r->done);
    memset(e, 0, length);
    *e = (struct file_entry){.id = id,
                             .next = next,
                             .length = (uint16_t)length,
                             .type = (uint8_t)(mode >> 12),
                             .name_length = (uint8_t)name.length};
    memcpy(e + 1, name.at, name.length);
    r->done += length;
    r->piece = (struct text){r->space, r->done};
    return true;
}
