/* SPDX-License-Identifier: MIT */
/* SOURCES: tests/file/host/host.c tests/file/host/pipes.c lib/file/serve.c lib/file/locks.c
   lib/file/waits.c lib/file/polls.c lib/file/names.c lib/file/walk.c lib/file/badges.c
   lib/file/answer.c lib/file/client.c lib/file/pipe.c lib/file/socket.c services/pipe/pipe.c
   services/pipe/ring.c services/pipe/share.c services/pipe/root.c services/pipe/socket.c
   services/pipe/address.c services/pipe/connect.c services/pipe/transfer.c services/pipe/inbox.c
   services/pipe/flight.c services/pipe/event.c services/pipe/timer.c
   services/pipe/fifo.c */
/*
 * Local sockets at their server: what waits and is interrupted, limits, circles, and clients that
 * send nonsense. What they do for a program is compared with Linux by tests/posix.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/file/socket.h"
#include "services/pipe/flight.h"
#include "services/pipe/socket.h"
#include "tap.h"
#include "tests/file/host/pipes.h"

static const struct socket_who who = {4, 5, 6};
static struct session_cap root;
static char data[SOCKET_CAPACITY + 1];

static struct session_cap make(enum socket_kind kind) {
    struct session_cap s;
    check(err_ok(socket_open(root, kind, 0, &who, &s)));
    return s;
}

static void make_pair(enum socket_kind kind, struct session_cap pair[2]) {
    check(err_ok(socket_pair(root, kind, 0, &who, pair)));
}

static void shut(struct session_cap s) {
    host_close(NULL, s);
}

static err_t send_with(struct session_cap s, const char *text, const struct session_cap *file,
                       unsigned files) {
    struct socket_message m = {.flags = SOCKET_NO_WAIT, .data = text_of(text), .files = files};
    size_t done;
    for (unsigned i = 0; i < files; i++)
        m.file[i] = file[i];
    return socket_send(s, &m, &done);
}

/* A name that others may connect to: the socket listens. */
static struct session_cap listener(enum socket_kind kind, int backlog, struct session_cap *name) {
    struct session_cap s = make(kind);
    check(err_ok(socket_call(s, text_of("name"), name)));
    check(kind == SOCKET_DATAGRAM || err_ok(socket_listen(s, backlog, &who)));
    return s;
}

static err_t connect_name(struct session_cap s, struct session_cap name) {
    return socket_connect(s, &(struct socket_address){.name = name}, &who, 0);
}

static struct host_call call_of(struct session_cap s, uint64_t op) {
    return (struct host_call){.badge = host_file((unsigned)s.h)->badged.badge,
                              .account = HOST_ACCOUNT,
                              .op = op,
                              .rights = FILE_RIGHTS};
}

static bool nothing_under_way(void) {
    return !flights_count() && !parcels_count() && !host_foreign_held;
}

/* ---- waiting ---- */

/* What came with a message goes with it, whether it is sent in the end or not. */
static void test_waiting_sends(void) {
    struct session_cap p[2], file = {host_foreign(1)};
    size_t done;
    for (unsigned how = 0; how < 3; how++) {
        make_pair(SOCKET_PACKETS, p);
        check(err_ok(file_write(p[0], FILE_CURRENT, data, SOCKET_CAPACITY, &done)));
        struct host_call c = call_of(p[0], SOCKET_SEND);
        c.word[1] = 4;
        c.data = text_of("wait");
        c.along = &file;
        c.along_count = 1;
        check(err_is(host_serve(&c), ERR_WOULD_BLOCK) && c.waiting);
        check(flights_count() == 1 && host_foreign_held == 1);
        if (how == 0) {
            host_interrupt(&c);
        } else if (how == 1) {
            shut(p[1]);
            check(!c.waiting && err_is(c.error, ERR_DEAD));
        } else {
            check(err_ok(file_read(p[1], FILE_CURRENT, data, sizeof data, &done)));
            check(!c.waiting && err_ok(c.error) && c.word[0] == 4 && flights_count() == 1);
        }
        check(how == 2 || (!flights_count() && !host_foreign_held));
        shut(p[0]);
        if (how != 1)
            shut(p[1]);
        check(nothing_under_way());
    }
    tap_test("socket: a send that waits with a session");
}

/* Several who wait for one receiver go on when there is room, and hear of its end. */
static void test_many_senders(void) {
    struct session_cap name, s = listener(SOCKET_DATAGRAM, 0, &name), from[8];
    struct host_call c[8];
    size_t done;
    for (unsigned i = 0; i < 8; i++) {
        from[i] = make(SOCKET_DATAGRAM);
        check(err_ok(connect_name(from[i], name)));
    }
    check(err_ok(file_write(from[0], FILE_CURRENT, data, SOCKET_CAPACITY, &done)));
    for (unsigned i = 0; i < 8; i++) {
        c[i] = call_of(from[i], FILE_WRITE);
        c[i].word[0] = FILE_CURRENT;
        c[i].word[1] = SOCKET_CAPACITY / 4;
        c[i].data = (struct text){data, SOCKET_CAPACITY / 4};
        check(err_is(host_serve(&c[i]), ERR_WOULD_BLOCK) && c[i].waiting);
    }
    host_interrupt(&c[2]);
    check(err_ok(file_read(s, FILE_CURRENT, data, sizeof data, &done)));
    unsigned sent = 0;
    for (unsigned i = 0; i < 8; i++)
        sent += !c[i].waiting && err_ok(c[i].error);
    check(sent == 4);
    shut(s);
    for (unsigned i = 0; i < 8; i++)
        check(!c[i].waiting);
    check(err_is(c[7].error, ERR_DEAD));
    check(err_is(connect_name(from[1], name), ERR_DEAD)); /* a name without a socket */
    for (unsigned i = 0; i < 8; i++)
        shut(from[i]);
    shut(name);
    check(nothing_under_way());
    tap_test("socket: many senders wait for one");
}

static void test_waiting_connections(void) {
    struct session_cap name, s = listener(SOCKET_STREAM, 0, &name), from[4], got;
    struct host_call c[4];
    from[0] = make(SOCKET_STREAM);
    check(err_ok(connect_name(from[0], name)));
    for (unsigned i = 1; i < 4; i++) {
        from[i] = make(SOCKET_STREAM);
        c[i] = call_of(from[i], SOCKET_CONNECT);
        c[i].sent = name.h;
        check(err_is(host_serve(&c[i]), ERR_WOULD_BLOCK) && c[i].waiting);
    }
    shut(name); /* it is kept with those who wait */
    host_interrupt(&c[1]);
    check(err_ok(socket_accept(s, 0, 0, &got)));
    check(!c[2].waiting && err_ok(c[2].error) && c[3].waiting);
    shut(got);
    shut(s);
    check(!c[3].waiting && err_is(c[3].error, ERR_DEAD));
    for (unsigned i = 0; i < 4; i++)
        shut(from[i]);
    check(nothing_under_way() && !sockets_count());
    tap_test("socket: connections that wait");
}

/* Somebody who waits to accept, and one whose caller is gone when there is something. */
static void test_waiting_accepts(void) {
    struct session_cap name, s = listener(SOCKET_PACKETS, 5, &name), from = make(SOCKET_PACKETS);
    struct host_call c = call_of(s, SOCKET_ACCEPT), d = c;
    check(err_is(host_serve(&c), ERR_WOULD_BLOCK) && c.waiting);
    check(err_is(host_serve(&d), ERR_WOULD_BLOCK) && d.waiting);
    check(err_ok(connect_name(from, name)));
    check(!c.waiting && err_ok(c.error) && d.waiting);
    shut(c.opened[0]);
    shut(from);
    from = make(SOCKET_PACKETS);
    d.gone = true;
    check(err_ok(connect_name(from, name)));
    check(!d.waiting && err_is(d.error, ERR_CALLER_GONE));
    size_t done;
    check(err_ok(file_read(from, FILE_CURRENT, data, 10, &done)) && !done); /* it ended */
    shut(from);
    shut(s);
    shut(name);
    check(!sockets_count());
    tap_test("socket: accepting waits");
}

/* ---- sessions under way ---- */

/* Sockets that are in what they have received, in every arrangement. */
static void test_circles(void) {
    struct session_cap p[2], q[2], name, s, from;
    for (unsigned kind = 0; kind < 3; kind++) {
        static const enum socket_kind kinds[] = {SOCKET_STREAM, SOCKET_DATAGRAM, SOCKET_PACKETS};
        make_pair(kinds[kind], p);
        make_pair(kinds[kind], q);
        check(err_ok(send_with(p[0], "itself", &p[1], 1)));
        check(err_ok(send_with(p[1], "both", p, 2)));
        check(err_ok(send_with(p[0], "another's", q, 2)));
        check(err_ok(send_with(q[0], "back", p, 2)));
        shut(p[0]);
        shut(q[0]);
        shut(q[1]);
        check(sockets_count() == 4);
        shut(p[1]);
        check(!sockets_count() && nothing_under_way());
    }
    /* One that nobody has accepted, and nobody can any more, has the listener. */
    s = listener(SOCKET_STREAM, 5, &name);
    from = make(SOCKET_STREAM);
    check(err_ok(connect_name(from, name)));
    check(err_ok(send_with(from, "listener", &s, 1)));
    check(err_ok(send_with(from, "and me", &from, 1)));
    shut(from);
    check(sockets_count() == 3);
    shut(s);
    check(!sockets_count() && nothing_under_way());
    shut(name);
    tap_test("socket: circles are thrown away");
}

/* Who waits for one that only flies has it still; the circle ends with the call. */
static void test_circle_waits(void) {
    struct session_cap p[2];
    size_t done;
    make_pair(SOCKET_STREAM, p);
    check(err_ok(file_write(p[0], FILE_CURRENT, data, SOCKET_CAPACITY, &done)));
    check(err_ok(send_with(p[1], "both", p, 2)));
    struct host_call c = call_of(p[0], FILE_WRITE);
    c.word[0] = FILE_CURRENT;
    c.word[1] = 10;
    c.data = (struct text){data, 10};
    check(err_is(host_serve(&c), ERR_WOULD_BLOCK) && c.waiting);
    shut(p[0]);
    shut(p[1]);
    check(sockets_count() == 2 && c.waiting);
    host_interrupt(&c);
    check(!sockets_count() && nothing_under_way());
    tap_test("socket: a circle that somebody waits for");
}

/* One in the other in the other, as deep as there may be: their end needs no stack. */
static void test_chain(void) {
    struct session_cap p[2], outer[2];
    unsigned depth = 0;
    make_pair(SOCKET_STREAM, p);
    while (depth < 60) { /* as many as an account has room for */
        make_pair(SOCKET_STREAM, outer);
        check(err_ok(send_with(outer[0], "inner", p, 2)));
        shut(p[0]);
        shut(p[1]);
        memcpy(p, outer, sizeof p);
        depth++;
    }
    check(sockets_count() == 2 * (depth + 1));
    shut(p[0]);
    shut(p[1]);
    check(!sockets_count() && nothing_under_way());
    tap_test("socket: a chain of sockets");
}

static void test_too_many_under_way(void) {
    struct session_cap p[2], file[SOCKET_FILES_MAX];
    unsigned sent = 0;
    err_t e;
    make_pair(SOCKET_STREAM, p);
    for (unsigned i = 0; i < SOCKET_FILES_MAX; i++)
        file[i] = i ? (struct session_cap){host_foreign(i)} : p[0];
    while (err_ok(e = send_with(p[0], "files", file, SOCKET_FILES_MAX)))
        sent += SOCKET_FILES_MAX;
    check(err_is(e, ERR_TOO_MANY_OPEN) || err_is(e, ERR_WOULD_BLOCK));
    check(sent == flights_count() && host_foreign_held == sent / SOCKET_FILES_MAX * 3);
    shut(p[1]);
    check(nothing_under_way());
    shut(p[0]);
    tap_test("socket: as many sessions under way as there can be");
}

/* A name is no socket: it can be passed on, but keeps nothing open. */
static void test_names(void) {
    struct session_cap name, s = listener(SOCKET_DATAGRAM, 0, &name), p[2], other;
    make_pair(SOCKET_STREAM, p);
    check(err_ok(send_with(p[0], "name", &name, 1)));
    struct socket_message m = {.to = data, .size = 100, .files = 1};
    size_t done;
    check(err_ok(socket_receive(p[1], &m, &done)) && m.files == 1);
    other = make(SOCKET_DATAGRAM);
    check(err_ok(connect_name(other, m.file[0])));
    struct session_cap narrow = host_narrow(NULL, name, FILE_RIGHT_READ);
    check(err_is(connect_name(other, narrow), ERR_NO_RIGHT));
    check(err_is(connect_name(other, s), ERR_NO_RIGHT)); /* a socket is no name */
    check(err_is(file_read(name, FILE_CURRENT, data, 1, &done), ERR_NO_RIGHT));
    check(err_is(file_write(name, FILE_CURRENT, data, 1, &done), ERR_NO_RIGHT));
    shut(s);
    check(sockets_count() == 3);
    check(err_is(connect_name(other, m.file[0]), ERR_DEAD));
    shut(narrow);
    shut(name);
    shut(m.file[0]);
    shut(other);
    shut(p[0]);
    shut(p[1]);
    check(!sockets_count());
    tap_test("socket: names");
}

/* ---- limits, nonsense ---- */

static void test_room(void) {
    static struct session_cap pairs[2048][2];
    unsigned count = 0;
    while (count < 2048 && err_ok(socket_pair(root, SOCKET_STREAM, 0, &who, pairs[count])))
        count++;
    check(count > 64 && count < 2048);
    size_t done;
    for (unsigned i = 0; i < count; i++)
        check(err_ok(file_write(pairs[i][0], FILE_CURRENT, data, 100, &done)) && done == 100);
    while (count--) {
        shut(pairs[count][0]);
        shut(pairs[count][1]);
    }
    tap_test("socket: as many as there is room for");
}

/* Messages of no bytes need room as well. */
static void test_empty_messages(void) {
    struct session_cap p[2];
    unsigned count = 0;
    size_t done;
    make_pair(SOCKET_DATAGRAM, p);
    while (count <= PARCELS_OF_INBOX && err_ok(file_write(p[0], FILE_CURRENT, data, 0, &done)))
        count++;
    check(count == PARCELS_OF_INBOX && parcels_count() == count);
    shut(p[1]);
    check(!parcels_count());
    shut(p[0]);
    tap_test("socket: messages of no bytes");
}

static err_t ask(struct session_cap s, uint64_t op, uint64_t a, uint64_t b, uint64_t c) {
    struct host_call call = call_of(s, op);
    call.word[0] = a;
    call.word[1] = b;
    call.word[4] = c;
    call.to = data;
    call.size = 200;
    call.data = (struct text){data, 200};
    return host_serve(&call);
}

static void test_nonsense(void) {
    struct session_cap p[2], s = make(SOCKET_STREAM), narrow;
    struct socket_state state;
    memset(data, 0, sizeof data);
    make_pair(SOCKET_STREAM, p);
    check(err_is(ask(p[0], SOCKET_SEND, SOCKET_PEEK, 1, 0), ERR_BAD_ARGUMENT));
    check(err_is(ask(p[0], SOCKET_SEND, 0, 201, 0), ERR_BAD_WINDOW));
    check(err_is(ask(p[0], SOCKET_SEND, 0, UINT64_MAX, 0), ERR_BAD_WINDOW));
    check(err_is(ask(p[0], SOCKET_SEND, SOCKET_ABSTRACT, 150, 100), ERR_BAD_WINDOW));
    check(err_is(ask(p[0], SOCKET_SEND, SOCKET_ABSTRACT, 10, UINT64_MAX), ERR_BAD_ARGUMENT));
    check(err_is(ask(p[0], SOCKET_SEND, SOCKET_TO_HANDLE, 1, 0), ERR_BAD_HANDLE));
    check(err_is(ask(p[0], SOCKET_RECEIVE, SOCKET_ABSTRACT, 1, 0), ERR_BAD_ARGUMENT));
    check(err_is(ask(p[0], SOCKET_RECEIVE, 0, 201, 0), ERR_BAD_WINDOW));
    check(err_is(ask(p[0], SOCKET_RECEIVE, SOCKET_WITH_NAME, 200, 0), ERR_BAD_WINDOW));
    check(err_is(ask(p[0], SOCKET_SHUTDOWN, 0, 0, 0), ERR_BAD_ARGUMENT));
    check(err_is(ask(p[0], SOCKET_SHUTDOWN, 4, 0, 0), ERR_BAD_ARGUMENT));
    check(err_is(ask(p[0], SOCKET_NAME, 2, 0, 0), ERR_BAD_ARGUMENT));
    check(err_is(ask(p[0], SOCKET_ACCEPT, 0, 0, 0), ERR_BAD_ARGUMENT));
    check(err_is(ask(p[0], SOCKET_MAKE, 1, 0, 0), ERR_UNSUPPORTED));
    check(err_is(ask(s, SOCKET_BIND, 109, SOCKET_ABSTRACT, 0), ERR_BAD_ARGUMENT));
    check(err_is(ask(s, SOCKET_BIND, 0, 0, 0), ERR_BAD_ARGUMENT));
    check(err_is(ask(s, SOCKET_BIND, 5, 1, 0), ERR_BAD_ARGUMENT));
    check(err_is(ask(s, SOCKET_CONNECT, 0, 0, 0), ERR_BAD_HANDLE));
    check(err_is(ask(s, SOCKET_CONNECT, SOCKET_ABSTRACT, 0, 0), ERR_BAD_ARGUMENT));
    check(err_is(ask(s, SOCKET_CONNECT, SOCKET_ABSTRACT, 50, 0), ERR_DEAD));
    check(err_is(ask(s, SOCKET_LISTEN, 5, 0, 0), ERR_BAD_ARGUMENT));
    check(err_is(connect_name(s, (struct session_cap){host_foreign(0)}), ERR_OTHER_SERVER));
    check(err_is(send_with(p[0], "signal", &(struct session_cap){host_signal(0)}, 1),
                 ERR_WRONG_TYPE));
    check(err_is(send_with(p[0], "root", &root, 1), ERR_WRONG_TYPE));
    check(err_is(file_open(p[0], &(struct file_name){.flags = FILE_FOR_READ}, &narrow, NULL),
                 ERR_UNSUPPORTED));
    narrow = host_narrow(NULL, p[0], 0);
    size_t done;
    check(err_is(file_read(narrow, FILE_CURRENT, data, 1, &done), ERR_NO_RIGHT));
    check(err_is(file_write(narrow, FILE_CURRENT, data, 1, &done), ERR_NO_RIGHT));
    check(err_is(send_with(narrow, "x", NULL, 0), ERR_NO_RIGHT));
    check(err_is(socket_shutdown(narrow, 1), ERR_NO_RIGHT));
    check(err_ok(socket_state(narrow, &state)) && state.kind == SOCKET_STREAM);
    check(state.has_peer && state.peer.process == 4 && state.peer.group == 6);
    struct session_cap poor = host_narrow(NULL, root, FILE_RIGHT_READ);
    check(err_is(socket_open(poor, SOCKET_STREAM, 0, &who, &narrow), ERR_NO_RIGHT));
    check(err_is(socket_open(root, 3, 0, &who, &narrow), ERR_BAD_ARGUMENT));
    shut(poor);
    shut(narrow);
    shut(p[0]);
    shut(p[1]);
    shut(s);
    check(nothing_under_way() && !host_signals_held);
    tap_test("socket: what makes no sense is refused");
}

/* The second of a pair cannot be given to its maker. */
static void test_no_sessions(void) {
    struct session_cap p[2];
    uint32_t limit = host_server.open.limit;
    for (unsigned kind = 1; kind < 3; kind++) {
        host_server.open.limit = host_server.open.count + 1;
        check(err_is(socket_pair(root, kind, 0, &who, p), ERR_LIMIT));
        host_server.open.limit = limit;
        host_no_sessions = true;
        check(err_is(socket_pair(root, kind, 0, &who, p), ERR_NO_MEMORY));
        host_no_sessions = false;
        check(!sockets_count());
    }
    tap_test("socket: pairs that cannot be given");
}

int main(void) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    root = host_pipes_start(8u << 20);
    test_waiting_sends();
    test_many_senders();
    test_waiting_connections();
    test_waiting_accepts();
    test_circles();
    test_circle_waits();
    test_chain();
    test_too_many_under_way();
    test_names();
    test_room();
    test_empty_messages();
    test_nonsense();
    test_no_sessions();
    const char *left = host_pipes_left();
    check(!left && host_sessions() == 1);
    printf("# %s\n", left ? left : "nothing is left");
    tap_test("socket: nothing is left");
    return tap_done();
}
