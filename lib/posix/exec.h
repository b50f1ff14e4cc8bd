/* SPDX-License-Identifier: MIT */
/* The parts of exec: the file (image.c), its arguments (arguments.c), and the steps (exec.c). */
#pragma once
#include "lib/posix/posix.h"
#include "lib/posix/script.h"
#include "lib/sys/elf.h"

#define EXEC_PREFIX (2 * (SCRIPT_MOST + 1) + 1)

/* One exec, in a block of the library. */
struct exec {
    const char *name;                /* as the program gave it */
    const uint64_t *argv, *envp;     /* of the program; NULL: empty */
    struct description *file;        /* what is to run, held; NULL: not found yet */
    char head[SCRIPT_HEAD];          /* of it */
    const char *prefix[EXEC_PREFIX]; /* in place of the first argument, the last one first */
    unsigned prefixes;
    char texts[SCRIPT_MOST + 1][SCRIPT_HEAD]; /* of the scripts' lines */
    struct memory_cap arguments; /* what the new program has above its stack, mapped here */
    uint64_t arguments_at;
    uint64_t *auxiliary; /* here; what it tells that is known already: */
    uint64_t name_there, platform_there, random_there;
    struct process_cap process; /* what is made of it */
    uint64_t entry;             /* where it goes on: at the program's, or at that of lib/linux */
    struct elf_image image;     /* of the program */
};

_Static_assert(sizeof(struct exec) <= BLOCK_SIZE, "an exec fits in a block");

/* Copies arguments and environment, before there is a process. 0 or -errno, as the others. */
long arguments_write(struct exec *x);
/* Loads the program into the process, and beside one of Linux what makes its calls. */
long image_load(struct exec *x);
/* Gives it what was copied, and a stack. */
long arguments_map(const struct exec *x);
/* Gives back what was copied. */
void arguments_end(const struct exec *x);

/* 0 or -errno, of making a process. */
long exec_errno(err_t e);
