/* SPDX-License-Identifier: MIT */
/*
 * The inside of epoll: an instance is a signal, a poller at each server that a member is of, which
 * raises its bit of it, and a table of the members. What a poller answers names members by their
 * place and how often it was used, so that what is told about one that is gone means nobody else.
 */
#pragma once
#include <sys/epoll.h>

#include "lib/posix/posix.h"

#define EPOLL_SERVERS 63u /* bits of the signal; the last one only wakes */
#define EPOLL_WAKE    (1ull << EPOLL_SERVERS)
#define EPOLL_MEMBERS 4096u

/* A descriptor and the file that it had when it was added. */
struct member {
    struct description *file; /* not held: the member goes with it; NULL: free */
    int32_t number;
    int32_t next; /* of those with the same number, or of the free ones; -1: none */
    uint32_t events;
    uint32_t use;
    uint64_t data;
    bool over; /* EPOLLONESHOT, and was told */
};

struct epoll {
    struct epoll *next;
    struct signal_cap signal;
    struct session_cap poller[EPOLL_SERVERS];
    unsigned pollers;
    uint64_t ask;     /* bits of pollers that may have something to tell; atomic */
    uint32_t waiters; /* threads; atomic */
    struct member *member;
    uint32_t room, used;            /* places; those that were ever used */
    int32_t free;                   /* a list */
    int32_t first[DESCRIPTORS_MAX]; /* by number */
};

/* ---- epoll_table.c: all under the lock ---- */

void epoll_lock(void);
void epoll_unlock(void);
/* NULL: no memory. */
struct epoll *epoll_make(void);
/* NULL: there is no such member. */
struct member *member_find(struct epoll *ep, int32_t number, const struct description *file);
/* 0, -ENOMEM, -ENOSPC. */
long member_add(struct epoll *ep, int32_t number, struct description *file, struct member **out);
void member_remove(struct epoll *ep, struct member *m);
/* Has the server watch the file for all that the members of it want, of which `m`, if it is not
 * NULL, has changed. 0 or -errno. */
long member_watch(struct epoll *ep, struct description *file, const struct member *m);
/* The member that a server means; NULL: it is gone. */
struct member *member_of_cookie(struct epoll *ep, uint64_t cookie);

/* What Linux calls what a file is ready for, and the other way round. */
uint32_t epoll_events(uint32_t ready);
uint32_t epoll_wanted(uint32_t events);
