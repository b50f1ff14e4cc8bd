/* SPDX-License-Identifier: MIT */
/*
 * Every way a call can end, at every point of its life: docs/invariants.md, "Calls". A scene is one
 * call that was brought to a point; then something happens to it, and caller and server are asked
 * what they saw.
 */
#include "tests/kernel/files.h"
#include "tests/kernel/workers.h"

enum point {
    QUEUED,
    RECEIVED,
    PARKED,
    FORWARDED_QUEUED,
    FORWARDED_RECEIVED,
    FORWARDED_PARKED,
    POINTS
};
static const char *const point_names[] = {
    "queued",           "received", "parked", "forwarded and queued", "forwarded, received",
    "forwarded, parked"};

#define COOKIE 0xc00c1e5ull

static struct {
    struct endpoint_cap a, b;     /* the call is made at a; forwarded to b */
    struct session_cap via, next; /* the handle that the call came through; the forwarder's */
    struct session_cap root_a, root_b;
    struct caller caller;
    struct reply_cap reply; /* from RECEIVED on */
} scene;

static bool held(enum point p) {
    return p != QUEUED && p != FORWARDED_QUEUED;
}
static bool parked(enum point p) {
    return p == PARKED || p == FORWARDED_PARKED;
}
static bool forwarded(enum point p) {
    return p >= FORWARDED_QUEUED;
}
static struct endpoint_cap server_of(enum point p) {
    return forwarded(p) ? scene.b : scene.a;
}

static void set_up(void) {
    struct any_cap r;
    expect(connect(&scene.a, &scene.root_a, 1) && connect(&scene.b, &scene.root_b, 2));
    expect_ok(sys_handle_duplicate(ANY(scene.root_a), RIGHTS_ALL, 0, &r.h));
    scene.via.h = r.h;
    expect_ok(sys_handle_duplicate(ANY(scene.root_b), RIGHTS_ALL, 0, &r.h));
    scene.next.h = r.h;
}

/* The server's part; in the process that is to be the server. */
static void serve_up_to(enum point p) {
    struct message m = {0};
    if (p == QUEUED)
        return;
    expect_ok(receive_call(scene.a, &m));
    if (forwarded(p)) {
        m.op = 77;
        expect_ok(reply_forward(m.reply, scene.next, &m));
    }
    if (p == FORWARDED_QUEUED)
        return;
    if (forwarded(p)) {
        expect_ok(receive_call(scene.b, &m));
        expect(m.badge == 2 && (m.op & OP_CODE) == 77 && m.word[2] == 102);
    }
    scene.reply = m.reply;
    if (parked(p))
        expect_ok(sys_park(m.reply, server_of(p), COOKIE));
}

static void bring_to(enum point p, uint64_t deadline) {
    expect_passed(set_up());
    expect(caller_make(&scene.caller, scene.via, OP_DEADLINE));
    scene.caller.worker.block->deadline = deadline;
    expect(caller_go(&scene.caller));
    expect_passed(serve_up_to(p));
}

/* What the server sees of a call that ended without it. */
static void server_sees(enum point p, enum err_code end) {
    struct message m = {0};
    enum message_kind kind;
    if (parked(p)) {
        expect_ok(poll(server_of(p), 0, &m, &kind));
        expect(kind == MESSAGE_GONE && m.badge == COOKIE && m.op == end &&
               m.word[0] == scene.reply.h);
        expect_error(answer(scene.reply, 0, 0), BAD_HANDLE);
    } else if (held(p)) {
        expect_error(answer(scene.reply, 0, 0), CALLER_GONE);
        expect_error(answer(scene.reply, 0, 0), BAD_HANDLE);
    }
    expect_error(poll(scene.a, 0, &m, &kind), TIMED_OUT);
    expect_error(poll(scene.b, 0, &m, &kind), TIMED_OUT);
}

static void at_all_points(void (*end)(enum point)) {
    for (enum point p = QUEUED; p < POINTS; p++) {
        end(p);
        if (test_failed()) {
            print("# at the point: %s\n", point_names[p]);
            return;
        }
    }
}

static void end_by_reply(enum point p) {
    expect_passed(bring_to(p, in_ms(PATIENCE_MS)));
    if (!held(p)) {
        struct message m = {0};
        expect_ok(receive_call(server_of(p), &m));
        scene.reply = m.reply;
    }
    expect_ok(answer(scene.reply, 3, 4));
    expect(caller_ends(&scene.caller, ERR_OK));
    expect(scene.caller.m.op == 3 && scene.caller.m.word[0] == 4);
    expect_error(answer(scene.reply, 0, 0), BAD_HANDLE);
    expect_passed(server_sees(QUEUED, ERR_OK));
}
static void by_reply(void) {
    at_all_points(end_by_reply);
}

static void end_by_close(enum point p) {
    if (!held(p))
        return;
    expect_passed(bring_to(p, in_ms(PATIENCE_MS)));
    expect_ok(sys_handle_close(ANY(scene.reply)));
    expect(caller_ends(&scene.caller, ERR_PEER_DIED));
    expect_error(answer(scene.reply, 0, 0), BAD_HANDLE);
    expect_passed(server_sees(QUEUED, ERR_OK));
}
static void by_close(void) {
    at_all_points(end_by_close);
}

/* Revoking the handle itself, its parent, or the root, of which the last session is a root itself.
 */
static void end_by_revoke(enum point p) {
    struct session_cap root = forwarded(p) ? scene.root_b : scene.root_a;
    expect_passed(bring_to(p, in_ms(PATIENCE_MS)));
    root = forwarded(p) ? scene.root_b : scene.root_a;
    expect_ok(sys_handle_revoke(ANY(root)));
    expect(caller_ends(&scene.caller, ERR_REVOKED));
    expect_passed(server_sees(p, ERR_REVOKED));
    expect_passed(bring_to(p, in_ms(PATIENCE_MS)));
    expect_ok(sys_handle_revoke(ANY(forwarded(p) ? scene.next : scene.via)));
    expect(caller_ends(&scene.caller, ERR_REVOKED));
    expect_passed(server_sees(p, ERR_REVOKED));
}
static void by_revoke(void) {
    at_all_points(end_by_revoke);
}

/* Closing handles and, of a forwarded call, revoking the one that it first came through ends
 * nothing. */
static void not_by(enum point p) {
    expect_passed(bring_to(p, in_ms(PATIENCE_MS)));
    if (forwarded(p))
        expect_ok(sys_handle_revoke(ANY(scene.root_a)));
    expect_ok(sys_handle_close(ANY(forwarded(p) ? scene.next : scene.via)));
    expect_ok(sys_thread_suspend(scene.caller.worker.thread));
    expect_ok(sys_thread_resume(scene.caller.worker.thread));
    expect_equal(thread_state(scene.caller.worker.thread), THREAD_WAITING);
    if (!held(p)) {
        struct message m = {0};
        expect_ok(receive_call(server_of(p), &m));
        scene.reply = m.reply;
    }
    expect_ok(answer(scene.reply, 0, 0));
    expect(caller_ends(&scene.caller, ERR_OK));
}
static void by_nothing(void) {
    at_all_points(not_by);
}

/* A close leaves the call to the handle's parent, whose revoke ends it. */
static void end_by_parent(enum point p) {
    expect_passed(bring_to(p, in_ms(PATIENCE_MS)));
    expect_ok(sys_handle_close(ANY(forwarded(p) ? scene.next : scene.via)));
    expect_ok(sys_handle_revoke(ANY(forwarded(p) ? scene.root_b : scene.root_a)));
    expect(caller_ends(&scene.caller, ERR_REVOKED));
    expect_passed(server_sees(p, ERR_REVOKED));
}
static void by_parent(void) {
    at_all_points(end_by_parent);
}

/* At once, unless a server holds the call and did not park it: then at its end, with the answer. */
static void end_by_interrupt(enum point p) {
    expect_passed(bring_to(p, in_ms(PATIENCE_MS)));
    expect_ok(sys_thread_interrupt(scene.caller.worker.thread));
    if (held(p) && !parked(p)) {
        expect_equal(thread_state(scene.caller.worker.thread), THREAD_WAITING);
        expect_ok(answer(scene.reply, 0, 0));
        expect(caller_ends(&scene.caller, ERR_OK));
        return;
    }
    expect(caller_ends(&scene.caller, ERR_INTERRUPTED));
    expect_passed(server_sees(p, ERR_INTERRUPTED));
}
static void by_interrupt(void) {
    at_all_points(end_by_interrupt);
}

/* An interrupt that waits ends the call when it is parked, or forwarded to where nobody receives.
 */
static void by_late_interrupt(void) {
    struct message m = {.op = 1};
    expect_passed(bring_to(RECEIVED, in_ms(PATIENCE_MS)));
    expect_ok(sys_thread_interrupt(scene.caller.worker.thread));
    expect_ok(sys_park(scene.reply, scene.a, COOKIE));
    expect(caller_ends(&scene.caller, ERR_INTERRUPTED));
    expect_passed(server_sees(PARKED, ERR_INTERRUPTED));
    expect_passed(bring_to(RECEIVED, in_ms(PATIENCE_MS)));
    expect_ok(sys_thread_interrupt(scene.caller.worker.thread));
    expect_ok(reply_forward(scene.reply, scene.next, &m));
    expect(caller_ends(&scene.caller, ERR_INTERRUPTED));
    expect_passed(server_sees(QUEUED, ERR_OK));
}

static void end_by_deadline(enum point p) {
    expect_passed(bring_to(p, in_ms(300)));
    expect_equal(thread_state(scene.caller.worker.thread), THREAD_WAITING);
    expect(caller_ends(&scene.caller, ERR_TIMED_OUT));
    expect_passed(server_sees(p, ERR_TIMED_OUT));
}
static void by_deadline(void) {
    at_all_points(end_by_deadline);
}

/* The caller's thread or process ends. */
static struct child client;
static void client_main(void *argument) {
    (void)argument;
    struct message m = {.word = {100, 101, 102}};
    session_call(scene.via, &m);
}

static void end_by_kill(enum point p) {
    expect_passed(set_up());
    expect(child_spawn(&client, pool, client_main, NULL) && settled(client.thread));
    expect_passed(serve_up_to(p));
    expect_ok(sys_process_kill(client.process, 0));
    if (parked(p)) {
        struct message m = {0};
        enum message_kind kind;
        expect_ok(receive(server_of(p), 0, &m, &kind));
        expect(kind == MESSAGE_GONE && m.badge == COOKIE && m.op != ERR_OK);
        expect_error(answer(scene.reply, 0, 0), BAD_HANDLE);
    } else {
        expect_passed(server_sees(p, ERR_OK));
    }
    struct process_info info;
    expect(child_wait(&client, &info) && info.reason == END_KILL);
}
static void by_kill(void) {
    at_all_points(end_by_kill);
}

/* The server's process ends. A call that it had not received waits for its successor. */
static struct child server;
static volatile uint32_t *server_point; /* enum point; POINTS when it got there */
static void server_main(void *argument) {
    uint64_t bits;
    struct signal_cap never = {HANDLE_NONE};
    (void)argument;
    serve_up_to((enum point) * server_point);
    expect_ok(sys_signal_create(pool, &never));
    *server_point = POINTS;
    sys_signal_wait(never, 1, DEADLINE_NONE, &bits);
}

static void end_by_server(enum point p) {
    expect((server_point = shared_page()));
    *server_point = p;
    expect_passed(set_up());
    expect(caller_make(&scene.caller, scene.via, 0) && caller_go(&scene.caller));
    expect(child_spawn(&server, pool, server_main, NULL));
    expect(eventually(server_point, POINTS) && settled(server.thread));
    expect_ok(sys_process_kill(server.process, 0));
    if (held(p)) {
        expect(caller_ends(&scene.caller, ERR_PEER_DIED));
        expect_passed(server_sees(QUEUED, ERR_OK));
        return;
    }
    struct message m = {0};
    expect_ok(receive_call(server_of(p), &m));
    expect_ok(answer(m.reply, 0, 0));
    expect(caller_ends(&scene.caller, ERR_OK));
}
static void by_server(void) {
    at_all_points(end_by_server);
}

/* The server's process ends with a thread that waits for messages: it takes none of those that come
 * of that end. Its first thread's call is parked by us, and so tells its end where the second
 * waits. */
static struct worker dying_receiver;

static void wait_at_next(void *argument) {
    struct message m = {0};
    enum message_kind kind;
    (void)argument;
    endpoint_receive(scene.b, 0, &m, &kind);
}

static void dying_main(void *argument) {
    struct message m = {0};
    (void)argument;
    expect(worker_start(&dying_receiver, PRIORITY, wait_at_next, NULL));
    expect(settled(dying_receiver.thread));
    session_call(scene.via, &m);
}

static void not_to_the_dying(void) {
    static struct child dying;
    struct message m = {0};
    enum message_kind kind;
    expect_passed(set_up());
    expect(child_spawn(&dying, pool, dying_main, NULL));
    expect_ok(receive_call(scene.a, &m));
    expect_ok(sys_park(m.reply, scene.b, COOKIE));
    expect_ok(sys_process_kill(dying.process, 0));
    expect_ok(receive(scene.b, 0, &m, &kind));
    expect(kind == MESSAGE_GONE && m.badge == COOKIE);
}

/* The endpoint goes: what waits there ends; who holds the right to answer keeps it. */
static void end_by_endpoint(enum point p) {
    expect_passed(bring_to(p, in_ms(PATIENCE_MS)));
    expect_ok(sys_handle_close(ANY(server_of(p))));
    if (!held(p)) {
        expect(caller_ends(&scene.caller, ERR_PEER_DIED));
        return;
    }
    expect_equal(thread_state(scene.caller.worker.thread), THREAD_WAITING);
    expect_ok(answer(scene.reply, 0, 9));
    expect(caller_ends(&scene.caller, ERR_OK));
    expect_equal(scene.caller.m.word[0], 9);
}
static void by_endpoint(void) {
    at_all_points(end_by_endpoint);
}

/* The answer comes after the end and before the notice: it fails, and the notice does not come. */
static void answer_before_notice(void) {
    struct message m = {0};
    enum message_kind kind;
    expect_passed(bring_to(PARKED, in_ms(PATIENCE_MS)));
    expect_ok(sys_thread_interrupt(scene.caller.worker.thread));
    expect_error(answer(scene.reply, 0, 0), CALLER_GONE);
    expect_error(answer(scene.reply, 0, 0), BAD_HANDLE);
    expect_error(poll(scene.a, 0, &m, &kind), TIMED_OUT);
    expect(caller_ends(&scene.caller, ERR_INTERRUPTED));
    expect_passed(bring_to(PARKED, in_ms(PATIENCE_MS)));
    expect_ok(sys_thread_interrupt(scene.caller.worker.thread));
    expect_ok(sys_handle_close(ANY(scene.reply)));
    expect_error(poll(scene.a, 0, &m, &kind), TIMED_OUT);
    expect(caller_ends(&scene.caller, ERR_INTERRUPTED));
}

/* Every use of a reply whose call has ended says so. */
static void gone_everywhere(void) {
    struct message m = {.op = 0};
    char byte;
    for (unsigned use = 0; use < 6; use++) {
        expect_passed(bring_to(RECEIVED, in_ms(PATIENCE_MS)));
        expect_ok(sys_handle_revoke(ANY(scene.root_a)));
        expect(caller_ends(&scene.caller, ERR_REVOKED));
        struct session_cap minted;
        enum message_kind kind;
        err_t e = use == 0   ? sys_park(scene.reply, scene.a, 0)
                  : use == 1 ? sys_reply_copy_from(scene.reply, 0, &byte, 1)
                  : use == 2 ? sys_reply_copy_to(scene.reply, 0, &byte, 1)
                  : use == 3 ? reply_forward(scene.reply, scene.next, &m)
                  : use == 4 ? sys_endpoint_mint(scene.a, 0, 0, scene.reply.h, &minted)
                             : reply_and_receive(scene.reply, scene.a, &m, &kind);
        expect_error(e, CALLER_GONE);
    }
    expect_passed(bring_to(PARKED, in_ms(PATIENCE_MS)));
    expect_error_in(sys_park(scene.reply, scene.a, 0), BUSY, 1);
    expect_ok(answer(scene.reply, 0, 0));
    expect(caller_ends(&scene.caller, ERR_OK));
}

/* A reply whose call has ended is no handle to derive from or to revoke, whatever the error was. */
static void gone_has_no_rights(void) {
    struct message m = {0};
    enum message_kind kind;
    uint64_t what, identity;
    expect_passed(bring_to(PARKED, in_ms(PATIENCE_MS)));
    expect_ok(sys_thread_interrupt(scene.caller.worker.thread));
    expect(caller_ends(&scene.caller, ERR_INTERRUPTED));
    expect_ok(sys_handle_info(ANY(scene.reply), &what, &identity));
    expect_equal(what, OBJECT_REPLY | (uint64_t)RIGHT_SEND << 16);
    expect_error(sys_handle_revoke(ANY(scene.reply)), NO_RIGHT);
    expect_ok(poll(scene.a, 0, &m, &kind));
    expect(kind == MESSAGE_GONE && m.op == ERR_INTERRUPTED);
}

const struct test tests_endings[] = {
    TEST("endings.reply", by_reply),
    TEST("endings.close", by_close),
    TEST("endings.revoke", by_revoke),
    TEST("endings.none", by_nothing),
    TEST("endings.revoke-parent", by_parent),
    TEST("endings.interrupt", by_interrupt),
    TEST("endings.late-interrupt", by_late_interrupt),
    TEST("endings.deadline", by_deadline),
    TEST("endings.kill", by_kill),
    TEST("endings.server", by_server),
    TEST("endings.dying-receiver", not_to_the_dying),
    TEST("endings.endpoint", by_endpoint),
    TEST("endings.answer-before-notice", answer_before_notice),
    TEST("endings.gone-everywhere", gone_everywhere),
    TEST("endings.gone-has-no-rights", gone_has_no_rights),
};
TESTS(endings);
