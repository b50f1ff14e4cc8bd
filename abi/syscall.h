/* SPDX-License-Identifier: MIT */
/*
 * System-call numbers and the structures that calls fill. A native number is SYSCALL_BASE + n of
 * abi/syscall.def; any other number is foreign and goes to the process's upcall entry.
 *
 * Registers, x86-64: number and status in rax; a0..a8 in rdi rsi rdx r10 r8 r9 r12 r13 rbx. rcx and
 * r11 are lost. The arguments of a call stand in a0..a5; results come back in a0 and a1. Messages
 * use a0 (session or reply handle), a1 (operation word), a2..a7 (six message words) and a8 (the
 * endpoint of reply_wait, the session of forward; on return from a receive, the reply handle).
 */
#pragma once
#include <stdint.h>

#include "err.h"
#include "handle.h"

#define SYSCALL_BASE 0x1000u

enum syscall_number {
#define SYSCALL(n, name, ...) SYSCALL_##name = n,
#include "syscall.def"
#undef SYSCALL
    SYSCALL_COUNT,
};

#define SYSCALL_WORDS 2 /* 64-bit words of native filter */
#define FOREIGN_WORDS 8 /* 64-bit words of foreign filter: numbers 0..511; higher are refused */

/* A set bit allows the call. */
struct syscall_filter {
    uint64_t native[SYSCALL_WORDS];
    uint64_t foreign[FOREIGN_WORDS];
    uint64_t priority; /* the highest that its threads may give to a thread */
};

struct pool_info {
    uint64_t limit, used, quarantined; /* bytes; limits of children count as used */
    uint64_t cpu_time;                 /* nanoseconds, of all threads paid by this pool */
    uint64_t identity, weight;
};

struct process_info {
    uint64_t identity, account;
    uint64_t resident; /* bytes of pages now mapped */
    uint64_t tables;   /* bytes of page tables and handle tables */
    uint64_t threads, handles;
    uint64_t cpu_time;
    uint64_t reason, code, address; /* how it ended: enum end_reason; valid if ended */
    uint64_t ended;
};

struct thread_info {
    uint64_t identity, process;
    uint64_t state; /* enum thread_state_abi */
    uint64_t priority, effective_priority;
    uint64_t affinity; /* bit per CPU */
    uint64_t cpu_time;
    uint64_t block; /* user address of the thread block */
};

enum thread_state_abi {
    THREAD_NEW,
    THREAD_RUNNING,
    THREAD_WAITING,
    THREAD_SUSPENDED,
    THREAD_ENDED
};

struct memory_info {
    uint64_t size, resident; /* bytes */
    uint64_t kind;           /* enum memory_kind_abi */
    uint64_t shared;         /* bytes resident and shared copy-on-write */
};

enum memory_kind_abi { MEMORY_ANONYMOUS, MEMORY_PAGER, MEMORY_DEVICE };

/* All registers of a stopped thread; x86-64. */
struct thread_registers {
    uint64_t general[16]; /* rax rbx rcx rdx rsi rdi rbp r8..r15, last unused */
    uint64_t ip, sp, flags;
    uint64_t fs_base;
    uint64_t gs_base; /* the thread block; not written */
    uint64_t status;  /* reserved, 0 */
};

struct session_info {
    uint64_t identity, badge;
};

/* In mask, and in expected of requeue: key by memory object; without it, by address space. Threads
 * that wait with a mask other than FUTEX_ALL are woken after the others and are not moved. */
#define FUTEX_SHARED  (1ull << 32)
#define FUTEX_ALL     0xffffffffull
#define DEADLINE_NONE UINT64_MAX

#define IRQ_MESSAGE                                                                                \
    UINT64_MAX       /* irq_create: a message-signalled vector; the second result is its           \
                        address (low 32 bits) and data (high 32 bits) */
#define IRQ_LEVEL 1u /* mode: level-triggered, else edge */
#define IRQ_LOW   2u /* mode: active low, else high */
