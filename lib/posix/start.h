/* SPDX-License-Identifier: MIT */
/*
 * What a program of lib/posix is started with: the order of the handles in its start page
 * (lib/sys/start.h).
 */
#pragma once

enum start_handles {
    START_SPACE,       /* session of `ns`: its namespace. HANDLE_NONE: it has no files */
    START_PROC,        /* PROC_PAGE_ADDRESS, where its page of `proc` is: its starter has made it
                          known (PROC_FORK). HANDLE_NONE: it is not known, and cannot fork */
    START_PIPES,       /* session of `pipe`; HANDLE_NONE: it makes no pipes */
    START_POWER,       /* session of `init` (abi/power.h); HANDLE_NONE: it cannot turn the machine
                          off */
    START_AUTHORITY,   /* session of `auth` (abi/auth.h); HANDLE_NONE: nobody is asked for more */
    START_STATE,       /* after exec: the address of what survived (lib/posix/state.h), descriptors
                          among it. HANDLE_NONE: a first program */
    START_PROGRAM,     /* after exec of a program of Linux: the address where it begins */
    START_BREAK,       /* ... and the end of its memory */
    START_DESCRIPTORS, /* from here on the descriptors 0, 1, 2 ...: sessions of files; HANDLE_NONE:
                          that one is closed. A standard descriptor that is not in the page reads
                          as empty, and what is written to it goes to the log */
};
