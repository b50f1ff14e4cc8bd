/* SPDX-License-Identifier: MIT */
#include "lib/file/client.h"

#include <string.h>

static size_t at_most(size_t n, size_t limit) {
    return n < limit ? n : limit;
}

static void fill_found(const struct file_call *c, err_t e, struct file_found *out) {
    if (!out)
        return;
    *out = (struct file_found){.mount = c->word[5]};
    if (err_ok(e)) {
        out->mode = (uint32_t)c->word[0];
        out->id = c->word[1];
        out->size = c->word[2];
    } else {
        out->used = c->word[0];
        out->branch = (uint32_t)c->word[4];
    }
}

/* Of what is behind the name in c->data, `second` bytes are a second name. */
static err_t name_send(struct session_cap s, struct file_call *c, const struct file_name *n,
                       size_t second, struct file_found *found) {
    c->word[0] = n->flags | (uint64_t)n->mode << 32;
    c->word[1] = n->path.length | second << 16 | (uint64_t)n->branch << 32;
    c->word[2] = n->user | (uint64_t)n->group << 32;
    err_t e = file_ask(s, c);
    fill_found(c, e, found);
    return e;
}

static err_t name_call(struct session_cap s, struct file_call *c, const struct file_name *n,
                       struct file_found *found) {
    if (n->path.length > FILE_PATH_MAX)
        return ERROR(NAME_TOO_LONG);
    c->data = n->path;
    return name_send(s, c, n, 0, found);
}

/* With `more` behind the name, of which `second` bytes are a second name. A function of its own,
 * since not every caller has this much stack. */
__attribute__((noinline)) static err_t name_call_copied(struct session_cap s, struct file_call *c,
                                                        const struct file_name *n, struct text more,
                                                        size_t second, struct file_found *found) {
    char both[INLINE_MAX];
    if (n->path.length)
        memcpy(both, n->path.at, n->path.length);
    memcpy(both + n->path.length, more.at, more.length);
    c->data = (struct text){both, n->path.length + more.length};
    return name_send(s, c, n, second, found);
}

static err_t name_call_two(struct session_cap s, struct file_call *c, const struct file_name *n,
                           struct text more, size_t second, struct file_found *found) {
    size_t length = n->path.length + more.length;
    if (n->path.length > FILE_PATH_MAX || second > FILE_PATH_MAX || length > INLINE_MAX)
        return ERROR(NAME_TOO_LONG);
    if (more.length && more.at != n->path.at + n->path.length)
        return name_call_copied(s, c, n, more, second, found);
    c->data = (struct text){n->path.at, length};
    return name_send(s, c, n, second, found);
}

err_t file_open(struct session_cap s, const struct file_name *n, struct session_cap *out,
                struct file_found *found) {
    struct file_call c = {.op = FILE_OPEN, .accept = 1};
    err_t e = name_call(s, &c, n, found);
    if (err_ok(e))
        *out = c.opened[0];
    return e;
}

err_t file_stat(struct session_cap s, const struct file_name *n, struct file_stat *out,
                struct file_found *found) {
    struct file_call c = {.op = FILE_STAT, .to = out, .size = sizeof *out};
    return name_call(s, &c, n, found);
}

err_t file_set(struct session_cap s, const struct file_name *n, const struct file_set *set,
               struct file_found *found) {
    struct file_call c = {.op = FILE_SET};
    return name_call_two(s, &c, n, (struct text){(const char *)set, sizeof *set}, 0, found);
}

err_t file_set_behind(struct session_cap s, const struct file_name *n, struct file_found *found) {
    struct file_call c = {.op = FILE_SET};
    const struct text more = {n->path.at + n->path.length, sizeof(struct file_set)};
    return name_call_two(s, &c, n, more, 0, found);
}

err_t file_make(struct session_cap s, const struct file_name *n, struct text text,
                struct file_found *found) {
    struct file_call c = {.op = FILE_MAKE};
    return name_call_two(s, &c, n, text, text.length, found);
}

err_t file_remove(struct session_cap s, const struct file_name *n, struct file_found *found) {
    struct file_call c = {.op = FILE_REMOVE};
    return name_call(s, &c, n, found);
}

err_t file_rename(struct session_cap s, const struct file_name *n, struct text to,
                  struct file_found *found) {
    struct file_call c = {.op = FILE_RENAME};
    return name_call_two(s, &c, n, to, to.length, found);
}

err_t file_link(struct session_cap s, const struct file_name *n, struct text to,
                struct file_found *found) {
    struct file_call c = {.op = FILE_LINK};
    return name_call_two(s, &c, n, to, to.length, found);
}

err_t file_read_link(struct session_cap s, const struct file_name *n, void *to, size_t size,
                     size_t *length, struct file_found *found) {
    struct file_call c = {.op = FILE_READ_LINK, .to = to, .size = at_most(size, INLINE_MAX)};
    err_t e = name_call(s, &c, n, found);
    if (err_ok(e) && c.word[0] > FILE_PATH_MAX)
        return ERROR(CORRUPT);
    if (err_ok(e))
        *length = c.word[0];
    return e;
}

err_t file_read(struct session_cap s, uint64_t offset, void *to, size_t size, size_t *done) {
    struct file_call c = {.op = FILE_READ, .word = {offset, at_most(size, WINDOWS_MAX)}};
    if (size > FILE_READ_WORDS) {
        c.to = to;
        c.size = c.word[1];
    }
    err_t e = file_call(s, &c);
    if (!err_ok(e))
        return e;
    *done = at_most(c.word[0], size);
    if (size <= FILE_READ_WORDS)
        memcpy(to, &c.word[1], *done);
    return e;
}

err_t file_write(struct session_cap s, uint64_t offset, const void *from, size_t size,
                 size_t *done) {
    struct file_call c = {.op = FILE_WRITE, .word = {offset, at_most(size, WINDOWS_MAX)}};
    if (size > FILE_WRITE_WORDS)
        c.data = (struct text){from, c.word[1]};
    else
        memcpy(&c.word[2], from, size);
    err_t e = file_call(s, &c);
    if (err_ok(e))
        *done = at_most(c.word[0], size);
    return e;
}

err_t file_seek(struct session_cap s, int64_t offset, enum file_seek whence, uint64_t *out) {
    struct file_call c = {.op = FILE_SEEK, .word = {(uint64_t)offset, whence}};
    err_t e = file_ask(s, &c);
    if (err_ok(e))
        *out = c.word[0];
    return e;
}

err_t file_entries(struct session_cap s, uint64_t cookie, void *to, size_t size, size_t *done) {
    struct file_call c = {
        .op = FILE_ENTRIES, .word = {cookie}, .to = to, .size = at_most(size, WINDOWS_MAX)};
    err_t e = file_ask(s, &c);
    if (err_ok(e))
        *done = at_most(c.word[0], size);
    return e;
}

err_t file_sync(struct session_cap s) {
    struct file_call c = {.op = FILE_SYNC};
    return file_ask(s, &c);
}

err_t file_flags(struct session_cap s, uint32_t flags, uint32_t change, uint32_t *out) {
    struct file_call c = {.op = FILE_FLAGS, .word = {flags, change}};
    err_t e = file_ask(s, &c);
    if (err_ok(e))
        *out = (uint32_t)c.word[0];
    return e;
}

err_t file_map(struct session_cap s, struct memory_cap *out, uint64_t *bytes) {
    struct file_call c = {.op = FILE_MAP, .accept = 1, .memory = true};
    err_t e = file_ask(s, &c);
    if (err_ok(e)) {
        out->h = c.opened[0].h;
        *bytes = c.word[0];
    }
    return e;
}

err_t file_space(struct session_cap s, struct file_space *out) {
    struct file_call c = {.op = FILE_SPACE, .to = out, .size = sizeof *out};
    return file_ask(s, &c);
}

err_t file_place(struct session_cap s, struct session_cap behind) {
    struct file_call c = {.op = FILE_PLACE, .sent = behind.h, .sent_rights = RIGHTS_ALL};
    return file_ask(s, &c);
}

/* ---- locks ---- */

err_t file_owner(struct session_cap s, uint64_t number, struct session_cap *out) {
    struct file_call c = {.op = FILE_OWNER, .word = {number}, .accept = 1};
    err_t e = file_ask(s, &c);
    if (err_ok(e))
        *out = c.opened[0];
    return e;
}

err_t file_lock(struct session_cap s, struct session_cap owner, uint32_t how,
                struct file_range *range) {
    struct file_call c = {
        .op = FILE_LOCK, .word = {how | range->kind, range->first, range->last}, .sent = owner.h};
    err_t e = file_call(s, &c);
    if (err_ok(e) && how & FILE_LOCK_TEST)
        *range = (struct file_range){c.word[1], c.word[2], (uint32_t)c.word[0], c.word[3]};
    return e;
}

/* ---- pollers ---- */

static err_t poll_call(struct session_cap s, struct file_call *c, uint32_t *ready,
                       uint64_t *bytes) {
    err_t e = file_ask(s, c);
    if (err_ok(e) && ready)
        *ready = (uint32_t)c->word[0] & FILE_EVENTS;
    if (err_ok(e) && bytes)
        *bytes = c->word[1];
    return e;
}

err_t file_poll(struct session_cap s, uint32_t *ready, uint64_t *bytes) {
    struct file_call c = {.op = FILE_POLL};
    return poll_call(s, &c, ready, bytes);
}

err_t file_poller(struct session_cap s, struct signal_cap signal, uint64_t bits,
                  struct session_cap *out) {
    struct file_call c = {.op = FILE_POLLER,
                          .word = {bits},
                          .sent = signal.h,
                          .sent_rights = RIGHT_SIGNAL_RAISE,
                          .accept = 1};
    err_t e = file_ask(s, &c);
    if (err_ok(e))
        *out = c.opened[0];
    return e;
}

/* A server that is another one can do nothing with the session that it gets. */
err_t file_watch(struct session_cap s, struct session_cap poller, uint32_t how, uint64_t cookie,
                 uint32_t *ready) {
    struct file_call c = {.op = FILE_POLL, .word = {how, cookie}, .sent = poller.h};
    return poll_call(s, &c, ready, NULL);
}

err_t file_ready(struct session_cap poller, struct file_ready *to, size_t room, size_t *count) {
    struct file_call c = {
        .op = FILE_READY, .to = to, .size = at_most(room * sizeof *to, INLINE_MAX)};
    err_t e = file_ask(poller, &c);
    if (err_ok(e))
        *count = at_most(c.word[0] / sizeof *to, room);
    return e;
}
