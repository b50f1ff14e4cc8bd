/* SPDX-License-Identifier: MIT */
/*
 * A file server in the program that tests it: sessions are places in a table, a call goes straight
 * to file_serve. Windows are poisoned around what the server may touch, so that AddressSanitizer
 * reports what the kernel would refuse or, worse, would not.
 */
#pragma once
#include "lib/file/client.h"
#include "lib/file/server.h"

#define HOST_ACCOUNT 7u /* of sessions that nobody said otherwise about */

extern struct file_server host_server;
extern uint64_t host_process; /* that calls */

/* A session of a badge: for FILE_BADGE_ROOT, the root of host_server. */
struct session_cap host_session(uint64_t badge, uint32_t rights, uint64_t account);
/* One more session of the same file that has only those rights which are named. */
struct session_cap host_narrow(void *context, struct session_cap s, uint32_t rights);
/* With the last session of a badge the server is told that it is gone. */
void host_close(void *context, struct session_cap s);
unsigned host_sessions(void);
/* The open file of a place in the table, or NULL; for checks of what the server holds. */
struct file *host_file(unsigned place);
#define HOST_SESSIONS_MAX 16384u

/* From now on the kernel has no room for a session. */
extern bool host_no_sessions;

/* A signal that can be sent along, and what was raised of it since the last look. */
handle_t host_signal(unsigned which);
uint64_t host_raised(unsigned which);
#define HOST_SIGNALS 8u
/* How many of them the server holds. */
extern unsigned host_signals_held;

/* A session of another server, and how many of those the server holds. */
handle_t host_foreign(unsigned which);
extern unsigned host_foreign_held;

/* A call as the kernel would deliver it; nothing about it has been checked. */
struct host_call {
    uint64_t badge, account, op, word[MESSAGE_WORDS];
    uint32_t rights;
    struct text data;
    size_t there; /* bytes of the data that can be fetched; 0: all */
    bool absent;  /* no page of the data was there when the call came: none is inline */
    void *to;     /* `size` bytes, the write window; 0: none */
    size_t size;
    handle_t sent; /* a session, a signal or another server's handle that comes along */
    const struct session_cap *along; /* others, of which there are so many */
    unsigned along_count;
    bool gone; /* its caller is not there any more, which the server does not know */
    bool lost; /* no page of the write window is there any more */
    struct session_cap opened[FILE_OPENED_MAX];
    bool waiting;    /* the answer comes later; until then the call stays where it is */
    uint64_t cookie; /* that the server has for it then */
    err_t error;     /* of the answer */
};
/* The answer's error; WOULD_BLOCK if it is waiting. */
err_t host_serve(struct host_call *c);
/* The caller of a waiting call ends it. The server hears of it now; or (`gone`) when it answers. */
void host_interrupt(struct host_call *c);
/* Does what is pending, after something happened that was no call. */
void host_work(void);
