/* SPDX-License-Identifier: MIT */
/*
 * What a socket has received. Bytes are in a ring. A parcel says more about some of them: in a
 * stream, that files came with them; elsewhere each message is one. The sessions of a parcel are
 * under way: services/pipe/flight.h.
 */
#pragma once
#include "abi/socket.h"
#include "services/pipe/ring.h"

#define PARCELS_OF_INBOX 128u

struct flight;
struct name;

struct parcel {
    struct badged counted;
    struct link link; /* of its inbox */
    uint64_t begin;   /* which of all bytes of the inbox is its first */
    size_t length;
    struct socket_who who;
    struct name *from, *to; /* held, or NULL: its sender's name; that it is for, on its way */
    unsigned files;
    struct flight *file[SOCKET_FILES_MAX];
};

struct inbox {
    struct ring ring; /* without room: nothing can be received */
    struct link parcels;
    uint32_t count;
    uint64_t begin;   /* of the first byte that is there */
    uint64_t account; /* that is counted the ring */
};

/* Makes a parcel that an account is counted: LIMIT, TOO_MANY_OPEN, NO_MEMORY. */
err_t parcel_make(uint64_t account, struct parcel **out);
/* With the sessions in it. */
void parcel_end(struct parcel *p);
uint32_t parcels_count(void);

/* Sets room aside, see services/pipe/share.h: TOO_MANY_OPEN, NO_MEMORY. */
err_t inbox_start(struct inbox *in, uint64_t account);
void inbox_end(struct inbox *in);
/* Removes all that was received. */
void inbox_empty(struct inbox *in);
/* The first parcel, or NULL. */
struct parcel *inbox_first(const struct inbox *in);
/* `count` more bytes are there; `p`, if not NULL, is about them. */
void inbox_add(struct inbox *in, size_t count, struct parcel *p);
/* The first bytes are gone, and what is said about them. */
void inbox_drop(struct inbox *in, size_t count);
/* The first parcel is gone, with its bytes, which are the first. */
void inbox_drop_first(struct inbox *in);
