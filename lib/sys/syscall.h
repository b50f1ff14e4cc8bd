/* SPDX-License-Identifier: MIT */
/*
 * The system calls as C functions, made from abi/syscall.def by the preprocessor: for
 *
 *     SYSCALL(13, pool_create, H(POOL, POOL_BUY, parent), V(limit), V(weight), ..., R(pool), ...)
 *
 * there is
 *
 *     err_t sys_pool_create(struct pool_cap parent, uint64_t limit, uint64_t weight,
 *                           struct pool_cap *out_pool);
 *
 * Results are written only on success. The calls that carry messages (call, reply_wait, reply,
 * forward) are made too, but without their message words: use lib/sys/message.h.
 *
 * How: an argument of the table becomes a tuple (KIND, ...), from which PARAM makes a parameter and
 * VALUE a register's contents, each with a comma before it; REST drops the first comma.
 */
#pragma once
#include "lib/sys/cap.h"
#include "lib/sys/invoke.h"

/* The C types of handle arguments. */
#define CAP_POOL     struct pool_cap
#define CAP_PROCESS  struct process_cap
#define CAP_THREAD   struct thread_cap
#define CAP_MEMORY   struct memory_cap
#define CAP_ENDPOINT struct endpoint_cap
#define CAP_SESSION  struct session_cap
#define CAP_REPLY    struct reply_cap
#define CAP_SIGNAL   struct signal_cap
#define CAP_TIMER    struct timer_cap
#define CAP_IRQ      struct irq_cap
#define CAP_PORTS    struct ports_cap
#define CAP_TRACE    struct trace_cap
#define CAP_ANY      struct any_cap

/* A handle of whatever kind. */
struct any_cap {
    handle_t h;
};
#define ANY(cap) ((struct any_cap){(cap).h})

/* The C types of results, by their names in the table. */
#define RESULT_handle          handle_t
#define RESULT_pool            struct pool_cap
#define RESULT_process         struct process_cap
#define RESULT_thread          struct thread_cap
#define RESULT_memory          struct memory_cap
#define RESULT_endpoint        struct endpoint_cap
#define RESULT_session         struct session_cap
#define RESULT_signal          struct signal_cap
#define RESULT_timer           struct timer_cap
#define RESULT_irq             struct irq_cap
#define RESULT_ports           struct ports_cap
#define RESULT_type_and_rights uint64_t
#define RESULT_identity        uint64_t
#define RESULT_bytes           uint64_t
#define RESULT_lost            uint64_t
#define RESULT_length          uint64_t
#define RESULT_pages           uint64_t
#define RESULT_address         uint64_t
#define RESULT_count           uint64_t
#define RESULT_bits            uint64_t
#define RESULT_woken           uint64_t
#define RESULT_moved           uint64_t
#define RESULT_nanoseconds     uint64_t
#define RESULT_message         uint64_t
#define RESULT_value           uint64_t

/* Arguments. */
#define H(type, rights, name) (HANDLE, type, name)
#define V(name)               (NUMBER, , name)
#define S(name)               (NUMBER, , name)
#define A(name)               (POINTER, , name)
#define _                     (ABSENT, , )

#define PARAM(kind, type, name)   PARAM_##kind(type, name)
#define PARAM_HANDLE(type, name)  , CAP_##type name
#define PARAM_NUMBER(type, name)  , uint64_t name
#define PARAM_POINTER(type, name) , const volatile void *name
#define PARAM_ABSENT(type, name)
#define PARAM_RESULT(type, name)     , RESULT_##name *out_##name
#define PARAM_RESULTS(first, second) , RESULT_##first *out_##first, RESULT_##second *out_##second

#define VALUE(kind, type, name) VALUE_##kind(name)
#define VALUE_HANDLE(name)      , name.h
#define VALUE_NUMBER(name)      , name
#define VALUE_POINTER(name)     , (uint64_t)name
#define VALUE_ABSENT(name)

/* Results. */
#define R(name)                   (RESULT, , name)
#define R2(first, second)         (RESULTS, first, second)
#define STORE(kind, first, name)  STORE_##kind(first, name)
#define STORE_ABSENT(first, name) (void)result;
#define STORE_RESULT(first, name)                                                                  \
    if (err_ok(status_error(result.status)))                                                       \
        *out_##name = (RESULT_##name){result.r0};
#define STORE_RESULTS(first, second)                                                               \
    if (err_ok(status_error(result.status))) {                                                     \
        *out_##first = (RESULT_##first){result.r0};                                                \
        *out_##second = (RESULT_##second){result.r1};                                              \
    }

#define REST(...)         REST_(__VA_ARGS__)
#define REST_(first, ...) __VA_OPT__(__VA_ARGS__) PARAMS##__VA_OPT__(_GIVEN)
#define PARAMS            void
#define PARAMS_GIVEN
#define COUNTED(...)                              COUNTED_(__VA_ARGS__, 6, 5, 4, 3, 2, 1, 0, )
#define COUNTED_(n, a, b, c, d, e, f, count, ...) invoke##count

#define SYSCALL(number, name, a1, a2, a3, a4, a5, a6, result_kind, errors, sentence)               \
    static inline err_t sys_##name(                                                                \
        REST(none PARAM a1 PARAM a2 PARAM a3 PARAM a4 PARAM a5 PARAM a6 PARAM result_kind)) {      \
        struct invoke_result result =                                                              \
            COUNTED(number VALUE a1 VALUE a2 VALUE a3 VALUE a4 VALUE a5 VALUE a6)(                 \
                number VALUE a1 VALUE a2 VALUE a3 VALUE a4 VALUE a5 VALUE a6);                     \
        STORE result_kind return status_error(result.status);                                      \
    }
#include "abi/syscall.def"
#undef SYSCALL
#undef H
#undef V
#undef S
#undef A
#undef _
#undef R
#undef R2
