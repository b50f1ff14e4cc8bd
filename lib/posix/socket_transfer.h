/* SPDX-License-Identifier: MIT */
/* A call that sends or receives through a socket. */
#pragma once
#include "lib/posix/sockets.h"
#include "lib/posix/vector.h"

struct transfer {
    struct description *d;
    struct vector v;         /* the program's memory */
    uint32_t flags;          /* MSG_* */
    struct socket_message m; /* files and names are the caller's of these functions */
    struct address to;       /* text: also the sender's address */
    bool says_who;           /* m.who is set */
    char *buffer;
    size_t mapped; /* bytes of the buffer, if it is no block */
};

/* Bytes sent, or -errno. m.name and m.front say to whom, the rest of m is set here. */
long transfer_send(struct transfer *t);
/* Bytes received, or -errno. `named`: the sender's address is put into to.text. */
long transfer_receive(struct transfer *t, bool named);
