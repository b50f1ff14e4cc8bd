/* SPDX-License-Identifier: MIT */
#include "tests/file/host/host.h"

#include <sanitizer/asan_interface.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/file/spare.h"
#include "lib/file/transport.h"
#include "lib/file/waits.h"

#define EDGE 64u /* bytes that nobody may touch, before and behind a window */

struct file_server host_server;
uint64_t host_process;
bool host_no_sessions;

static struct session {
    bool used;
    uint64_t badge, account, object; /* duplicates are one object */
    uint32_t rights, next_free;
} session[HOST_SESSIONS_MAX];
static unsigned sessions, first_free, fresh;
static uint64_t objects;

/* What an earlier request left behind must not matter. */
static struct file_request request = {.server = &host_server};
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
    session[place] = (struct session){
        .used = true, .badge = badge, .account = account, .object = ++objects, .rights = rights};
    sessions++;
    return (struct session_cap){place};
}

/* The sanitizer is to see each use of what is over. */
__attribute__((constructor)) static void nothing_is_spared(void) {
    spares_most = 0;
}

/* What file_work has left to be answered. */
static bool left_answered(void) {
    if (!request.wait)
        return false;
    file_settle(&request, err_ok(transport_answer(&request, request.error)));
    file_worked(&request);
    return true;
}

void host_work(void) {
    while (file_work(&request) || left_answered())
        ;
    request.quiet = false;
}

static struct session *session_of(struct session_cap s) {
    return s.h < HOST_SESSIONS_MAX && session[s.h].used ? &session[s.h] : NULL;
}

struct session_cap host_narrow(void *context, struct session_cap s, uint32_t rights) {
    struct session *from = session_of(s);
    (void)context;
    if (!from)
        return (struct session_cap){HANDLE_NONE};
    uint64_t object = from->object;
    struct session_cap new = host_session(from->badge, from->rights & rights, from->account);
    session[new.h].object = object;
    return new;
}

void host_close(void *context, struct session_cap s) {
    struct session *gone = session_of(s);
    (void)context;
    if (!gone)
        return;
    uint64_t badge = gone->badge, object = gone->object;
    *gone = (struct session){.next_free = first_free};
    first_free = (unsigned)s.h;
    sessions--;
    for (unsigned i = 1; i <= fresh; i++)
        if (session[i].used && session[i].object == object)
            return;
    file_closed(&host_server, badge);
    host_work();
}

unsigned host_sessions(void) {
    return sessions;
}

struct file *host_file(unsigned place) {
    struct session *s = session_of((struct session_cap){place});
    return s ? file_find(&host_server, s->badge) : NULL;
}

/* ---- what the server asks of the kernel ---- */

#define SIGNAL_FIRST  0x1000000u /* above all sessions */
#define FOREIGN_FIRST 0x2000000u

unsigned host_foreign_held;

handle_t host_foreign(unsigned which) {
    return FOREIGN_FIRST + which;
}

static bool outside(size_t at, size_t length, size_t window) {
    return at > window || length > window - at;
}

static struct host_call *call_of(const struct file_request *r) {
    return (struct host_call *)r->reply.h;
}

err_t transport_fetch(const struct file_request *r, size_t at, void *to, size_t length) {
    const struct host_call *call = call_of(r);
    size_t there = call->there ? call->there : call->data.length;
    if (call->gone)
        return ERROR(CALLER_GONE);
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
    const struct host_call *call = call_of(r);
    if (call->gone)
        return ERROR(CALLER_GONE);
    if (call->lost || outside(at, length, call->size))
        return ERROR(BAD_WINDOW);
    memcpy((char *)call->to + at, from, length);
    return OK;
}

err_t transport_session(struct file_request *r, uint64_t badge, uint32_t rights) {
    if (rights & FILE_RIGHTS & ~r->rights)
        broken("a session with more rights than the one it comes from");
    if (r->opened_count >= FILE_OPENED_MAX)
        broken("too many sessions for one call");
    if (host_no_sessions)
        return ERROR(NO_MEMORY);
    r->opened[r->opened_count++] = host_session(badge, rights & FILE_RIGHTS, r->account);
    return OK;
}

err_t transport_copy(struct file_request *r, handle_t h, uint32_t rights) {
    if (h < FOREIGN_FIRST || !host_foreign_held || !(rights & RIGHT_SEND))
        broken("a handle is given that it does not have");
    if (r->opened_count >= FILE_OPENED_MAX)
        broken("too many sessions for one call");
    if (host_no_sessions)
        return ERROR(NO_MEMORY);
    r->opened[r->opened_count++] = (struct session_cap){h};
    return OK;
}

void transport_drop(struct file_request *r) {
    host_close(NULL, r->opened[--r->opened_count]);
}

err_t transport_park(struct file_request *r, uint64_t cookie) {
    struct host_call *call = call_of(r);
    if (call->waiting)
        broken("a call is parked twice");
    if (call->gone)
        return ERROR(CALLER_GONE);
    call->waiting = true;
    call->cookie = cookie;
    return OK;
}

unsigned host_signals_held;
static uint64_t raised[HOST_SIGNALS];

handle_t host_signal(unsigned which) {
    return SIGNAL_FIRST + which;
}

uint64_t host_raised(unsigned which) {
    uint64_t bits = raised[which];
    raised[which] = 0;
    return bits;
}

void transport_raise(handle_t signal, uint64_t bits) {
    if (signal < SIGNAL_FIRST || signal >= SIGNAL_FIRST + HOST_SIGNALS)
        broken("no signal is raised");
    raised[signal - SIGNAL_FIRST] |= bits;
    if (request.quiet)
        broken("somebody is told of what nobody waited for");
}

void transport_close(handle_t h) {
    if (h >= FOREIGN_FIRST) {
        if (!host_foreign_held--)
            broken("a handle is closed that it does not have");
        return;
    }
    if (!host_signals_held-- || h < SIGNAL_FIRST)
        broken("a handle is closed that it does not have");
}

/* ---- calls ---- */

/* `length` bytes between edges. */
static char *between_edges(char *buffer, size_t length) {
    ASAN_POISON_MEMORY_REGION(buffer, EDGE);
    ASAN_UNPOISON_MEMORY_REGION(buffer + EDGE, INLINE_MAX + EDGE);
    ASAN_POISON_MEMORY_REGION(buffer + EDGE + length, INLINE_MAX + EDGE - length);
    return buffer + EDGE;
}

static void give_sessions_up(struct file_request *r) {
    while (r->opened_count)
        transport_drop(r);
}

/* The kernel's part of an answer: whether it goes out. */
err_t transport_answer(struct file_request *r, err_t e) {
    struct host_call *c = call_of(r);
    bool data = err_ok(e) && r->piece.length;
    c->waiting = false;
    if (!err_ok(e) && r->opened_count)
        broken("a session with an error");
    if (data && (r->piece.length > INLINE_MAX || r->piece.length > c->size))
        broken("more data with an answer than fits");
    if (c->gone || (c->lost && data)) {
        give_sessions_up(r);
        c->error = c->gone ? ERROR(CALLER_GONE) : ERROR(BAD_WINDOW);
        return c->error;
    }
    if (data)
        memcpy(c->to, r->piece.at, r->piece.length);
    memcpy(c->word, r->answer, sizeof c->word);
    for (unsigned i = 0; i < FILE_OPENED_MAX; i++)
        c->opened[i].h = i < r->opened_count ? r->opened[i].h : HANDLE_NONE;
    c->error = e;
    return OK;
}

/* A handle that comes along, as the receiver sees it. */
static struct handle_received received(handle_t h) {
    const struct session *s = session_of((struct session_cap){h});
    if (s)
        return (struct handle_received){.own = 1,
                                        .type = OBJECT_SESSION,
                                        .badge = s->badge,
                                        .rights = (uint16_t)(s->rights | SESSION_USE)};
    if (h >= FOREIGN_FIRST)
        host_foreign_held++;
    else if (h >= SIGNAL_FIRST)
        host_signals_held++;
    return (struct handle_received){.type = h >= SIGNAL_FIRST && h < FOREIGN_FIRST ? OBJECT_SIGNAL
                                                                                   : OBJECT_SESSION,
                                    .handle = h >= SIGNAL_FIRST ? h : HANDLE_NONE,
                                    .rights = RIGHTS_ALL};
}

static unsigned receive_all(const struct host_call *c, struct handle_received *out) {
    unsigned n = 0;
    if (c->sent != HANDLE_NONE)
        out[n++] = received(c->sent);
    for (unsigned i = 0; i < c->along_count && n < MESSAGE_HANDLES; i++)
        out[n++] = received(c->along[i].h);
    return n;
}

static void take_call(struct file_request *r, const struct host_call *c) {
    size_t inline_length = c->data.length < INLINE_MAX ? c->data.length : INLINE_MAX;
    if (c->absent)
        inline_length = 0;
    r->server = &host_server;
    r->badge = c->badge;
    r->account = c->account;
    r->process = host_process;
    r->op = c->op;
    r->rights = c->rights;
    r->reply.h = (uintptr_t)c;
    memcpy(r->word, c->word, sizeof r->word);
    r->data = between_edges(inline_data, inline_length);
    if (inline_length)
        memcpy(inline_data + EDGE, c->data.at, inline_length);
    r->data_length = inline_length;
    r->read_window = c->data.length;
    r->write_window = c->size;
    r->space = between_edges(space, INLINE_MAX);
}

err_t host_serve(struct host_call *c) {
    struct handle_received came[MESSAGE_HANDLES];
    struct file_request *r = &request;
    take_call(r, c);
    r->received_count = receive_all(c, came);
    r->received = came;
    err_t e = file_serve(r);
    for (unsigned i = 0; i < r->received_count; i++)
        if (came[i].handle != HANDLE_NONE)
            transport_close(came[i].handle);
    if (r->parked != c->waiting)
        broken("a call is neither parked nor answered");
    if (!r->parked) {
        bool answered = err_ok(transport_answer(r, e));
        file_settle(r, answered);
        if (r->quiet && list_first(&host_server.pending))
            broken("somebody waited for what nobody should");
        e = c->error;
    }
    host_work();
    return e;
}

void host_interrupt(struct host_call *c) {
    if (!c->waiting || c->gone)
        return;
    c->waiting = false;
    c->error = ERROR(INTERRUPTED);
    file_gone(&host_server, c->cookie);
    host_work();
}

/* What would wait here is interrupted. */
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
                          .size = c->size,
                          .sent = c->sent,
                          .along = c->along,
                          .along_count = c->along_count};
    memcpy(h.word, c->word, sizeof h.word);
    host_serve(&h);
    host_interrupt(&h);
    memcpy(c->word, h.word, sizeof c->word);
    for (unsigned i = 0; i < FILE_OPENED_MAX; i++) {
        c->opened[i] = h.opened[i];
        if (i >= c->accept && h.opened[i].h != HANDLE_NONE)
            broken("more sessions than the caller takes");
    }
    return (err_t){.code = h.error.code};
}
