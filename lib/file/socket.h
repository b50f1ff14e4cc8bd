/* SPDX-License-Identifier: MIT */
/*
 * The client side of abi/socket.h. Calls that wait can be interrupted and have a deadline of the
 * monotonic clock (0: none): INTERRUPTED, TIMED_OUT.
 */
#pragma once
#include <stdbool.h>

#include "abi/err.h"
#include "abi/socket.h"
#include "lib/file/text.h"
#include "lib/sys/cap.h"

/* `flags`: FILE_NONBLOCK or 0, here and below. */
err_t socket_open(struct session_cap root, enum socket_kind kind, uint32_t flags,
                  const struct socket_who *who, struct session_cap *out);
err_t socket_pair(struct session_cap root, enum socket_kind kind, uint32_t flags,
                  const struct socket_who *who, struct session_cap out[2]);

/* Calls a socket by a text, of which whoever holds *out can connect to it. */
err_t socket_call(struct session_cap s, struct text name, struct session_cap *out);
/* An abstract name begins with a NUL; an empty one is chosen by the server. */
err_t socket_call_abstract(struct session_cap s, struct text name);
err_t socket_listen(struct session_cap s, int32_t backlog, const struct socket_who *who);
err_t socket_accept(struct session_cap s, uint32_t flags, uint64_t deadline,
                    struct session_cap *out);
err_t socket_shutdown(struct session_cap s, uint32_t how);
err_t socket_name(struct session_cap s, bool of_peer, char to[SOCKET_NAME_MAX], size_t *length);
err_t socket_state(struct session_cap s, struct socket_state *out);

/* Another socket: a session of its name, or an abstract name; neither: nobody. */
struct socket_address {
    struct session_cap name;
    struct text abstract;
};
err_t socket_connect(struct session_cap s, const struct socket_address *to,
                     const struct socket_who *who, uint64_t deadline);

struct socket_message {
    uint32_t flags;   /* SOCKET_NO_WAIT, _PEEK, _WITH_NAME; afterwards what RECEIVE answers */
    struct text data; /* to send; behind `front` bytes that are an abstract name */
    size_t front;
    void *to; /* what is received; SOCKET_WITH_NAME: behind SOCKET_NAME_MAX bytes */
    size_t size;
    uint64_t deadline;
    struct socket_who who;
    struct session_cap name; /* SEND: to whom; HANDLE_NONE: to the peer, or who `front` says */
    struct session_cap file[SOCKET_FILES_MAX];
    unsigned files;     /* to send; that are taken, and then that came */
    size_t length;      /* received: of all of the message */
    size_t name_length; /* received: of the sender's name */
};
err_t socket_send(struct session_cap s, const struct socket_message *m, size_t *done);
err_t socket_receive(struct session_cap s, struct socket_message *m, size_t *done);
