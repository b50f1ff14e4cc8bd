/* SPDX-License-Identifier: MIT */
#include "tests/file/host/host.h"

#include <sanitizer/asan_interface.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/file/transport.h"

#define EDGE 64u /* bytes that nobody may touch, before and behind a window */

struct file_server host_server;
bool host_no_sessions;

static struct session {
    bool used;
    uint64_t badge, account;
    uint32_t rights, next_free;
} session[HOST_SESSIONS_MAX];
static unsigned sessions, first_free, fresh;

/* The call under way. */
static struct host_call *call;
static char inline_data[EDGE + INLINE_MAX + EDGE] __attribute__((aligned(64)));
static char space[EDGE + INLINE_MAX + EDGE] __attribute__((aligned(64)));

static void broken(const char *what) {
    fprintf(stderr, "the server broke a rule of its transport: %s\n", what);
    abort();
}

struct session_cap host_session(uint64_t badge, uint32_t rights, uint64_t account) {
    unsigned place = first_free ? first_free : ++fresh;
    if (place >= HOST_SESSIONS_MAX)
        broken("too many sessions");
    first_free = session[place].next_free;
    session[place] =
        (struct session){.used = true, .badge = badge, .account = account, .rights = rights};
    sessions++;
    return (struct session_cap){place};
}

static struct session *session_of(struct session_cap s) {
    return s.h < HOST_SESSIONS_MAX && session[s.h].used ? &session[s.h] : NULL;
}

struct session_cap host_narrow(void *context, struct session_cap s, uint32_t rights) {
    struct session *from = session_of(s);
    (void)context;
    if (!from)
        return (struct session_cap){HANDLE_NONE};
    return host_session(from->badge, from->rights & rights, from->account);
}

void host_close(void *context, struct session_cap s) {
    struct session *gone = session_of(s);
    (void)context;
    if (!gone)
        return;
    uint64_t badge = gone->badge;
    *gone = (struct session){.next_free = first_free};
    first_free = (unsigned)s.h;
    sessions--;
    for (unsigned i = 1; i <= fresh; i++)
        if (session[i].used && session[i].badge == badge)
            return;
    file_closed(&host_server, badge);
}

unsigned host_sessions(void) {
    return sessions;
}

struct file *host_file(unsigned place) {
    struct session *s = session_of((struct session_cap){place});
    return s ? file_find(&host_server, s->badge) : NULL;
}

/* ---- what the server asks of the kernel ---- */

static bool outside(size_t at, size_t length, size_t window) {
    return at > window || length > window - at;
}

err_t transport_fetch(const struct file_request *r, size_t at, void *to, size_t length) {
    (void)r;
    size_t there = call->there ? call->there : call->data.length;
    if (outside(at, length, call->data.length))
        return ERROR(BAD_WINDOW);
    if (outside(at, length, there)) { /* the kernel copies up to the page that is not there */
        memcpy(to, call->data.at + at, at < there ? there - at : 0);
        return ERROR(BAD_WINDOW);
    }
    memcpy(to, call->data.at + at, length);
    return OK;
}

err_t transport_store(const struct file_request *r, size_t at, const void *from, size_t length) {
    (void)r;
    if (outside(at, length, call->size))
        return ERROR(BAD_WINDOW);
    memcpy((char *)call->to + at, from, length);
    return OK;
}

err_t transport_session(struct file_request *r, uint64_t badge, uint32_t rights) {
    if (rights & FILE_RIGHTS & ~r->rights)
        broken("a session with more rights than the one it comes from");
    if (r->opened.h != HANDLE_NONE)
        broken("two sessions for one call");
    if (host_no_sessions)
        return ERROR(NO_MEMORY);
    r->opened = host_session(badge, rights & FILE_RIGHTS, r->account);
    return OK;
}

void transport_drop(struct file_request *r) {
    host_close(NULL, r->opened);
    r->opened.h = HANDLE_NONE;
}

/* ---- calls ---- */

/* `length` bytes between edges. */
static char *between_edges(char *buffer, size_t length) {
    ASAN_POISON_MEMORY_REGION(buffer, EDGE);
    ASAN_UNPOISON_MEMORY_REGION(buffer + EDGE, INLINE_MAX + EDGE);
    ASAN_POISON_MEMORY_REGION(buffer + EDGE + length, INLINE_MAX + EDGE - length);
    return buffer + EDGE;
}

static void take_answer(struct host_call *c, const struct file_request *r, err_t e) {
    if (!err_ok(e)) {
        if (r->opened.h != HANDLE_NONE)
            broken("a session with an error");
    } else if (r->piece.length) {
        if (r->piece.length > INLINE_MAX || r->piece.length > c->size)
            broken("more data with an answer than fits");
        memcpy(c->to, r->piece.at, r->piece.length);
    }
    memcpy(c->word, r->answer, sizeof c->word);
    c->opened = r->opened;
}

err_t host_serve(struct host_call *c) {
    /* What an earlier request left behind must not matter. */
    static struct file_request r;
    size_t inline_length = c->data.length < INLINE_MAX ? c->data.length : INLINE_MAX;
    if (c->absent)
        inline_length = 0;
    call = c;
    r.server = &host_server;
    r.badge = c->badge;
    r.account = c->account;
    r.op = c->op;
    r.rights = c->rights;
    memcpy(r.word, c->word, sizeof r.word);
    r.data = between_edges(inline_data, inline_length);
    if (inline_length)
        memcpy(inline_data + EDGE, c->data.at, inline_length);
    r.data_length = inline_length;
    r.read_window = c->data.length;
    r.write_window = c->size;
    r.space = between_edges(space, INLINE_MAX);
    err_t e = file_serve(&r);
    take_answer(c, &r, e);
    return e;
}

err_t file_call(struct session_cap s, struct file_call *c) {
    const struct session *from = session_of(s);
    if (!from)
        return ERROR(BAD_HANDLE);
    if (c->data.length + c->size > WINDOWS_MAX)
        return ERROR(BAD_ARGUMENT);
    struct host_call h = {.badge = from->badge,
                          .account = from->account,
                          .op = c->op,
                          .rights = from->rights,
                          .data = c->data,
                          .to = c->to,
                          .size = c->size};
    memcpy(h.word, c->word, sizeof h.word);
    err_t e = host_serve(&h);
    memcpy(c->word, h.word, sizeof c->word);
    c->opened = h.opened;
    return (err_t){.code = e.code};
}
