/* SPDX-License-Identifier: MIT */
/*
 * Starting a program from an ELF64 file in a memory object: statically linked, no segment both
 * writable and executable. The file is foreign data: whatever is wrong with it is refused with
 * BAD_ARGUMENT and nothing outside it is read.
 */
#pragma once
#include <stdbool.h>

#include "abi/err.h"
#include "lib/sys/cap.h"

struct program_room {
    struct process_cap process;
    struct thread_cap thread;
    uint64_t entry, stack_top;
};

/* Where a program's memory may be. */
struct elf_place {
    uint64_t first, end;
    uint64_t base; /* what the addresses of one that can be anywhere count from; 0: it is refused */
};
/* That of the programs of this system. */
extern const struct elf_place elf_usual;

/* What a file says about itself, with addresses as they will be. */
struct elf_image {
    uint64_t entry, end;            /* where it begins; behind its last byte of memory */
    uint64_t headers, header_count; /* in its memory; 0: they are not there */
    bool native;                    /* it has the note of lib/sys/ARCH/start.S */
    bool interpreted;               /* it wants a program that links it when it starts */
};

/* elf_look.c: reads that; all that elf_load would refuse of the headers is BAD_ARGUMENT. */
err_t elf_look(const char *file, uint64_t size, const struct elf_place *where,
               struct elf_image *out);

/* Puts the segments of `file` (`size` bytes) into an empty process; pages are paid by `pool`. The
 * handle allows to read, execute and clone, and the memory stays as it is. */
err_t elf_load(struct memory_cap file, uint64_t size, struct process_cap process,
               struct pool_cap pool, const struct elf_place *where, struct elf_image *out);
/* Makes a process from a file, with a stack and a first thread that is not started yet. */
err_t program_prepare(struct memory_cap file, uint64_t size, struct pool_cap pool,
                      unsigned priority, struct program_room *out);
/* Starts it; the argument reaches its program_main. */
err_t program_launch(const struct program_room *room, uint64_t argument);
