/* SPDX-License-Identifier: MIT */
/* SOURCES: tests/file/host/host.c tests/file/host/pipes.c lib/file/serve.c lib/file/locks.c
   lib/file/waits.c lib/file/polls.c lib/file/names.c lib/file/walk.c lib/file/badges.c
   lib/file/answer.c lib/file/client.c lib/file/pipe.c lib/file/socket.c services/pipe/pipe.c
   services/pipe/ring.c services/pipe/share.c services/pipe/root.c services/pipe/socket.c
   services/pipe/address.c services/pipe/connect.c services/pipe/transfer.c services/pipe/inbox.c
   services/pipe/flight.c services/pipe/event.c services/pipe/timer.c
   services/pipe/fifo.c
   RUNS: 6000 */
/*
 * The input is a sequence of events at pairs of sockets: messages with and without sessions of
 * these sockets themselves, received, looked at and lost; sessions closed, directions shut. After
 * each of them exactly those sockets must be open that a client has, or that can be received
 * through one which is open; and what arrives must be what the model says, bytes and sessions.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/file/socket.h"
#include "services/pipe/flight.h"
#include "services/pipe/socket.h"
#include "tests/file/host/pipes.h"

#define SOCKETS  12u
#define HELD     40u /* sessions that the client has */
#define MESSAGES 200u
#define BYTES    40000u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct input {
    const uint8_t *at;
    size_t left;
} input;

struct message {
    size_t length; /* that is left of it */
    uint8_t first; /* byte i is first + i */
    unsigned files, file[SOCKET_FILES_MAX];
};

/* Of a stream, messages without sessions are joined when they are received, not here. */
static struct model {
    bool used;
    enum socket_kind kind;
    unsigned peer;
    bool peer_gone, peer_told; /* ... as an error, which may come once */
    uint32_t shut;
    uint64_t badge;
    unsigned count;
    struct message message[MESSAGES];
} model[SOCKETS];

static struct held {
    struct session_cap session; /* HANDLE_NONE: free */
    unsigned socket;
} held[HELD];

static struct session_cap root;
static uint8_t buffer[BYTES];

static _Noreturn void broken(const char *what, int line) {
    fprintf(stderr, "line %d: %s\n", line, what);
    abort();
}
#define must(what) ((what) ? (void)0 : broken(#what, __LINE__))

static uint32_t take(unsigned bytes) {
    uint32_t value = 0;
    for (unsigned i = 0; i < bytes && input.left; i++, input.left--)
        value |= (uint32_t)*input.at++ << 8 * i;
    return value;
}

/* ---- the model ---- */

static bool stream(const struct model *m) {
    return m->kind == SOCKET_STREAM;
}

static size_t length_of(const struct model *m) {
    size_t all = 0;
    for (unsigned i = 0; i < m->count; i++)
        all += m->message[i].length;
    return all;
}

/* Those that the server has a parcel for. */
static unsigned parcels_of(const struct model *m) {
    unsigned n = 0;
    for (unsigned i = 0; i < m->count; i++)
        n += !stream(m) || m->message[i].files;
    return n;
}

static void reach(bool live[SOCKETS], unsigned s) {
    if (live[s])
        return;
    live[s] = true;
    for (unsigned i = 0; i < model[s].count; i++)
        for (unsigned f = 0; f < model[s].message[i].files; f++)
            reach(live, model[s].message[i].file[f]);
}

static void end(unsigned s) {
    struct model *m = &model[s];
    struct model *peer = &model[m->peer];
    if (peer->used && !m->peer_gone) {
        peer->peer_gone = true;
        if (m->kind != SOCKET_DATAGRAM)
            peer->shut = SOCKET_NO_MORE_READ | SOCKET_NO_MORE_WRITE;
    }
    m->used = false;
    m->count = 0;
}

/* What nobody can get at any more ends. */
static void collect(void) {
    bool live[SOCKETS] = {false};
    for (unsigned i = 0; i < HELD; i++)
        if (held[i].session.h != HANDLE_NONE)
            reach(live, held[i].socket);
    for (unsigned s = 0; s < SOCKETS; s++)
        if (model[s].used && !live[s])
            end(s);
}

static void check_all(void) {
    unsigned open = 0, files = 0, parcels = 0;
    collect();
    for (unsigned s = 0; s < SOCKETS; s++) {
        const struct model *m = &model[s];
        open += m->used;
        parcels += m->used ? parcels_of(m) : 0;
        for (unsigned i = 0; m->used && i < m->count; i++)
            files += m->message[i].files;
    }
    must(host_server.open.count == open);
    must(sockets_count() == open);
    must(flights_count() == files);
    must(parcels_count() == parcels);
}

/* ---- the client ---- */

static struct held *held_free(void) {
    for (struct held *h = held; h < held + HELD; h++)
        if (h->session.h == HANDLE_NONE)
            return h;
    return NULL;
}

static struct held *held_some(void) {
    struct held *h = &held[take(1) % HELD];
    return h->session.h == HANDLE_NONE ? NULL : h;
}

static unsigned model_free(unsigned but) {
    unsigned s = 0;
    while (s < SOCKETS && (model[s].used || s == but))
        s++;
    return s;
}

static void make_pair(void) {
    static const enum socket_kind kinds[] = {SOCKET_STREAM, SOCKET_DATAGRAM, SOCKET_PACKETS,
                                             SOCKET_STREAM};
    enum socket_kind kind = kinds[take(1) & 3];
    unsigned a = model_free(SOCKETS), b = model_free(a);
    struct held *first = held_free(), *second;
    struct session_cap pair[2];
    if (b >= SOCKETS || !first)
        return;
    first->session.h = 1; /* for held_free */
    second = held_free();
    first->session.h = HANDLE_NONE;
    if (!second)
        return;
    must(err_ok(socket_pair(root, kind, 0, &(struct socket_who){1, 2, 3}, pair)));
    *first = (struct held){pair[0], a};
    *second = (struct held){pair[1], b};
    model[a] = (struct model){.used = true,
                              .kind = kind,
                              .peer = b,
                              .badge = host_file((unsigned)pair[0].h)->badged.badge};
    model[b] = (struct model){.used = true,
                              .kind = kind,
                              .peer = a,
                              .badge = host_file((unsigned)pair[1].h)->badged.badge};
}

static void close_one(struct held *h) {
    struct session_cap s = h->session;
    h->session.h = HANDLE_NONE;
    host_close(NULL, s);
}

/* ---- messages ---- */

static size_t some_length(void) {
    static const size_t lengths[] = {0, 1, 40, 41, 4096, 4097, 20000, 32768};
    uint32_t n = take(1);
    return n & 0x80 ? lengths[n & 7] : n;
}

/* What sending must answer, but for a peer's end that is told as an error. */
static enum err_code send_due(const struct model *m, size_t size, size_t *done) {
    const struct model *to = &model[m->peer];
    *done = size;
    if (m->kind == SOCKET_DATAGRAM && m->shut & SOCKET_NO_MORE_WRITE)
        return m->peer_gone && m->peer_told ? ERR_NOT_FOUND : ERR_BROKEN_PIPE;
    if (m->peer_gone)
        return m->kind != SOCKET_DATAGRAM ? (stream(m) && !size ? ERR_OK : ERR_BROKEN_PIPE)
                                          : (m->peer_told ? ERR_NOT_FOUND : ERR_DEAD);
    if (stream(m) && !size)
        return ERR_OK;
    if (m->shut & SOCKET_NO_MORE_WRITE)
        return ERR_BROKEN_PIPE;
    if (m->kind == SOCKET_DATAGRAM && to->shut & SOCKET_NO_MORE_READ)
        return ERR_BROKEN_PIPE;
    size_t room = SOCKET_CAPACITY - length_of(to);
    if (!stream(m) && size > SOCKET_CAPACITY)
        return ERR_FILE_TOO_BIG;
    if (parcels_of(to) >= PARCELS_OF_INBOX || (stream(m) ? !room : room < size))
        return ERR_WOULD_BLOCK;
    *done = size < room ? size : room;
    return ERR_OK;
}

static void send_some(struct held *h) {
    struct model *m = &model[h->socket];
    size_t size = some_length(), done = 0, due;
    struct message new = {.first = (uint8_t)take(1)};
    struct socket_message s = {.flags = SOCKET_NO_WAIT, .data = {(char *)buffer, size}};
    unsigned files = take(1) & 7;
    for (unsigned i = 0; i < files && new.files < SOCKET_FILES_MAX; i++) {
        const struct held *file = held_some();
        if (!file)
            continue;
        s.file[new.files] = file->session;
        new.file[new.files++] = file->socket;
    }
    s.files = new.files;
    for (size_t i = 0; i < size; i++)
        buffer[i] = (uint8_t)(new.first + i);
    enum err_code code = send_due(m, size, &due);
    err_t e = socket_send(h->session, &s, &done);
    if (m->kind == SOCKET_PACKETS && m->peer_gone && !m->peer_told && err_is(e, ERR_DEAD))
        m->peer_told = true;
    else
        must(e.code == code);
    if (m->peer_gone && err_is(e, ERR_DEAD))
        m->peer_told = true;
    if (!err_ok(e) || (stream(m) && !size))
        return;
    must(done == due);
    new.length = done;
    struct model *to = &model[m->peer];
    must(to->count < MESSAGES);
    to->message[to->count++] = new;
}

/* How a stream's first bytes are received: up to the end of the first message with sessions. */
static size_t piece_due(const struct model *m, size_t wanted, struct message *told) {
    size_t n = 0;
    *told = (struct message){.length = 0};
    for (unsigned i = 0; i < m->count && n < wanted; i++) {
        size_t part = m->message[i].length < wanted - n ? m->message[i].length : wanted - n;
        for (size_t k = 0; k < part; k++)
            must(buffer[n + k] == (uint8_t)(m->message[i].first + k));
        n += part;
        if (m->message[i].files) {
            *told = m->message[i];
            break;
        }
    }
    return n;
}

/* Bytes are gone, and the sessions of what was touched. */
static void drop(struct model *m, size_t count) {
    while (m->count && (count || !m->message[0].length)) {
        struct message *first = &m->message[0];
        size_t part = first->length < count ? first->length : count;
        first->length -= part;
        first->first = (uint8_t)(first->first + part);
        first->files = 0;
        count -= part;
        if (!first->length)
            memmove(first, first + 1, --m->count * sizeof *first);
    }
}

static void received(const struct socket_message *s, const struct message *told, unsigned asked,
                     bool room) {
    unsigned due = told->files < asked ? told->files : asked;
    must(s->files == (room ? due : 0));
    must(!(s->flags & SOCKET_CUT_FILES) == (s->files == told->files));
    for (unsigned i = 0; i < s->files; i++) {
        struct held *h = held_free();
        must(host_file((unsigned)s->file[i].h)->badged.badge == model[told->file[i]].badge);
        if (h)
            *h = (struct held){s->file[i], told->file[i]};
        else
            host_close(NULL, s->file[i]);
    }
}

static void receive_some(struct held *h) {
    struct model *m = &model[h->socket];
    size_t size = some_length(), done = 0;
    uint32_t how = take(1);
    struct socket_message s = {.flags = SOCKET_NO_WAIT | (how & 1 ? SOCKET_PEEK : 0),
                               .to = buffer,
                               .size = size,
                               .files = how >> 1 & 7};
    s.files = s.files > SOCKET_FILES_MAX ? SOCKET_FILES_MAX : s.files;
    unsigned asked = s.files;
    host_no_sessions = (how & 0xf0) == 0xf0;
    err_t e = socket_receive(h->session, &s, &done);
    bool room = !host_no_sessions;
    host_no_sessions = false;
    if (err_is(e, ERR_DEAD)) { /* a peer that ended with something unread */
        must(m->peer_gone && !m->peer_told && m->kind != SOCKET_DATAGRAM);
        m->peer_told = true;
        return;
    }
    if (stream(m) ? !length_of(m) : !m->count) {
        bool over = m->shut & SOCKET_NO_MORE_READ;
        must(e.code == (over ? ERR_OK : ERR_WOULD_BLOCK) && !done);
        return;
    }
    struct message told = m->message[0];
    size_t due = stream(m) ? piece_due(m, size, &told) : (told.length < size ? told.length : size);
    must(err_ok(e) && done == due);
    for (size_t i = 0; !stream(m) && i < done; i++)
        must(buffer[i] == (uint8_t)(told.first + i));
    must(stream(m) || (s.length == told.length && !(s.flags & SOCKET_CUT) == (due == told.length)));
    received(&s, &told, asked, room);
    if (how & 1)
        return;
    if (stream(m))
        drop(m, done);
    else
        memmove(&m->message[0], &m->message[1], --m->count * sizeof told);
}

/* A caller that is gone before it has the answer: nothing was received. */
static void receive_lost(const struct held *h) {
    struct host_call c = {.badge = model[h->socket].badge,
                          .account = HOST_ACCOUNT,
                          .op = SOCKET_RECEIVE,
                          .rights = FILE_RIGHTS,
                          .word = {SOCKET_NO_WAIT, 5000, SOCKET_FILES_MAX},
                          .to = buffer,
                          .size = 5000,
                          .gone = true};
    const struct model *m = &model[h->socket];
    if (m->peer_gone && m->kind != SOCKET_DATAGRAM)
        return; /* the error that is told once would be lost */
    must(err_is(host_serve(&c), ERR_CALLER_GONE));
}

static void shut(struct held *h) {
    struct model *m = &model[h->socket];
    uint32_t how = take(1) % 3 + 1;
    must(err_ok(socket_shutdown(h->session, how)));
    m->shut |= how;
    if (m->kind == SOCKET_DATAGRAM || m->peer_gone)
        return;
    model[m->peer].shut |= how & SOCKET_NO_MORE_READ ? SOCKET_NO_MORE_WRITE : 0;
    model[m->peer].shut |= how & SOCKET_NO_MORE_WRITE ? SOCKET_NO_MORE_READ : 0;
}

static void event(void) {
    uint32_t what = take(1);
    struct held *h = what % 16 ? held_some() : NULL;
    if (what % 16 == 0)
        make_pair();
    else if (!h)
        return;
    else if (what % 16 < 4)
        close_one(h);
    else if (what % 16 == 4 && what & 0x80)
        shut(h);
    else if (what % 16 == 5)
        receive_lost(h);
    else if (what % 16 < 11)
        send_some(h);
    else
        receive_some(h);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (root.h == HANDLE_NONE)
        root = host_pipes_start(8u << 20);
    input = (struct input){data, size};
    while (input.left) {
        event();
        check_all();
    }
    for (struct held *h = held; h < held + HELD; h++)
        if (h->session.h != HANDLE_NONE) {
            close_one(h);
            check_all();
        }
    const char *left = host_pipes_left();
    if (left)
        broken(left, __LINE__);
    must(host_sessions() == 1);
    return 0;
}
