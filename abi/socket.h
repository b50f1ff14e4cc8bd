/* SPDX-License-Identifier: MIT */
/*
 * Local sockets: what the server `pipe` does for them beside the file protocol (abi/file.h). A
 * socket is an open file without offsets; FILE_READ and FILE_WRITE receive and send. See
 * docs/man/5/socket.md.
 *
 * Who somebody is (struct socket_who) is what its owner says: word 2 user, high half: group, word 3
 * process.
 */
#pragma once
#include <stdint.h>

enum socket_op {
    SOCKET_MAKE = 0x220, /* to the root: word 0 kind and FILE_NONBLOCK, who. Answers a session */
    SOCKET_PAIR,         /* the same; two sessions, connected with each other */
    SOCKET_BIND,         /* word 0 bytes of the name, 1 of an abstract one: SOCKET_ABSTRACT; data:
                            the name. Answers word 0 its bytes and, of one that is not abstract, a
                            session: its name, for whoever may connect */
    SOCKET_LISTEN,       /* word 0 how many may wait to be accepted; who */
    SOCKET_CONNECT,      /* word 0 flags, 1 bytes of an abstract name, who; the name, or one handle:
                            a name. Waits while too many wait to be accepted */
    SOCKET_ACCEPT,       /* word 0 FILE_NONBLOCK or 0. Answers a session. Waits */
    SOCKET_SHUTDOWN,     /* word 0 SOCKET_NO_MORE_* */
    SOCKET_SEND,         /* word 0 flags, 1 bytes, who; data: an abstract name's bytes (word 4) in
                            front. Handles: with SOCKET_TO_HANDLE a name first; then sessions that
                            are passed on. Answer: word 0 bytes */
    SOCKET_RECEIVE,      /* word 0 flags, 1 bytes, 2 sessions that are taken. Answer: word 0 bytes,
                            1 flags, high half: bytes of the sender's name, 2 and 3 who sent it, 4
                            bytes of all of the message; data; sessions */
    SOCKET_NAME,         /* word 0: 0 its own, 1 its peer's. Answer: word 0 bytes; data */
    SOCKET_STATE,        /* answer data: struct socket_state. The error is 0 from then on */
};

enum socket_kind { SOCKET_STREAM = 1, SOCKET_DATAGRAM = 2, SOCKET_PACKETS = 5 };
#define SOCKET_KIND 0xfu /* of word 0, beside FILE_NONBLOCK */

/* Flags of CONNECT, SEND and RECEIVE. */
#define SOCKET_NO_WAIT   0x01u /* as if it were FILE_NONBLOCK */
#define SOCKET_ABSTRACT  0x02u /* an abstract name is with the data */
#define SOCKET_TO_HANDLE 0x04u /* SEND: to the name that came along */
#define SOCKET_TO_NOBODY 0x08u /* CONNECT: a datagram socket has no peer any more */
#define SOCKET_PEEK      0x10u /* RECEIVE: what is received stays */
#define SOCKET_WITH_NAME 0x20u /* RECEIVE: SOCKET_NAME_MAX bytes for the sender's name first */
/* Flags of RECEIVE's answer. */
#define SOCKET_CUT       0x01u /* the message was longer */
#define SOCKET_CUT_FILES 0x02u /* it brought more sessions */
#define SOCKET_WHOLE     0x04u /* the end of a message */

#define SOCKET_NO_MORE_READ  1u
#define SOCKET_NO_MORE_WRITE 2u

#define SOCKET_NAME_MAX    108u
#define SOCKET_FILES_MAX   4u /* with one message; with a name one less */
#define SOCKET_CAPACITY    32768u
#define SOCKET_BACKLOG_MAX 128u

struct socket_who {
    uint32_t process, user, group;
};

struct socket_state {
    uint32_t kind;
    uint32_t error; /* SOCKET_RESET: the peer ended without reading all; or 0 */
    uint32_t listens, connected;
    uint64_t capacity; /* bytes that the peer may have sent */
    struct socket_who peer;
    uint32_t has_peer; /* `peer` says something */
};
#define SOCKET_RESET 1u
