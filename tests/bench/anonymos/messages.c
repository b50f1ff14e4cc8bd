/* SPDX-License-Identifier: MIT */
/* Exchanges of messages, with data and handles, between the first process and a partner. */
#include "lib/sys/message.h"

#include "lib/sys/thread.h"
#include "tests/bench/anonymos/local.h"

struct endpoint_cap endpoint;
struct session_cap session;
char out[LARGE] __attribute__((aligned(4096)));
char in[LARGE] __attribute__((aligned(4096)));

static uint64_t call_op, reply_op; /* operation words of client and server */

void make_present(void) {
    for (unsigned i = 0; i < LARGE; i += PAGE)
        out[i] = in[i] = 1;
}

void endpoint_open(struct endpoint_cap *e, struct session_cap *s) {
    need(sys_endpoint_create(root_pool(), e), "endpoint_create");
    need(
        sys_endpoint_mint(*e, 1, RIGHT_SESSION_CALL | RIGHT_SEND | RIGHT_DUPLICATE, HANDLE_NONE, s),
        "endpoint_mint");
}

void open_with(void (*server)(void), unsigned cpu) {
    stay_on(0);
    endpoint_open(&endpoint, &session);
    partner_process(server, cpu);
    make_present();
}

void close_all(void) {
    partner_stop();
    need(sys_handle_close(ANY(session)), "close");
    need(sys_handle_close(ANY(endpoint)), "close");
}

/* Nothing but the call and its reply, or data as the operation words say. */

static void serve(void) {
    struct thread_block *b = thread_block();
    uint64_t a0 = HANDLE_NONE, op = 0, a8 = endpoint.h;
    make_present();
    b->buffer = (struct window){(uint64_t)in, PAGE};
    b->read.address = (uint64_t)out;
    b->read.length = reply_op & OP_READ_WINDOW ? call_op & OP_READ_WINDOW ? 64 : PAGE : 0;
    message_invoke_bare(SYSCALL_reply_wait, &a0, &op, &a8);
    for (;;) {
        a0 = a8;
        a8 = endpoint.h;
        op = reply_op;
        message_invoke_bare(SYSCALL_reply_wait, &a0, &op, &a8);
    }
}

static void call_run(unsigned count) {
    uint64_t op = call_op;
    while (count--)
        session_call_bare(session, op);
}

static void begin_with(uint64_t call, uint64_t reply, uint64_t bytes, unsigned cpu) {
    struct thread_block *b = thread_block();
    call_op = call;
    reply_op = reply;
    b->read = (struct window){(uint64_t)out, bytes};
    b->write = (struct window){(uint64_t)in, bytes};
    open_with(serve, cpu);
    need(session_call_bare(session, call_op), "call");
    if (reply && b->read_length != bytes)
        platform_fail("the reply did not bring its data");
}

static void empty_begin(void) {
    begin_with(0, 0, 0, 0);
}

static void small_begin(void) {
    begin_with(OP_READ_WINDOW | OP_WRITE_WINDOW, OP_READ_WINDOW, 64, 0);
}

static void page_begin(void) {
    begin_with(OP_WRITE_WINDOW, OP_READ_WINDOW, PAGE, 0);
}

static void cross_begin(void) {
    begin_with(0, 0, 0, 1);
}

/* One handle moves with each round trip: to the server with a call, back with the next reply. */

#define TOKEN_RIGHTS                                                                               \
    (RIGHT_DUPLICATE | RIGHT_SEND | RIGHT_INFO | RIGHT_SIGNAL_RAISE | RIGHT_SIGNAL_WAIT)

static handle_t token; /* HANDLE_NONE: the other side has it */

static uint64_t token_send(struct thread_block *b) {
    b->send[0] = (struct handle_send){token, TOKEN_RIGHTS, SEND_MOVE, 0};
    token = HANDLE_NONE;
    return OP_HANDLES(1);
}

static void token_serve(void) {
    struct thread_block *b = thread_block();
    uint64_t a0 = HANDLE_NONE, op = OP_ACCEPT(1), a8 = endpoint.h;
    for (;;) {
        message_invoke_bare(SYSCALL_reply_wait, &a0, &op, &a8);
        a0 = a8;
        a8 = endpoint.h;
        op = OP_ACCEPT(1);
        if (b->received_count)
            token = b->received[0].handle;
        else
            op |= token_send(b);
    }
}

static void token_run(unsigned count) {
    struct thread_block *b = thread_block();
    while (count--) {
        if (token) {
            session_call_bare(session, token_send(b));
        } else {
            session_call_bare(session, OP_ACCEPT(1));
            token = b->received[0].handle;
        }
    }
}

static void token_begin(void) {
    struct signal_cap s;
    open_with(token_serve, 0);
    need(sys_signal_create(root_pool(), &s), "signal_create");
    token = s.h;
    token_run(2);
    if (!token)
        platform_fail("the handle did not come back");
}

static void token_end(void) {
    if (token)
        need(sys_handle_close((struct any_cap){token}), "close");
    close_all();
}

/* clang-format off */
const struct operation message_operations[] = {
    {.name = "ipc_round_trip", .run = call_run, .begin = empty_begin, .end = close_all},
    {.name = "ipc_round_trip_64b", .run = call_run, .begin = small_begin, .end = close_all},
    {.name = "ipc_copy_4k", .run = call_run, .begin = page_begin, .end = close_all},
    {.name = "ipc_round_trip_handle", .run = token_run, .begin = token_begin, .end = token_end},
    {.name = "ipc_round_trip_smp", .run = call_run, .begin = empty_begin, .end = close_all,
     .cpus = 4},
    {.name = "ipc_cross_cpu", .run = call_run, .begin = cross_begin, .end = close_all, .cpus = 2},
};
/* clang-format on */
const unsigned message_operation_count = sizeof message_operations / sizeof *message_operations;
