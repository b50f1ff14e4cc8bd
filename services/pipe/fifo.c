/* SPDX-License-Identifier: MIT */
/*
 * Pipes with a name: what makes them is not an end but a session that is opened for each, which a
 * file system keeps behind the name. While nobody has one open it holds no bytes and is counted for
 * nobody. An end that is opened is counted at once; then it may wait for the other side.
 */
#include "abi/pipe.h"
#include "services/pipe/pipe.h"
#include "services/pipe/share.h"

/* How often the other side had been opened is what an end has in the place of an offset. */
static uint64_t others_opened(const struct file *f) {
    const struct pipe *p = pipe_of(f->node);
    return f->flags & FILE_FOR_READ ? p->writers_opened : p->readers_opened;
}

bool fifo_met(const struct file *f) {
    return !pipe_of(f->node)->fifo || others_opened(f) != f->offset;
}

static err_t room_make(struct pipe *p, uint64_t account) {
    uint64_t size = share_offer(account, PIPE_CAPACITY, PIPE_CAPACITY_LOW);
    if (!size)
        return ERROR(TOO_MANY_OPEN);
    err_t e = ring_start(&p->ring, size);
    if (!err_ok(e))
        return e;
    share_change(account, 0, size); /* was offered */
    p->account = account;
    return OK;
}

err_t fifo_opened(struct file *f) {
    struct pipe *p = pipe_of(f->node);
    err_t e = p->ring.size ? OK : room_make(p, f->badged.account);
    if (!err_ok(e))
        return e;
    bool here = f->flags & FILE_FOR_READ ? p->writers : p->readers;
    f->offset = others_opened(f) - here; /* one that is there counts */
    p->readers_opened += (f->flags & FILE_FOR_READ) != 0;
    p->writers_opened += (f->flags & FILE_FOR_WRITE) != 0;
    file_wake(f->server, &p->awaits);
    return OK;
}

void fifo_closed(struct pipe *p) {
    if (p->readers || p->writers || !p->ring.size)
        return;
    share_change(p->account, p->ring.size, 0); /* less: cannot fail */
    ring_end(&p->ring);
}

err_t fifo_await(struct file *f, struct file_request *r) {
    struct pipe *p = pipe_of(f->node);
    if (!p->fifo || !(f->flags & (FILE_FOR_READ | FILE_FOR_WRITE)))
        return ERROR(UNSUPPORTED);
    return fifo_met(f) ? OK : file_wait(r, &p->awaits);
}

err_t fifo_serve_make(struct file_request *r) {
    static const uint32_t both = FILE_RIGHT_READ | FILE_RIGHT_WRITE;
    struct pipe *p;
    if (r->word[0] & ~(uint64_t)FILE_PERMISSIONS)
        return ERROR_ARG(BAD_ARGUMENT, 3);
    if ((r->rights & both) != both)
        return ERROR(NO_RIGHT);
    err_t e = pipe_create(r, 0, &p);
    if (!err_ok(e))
        return e;
    p->fifo = true;
    p->node.mode = FILE_TYPE_FIFO | (uint32_t)r->word[0];
    e = file_give(r, &p->node, 0, both | FILE_RIGHT_CHANGE);
    node_release(&p->node); /* its file has it */
    return e;
}
