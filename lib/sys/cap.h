/* SPDX-License-Identifier: MIT */
/*
 * Handles as user space holds them: one C type for each kind of object, so that the compiler
 * refuses a memory handle where an endpoint is due. They are all one handle_t inside; `.h` is for
 * the few calls that take any kind.
 */
#pragma once
#include "abi/handle.h"

struct pool_cap {
    handle_t h;
};
struct process_cap {
    handle_t h;
};
struct thread_cap {
    handle_t h;
};
struct memory_cap {
    handle_t h;
};
struct endpoint_cap {
    handle_t h;
};
struct session_cap {
    handle_t h;
};
struct reply_cap {
    handle_t h;
};
struct signal_cap {
    handle_t h;
};
struct timer_cap {
    handle_t h;
};
struct irq_cap {
    handle_t h;
};
struct ports_cap {
    handle_t h;
};
struct trace_cap {
    handle_t h;
};

/* What a session is for, unless its server says less, beside what the server gives a meaning to. */
#define SESSION_USE (RIGHT_SESSION_CALL | RIGHT_DUPLICATE | RIGHT_SEND | RIGHT_REVOKE | RIGHT_INFO)

/* The calling process and thread. */
#define SELF_PROCESS ((struct process_cap){HANDLE_PROCESS})
#define SELF_THREAD  ((struct thread_cap){HANDLE_THREAD})
#define NO_REPLY     ((struct reply_cap){HANDLE_NONE})
