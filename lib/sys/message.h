/* SPDX-License-Identifier: MIT */
/*
 * Sending and receiving messages: the calls of abi/syscall.def that carry six message words.
 * Inlined into the caller a struct message that is not passed on lives in registers, so an exchange
 * costs the moves that the words need and the system call itself. What travels beside the words
 * (handles, windows, deadline) is described in the thread block; see abi/ipc.h.
 */
#pragma once
#include "lib/sys/cap.h"
#include "lib/sys/invoke.h"

struct message {
    uint64_t badge; /* received: badge, bits or cookie, by kind */
    uint64_t op;    /* operation word */
    uint64_t word[MESSAGE_WORDS];
    struct reply_cap reply; /* received: the right to answer, for CALL and PAGE */
};

#define MESSAGE_CALL_INLINE __attribute__((always_inline)) static inline

/* One message system call; returns the status word. a0 and a8 as abi/syscall.h says. */
MESSAGE_CALL_INLINE uint64_t message_invoke(uint64_t number, uint64_t a0, struct message *m,
                                            uint64_t a8) {
    uint64_t status = SYSCALL_BASE + number;
    register uint64_t r10 __asm__("r10") = m->word[1];
    register uint64_t r8 __asm__("r8") = m->word[2];
    register uint64_t r9 __asm__("r9") = m->word[3];
    register uint64_t r12 __asm__("r12") = m->word[4];
    register uint64_t r13 __asm__("r13") = m->word[5];
    __asm__ volatile("syscall"
                     : "+a"(status), "+D"(a0), "+S"(m->op), "+d"(m->word[0]), "+r"(r10), "+r"(r8),
                       "+r"(r9), "+r"(r12), "+r"(r13), "+b"(a8)
                     :
                     : INVOKE_CLOBBERS);
    m->badge = a0;
    m->word[1] = r10;
    m->word[2] = r8;
    m->word[3] = r9;
    m->word[4] = r12;
    m->word[5] = r13;
    m->reply.h = a8;
    return status;
}

/* The same without words of our own: what is in the registers is sent, what comes back is lost. */
MESSAGE_CALL_INLINE uint64_t message_invoke_bare(uint64_t number, uint64_t *a0, uint64_t *op,
                                                 uint64_t *a8) {
    uint64_t status = SYSCALL_BASE + number;
    register uint64_t r10 __asm__("r10");
    register uint64_t r8 __asm__("r8");
    register uint64_t r9 __asm__("r9");
    register uint64_t r12 __asm__("r12");
    register uint64_t r13 __asm__("r13");
    uint64_t rdx;
    __asm__ volatile("syscall"
                     : "+a"(status), "+D"(*a0), "+S"(*op), "=d"(rdx), "=r"(r10), "=r"(r8), "=r"(r9),
                       "=r"(r12), "=r"(r13), "+b"(*a8)
                     :
                     : INVOKE_CLOBBERS);
    return status;
}

static inline enum message_kind status_kind(uint64_t status) {
    return (enum message_kind)STATUS_KIND(status);
}

/* Sends m->op and m->word to the server of a session; they are the answer's when it returns. */
MESSAGE_CALL_INLINE err_t session_call(struct session_cap session, struct message *m) {
    return status_error(message_invoke(SYSCALL_call, session.h, m, 0));
}

/* A call whose answer's operation says how it ended: that error, or the call's own. */
MESSAGE_CALL_INLINE err_t session_ask(struct session_cap session, struct message *m) {
    err_t e = session_call(session, m);
    if (err_ok(e))
        e = (err_t){.code = (uint16_t)m->op};
    return e;
}

/* A call whose words mean nothing, neither way. */
MESSAGE_CALL_INLINE err_t session_call_bare(struct session_cap session, uint64_t op) {
    uint64_t a0 = session.h, a8 = 0;
    return status_error(message_invoke_bare(SYSCALL_call, &a0, &op, &a8));
}

/* Waits for a message at an endpoint; `op` has OP_ACCEPT and OP_DEADLINE. */
MESSAGE_CALL_INLINE err_t endpoint_receive(struct endpoint_cap endpoint, uint64_t op,
                                           struct message *m, enum message_kind *kind) {
    m->op = op;
    uint64_t status = message_invoke(SYSCALL_reply_wait, HANDLE_NONE, m, endpoint.h);
    *kind = status_kind(status);
    return status_error(status);
}

/* Answers `reply` with m->op and m->word, then waits for the next message, which is put into m. */
MESSAGE_CALL_INLINE err_t reply_and_receive(struct reply_cap reply, struct endpoint_cap endpoint,
                                            struct message *m, enum message_kind *kind) {
    uint64_t status = message_invoke(SYSCALL_reply_wait, reply.h, m, endpoint.h);
    *kind = status_kind(status);
    return status_error(status);
}

/* Answers a call with m->op and m->word. */
MESSAGE_CALL_INLINE err_t reply_send(struct reply_cap reply, struct message *m) {
    return status_error(message_invoke(SYSCALL_reply, reply.h, m, 0));
}

/* Passes a call on with m->op and m->word in place of the caller's. */
MESSAGE_CALL_INLINE err_t reply_forward(struct reply_cap reply, struct session_cap session,
                                        struct message *m) {
    return status_error(message_invoke(SYSCALL_forward, reply.h, m, session.h));
}

/* Passes a call on to block.forward_session, then waits for the next message. */
MESSAGE_CALL_INLINE err_t forward_and_receive(struct reply_cap reply, struct endpoint_cap endpoint,
                                              struct message *m, enum message_kind *kind) {
    uint64_t status = message_invoke(SYSCALL_forward_wait, reply.h, m, endpoint.h);
    *kind = status_kind(status);
    return status_error(status);
}

/* The one session that an answer must have brought; everything else that came is closed. */
err_t session_received(struct session_cap *out);
