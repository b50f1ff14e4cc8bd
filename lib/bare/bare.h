/* SPDX-License-Identifier: MIT */
/*
 * The inside of lib/bare: musl's system calls for programs that have no files. Arguments and
 * results are those of Linux, as lib/musl/README.md says. Nothing here uses errno, a thread pointer
 * or the floating-point registers.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "abi/err.h"
#include "lib/sys/cap.h"

struct thread_block;
struct timespec;

/* 0 or -errno. */
long bare_errno(err_t e);

/* call.c: the call of a number. */
long bare_call(long n, long a, long b, long c, long d, long e, long f);
/* What musl calls; see lib/musl/README.md. */
long __posix_call(long n, long a, long b, long c, long d, long e, long f);
/* start.c: called before main, when program_open has looked at the page. What Linux would put on
 * the stack, from the number of arguments on; NULL: it is made from the page. Here it does nothing.
 */
uint64_t *bare_started(void);

/* memory.c, range.c */
/* Maps memory at a free place, for bare_munmap. */
err_t bare_map(struct memory_cap memory, uint64_t bytes, uint32_t access, uint64_t *at);
long bare_mmap(uint64_t address, uint64_t length, long protection, long flags, long fd);
long bare_munmap(uint64_t address, uint64_t length);
long bare_mprotect(uint64_t address, uint64_t length, long protection);
long bare_madvise(long advice);
/* Takes a range for a mapping, and gives one back; 0: there is none. A range may turn out to be in
   use: then it is not given back, and one twice as long is taken, which soon passes what is there.
 */
uint64_t range_take(uint64_t bytes);
void range_give(uint64_t address, uint64_t bytes);

/* threads.c */
void bare_first_thread(void);
/* The calling thread gets a number below those of threads that are made here. */
void bare_renumber(long number);
long bare_clone(uint64_t flags, uint64_t stack, int *parent_tid, int *clear_tid, uint64_t entry);
/* A thread with this number is about to start; and it could not. Here they do nothing. Who keeps
 * the handle makes it HANDLE_NONE. */
err_t bare_thread_begin(struct thread_block *block, struct thread_cap *thread, long number);
void bare_thread_end(const struct thread_block *block);
_Noreturn void bare_exit(uint64_t unmap, uint64_t length);
long bare_gettid(void);
long bare_set_tid_address(int *clear);

/* futex.c; `timeout` is a number for some operations. */
long bare_futex(uint32_t *word, long op, uint32_t value, uint64_t timeout, uint32_t *target,
                uint32_t mask);

/* time.c */
long bare_clock_gettime(long clock, struct timespec *to);
long bare_clock_getres(long clock, struct timespec *to);
long bare_sleep(long clock, long flags, const struct timespec *wanted, struct timespec *rest);
/* The absolute time for a relative one in *deadline; 0 or -EINVAL. */
long deadline_after(const struct timespec *relative, uint64_t *deadline);

/* random.c; needs program_seed, or random_begin first. */
void random_fill(void *to, size_t length);
/* Goes on from another seed: a copy of a process may not have the random numbers of the other. */
void random_begin(const uint64_t seed[4]);
