/* SPDX-License-Identifier: MIT */
/*
 * The parts of the message path, between kernel/ipc and the objects. States of a call and who may
 * end it when: docs/invariants.md. The sender of a message is the caller, the replier or the
 * forwarder; errors about what it sends are its own.
 */
#pragma once
#include "endpoint.h"
#include "process.h"
#include "thread.h"

/* What a forwarder sent along with a call, paid for by the caller. */
struct forwarded {
    uint32_t count;  /* handles not yet delivered */
    uint32_t length; /* bytes */
    struct slot slot[MESSAGE_HANDLES];
    uint8_t *data; /* a page, or NULL */
};

/* Handles to be sent: found, checked, and their block entries read once. */
struct parcel {
    unsigned count;
    struct {
        struct slot *slot;
        uint16_t rights;
        bool move;
        bool own; /* a session of the receiving endpoint */
    } item[MESSAGE_HANDLES];
};

/*
 * fast.c: does a plain call, reply_wait or forward_wait and returns the thread to enter, with the
 * message words in the registers of `from`, a0 and a8 in its own, and status OK; or NULL and the
 * thread that kernel_leave names, the lock being released; or NULL twice, and nothing was changed.
 */
struct exchange {
    struct thread *to, *from;
};
struct exchange message_fast_call(struct thread *t);
struct exchange message_fast_reply_wait(struct thread *t);
struct exchange message_fast_forward_wait(struct thread *t);
extern uint32_t message_slow; /* why there is no fast path now: */
#define MESSAGE_SLOW_TRACE 1u /* events are kept */
#define MESSAGE_SLOW_TEST  2u /* a test says so */

/* transfer.c */
/* The handles that `from` sends with `op` to a receiver that accepts `room`; `e`: where it
 * receives, NULL for a reply. */
err_t parcel_check(struct thread *from, uint64_t op, unsigned room, const struct endpoint *e,
                   struct parcel *out);
/* Puts them into `to`'s reserved slots and tells it in its block. */
void parcel_deliver(const struct parcel *p, struct thread *to);
/* Keeps them for a receiver to come, and delivers what was kept. */
void parcel_keep(const struct parcel *p, struct forwarded *f);
err_t forwarded_deliver(struct thread *caller, struct thread *to, struct endpoint *e);
/* PREEMPTIBLE: closes what was sent along with the last call of `t` and not delivered. */
bool forwarded_free(struct thread *t);
/* Reserves what a receive or call with `op` needs: slots for `accept` handles, and a reply slot if
 * asked. */
err_t receive_reserve(struct thread *t, unsigned accept, bool reply);
/* Moves the right to answer to another slot. */
void reply_move(struct slot *to, struct slot *from, struct thread *holder);

/* call.c */
/* Refuses an operation word with unknown bits or too many handles; `argument` is told. */
static inline err_t op_check(uint64_t op, unsigned argument) {
    if (unlikely(op & ~OP_KNOWN || OP_HANDLES_OF(op) > MESSAGE_HANDLES ||
                 OP_ACCEPT_OF(op) > MESSAGE_HANDLES))
        return ERROR_ARG(BAD_ARGUMENT, (uint16_t)argument);
    return OK;
}
/* The receiver will see them: OP_RIGHTS. They were not in what was sent. */
static inline void op_add_rights(uint64_t *op, const struct slot *session) {
    ((uint8_t *)op)[7] = (uint8_t)(session->rights >> 8); /* one store, on the fast path */
}
/* Gives a call to a receiving thread whose reply slot is reserved. An error is the sender's:
 * nothing was changed. */
err_t call_deliver(struct thread *caller, struct thread *server, struct endpoint *e);
/* Delivers to a waiting receiver or queues. An error is the sender's. */
err_t call_place(struct thread *caller, struct endpoint *e);
void call_donate(struct thread *caller, struct thread *server);
void call_undonate(struct thread *caller);
/* What `t` does from now on is nobody else's business. */
void thread_own_account(struct thread *t);
/* The call is over: takes it out of everything; the caller is not yet ready. */
void call_clear(struct thread *caller);
/* PREEMPTIBLE: no call names `t` as its server any more. */
bool calls_forget_server(struct thread *t);
/* The caller's priority changed: its place in a queue or among donations. Returns the server, whose
 * priority may have to follow, or NULL. */
struct thread *call_priority_changed(struct thread *caller);

/* receive.c */
/* The next message for `t`, or BLOCKED, or an error; slots are reserved. */
err_t receive(struct thread *t, struct endpoint *e, uint64_t op);
/* A waiting receiver, taken off the endpoint, or NULL. */
struct thread *receiver_take(struct endpoint *e);
/* Tells a thread that is receiving; it is not yet ready. */
void notice_deliver(struct notice *n, struct thread *t);

/* reply.c */
/* What a reply slot's object is when its call has ended. */
extern struct object call_gone;
static inline struct thread *reply_caller(const struct slot *s) {
    return s->object == &call_gone ? NULL : container_of(s->object, struct thread, object);
}
/* The server's reserved slot becomes the right to answer. A slot without use has no notice. */
static inline void reply_give(struct thread *caller, struct thread *server) {
    struct slot *s = server->reply_slot;
    server->reply_slot = NULL;
    s->object = &caller->object;
    s->word = SLOT_WORD(OBJECT_REPLY, 0, RIGHT_SEND);
    caller->call.reply = s;
    caller->call.reply_handle = server->regs.a[8] = server->next_reply;
}

/* Answers with `op` and the words in `from`'s registers. */
err_t reply_send(struct thread *from, struct slot *reply, uint64_t op);
err_t reply_find(struct thread *t, handle_t h, struct slot **out);
/* forward.c */
err_t forward_send(struct thread *from, struct slot *reply, struct slot *session, uint64_t op);
