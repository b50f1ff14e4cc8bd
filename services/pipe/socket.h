/* SPDX-License-Identifier: MIT */
/*
 * Local sockets: abi/socket.h, docs/man/5/socket.md. A socket is a node with one open file; one
 * that waits to be accepted has none yet. Whoever receives has the bytes (services/pipe/inbox.h);
 * whoever waits to send waits at its own socket and is in the list of the one it waits for.
 */
#pragma once
#include "lib/file/waits.h"
#include "services/pipe/inbox.h"

/* What a socket is called. It stays for those who tell it when the socket is closed. */
struct name {
    struct node node;      /* one reference for each that has it, and of open files */
    struct socket *socket; /* NULL: closed */
    struct link abstract;  /* in the table of abstract names */
    uint8_t length;        /* an abstract one begins with a NUL */
    char text[SOCKET_NAME_MAX];
};

struct socket {
    struct node node;
    enum socket_kind kind;
    struct file *file; /* NULL: not accepted yet */
    uint64_t account;
    struct name *name, *peer_name; /* held, or NULL */
    struct socket *peer;           /* of a datagram socket: where it sends to */
    struct socket_who who, peer_who;
    struct inbox in;
    uint32_t shut;  /* SOCKET_NO_MORE_* */
    uint32_t error; /* SOCKET_RESET, or 0 */
    bool connected; /* of another kind than datagrams: it has or had a peer */
    bool lost;      /* of a datagram socket: its peer is gone, which it was not told */
    bool has_peer_who, listens;
    struct file_queue reads, writes; /* those that wait to connect are among the latter */

    /* Sockets of which something waits for this one, and its place in such a list. */
    struct link waiters, of_waiters;
    /* Datagram sockets that send to this one, and its place in such a list. */
    struct link senders, of_senders;
    /* Of one that listens: those who wait to be accepted. */
    struct link pending, of_pending;
    uint32_t pending_count, backlog;

    /* See services/pipe/flight.h: how often it is on its way, and what looking for circles needs.
     */
    struct link flying, of_reached;
    uint32_t carried, inside;
    bool suspect;
};

static inline struct socket *socket_of(struct node *n) {
    return LINK_OF(n, struct socket, node);
}

/* NULL: the file is no socket; no socket's name. */
struct socket *socket_of_file(const struct file *f);
struct name *name_of_file(const struct file *f);

/* ---- socket.c ---- */

/* SOCKET_MAKE and SOCKET_PAIR, to the root. */
err_t socket_serve_make(struct file_request *r);
err_t socket_serve_make_pair(struct file_request *r);
/* One of a kind, with one reference. `receives`: it has room for that. */
err_t socket_new(uint64_t account, enum socket_kind kind, bool receives, struct socket **out);
/* Throws away what it has received, and who waits to be accepted. */
void socket_forget(struct socket *s);
/* Who calls, as the words of a request say. */
struct socket_who socket_who_of(const struct file_request *r);
uint64_t sockets_count(void);

/* ---- address.c: names ---- */

err_t socket_serve_bind(struct socket *s, struct file_request *r);
err_t socket_serve_name(const struct socket *s, struct file_request *r);
/* The name that a request means, held: an abstract one that is the first `length` bytes of its
 * data, or the one that came along. */
err_t name_meant(struct file_request *r, uint64_t flags, uint64_t length, struct name **out);
/* NULL: nothing. */
struct name *name_take(struct name *n);
void name_give(struct name *n);
/* The socket is closed. */
void name_leave(struct name *n);

/* ---- connect.c ---- */

err_t socket_serve_listen(struct socket *s, struct file_request *r);
err_t socket_serve_connect(struct socket *s, struct file_request *r);
err_t socket_serve_accept(struct socket *s, struct file_request *r);
err_t socket_serve_shutdown(struct socket *s, struct file_request *r);
/* A datagram socket has no peer any more. */
void socket_part(struct socket *s);
/* Takes the first one that waits to be accepted out of the list; NULL: there is none. */
struct socket *socket_next(struct socket *s);
/* Connects two, which are each other's peers from then on. */
void socket_join(struct socket *a, struct socket *b);
/* ... and not any more, without anybody's being told. */
void socket_unjoin(struct socket *a, struct socket *b);
/* Nothing can be sent one way or both from now on; who waits is told. */
void socket_shut(struct socket *s, uint32_t how);

/* ---- transfer.c ---- */

err_t socket_read(struct file *f, struct file_request *r, uint64_t offset, size_t wanted);
err_t socket_write(struct file *f, struct file_request *r, uint64_t offset, size_t wanted);
err_t socket_serve_send(struct file *f, struct file_request *r);
err_t socket_serve_receive(struct file *f, struct file_request *r);
void socket_settled(struct file *f, struct file_request *r, bool answered);
void socket_cargo_end(void *cargo);
/* Whether it can be written to without waiting. */
bool socket_writable(const struct socket *s);
/* Waits for another one, at its own. */
err_t socket_wait_for(struct socket *s, struct socket *other, struct file_request *r);
/* There may be room in it now, or it is no more. */
void socket_room(struct file_server *server, struct socket *s);

static inline bool socket_is_datagram(const struct socket *s) {
    return s->kind == SOCKET_DATAGRAM;
}
