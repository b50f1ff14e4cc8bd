/* SPDX-License-Identifier: MIT */
/*
 * What servers do beside answering: make sessions, pass calls on, copy much, and part with callers
 * that were interrupted.
 */
#include "lib/sys/message.h"
#include "lib/sys/thread.h"
#include "tests/bench/anonymos/local.h"

/* A server makes a session for the client, which closes it; the server is told. */

static void mint_serve(void) {
    struct thread_block *b = thread_block();
    struct session_cap minted = {HANDLE_NONE};
    uint64_t a0 = HANDLE_NONE, op = 0, a8 = endpoint.h;
    for (;;) {
        uint64_t status = message_invoke_bare(SYSCALL_reply_wait, &a0, &op, &a8);
        a0 = HANDLE_NONE;
        op = 0;
        if (status_kind(status) == MESSAGE_CALL) {
            sys_endpoint_mint(endpoint, 2, RIGHT_SESSION_CALL | RIGHT_SEND, a8, &minted);
            b->send[0] =
                (struct handle_send){minted.h, RIGHT_SESSION_CALL | RIGHT_SEND, SEND_MOVE, 0};
            a0 = a8;
            op = OP_HANDLES(1);
        }
        a8 = endpoint.h;
    }
}

static void mint_run(unsigned count) {
    const struct thread_block *b = thread_block();
    while (count--) {
        session_call_bare(session, OP_ACCEPT(1));
        sys_handle_close((struct any_cap){b->received[0].handle});
    }
}

static void mint_begin(void) {
    open_with(mint_serve, 0);
    need(session_call_bare(session, OP_ACCEPT(1)), "call");
    need(sys_handle_close((struct any_cap){thread_block()->received[0].handle}),
         "the session that was sent");
}

/* A first server passes the call on to a second, which answers the client. */

static struct endpoint_cap second_endpoint;
static struct session_cap second_session;

static void second_serve(void) {
    uint64_t a0 = HANDLE_NONE, op = 0, a8 = second_endpoint.h;
    for (;;) {
        message_invoke_bare(SYSCALL_reply_wait, &a0, &op, &a8);
        a0 = a8;
        a8 = second_endpoint.h;
        op = 0;
    }
}

static void forward_serve(void) {
    uint64_t a0 = HANDLE_NONE, op = 0, a8 = endpoint.h;
    thread_block()->forward_session = second_session.h;
    message_invoke_bare(SYSCALL_reply_wait, &a0, &op, &a8);
    for (;;) {
        a0 = a8;
        a8 = endpoint.h;
        op = 0;
        message_invoke_bare(SYSCALL_forward_wait, &a0, &op, &a8);
    }
}

static void forward_begin(void) {
    endpoint_open(&second_endpoint, &second_session);
    open_with(forward_serve, 0);
    partner_process(second_serve, 0);
    need(session_call_bare(session, 0), "a call that is forwarded");
}

static void forwarded_run(unsigned count) {
    while (count--)
        session_call_bare(session, 0);
}

static void forward_end(void) {
    close_all();
    need(sys_handle_close(ANY(second_session)), "close");
    need(sys_handle_close(ANY(second_endpoint)), "close");
}

/* Where the server is measured, the partner calls. */

static struct reply_cap held;

static uint64_t receive(void) {
    uint64_t a0 = HANDLE_NONE, op = 0, a8 = endpoint.h;
    uint64_t status = message_invoke_bare(SYSCALL_reply_wait, &a0, &op, &a8);
    held.h = a8;
    return status;
}

/* Keeps the call that is held. */
static bool receive_notice(void) {
    struct reply_cap before = held;
    bool gone = status_kind(receive()) == MESSAGE_GONE;
    held = before;
    return gone;
}

static void large_call(void) {
    make_present();
    thread_block()->write = (struct window){(uint64_t)in, LARGE};
    for (;;)
        session_call_bare(session, OP_WRITE_WINDOW);
}

static void large_begin(void) {
    open_with(large_call, 0);
    need(status_error(receive()), "receive");
    need(sys_reply_copy_to(held, 0, out, LARGE), "reply_copy_to");
}

static void large_run(unsigned count) {
    while (count--)
        sys_reply_copy_to(held, 0, out, LARGE);
}

/* A call is received and parked, the caller is interrupted, and the server hears of it. */

static void park_call(void) {
    for (;;)
        session_call_bare(session, 0);
}

static void park_begin(void) {
    open_with(park_call, 0);
}

/* If the caller had time to run, its next call comes before the notice of the one that ended. */
static void park_run(unsigned count) {
    bool called = false;
    while (count--) {
        if (!called)
            receive();
        sys_park(held, endpoint, 1);
        sys_thread_interrupt(partners[0].thread);
        called = status_kind(receive()) == MESSAGE_CALL;
        if (called && !receive_notice())
            platform_fail("an interrupted call was not told");
    }
    if (called)
        need(sys_handle_close(ANY(held)), "close");
}

/* clang-format off */
const struct operation server_operations[] = {
    {.name = "forward_round_trip", .run = forwarded_run, .begin = forward_begin, .end = forward_end},
    {.name = "session_mint_send_close", .run = mint_run, .begin = mint_begin, .end = close_all},
    {.name = "copy_64k", .run = large_run, .begin = large_begin, .end = close_all},
    {.name = "park_interrupt", .run = park_run, .begin = park_begin, .end = close_all},
};
/* clang-format on */
const unsigned server_operation_count = sizeof server_operations / sizeof *server_operations;
