/* SPDX-License-Identifier: MIT */
/*
 * Starting a program from an ELF64 file in a memory object: statically linked, at fixed addresses,
 * no segment both writable and executable. The file is foreign data: whatever is wrong with it is
 * refused with BAD_ARGUMENT and nothing outside it is read.
 */
#pragma once
#include "abi/err.h"
#include "lib/sys/cap.h"

struct program_room {
    struct process_cap process;
    struct thread_cap thread;
    uint64_t entry, stack_top;
};

/* Puts the segments of `file` (`size` bytes) into an empty process; pages are paid by `pool`. */
err_t elf_load(struct memory_cap file, uint64_t size, struct process_cap process,
               struct pool_cap pool, uint64_t *entry);
/* Makes a process from a file, with a stack and a first thread that is not started yet. */
err_t program_prepare(struct memory_cap file, uint64_t size, struct pool_cap pool,
                      unsigned priority, struct program_room *out);
/* Starts it; the argument reaches its program_main. */
err_t program_launch(const struct program_room *room, uint64_t argument);
