/* SPDX-License-Identifier: MIT */
/*
 * The client side of the file protocol, one call to one server each: nothing here follows links or
 * knows of mounts. Names are relative to the session; an empty one is the session's file.
 */
#pragma once
#include <stdbool.h>

#include "abi/err.h"
#include "abi/file.h"
#include "abi/ipc.h"
#include "lib/file/text.h"
#include "lib/sys/cap.h"

/* What an operation on a name answers. */
struct file_found {
    uint32_t mode;
    uint64_t id, size;
    size_t used;     /* after SYMLINK, ABOVE_ROOT, NOT_FOUND: bytes of the name */
    uint32_t branch; /* after NOT_FOUND: where to look next, 0: nowhere */
    uint64_t mount;
};

/* How a name is meant. */
struct file_name {
    struct text path;
    uint32_t flags, branch;
    uint32_t mode, user, group; /* of what is made */
};

err_t file_open(struct session_cap s, const struct file_name *n, struct session_cap *out,
                struct file_found *found);
err_t file_stat(struct session_cap s, const struct file_name *n, struct file_stat *out,
                struct file_found *found);
err_t file_set(struct session_cap s, const struct file_name *n, const struct file_set *set,
               struct file_found *found);
/* The same with the bytes of the struct file_set directly behind those of the name. */
err_t file_set_behind(struct session_cap s, const struct file_name *n, struct file_found *found);
/* `text` is a symbolic link's. Here and below: what is directly behind the name is not copied. */
err_t file_make(struct session_cap s, const struct file_name *n, struct text text,
                struct file_found *found);
err_t file_remove(struct session_cap s, const struct file_name *n, struct file_found *found);
err_t file_rename(struct session_cap s, const struct file_name *n, struct text to,
                  struct file_found *found);
err_t file_link(struct session_cap s, const struct file_name *n, struct text to,
                struct file_found *found);
/* *length: of the text, of which at most `size` bytes are in `to`. */
err_t file_read_link(struct session_cap s, const struct file_name *n, void *to, size_t size,
                     size_t *length, struct file_found *found);

/* Offsets may be FILE_CURRENT. *done is less than asked for at the end, and at WINDOWS_MAX. */
err_t file_read(struct session_cap s, uint64_t offset, void *to, size_t size, size_t *done);
err_t file_write(struct session_cap s, uint64_t offset, const void *from, size_t size,
                 size_t *done);
err_t file_seek(struct session_cap s, int64_t offset, enum file_seek whence, uint64_t *out);
err_t file_entries(struct session_cap s, uint64_t cookie, void *to, size_t size, size_t *done);
err_t file_sync(struct session_cap s);
err_t file_flags(struct session_cap s, uint32_t flags, uint32_t change, uint32_t *out);
err_t file_space(struct session_cap s, struct file_space *out);

/* The file's contents as memory, *bytes of it if the server is right, which the handle allows to
 * read, execute and clone. UNSUPPORTED: it can only be read. */
err_t file_map(struct session_cap s, struct memory_cap *out, uint64_t *bytes);
/* Puts a session of another server behind a FIFO or socket that is only a name: EXISTS, there is
 * one already. */
err_t file_place(struct session_cap s, struct session_cap behind);

/* An owner of locks of the server that the session is of; others are told its number. */
err_t file_owner(struct session_cap s, uint64_t number, struct session_cap *out);
struct file_range {
    uint64_t first, last; /* bytes */
    uint32_t kind;        /* FILE_LOCK_SHARED, _EXCLUSIVE, or 0 */
    uint64_t number;      /* of its owner, if it is one that another has */
};
/* Locks a range as its kind says, 0: no more. `owner`: else OTHER_SERVER; HANDLE_NONE: the open
 * file. `how`: FILE_LOCK_WAIT, _TEST, _WHOLE. With TEST the range is what is in the way. Can be
 * INTERRUPTED; BUSY: it would never end. */
err_t file_lock(struct session_cap s, struct session_cap owner, uint32_t how,
                struct file_range *range);

/* What a file is ready for; *bytes: that a read gives at once. Either may be NULL. */
err_t file_poll(struct session_cap s, uint32_t *ready, uint64_t *bytes);
/* A poller of the server that the session is of: it raises `bits` of the signal. */
err_t file_poller(struct session_cap s, struct signal_cap signal, uint64_t bits,
                  struct session_cap *out);
/* Has a poller of the same server (else OTHER_SERVER) watch a file. `how`: FILE_READABLE..., one of
 * FILE_POLL_*. *ready as above; with FILE_POLL_ONCE nothing is watched if that is what was asked.
 */
err_t file_watch(struct session_cap s, struct session_cap poller, uint32_t how, uint64_t cookie,
                 uint32_t *ready);
/* What watched files are ready for, at most `room` of them. Nothing is waited for: who finds
 * nothing waits for the signal. */
err_t file_ready(struct session_cap poller, struct file_ready *to, size_t room, size_t *count);

/* ---- the message below them; in tests on the host, a server in the same program ---- */

#define FILE_SESSIONS_MAX 4u

struct file_call {
    uint32_t op; /* enum file_op, or a server's own */
    uint64_t word[MESSAGE_WORDS];
    struct text data; /* for the server; at most WINDOWS_MAX together with the next */
    void *to;         /* for its answer */
    size_t size;
    handle_t sent;                   /* HANDLE_NONE: nothing is sent along */
    uint16_t sent_rights;            /* all that is left of its rights */
    const struct session_cap *along; /* others that are sent along, with all their rights */
    unsigned along_count;            /* with `sent` at most MESSAGE_HANDLES */
    uint64_t deadline;               /* that the call has, of the monotonic clock; 0: none */
    unsigned accept; /* sessions that the answer brings, at most FILE_SESSIONS_MAX: exactly, */
    bool fewer;      /* or as many as it likes up to that: the rest of `opened` is HANDLE_NONE */
    bool memory;     /* it brings memory instead */
    struct session_cap opened[FILE_SESSIONS_MAX];
};
err_t file_call(struct session_cap s, struct file_call *c);
/* Gives a session up. */
void file_drop(struct session_cap s);
/* One that does not wait for anything that an interrupt should end: it is sent again, having done
 * nothing. */
static inline err_t file_ask(struct session_cap s, struct file_call *c) {
    err_t e;
    do
        e = file_call(s, c);
    while (err_is(e, ERR_INTERRUPTED));
    return e;
}
