/* SPDX-License-Identifier: MIT */
/*
 * What every file server promises (abi/file.h, docs/man/5/file.md), as a suite that runs through a
 * session to an empty directory: on the host against a server in the same program, and in the
 * emulator against a real one. It uses lib/file/client.h and a little of the C library.
 */
#pragma once
#include "lib/file/client.h"

/* What a server may lack. Cases that need what is not named here are left out. */
enum conformance_feature {
    HAS_CHANGES = 1, /* files can be made, written and removed */
    HAS_RENAME = 2,
    HAS_LINKS = 4, /* several names of one file */
    HAS_SYMLINKS = 8,
    HAS_FIFOS = 16,     /* FILE_MAKE of a FIFO or a socket */
    HAS_MODES = 32,     /* keeps permissions and owners */
    HAS_TIMES = 64,     /* keeps times, and to the nanosecond */
    HAS_ANY_NAME = 128, /* all bytes but '/' and NUL, and "A" is not "a" */
    HAS_SPARSE = 256,   /* what was never written takes no room */
    HAS_UNLINKED = 512, /* a removed file lives on while it is open */
    HAS_SPACE = 1024,
    HAS_DIRECTORY_LINKS = 2048, /* a directory has 2 links and one for each directory in it */
    HAS_ALL = 4095,
    IS_READ_ONLY = 4096, /* refuses all changes; no HAS_CHANGES then */
};

struct conformance {
    struct session_cap root;     /* an empty directory; all FILE_RIGHTS. Read-only: none */
    struct session_cap prepared; /* the tree of prepared.h; HANDLE_NONE: there is none */
    uint32_t features;
    uint64_t size_max; /* the largest size of a file; 0: do not try */
    uint32_t open_max; /* files that the account may open; 0: do not try */
    uint32_t many;     /* files for the large directory */
    const char *only;  /* cases whose name begins with this; NULL: all */
    /* A session for the same file with those of its rights that are named. */
    struct session_cap (*narrow)(void *context, struct session_cap s, uint32_t rights);
    void (*close)(void *context, struct session_cap s);
    /* `message` is NULL if it passed. */
    void (*report)(void *context, const char *name, const char *message);
    void *context;
};

/* How many cases failed. The directory is empty again afterwards. */
unsigned conformance_run(const struct conformance *c);
