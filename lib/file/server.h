/* SPDX-License-Identifier: MIT */
/*
 * The server side of the file protocol (abi/file.h). A server fills a struct node_ops for each kind
 * of file it has, gives its root directory to file_server_start and calls file_server_loop. The
 * library parses messages, walks names, keeps open files and offsets, checks rights and limits;
 * the server does what its files do. One thread; nothing here blocks but the loop's receive.
 * Requests that wait for something, and clients that want to hear of it: lib/file/waits.h.
 *
 * Bytes from clients are looked at once, in the library's own copy. What a function below is given
 * has been checked: names are 1 to 255 bytes without '/' and NUL and are never "." or "..", the
 * directory is one, the session has the rights.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "abi/err.h"
#include "abi/file.h"
#include "abi/ipc.h"
#include "lib/file/badges.h"
#include "lib/file/list.h"
#include "lib/file/text.h"
#include "lib/sys/cap.h"

struct file;
struct file_queue;
struct file_request;
struct node;
struct wait;

#define FILE_OPENED_MAX 4u /* sessions in one answer */

/* What a server's files do. An operation that is NULL is refused, with the error in brackets. */
struct node_ops {
    /* Directories. look_up and make give the node with a reference that is the caller's. */
    err_t (*look_up)(struct node *directory, struct text name, struct node **out); /* NOT_FOUND */
    struct node *(*parent)(struct node *directory); /* with a reference; NULL: the root */
    /* Calls file_entry_add for each entry behind `cookie` until that says no. [NOT_DIRECTORY] */
    err_t (*entries)(struct node *directory, struct file_request *r, uint64_t cookie);
    /* `mode` says the type; `text` is a symbolic link's. [READ_ONLY, as are the next three] */
    err_t (*make)(struct node *directory, struct text name, const struct file_stat *owner,
                  struct text text, struct node **out);
    err_t (*remove)(struct node *directory, struct text name, struct node *child);
    err_t (*link)(struct node *directory, struct text name, struct node *file);
    /* `replaced` is what has the new name now, or NULL; its type has been found fitting. */
    err_t (*rename)(struct node *from, struct text name, struct node *file, struct node *to,
                    struct text new_name, struct node *replaced);

    /* Any file. `stat` is filled in from the node before. */
    void (*stat)(struct node *n, struct file_stat *stat);
    err_t (*set)(struct node *n, const struct file_set *set); /* [READ_ONLY] */
    err_t (*read_link)(struct node *n, struct text *out);
    void (*space)(struct node *n, struct file_space *space);
    err_t (*sync)(struct node *n);
    /* The last reference is gone. */
    void (*unused)(struct node *n);

    /* Of a FIFO or socket that is only a name: keeps the one handle that came with the request, a
     * session of another server, as what is behind it. [UNSUPPORTED] And gives it, or HANDLE_NONE.
     */
    err_t (*place)(struct node *n, struct file_request *r);
    handle_t (*behind)(struct node *n);

    /* Open files. `open` may refuse, or put another node into the file; `close` is called once for
     * each open that did not refuse. */
    err_t (*open)(struct file *f);
    void (*close)(struct file *f);
    /* No session of it is left, but it is held. */
    void (*left)(struct file *f);
    /* Hands up to `count` bytes from `offset` on to file_emit, once or in pieces. [NO_RIGHT] */
    err_t (*read)(struct file *f, struct file_request *r, uint64_t offset, size_t count);
    /* Takes the request's bytes with file_take and adds to r->done what was written. [NO_RIGHT] */
    err_t (*write)(struct file *f, struct file_request *r, uint64_t offset, size_t count);
    /* The memory that has the file's contents from its first byte on, and will; the handle stays
     * the server's. [UNSUPPORTED: it is read instead] */
    err_t (*map)(struct file *f, handle_t *memory, uint64_t *bytes);
    /* What is ready, FILE_READABLE...; *bytes: for a read, at once. [ready, as a disk's files] */
    uint32_t (*poll)(struct file *f, uint64_t *bytes);
    /* An operation that the library does not know, to an open file or the root. [UNSUPPORTED] */
    err_t (*other)(struct file *f, struct file_request *r);
    /*
     * For files whose bytes are gone when they are read, or there when they are written: called
     * after an operation on an open file that succeeded, when its answer has gone out (`answered`)
     * or could not; only then does what it did count. Nothing else is served in between.
     */
    void (*settled)(struct file *f, struct file_request *r, bool answered);
};

/* Part of whatever a server has for a file. */
struct node {
    const struct node_ops *ops;
    uint64_t id;
    uint32_t mode; /* type and permissions */
    uint32_t user, group;
    uint32_t references;      /* open files, requests under way, and what the server adds */
    struct node_locks *locks; /* lib/file/locks.c; NULL: it has none */
    uint8_t lasting;     /* not 0: its open files outlive the server, see file_server.lasting */
    struct link watches; /* of pollers: lib/file/polls.c */
    uint32_t watch_count;
};

static inline void node_hold(struct node *n) {
    n->references++;
}

void node_release(struct node *n);

static inline bool node_is(const struct node *n, uint32_t type) {
    return (n->mode & FILE_TYPE) == type;
}

/* An open file: what a session names. */
struct file {
    struct badged badged;
    struct node *node; /* held */
    void *state;       /* the server's */
    struct file_server *server;
    uint64_t process; /* that opened it */
    uint64_t offset;  /* the server's, for what it likes, if it has no offsets */
    uint32_t flags;
    uint32_t sessions; /* that clients have */
    uint32_t holds;  /* requests that wait, and file_hold; it is not closed before they are over */
    bool positioned; /* has offsets; a server's open clears it for pipes and the like */
    bool fixed;      /* its offset is always 0, and every seek succeeds; set by a server's open */
};

/* A call being served. */
struct file_request {
    /* From the kernel. */
    uint64_t badge, process, account;
    uint64_t op, word[MESSAGE_WORDS];
    uint32_t rights;       /* FILE_RIGHT_*, of the session */
    const char *data;      /* what came with it */
    size_t data_length;    /* at most INLINE_MAX */
    uint64_t read_window;  /* bytes; the first data_length of them are `data` */
    uint64_t write_window; /* bytes that the caller takes */
    struct reply_cap reply;
    const struct handle_received *received; /* handles that came; closed after the request unless */
    unsigned received_count;                /* the server keeps them and makes this 0 */
    bool retried;                           /* it has waited */
    void *cargo;  /* the server's: kept with a request that waits, ended with it unless made NULL */
    void *target; /* the server's, from an operation to its `settled`; NULL at first */

    /* The answer. */
    uint64_t answer[MESSAGE_WORDS];
    size_t limit;      /* bytes of data that the caller takes */
    size_t done;       /* bytes read or written */
    struct text piece; /* the last piece emitted, which is not delivered yet */
    char *space;       /* INLINE_MAX bytes for what has to be composed */
    struct session_cap opened[FILE_OPENED_MAX]; /* to be sent along: sessions, or memory */
    unsigned opened_count;
    struct file_server *server;
    struct file *file;        /* that it is for */
    struct file_queue *queue; /* where it is to wait, see file_wait */
    struct wait *wait;        /* left by file_work: to be answered, with `error` */
    err_t error;
    bool parked;  /* it waits: there is no answer yet */
    bool settles; /* `settled` is to be called */
    bool quiet;   /* set by the server: nobody waits for what `settled` does */
    bool insists; /* it waits even if its file does not */
};

/* More of the answer's data, which must stay as it is until the answer; at most what fits is used.
 */
err_t file_emit(struct file_request *r, const void *from, size_t length);
/* Copies `length` bytes of the request's data, from `at` on. */
err_t file_take(struct file_request *r, size_t at, void *to, size_t length);
/* Adds an entry; false when no more fit. `next` is the cookie behind it. */
bool file_entry_add(struct file_request *r, struct text name, uint32_t mode, uint64_t id,
                    uint64_t next);

/* ---- the server ---- */

#define FILE_OPEN_MAX 4096u /* open files of one account */

struct file_server {
    struct node *root;
    struct file root_file; /* what a session of FILE_BADGE_ROOT is for */
    struct badges open;    /* struct file */
    struct badges waits;   /* struct wait, by the cookie that the kernel has */
    struct badges watches; /* of pollers */
    struct badges pollers;
    struct badges locks; /* limit 0: there are none, see lib/file/locks.h */
    struct link pending; /* queues in which there may be something to do */
    /* Bits of the signal that the server has bound to its endpoint were raised; NULL: it has none.
     */
    void (*raised)(struct file_server *s, uint64_t bits);
    /* The cargo of a request that is over. */
    void (*cargo_end)(void *cargo);
    unsigned accept; /* handles that a call may bring; 0: as 1, which pollers need */
    /* A request is about to be served; for servers that show each caller something else. NULL: it
     * need not be known. */
    void (*begins)(const struct file_request *r);
    /* A request was refused for a right that is missing (NO_RIGHT), or since nothing can be changed
     * here (READ_ONLY). `name`: that it was about, as the caller wrote it; empty: the open file
     * r->file. NULL: nobody needs to know. */
    void (*denied)(const struct file_request *r, struct text name, err_t e);
    /* The node of this `lasting` number, without a reference; NULL: there is none. A server that
     * has such nodes takes over the files that are open on them from the one before it: what they
     * do may depend on nothing but the node. */
    struct node *(*lasting)(uint8_t number);
};

/* Session badges that are not open files. */
#define FILE_BADGE_ROOT 0ull

void file_server_start(struct file_server *s, struct node *root);
/* Serves one request: fills the answer, unless it is parked. Calls the functions of
 * lib/file/transport.h. */
err_t file_serve(struct file_request *r);
/* To be called when the answer has gone out, or could not. */
void file_settle(struct file_request *r, bool answered);
/*
 * Opens a node for the caller, apart from any name: the session is sent with the answer, and has
 * those of the rights that the one has which the request came through.
 */
err_t file_give(struct file_request *r, struct node *n, uint32_t flags, uint32_t rights);
/* One more session of an open file, sent with the answer, with those of the rights. It is not only
 * the one through which the request came that says which. */
err_t file_give_again(struct file_request *r, struct file *f, uint32_t rights);
/* Keeps a file open without a session; and not any more, which may close it. */
void file_hold(struct file *f);
void file_unhold(struct file *f);
/* NULL: no file of this badge is open. */
static inline struct file *file_find(const struct file_server *s, uint64_t badge) {
    return (struct file *)(void *)badges_find(&s->open, badge);
}
/* A session is there which an earlier server made: if its file lasts, it is open again. */
void file_restore(struct file_server *s, uint64_t badge);
/* A session is gone. */
void file_closed(struct file_server *s, uint64_t badge);
