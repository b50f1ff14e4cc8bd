/* SPDX-License-Identifier: MIT */
/* One request: which file it is for, and the operations on open files. */
#include "lib/file/serve.h"

#include <string.h>

#include "lib/file/locks.h"
#include "lib/file/polls.h"
#include "lib/file/spare.h"
#include "lib/file/transport.h"
#include "lib/file/waits.h"

/* The root's file is never closed: it counts as if somebody always had a session of it. */
void file_server_start(struct file_server *s, struct node *root) {
    *s =
        (struct file_server){.root = root, .root_file = {.node = root, .server = s, .sessions = 1}};
    s->waits.limit = WAITS_MAX;
    s->watches.limit = WATCHES_FEW;
    s->pollers.limit = POLLERS_FEW;
    node_hold(root);
}

unsigned spares_most = 64;

static struct spares closed;

struct file *file_new(void) {
    return spare_take(&closed, sizeof(struct file));
}

void file_free(struct file *f) {
    spare_give(&closed, f);
}

void file_end(struct file *f) {
    struct node *n = f->node;
    watches_end(f);
    locks_file_end(f);
    if (n->ops->close)
        n->ops->close(f);
    badges_remove(&f->server->open, &f->badged);
    file_free(f);
    node_release(n);
}

/* Without memory the session stays unknown. Its flags were the earlier server's. */
void file_restore(struct file_server *s, uint64_t badge) {
    uint8_t number = badge_lasting(badge);
    struct file *open = file_find(s, badge);
    if (open) {
        open->sessions++;
        return;
    }
    struct node *n = number && s->lasting ? s->lasting(number) : NULL;
    struct file *f = n ? file_new() : NULL;
    if (!f)
        return;
    *f = (struct file){.node = n,
                       .server = s,
                       .sessions = 1,
                       .flags = FILE_FOR_READ | FILE_FOR_WRITE, /* the session's rights count */
                       .positioned = true};
    err_t e = badges_restore(&s->open, &f->badged, badge);
    if (err_ok(e) && n->ops->open && !err_ok(e = n->ops->open(f)))
        badges_remove(&s->open, &f->badged);
    if (err_ok(e))
        node_hold(f->node);
    else
        file_free(f);
}

void file_closed(struct file_server *s, uint64_t badge) {
    struct file *f = file_find(s, badge);
    if (!f)
        return;
    f->sessions--;
    file_hold(f);
    file_unhold(f);
}

void file_hold(struct file *f) {
    f->holds++;
}

void file_unhold(struct file *f) {
    f->holds--;
    if (f->sessions)
        return;
    if (!f->holds)
        file_end(f);
    else if (f->node->ops->left)
        f->node->ops->left(f);
}

static err_t serve_read(struct file_request *r, struct file *f) {
    uint64_t offset = r->word[0];
    const struct node_ops *ops = f->node->ops;
    if (!may(r, FILE_RIGHT_READ))
        return ERROR(NO_RIGHT);
    if (node_is(f->node, FILE_TYPE_DIRECTORY))
        return ERROR(IS_DIRECTORY);
    if (!ops->read)
        return ERROR(NO_RIGHT);
    if (r->limit > r->word[1])
        r->limit = r->word[1];
    if (offset != FILE_CURRENT && !f->positioned)
        return ERROR(NOT_SEEKABLE);
    err_t e = ops->read(f, r, offset == FILE_CURRENT ? f->offset : offset, r->limit);
    if (err_ok(e))
        e = file_finish(r);
    if (err_ok(e) && offset == FILE_CURRENT && f->positioned)
        f->offset += r->done;
    r->answer[0] = r->done;
    return e;
}

static uint64_t size_of(struct file *f) {
    struct file_stat s;
    node_stat(f->node, &s);
    return s.size;
}

static err_t serve_write(struct file_request *r, struct file *f) {
    uint64_t offset = r->word[0];
    const struct node_ops *ops = f->node->ops;
    if (!may(r, FILE_RIGHT_WRITE))
        return ERROR(NO_RIGHT);
    if (node_is(f->node, FILE_TYPE_DIRECTORY))
        return ERROR(IS_DIRECTORY);
    if (!ops->write)
        return ERROR(NO_RIGHT);
    if (!r->read_window) {
        r->data = (const char *)&r->word[2];
        r->data_length = FILE_WRITE_WORDS;
    }
    if (r->word[1] > (r->read_window ? r->read_window : FILE_WRITE_WORDS))
        return ERROR_ARG(BAD_WINDOW, 2);
    if (offset != FILE_CURRENT && !f->positioned)
        return ERROR(NOT_SEEKABLE);
    bool here = offset == FILE_CURRENT;
    if (f->flags & FILE_APPEND && f->positioned)
        offset = size_of(f);
    else if (here)
        offset = f->offset;
    err_t e = ops->write(f, r, offset, r->word[1]);
    if (r->done) /* a part is written: that is told, not the error */
        e = OK;
    if (r->done && here && f->positioned)
        f->offset = offset + r->done;
    r->answer[0] = r->done;
    return e;
}

static err_t serve_seek(struct file_request *r, struct file *f) {
    uint64_t base = 0;
    if (!f->positioned)
        return ERROR(NOT_SEEKABLE);
    if (r->word[1] > FILE_SEEK_END)
        return ERROR_ARG(BAD_ARGUMENT, 4);
    if (f->fixed)
        return OK;
    if (r->word[1] == FILE_SEEK_HERE)
        base = f->offset;
    else if (r->word[1] == FILE_SEEK_END)
        base = size_of(f);
    int64_t to;
    if (__builtin_add_overflow((int64_t)base, (int64_t)r->word[0], &to) || to < 0)
        return ERROR_ARG(BAD_ARGUMENT, 3);
    f->offset = r->answer[0] = (uint64_t)to;
    return OK;
}

/* Where the last entry that was added says to go on. */
static uint64_t last_cookie(const struct file_request *r, uint64_t cookie) {
    struct file_entry e;
    for (size_t at = 0; at < r->done; at += e.length) {
        memcpy(&e, r->space + at, sizeof e);
        cookie = e.next;
    }
    return cookie;
}

/* "." and ".." have the cookies 0 and 1; a server's begin at 2. */
static err_t add_entries(struct file_request *r, struct node *n, uint64_t cookie) {
    struct node *up = cookie < 2 ? n->ops->parent(n) : NULL;
    bool room = cookie > 0 || file_entry_add(r, (struct text){".", 1}, n->mode, n->id, 1);
    if (room && cookie < 2)
        room = file_entry_add(r, (struct text){"..", 2}, n->mode, up ? up->id : n->id, 2);
    if (up)
        node_release(up);
    return room ? n->ops->entries(n, r, cookie < 2 ? 2 : cookie) : OK;
}

static err_t serve_entries(struct file_request *r, struct file *f) {
    bool here = r->word[0] == FILE_CURRENT;
    uint64_t cookie = here ? f->offset : r->word[0];
    if (!may(r, FILE_RIGHT_READ) || !(f->flags & FILE_FOR_READ))
        return ERROR(NO_RIGHT);
    if (!node_is(f->node, FILE_TYPE_DIRECTORY) || !f->node->ops->entries)
        return ERROR(NOT_DIRECTORY);
    if (r->limit < sizeof(struct file_entry) + FILE_NAME_MAX + 1)
        return ERROR_ARG(BAD_WINDOW, 2);
    err_t e = add_entries(r, f->node, cookie);
    if (err_ok(e) && here)
        f->offset = last_cookie(r, cookie);
    r->answer[0] = r->done;
    return e;
}

static err_t serve_sync(struct file_request *r, struct file *f) {
    (void)r;
    return f->node->ops->sync ? f->node->ops->sync(f->node) : OK;
}

static err_t serve_flags(struct file_request *r, struct file *f) {
    uint32_t change = (uint32_t)r->word[1];
    if (change & ~(FILE_APPEND | FILE_NONBLOCK))
        return ERROR_ARG(BAD_ARGUMENT, 4);
    f->flags = (f->flags & ~change) | ((uint32_t)r->word[0] & change);
    r->answer[0] = f->flags;
    return OK;
}

static err_t serve_space(struct file_request *r, struct file *f) {
    struct file_space *space = (struct file_space *)(void *)r->space;
    if (!f->node->ops->space)
        return ERROR(UNSUPPORTED);
    if (r->limit < sizeof *space)
        return ERROR_ARG(BAD_WINDOW, 2);
    *space = (struct file_space){0};
    f->node->ops->space(f->node, space);
    return file_emit(r, space, sizeof *space);
}

static err_t serve_map(struct file_request *r, struct file *f) {
    handle_t memory;
    if (!may(r, FILE_RIGHT_READ) || !(f->flags & FILE_FOR_READ))
        return ERROR(NO_RIGHT);
    if (!f->node->ops->map)
        return ERROR(UNSUPPORTED);
    err_t e = f->node->ops->map(f, &memory, &r->answer[0]);
    return err_ok(e) ? transport_copy(r, memory, FILE_MAP_RIGHTS) : e;
}

static err_t serve_place(struct file_request *r, struct file *f) {
    if (!f->node->ops->place ||
        !(node_is(f->node, FILE_TYPE_FIFO) || node_is(f->node, FILE_TYPE_SOCKET)))
        return ERROR(UNSUPPORTED);
    if (!may(r, FILE_RIGHT_CHANGE))
        return ERROR(NO_RIGHT);
    if (r->received_count != 1)
        return ERROR(BAD_HANDLE);
    if (r->received[0].own || r->received[0].type != OBJECT_SESSION)
        return ERROR(WRONG_TYPE);
    return f->node->ops->place(f->node, r);
}

static err_t serve_open_file(struct file_request *r, struct file *f) {
    switch (r->op) {
    case FILE_READ:
        return serve_read(r, f);
    case FILE_WRITE:
        return serve_write(r, f);
    case FILE_SEEK:
        return serve_seek(r, f);
    case FILE_ENTRIES:
        return serve_entries(r, f);
    case FILE_SYNC:
        return serve_sync(r, f);
    case FILE_FLAGS:
        return serve_flags(r, f);
    case FILE_SPACE:
        return serve_space(r, f);
    case FILE_POLL:
        return serve_poll(r, f);
    case FILE_POLLER:
        return serve_poller(r, f);
    case FILE_READY:
        return serve_ready(r, f);
    case FILE_MAP:
        return serve_map(r, f);
    case FILE_PLACE:
        return serve_place(r, f);
    case FILE_OWNER:
        return serve_owner(r, f);
    case FILE_LOCK:
        return serve_lock(r, f);
    default:
        return f->node->ops->other ? f->node->ops->other(f, r) : ERROR(UNSUPPORTED);
    }
}

static bool names(const struct file_request *r) {
    return r->op >= FILE_OPEN && r->op <= FILE_NAMES_END;
}

static void begin(struct file_request *r) {
    memset(r->answer, 0, sizeof r->answer);
    r->done = 0;
    r->piece.length = 0;
    r->opened_count = 0;
    r->queue = NULL;
    r->target = NULL;
    r->parked = r->settles = r->insists = r->quiet = false;
    r->limit = r->write_window ? r->write_window : FILE_READ_WORDS;
}

/* The name is that of the request, as far as it came. */
static void denied_tell(const struct file_request *r, err_t e) {
    struct text name = {r->data, 0};
    if (names(r))
        name.length = r->word[1] & 0xffff;
    if (name.length > r->data_length)
        name.length = r->data_length;
    r->server->denied(r, name, e);
}

static bool denial(err_t e) {
    return err_is(e, ERR_NO_RIGHT) || err_is(e, ERR_READ_ONLY);
}

static err_t serve(struct file_request *r, struct file *f) {
    if (r->server->begins)
        r->server->begins(r);
    err_t e = names(r) ? serve_name(r, f->node) : serve_open_file(r, f);
    if (err_ok(e))
        e = file_finish(r);
    while (!err_ok(e) && r->opened_count)
        transport_drop(r);
    if (denial(e) && r->server->denied)
        denied_tell(r, e);
    r->settles = err_ok(e) && !names(r) && f->node->ops->settled;
    return e;
}

err_t file_serve(struct file_request *r) {
    struct file *f = &r->server->root_file;
    err_t e = ERROR(REVOKED);
    begin(r);
    r->retried = false;
    r->cargo = NULL;
    if (r->badge != FILE_BADGE_ROOT)
        f = file_find(r->server, r->badge);
    r->file = f;
    if (f)
        e = serve(r, f);
    if (err_is(e, ERR_WOULD_BLOCK) && r->queue && (!(f->flags & FILE_NONBLOCK) || r->insists))
        e = wait_park(r);
    if (names(r)) {
        r->answer[4] = r->word[1] >> 32;
        r->answer[5] = r->word[5];
    }
    return e;
}

err_t serve_again(struct file_request *r) {
    begin(r);
    r->retried = true;
    return serve(r, r->file);
}

void file_settle_alone(struct file_request *r, bool answered) {
    if (r->settles)
        r->file->node->ops->settled(r->file, r, answered);
    r->settles = false;
}

void file_settle(struct file_request *r, bool answered) {
    file_settle_alone(r, answered);
    if (r->cargo)
        r->server->cargo_end(r->cargo);
    r->cargo = NULL;
}
