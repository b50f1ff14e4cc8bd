/* SPDX-License-Identifier: MIT */
/*
 * Pipes: what the server `pipe` does beside the file protocol (abi/file.h). An end of a pipe is an
 * open file without offsets, which is read or written with FILE_CURRENT. See docs/man/5/pipe.md.
 */
#pragma once
#include <stdint.h>

enum pipe_op {
    PIPE_MAKE = 0x200, /* to the root: word 0 FILE_NONBLOCK or 0, word 2 owner as in FILE_MAKE.
                          Answers two sessions, the end to read and the end to write; word 0 the
                          mode, 1 the identity, 2 the capacity */
    PIPE_STATE,        /* to an end. Answer: word 0 capacity, 1 bytes in it, 2 open files that read,
                          high half: that write; 3 reads that wait, high half: writes */
    PIPE_RESIZE,       /* word 0 the capacity to have. Answer: word 0 what it is now */
    PIPE_FIFO,  /* to the root: word 0 permissions, 2 owner. Answers a session, of a pipe without
                   ends, which are made by opening it */
    PIPE_AWAIT, /* to an end: answers when there is or was another side since it was opened */
};

#define PIPE_BUF          4096u /* writes of no more bytes are not mixed with others */
#define PIPE_CAPACITY     65536u
#define PIPE_CAPACITY_MIN 4096u
#define PIPE_CAPACITY_MAX 1048576u
/* What an account's further pipes have, see pipe(5). */
#define PIPE_CAPACITY_LOW 8192u
