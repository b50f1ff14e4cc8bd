/* SPDX-License-Identifier: MIT */
/*
 * What the server of pipes promises (docs/man/5/pipe.md, and file.md for waiting and pollers), as a
 * suite that runs on the host and in the emulator. A call that waits is begun and finished apart.
 */
#pragma once
#include "lib/file/client.h"
#include "lib/file/pipe.h"
#include "tests/file/suite.h"

/* A call beside the others. Its data stays where it is until it is finished. */
struct later {
    struct file_call call;
    struct session_cap session;
    err_t error;
    void *own; /* of the machine that it runs on */
};

struct pipes {
    struct session_cap root; /* all FILE_RIGHTS */
    unsigned pipes_max;      /* that the account may have; 0: do not try */
    unsigned waits_max;      /* requests that may wait; 0: do not try */
    const char *only;
    const struct suite_case *more; /* cases of the machine that it runs on, or NULL */
    struct session_cap (*narrow)(void *context, struct session_cap s, uint32_t rights);
    void (*close)(void *context, struct session_cap s);
    void (*report)(void *context, const char *name, const char *message);
    /* Lets the server do what it has to; called again and again until something has happened. */
    void (*pause)(void);
    void (*begin)(struct later *l);
    /* When the call has ended; l->error is the answer's. */
    void (*finish)(struct later *l);
    void (*interrupt)(struct later *l);
    /* One of two signals, and its bits since the last look. */
    struct signal_cap (*signal)(unsigned which);
    uint64_t (*raised)(unsigned which);
    /* A session that is none of this server's. */
    struct session_cap (*stranger)(void);
    void *context;
};

/* How many cases failed. */
unsigned pipes_run(const struct pipes *p);

/* ---- for the cases ---- */

extern const struct suite_case pipes_bytes[], pipes_ends[], pipes_waits[], pipes_polls[];
extern const struct pipes *pipes;
extern struct session_cap reader, writer; /* a new pipe for each case */

void pipe_shut(struct session_cap *s);
void pipe_new(struct session_cap *r, struct session_cap *w);
/* Without waiting, for ends that wait: what would wait is WOULD_BLOCK. */
void nonblocking(struct session_cap s, bool on);
/* Writes so many bytes of a pattern, which all fit. */
void put(struct session_cap s, size_t count);
/* Reads exactly so many, which are there. */
void get(struct session_cap s, size_t count);
err_t write_some(struct session_cap s, const void *from, size_t count, size_t *done);
err_t read_some(struct session_cap s, void *to, size_t count, size_t *done);
/* Until so many reads and writes wait. */
void await_waiting(struct session_cap s, uint32_t reads, uint32_t writes);
void later_read(struct later *l, struct session_cap s, void *to, size_t count);
void later_write(struct later *l, struct session_cap s, const void *from, size_t count);
/* Ends it: what was read or written, or 0 and an error that is not the one that is due. */
size_t later_done(struct later *l, enum err_code due);
