/* SPDX-License-Identifier: MIT */
#include "lib/sys/server.h"

#include "lib/sys/mem.h"
#include "lib/sys/print.h"
#include "lib/sys/program.h"
#include "lib/sys/syscall.h"
#include "lib/sys/thread.h"

char server_data[INLINE_MAX] __attribute__((aligned(INLINE_MAX)));

static bool no_room(err_t e) {
    return err_is(e, ERR_LIMIT) || err_is(e, ERR_NO_MEMORY);
}

/* What came along and was not kept. */
static void close_received(void) {
    struct thread_block *b = thread_block();
    for (unsigned i = 0; i < b->received_count; i++)
        if (b->received[i].handle != HANDLE_NONE)
            sys_handle_close((struct any_cap){b->received[i].handle});
    b->received_count = 0;
}

/*
 * A call whose answer was refused with `e`. If only what is to be received next had no room, it is
 * answered alone. Else its caller hears why, if it is there, and what was to be sent along is
 * closed.
 */
static void settle(struct reply_cap reply, struct message *sent, bool forward, err_t e) {
    const struct thread_block *b = thread_block();
    struct message refusal = {.op = e.code};
    if (no_room(e))
        e = forward ? reply_forward(reply, (struct session_cap){b->forward_session}, sent)
                    : reply_send(reply, sent);
    if (err_ok(e))
        return;
    for (unsigned i = 0; i < OP_HANDLES_OF(sent->op); i++)
        sys_handle_close((struct any_cap){b->send[i].handle});
    refusal.op = e.code;
    if (!err_is(e, ERR_CALLER_GONE) && !err_ok(reply_send(reply, &refusal)))
        sys_handle_close(ANY(reply));
}

/* Where there is no room for handles to come, calls that bring none are served all the same. */
static void receive(const struct server *s, struct message *m, enum message_kind *kind) {
    for (;;) {
        err_t e = endpoint_receive(s->endpoint, OP_ACCEPT(s->accept), m, kind);
        if (s->accept && no_room(e))
            e = endpoint_receive(s->endpoint, 0, m, kind);
        if (err_ok(e))
            return;
        if (!err_is(e, ERR_INTERRUPTED))
            program_fail("server: cannot receive: %s", error_text(e));
    }
}

/* Answers or passes on, and receives what is next. */
static void exchange(const struct server *s, struct message *m, bool forward,
                     enum message_kind *kind) {
    struct reply_cap reply = m->reply;
    struct message sent = *m;
    m->op |= OP_ACCEPT(s->accept);
    err_t e = forward ? forward_and_receive(reply, s->endpoint, m, kind)
                      : reply_and_receive(reply, s->endpoint, m, kind);
    if (err_ok(e))
        return;
    settle(reply, &sent, forward, e);
    receive(s, m, kind);
}

_Noreturn void server_loop(const struct server *s) {
    struct message m;
    enum message_kind kind;
    /* What comes with a message is put only into pages that are there. */
    memset(server_data, 0, sizeof server_data);
    thread_block()->buffer = (struct window){(uintptr_t)server_data, sizeof server_data};
    receive(s, &m, &kind);
    for (;;) {
        if (kind == MESSAGE_CALL) {
            bool forward = s->serve(s->context, &m);
            close_received();
            exchange(s, &m, forward, &kind);
            continue;
        }
        if (kind == MESSAGE_CLOSED)
            s->closed(s->context, m.badge);
        receive(s, &m, &kind);
    }
}
