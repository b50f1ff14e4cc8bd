/* SPDX-License-Identifier: MIT */
#include "services/pipe/pipe.h"

#include <stdlib.h>

#include "abi/pipe.h"
#include "services/pipe/share.h"

static uint64_t count, next_id = 1; /* that of the root */

uint64_t pipes_count(void) {
    return count;
}

/* ---- bytes ---- */

static err_t pipe_read(struct file *f, struct file_request *r, uint64_t offset, size_t wanted) {
    struct pipe *p = pipe_of(f->node);
    (void)offset;
    if (!(f->flags & FILE_FOR_READ))
        return ERROR(NO_RIGHT);
    if (!wanted)
        return OK;
    if ((!p->ring.length && p->writers) || file_behind(r, &p->reads))
        return file_wait(r, &p->reads);
    r->quiet = !p->writes.count && !p->node.watch_count;
    return ring_emit(&p->ring, r, wanted < p->ring.length ? wanted : p->ring.length);
}

/* How much room a write needs to begin. A large one that waits does not go on in small pieces. */
static size_t room_needed(const struct file_request *r, size_t wanted) {
    if (wanted <= PIPE_BUF)
        return wanted;
    return file_waits(r) ? PIPE_BUF : 1;
}

static err_t pipe_write(struct file *f, struct file_request *r, uint64_t offset, size_t wanted) {
    struct pipe *p = pipe_of(f->node);
    size_t room = ring_room(&p->ring), some = wanted < room ? wanted : room;
    (void)offset;
    if (!(f->flags & FILE_FOR_WRITE))
        return ERROR(NO_RIGHT);
    if (!wanted)
        return OK;
    if (!p->readers)
        return ERROR(BROKEN_PIPE);
    if (room < room_needed(r, wanted) || file_behind(r, &p->writes))
        return file_wait(r, &p->writes);
    r->quiet = !p->reads.count && !p->node.watch_count;
    err_t e = ring_take(&p->ring, r, 0, some);
    if (err_ok(e))
        r->done = some;
    return e;
}

static void read_settled(struct pipe *p, struct file_server *s, size_t done) {
    bool full = ring_room(&p->ring) < PIPE_BUF;
    ring_drop(&p->ring, done);
    file_wake(s, &p->writes);
    if (full && ring_room(&p->ring) >= PIPE_BUF)
        file_changed(&p->node, FILE_WRITABLE);
}

static void write_settled(struct pipe *p, struct file_server *s, size_t done) {
    ring_add(&p->ring, done);
    file_wake(s, &p->reads);
    file_changed(&p->node, FILE_READABLE);
}

static void pipe_settled(struct file *f, struct file_request *r, bool answered) {
    struct pipe *p = pipe_of(f->node);
    if (!answered || !r->done)
        return;
    if (r->op == FILE_READ)
        read_settled(p, f->server, r->done);
    else if (r->op == FILE_WRITE)
        write_settled(p, f->server, r->done);
}

static uint32_t pipe_poll(struct file *f, uint64_t *bytes) {
    const struct pipe *p = pipe_of(f->node);
    uint32_t ready = 0;
    *bytes = 0;
    if (f->flags & FILE_FOR_READ) {
        *bytes = p->ring.length;
        ready |= p->ring.length ? FILE_READABLE : 0;
        ready |= p->writers || !fifo_met(f) ? 0 : FILE_HUNG_UP;
    }
    if (f->flags & FILE_FOR_WRITE) {
        ready |= ring_room(&p->ring) >= PIPE_BUF ? FILE_WRITABLE : 0;
        ready |= p->readers ? 0 : FILE_BROKEN;
    }
    return ready;
}

/* ---- ends ---- */

static err_t pipe_open(struct file *f) {
    struct pipe *p = pipe_of(f->node);
    bool reads = f->flags & FILE_FOR_READ, writes = f->flags & FILE_FOR_WRITE;
    f->positioned = false;
    if (p->fifo && (reads || writes)) {
        err_t e = fifo_opened(f);
        if (!err_ok(e))
            return e;
    }
    p->readers += reads;
    p->writers += writes;
    return OK;
}

static void pipe_close(struct file *f) {
    struct pipe *p = pipe_of(f->node);
    if (f->flags & FILE_FOR_READ && !--p->readers) {
        file_wake(f->server, &p->writes);
        file_changed(&p->node, FILE_BROKEN);
    }
    if (f->flags & FILE_FOR_WRITE && !--p->writers) {
        file_wake(f->server, &p->reads);
        file_changed(&p->node, FILE_HUNG_UP);
    }
    if (p->fifo)
        fifo_closed(p);
}

static void pipe_unused(struct node *n) {
    struct pipe *p = pipe_of(n);
    if (p->ring.size)
        share_change(p->account, p->ring.size, 0); /* less: cannot fail */
    ring_end(&p->ring);
    free(p);
    count--;
}

static void pipe_stat(struct node *n, struct file_stat *s) {
    s->accessed = s->modified = s->changed = pipe_of(n)->made;
}

static err_t pipe_set(struct node *n, const struct file_set *set) {
    if (set->fields & FILE_SET_MODE)
        n->mode = FILE_TYPE_FIFO | (set->mode & FILE_PERMISSIONS);
    if (set->fields & FILE_SET_USER)
        n->user = set->user;
    if (set->fields & FILE_SET_GROUP)
        n->group = set->group;
    return OK;
}

/* ---- capacity ---- */

static err_t serve_state(struct pipe *p, struct file_request *r) {
    r->answer[0] = p->ring.size;
    r->answer[1] = p->ring.length;
    r->answer[2] = p->readers | (uint64_t)p->writers << 32;
    r->answer[3] = p->reads.count | (uint64_t)p->writes.count << 32;
    return OK;
}

static err_t capacity_of(uint64_t wanted, size_t *out) {
    size_t size = PIPE_CAPACITY_MIN;
    if (wanted > PIPE_CAPACITY_MAX)
        return ERROR(NO_RIGHT);
    while (size < wanted)
        size *= 2;
    *out = size;
    return OK;
}

static err_t resize(struct pipe *p, size_t size) {
    size_t before = p->ring.size;
    if (size < p->ring.length)
        return ERROR(BUSY);
    err_t e = share_change(p->account, before, size);
    if (!err_ok(e))
        return e;
    e = ring_resize(&p->ring, size);
    if (!err_ok(e))
        share_change(p->account, size, before);
    return e;
}

static err_t serve_resize(struct pipe *p, struct file_request *r) {
    size_t size;
    if (!(r->rights & (FILE_RIGHT_READ | FILE_RIGHT_WRITE)))
        return ERROR(NO_RIGHT);
    if (!p->ring.size)
        return ERROR(UNSUPPORTED); /* nobody has it open */
    err_t e = capacity_of(r->word[0], &size);
    if (err_ok(e) && size != p->ring.size)
        e = resize(p, size);
    if (!err_ok(e))
        return e;
    file_wake(r->server, &p->writes);
    if (ring_room(&p->ring) >= PIPE_BUF)
        file_changed(&p->node, FILE_WRITABLE);
    r->answer[0] = size;
    return OK;
}

static err_t pipe_other(struct file *f, struct file_request *r) {
    if (r->op == PIPE_STATE)
        return serve_state(pipe_of(f->node), r);
    if (r->op == PIPE_AWAIT)
        return fifo_await(f, r);
    return r->op == PIPE_RESIZE ? serve_resize(pipe_of(f->node), r) : ERROR(UNSUPPORTED);
}

static const struct node_ops pipe_ops = {
    .stat = pipe_stat,
    .set = pipe_set,
    .unused = pipe_unused,
    .open = pipe_open,
    .close = pipe_close,
    .read = pipe_read,
    .write = pipe_write,
    .poll = pipe_poll,
    .other = pipe_other,
    .settled = pipe_settled,
};

/* ---- to the root ---- */

err_t pipe_create(const struct file_request *r, uint64_t size, struct pipe **out) {
    struct pipe *p = calloc(1, sizeof *p);
    err_t e = p ? OK : ERROR(NO_MEMORY);
    if (p && size)
        e = ring_start(&p->ring, size);
    if (!err_ok(e)) {
        free(p);
        return e;
    }
    if (size)
        share_change(r->account, 0, size); /* was offered */
    p->node = (struct node){.ops = &pipe_ops,
                            .id = ++next_id,
                            .mode = FILE_TYPE_FIFO | 0600,
                            .user = (uint32_t)r->word[2],
                            .group = (uint32_t)(r->word[2] >> 32),
                            .references = 1};
    p->account = r->account;
    p->made = pipes_now();
    count++;
    *out = p;
    return OK;
}

err_t pipe_serve_make(struct file_request *r) {
    struct pipe *p;
    uint32_t flags = (uint32_t)r->word[0];
    static const uint32_t ends = FILE_RIGHT_READ | FILE_RIGHT_WRITE;
    if (r->word[0] & ~(uint64_t)FILE_NONBLOCK)
        return ERROR_ARG(BAD_ARGUMENT, 3);
    if ((r->rights & ends) != ends)
        return ERROR(NO_RIGHT);
    uint64_t size = share_offer(r->account, PIPE_CAPACITY, PIPE_CAPACITY_LOW);
    err_t e = size ? pipe_create(r, size, &p) : ERROR(TOO_MANY_OPEN);
    if (!err_ok(e))
        return e;
    e = file_give(r, &p->node, FILE_FOR_READ | flags, FILE_RIGHT_READ | FILE_RIGHT_CHANGE);
    if (err_ok(e))
        e = file_give(r, &p->node, FILE_FOR_WRITE | flags, FILE_RIGHT_WRITE | FILE_RIGHT_CHANGE);
    r->answer[0] = p->node.mode;
    r->answer[1] = p->node.id;
    r->answer[2] = p->ring.size;
    node_release(&p->node); /* its ends have it */
    return e;
}
