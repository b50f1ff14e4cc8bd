/* SPDX-License-Identifier: MIT */
/*
 * Requests that wait, and clients that want to know when they need not.
 *
 * An operation that cannot go on returns file_wait: the request is kept, unless its file does not
 * wait (FILE_NONBLOCK), and tried again from the start, in order, after file_wake. It must have
 * changed nothing. A request whose caller was interrupted, ended or ran out of time is gone at
 * once. An account can have WAITS_OF_ACCOUNT requests waiting, all together WAITS_MAX: LIMIT.
 */
#pragma once
#include "lib/file/server.h"

#define WAITS_OF_ACCOUNT 1024u
#define WAITS_MAX        8192u /* each has a handle of the server, of some 26,000 */

/* Where requests wait for one thing; part of what the server has. Zeros: empty. It must be empty
 * when it ends, and is when the files are closed whose requests it had. */
struct file_queue {
    struct link waits;
    struct link pending; /* in the server's list */
    uint32_t count;
};

/* To be returned by an operation on an open file. The request's data has to be there again when it
 * is tried again: in words, or in the caller's window, where it may have changed. */
static inline err_t file_wait(struct file_request *r, struct file_queue *q) {
    r->queue = q;
    return ERROR(WOULD_BLOCK);
}

/* Whether a request that cannot go on will wait; one that has waited goes on to. */
static inline bool file_waits(const struct file_request *r) {
    return r->retried || !(r->file->flags & FILE_NONBLOCK);
}

/* Others wait there, and it is not this request's turn. One that does not wait has no turn. */
static inline bool file_behind(const struct file_request *r, const struct file_queue *q) {
    return q->count && !r->retried && file_waits(r);
}

/* Tries the queue's requests again, in order, until one has to wait on. It happens later. */
void file_wake(struct file_server *s, struct file_queue *q);
/* Tells pollers that files of the node may be ready for what `events` names. */
void file_changed(struct node *n, uint32_t events);

/* ---- for the loop ---- */

#define WAITS_AT_ONCE 32u

/* Does some of what is pending, and says whether there is more. Uses `r` for that. The last answer
 * may be left to the caller, so that it can go out together with a receive: then r->wait is not
 * NULL, and after the answer, with r->error, and file_settle comes file_worked. */
bool file_work(struct file_request *r);
void file_worked(struct file_request *r);
/* The kernel says that a parked call has ended early. */
void file_gone(struct file_server *s, uint64_t cookie);
