/* SPDX-License-Identifier: MIT */
/*
 * Messages: the operation word, the status word, and the thread block.
 *
 * A call carries an operation word and six argument words in registers. The low 32 bits of the
 * operation word belong to the protocol; the bits below say what else travels, described in the
 * caller's thread block. The thread block is one page that stays resident while the thread lives;
 * the user's GS base (x86-64) or TPIDRRO_EL0 (AArch64) points to it, again after each switch of
 * threads if the user has changed it.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "handle.h"

#define MESSAGE_WORDS   6
#define MESSAGE_HANDLES 4
#define INLINE_MAX      4096u       /* bytes delivered together with a message */
#define WINDOWS_MAX     (64u << 10) /* bytes, both windows of a call together */

/* Operation word, set by the sender. */
#define OP_CODE           0xffffffffull
#define OP_READ_WINDOW    (1ull << 32) /* call: the server may read; reply, forward: data sent */
#define OP_WRITE_WINDOW   (1ull << 33) /* call: the server may write */
#define OP_DEADLINE       (1ull << 34) /* call, receive: block.deadline bounds the wait */
#define OP_HANDLES(n)     ((uint64_t)(n) << 36) /* 0..4 handles sent, in block.send */
#define OP_HANDLES_OF(op) ((unsigned)((op) >> 36) & 7)
#define OP_ACCEPT(n)      ((uint64_t)(n) << 40) /* 0..4 handles accepted by this receive or call */
#define OP_ACCEPT_OF(op)  ((unsigned)((op) >> 40) & 7)
#define OP_KNOWN                                                                                   \
    (OP_CODE | OP_READ_WINDOW | OP_WRITE_WINDOW | OP_DEADLINE | (7ull << 36) | (7ull << 40))

/* In the operation word that a receiver of a call gets, and refused in what is sent: the rights
 * 0x0100..0x8000 of the session handle that the call came through, the last one if it was
 * forwarded. */
#define OP_RIGHTS(op) ((uint32_t)((op) >> 48) & 0xff00u)

/* Status word, returned by every system call. */
#define STATUS_CODE(s)     ((uint16_t)(s)) /* enum err_code */
#define STATUS_ARGUMENT(s) ((unsigned)((s) >> 16) & 0xff)
#define STATUS_KIND(s)     ((unsigned)((s) >> 24) & 0xff) /* enum message_kind, after a receive */

/*
 * What a receive returned, in registers a0..a8 of abi/syscall.h. For CALL and PAGE a8 is the reply
 * handle.
 */
enum message_kind {
    MESSAGE_CALL,   /* a0 badge, a1 operation word, a2.. message words */
    MESSAGE_SIGNAL, /* a0 the bits of the bound signal, now cleared */
    MESSAGE_CLOSED, /* a0 badge of a session whose last handle is gone */
    MESSAGE_ENDED,  /* a0 cookie of a process that ended, a1 enum end_reason, a2 code, a3 address */
    MESSAGE_GONE,   /* a0 cookie given to park; a1 the error the caller got; a2 the reply handle,
                       which is no longer valid */
    MESSAGE_PAGE,   /* a0 badge of pager-backed memory, a1 offset, a2 access bits wanted;
                       supply the page, then reply (op 0: retry; else: the fault stands) */
};

enum end_reason { END_EXIT, END_KILL, END_FAULT, END_POOL };

/* One handle in block.send. */
struct handle_send {
    handle_t handle;
    uint16_t rights; /* narrowed to these */
    uint16_t flags;  /* SEND_MOVE */
    uint32_t reserved;
};
#define SEND_MOVE 1u /* the sender's handle is used up; without it the receiver gets a child */

/* One handle in block.received. */
struct handle_received {
    handle_t handle; /* HANDLE_NONE when the receiver's own session came back: see badge */
    uint16_t rights;
    uint8_t type; /* enum object_type */
    uint8_t own;  /* 1: a session of the receiving endpoint; badge says which, no handle made */
    uint32_t reserved;
    uint64_t badge;
};

struct window {
    uint64_t address;
    uint64_t length; /* bytes */
};

/* General registers as an upcall frame shows them; see abi/upcall.h. */
struct upcall_frame {
    uint64_t reason;                /* enum upcall_reason */
    uint64_t code;                  /* FAULT: enum fault_kind; FOREIGN: the call's number */
    uint64_t address;               /* FAULT: the address for page faults */
    uint64_t error;                 /* FAULT: access bits, MEMORY_* */
    uint64_t general[16];           /* x86-64: rax rbx rcx rdx rsi rdi rbp r8..r15, last unused */
    uint64_t ip, cs, flags, sp, ss; /* in the order that x86-64 IRETQ takes */
};

enum upcall_reason { UPCALL_FOREIGN, UPCALL_FAULT, UPCALL_INTERRUPT, UPCALL_FIXUP };

struct thread_block {
    uint64_t self; /* its own user address */

    /* What the thread sends. */
    uint64_t deadline; /* absolute, nanoseconds of the monotonic clock */
    struct window read, write;
    struct handle_send send[MESSAGE_HANDLES];
    handle_t forward_session; /* where forward_wait passes the call on */
    struct window buffer;     /* where inline data of a received message goes; length 0: nowhere */

    /* What the kernel delivered. */
    uint64_t caller_process;            /* unforgeable id of the calling process */
    uint64_t caller_account;            /* id of its account */
    uint64_t read_length, write_length; /* whole windows of the call just received; after a call,
                                           read_length: bytes of inline reply data written */
    uint32_t inline_length;             /* bytes put in buffer */
    uint32_t received_count;
    struct handle_received received[MESSAGE_HANDLES];

    /* Upcalls. Read by the kernel at each upcall; `mask` is set by it. */
    uint64_t upcall_base, upcall_top; /* the upcall stack; top 0: none */
    uint32_t upcall_mask;
    uint32_t upcall_pending; /* an interrupt arrived while masked */
    struct upcall_frame fixup;

    /* The clock: ns = ((tsc - tsc_base) * tsc_mult) >> 32, TSC of the CPU; constant after boot. */
    uint64_t tsc_base, tsc_mult;
    uint32_t cpu_count;
    uint32_t reserved;

    uint64_t user[16]; /* for the C library; never touched by the kernel after creation */
};

#define THREAD_BLOCK_SIZE 4096u
