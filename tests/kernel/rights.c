/* SPDX-License-Identifier: MIT */
/*
 * The full matrix of calls, their handle arguments, types and rights, made from abi/syscall.def.
 * The other arguments are zero, so a call that gets as far as its handles allow is refused for
 * another reason, or does something to an object that was made for it.
 */
#include "tests/kernel/files.h"
#include "tests/kernel/workers.h"

#define OBJECT_ANY OBJECT_NONE
#define RIGHT_NONE 0
#define STALE      (~0ull - 1)

struct argument {
    bool used;
    uint8_t type;
    uint16_t right;
};
static const struct row {
    const char *name;
    struct argument argument[2];
} rows[] = {
#define H(kind, needed, name)                                                                      \
    { true, OBJECT_##kind, RIGHT_##needed }
#define V(name)                                                                                    \
    { false, 0, 0 }
#define A(name)                                                                                    \
    { false, 0, 0 }
#define S(name)                                                                                    \
    { false, 0, 0 }
#define _                                                                                          \
    { false, 0, 0 }
#define SYSCALL(n, name, a1, a2, ...) [n] = {#name, {a1, a2}},
#include "abi/syscall.def"
#undef SYSCALL
#undef H
#undef V
#undef A
#undef S
#undef _
};

static handle_t reply; /* of a call that waits */
static struct caller waits;
static struct endpoint_cap endpoint;
static struct session_cap session;

static void set_up(void) {
    struct message m = {0};
    expect(connect(&endpoint, &session, 1) && caller_start(&waits, session, 0));
    expect_ok(receive_call(endpoint, &m));
    reply = m.reply.h;
}

/* A new object's handle with all rights; HANDLE_NONE and a failed test if there is none. */
static handle_t make(enum object_type type) {
    struct signal_cap s = {HANDLE_NONE};
    struct process_cap p = {HANDLE_NONE};
    handle_t h = HANDLE_NONE;
    err_t e = OK;
    switch (type) {
    case OBJECT_POOL:
        e = sys_pool_create(pool, 16 * PAGE_SIZE, 0, (void *)&h);
        break;
    case OBJECT_PROCESS:
        e = sys_process_create(pool, (void *)&h);
        break;
    case OBJECT_THREAD:
        e = sys_process_create(pool, &p);
        if (err_ok(e))
            e = sys_thread_create(p, 0x100000, PRIORITY, (void *)&h);
        break;
    case OBJECT_MEMORY:
        e = sys_memory_create(pool, PAGE_SIZE, MEMORY_ACCESS, (void *)&h);
        break;
    case OBJECT_ENDPOINT:
        e = sys_endpoint_create(pool, (void *)&h);
        break;
    case OBJECT_SESSION:
        e = sys_endpoint_mint(endpoint, 0, SESSION_RIGHTS, HANDLE_NONE, (void *)&h);
        break;
    case OBJECT_REPLY:
        return reply;
    case OBJECT_SIGNAL:
        e = sys_signal_create(pool, (void *)&h);
        break;
    case OBJECT_TIMER:
        e = sys_signal_create(pool, &s);
        if (err_ok(e))
            e = sys_timer_create(pool, s, 1, (void *)&h);
        break;
    case OBJECT_IRQ:
        e = sys_handle_duplicate((struct any_cap){boot_page->irqs}, RIGHTS_ALL, 0, &h);
        break;
    case OBJECT_PORTS:
        e = sys_ports_slice((struct ports_cap){boot_page->ports}, pool, 0x80, 1, (void *)&h);
        break;
    case OBJECT_TRACE:
        e = sys_handle_duplicate((struct any_cap){boot_page->trace}, RIGHTS_ALL, 0, &h);
        break;
    default:
        break;
    }
    if (!err_ok(e))
        test_fail(__FILE__, __LINE__, "an object of type %u: %s", type, error_name(e));
    return h;
}

static void dispose(handle_t h) {
    if (h != reply)
        sys_handle_close((struct any_cap){h});
}

static enum object_type type_for(const struct argument *a) {
    return a->type == OBJECT_ANY ? OBJECT_SIGNAL : a->type;
}

/* Runs a call with `h` as argument i and a good handle as the other one. */
static err_t run(size_t number, unsigned i, handle_t h) {
    const struct row *r = &rows[number];
    handle_t given[2] = {h, h}, other = HANDLE_NONE;
    if (r->argument[1 - i].used)
        given[1 - i] = other = make(type_for(&r->argument[1 - i]));
    bool plain = number == SYSCALL_call; /* must not wait */
    thread_block()->deadline = 1;
    struct invoke_result result = invoke6(number, given[0],
                                          r->argument[1].used ? given[1]
                                          : plain             ? OP_DEADLINE
                                                              : 0,
                                          0, 0, 0, 0);
    if (other)
        dispose(other);
    return status_error(result.status);
}

static void expect_row(size_t number, unsigned i, handle_t h, enum err_code code,
                       const char *what) {
    err_t e = run(number, i, h);
    if (e.code == code && e.argument == i + 1)
        return;
    test_fail(__FILE__, __LINE__, "%s, argument %u, %s: %s (argument %u)", rows[number].name, i + 1,
              what, error_name(e), e.argument);
}

static void all_arguments(void (*look)(size_t number, unsigned i, const struct argument *a)) {
    expect_passed(set_up());
    for (size_t n = 0; n < sizeof rows / sizeof *rows; n++)
        for (unsigned i = 0; i < 2; i++)
            if (rows[n].argument[i].used)
                expect_passed(look(n, i, &rows[n].argument[i]));
}

static void look_types(size_t number, unsigned i, const struct argument *a) {
    for (enum object_type type = OBJECT_POOL; type < OBJECT_TYPES; type++) {
        if (type == a->type || a->type == OBJECT_ANY)
            continue;
        handle_t h = make(type);
        expect_row(number, i, h, ERR_WRONG_TYPE, "of another type");
        dispose(h);
    }
}

static void types(void) {
    all_arguments(look_types);
}

static bool refused_here(err_t e, unsigned i) {
    return (e.code == ERR_NO_RIGHT || e.code == ERR_WRONG_TYPE || e.code == ERR_BAD_HANDLE ||
            e.code == ERR_REVOKED) &&
           e.argument == i + 1;
}

/* With one right each: refused unless it is the one. */
static void look_rights(size_t number, unsigned i, const struct argument *a) {
    for (unsigned bit = 0; bit < 16 && a->type != OBJECT_REPLY; bit++) {
        handle_t whole = make(type_for(a)), h;
        expect_ok(sys_handle_duplicate((struct any_cap){whole}, 1u << bit, 0, &h));
        uint64_t what = 0, identity;
        expect_ok(sys_handle_info((struct any_cap){h}, &what, &identity));
        bool enough = !(a->right & ~(what >> 16));
        err_t e = run(number, i, h);
        if (refused_here(e, i) == enough || (!enough && e.code != ERR_NO_RIGHT))
            test_fail(__FILE__, __LINE__, "%s, argument %u, right %x: %s (argument %u)",
                      rows[number].name, i + 1, 1u << bit, error_name(e), e.argument);
        dispose(h);
        dispose(whole);
    }
}

static void rights(void) {
    all_arguments(look_rights);
}

/* With all rights but the one: refused. */
static void look_lacking(size_t number, unsigned i, const struct argument *a) {
    if (!a->right)
        return;
    handle_t whole = make(type_for(a)), h;
    expect_ok(sys_handle_duplicate((struct any_cap){whole}, RIGHTS_ALL & ~a->right, 0, &h));
    expect_row(number, i, h, ERR_NO_RIGHT, "without its right");
    dispose(h);
    dispose(whole);
}

static void lacking(void) {
    all_arguments(look_lacking);
}

/* Handles that were closed, revoked, whose object went, and numbers that never were handles. */
static void look_stale(size_t number, unsigned i, const struct argument *a) {
    handle_t whole = make(a->type == OBJECT_REPLY ? OBJECT_SIGNAL : type_for(a)), child;
    expect_row(number, i, HANDLE_NONE, ERR_BAD_HANDLE, "none");
    expect_row(number, i, STALE, ERR_BAD_HANDLE, "no handle");
    expect_ok(sys_handle_duplicate((struct any_cap){whole}, RIGHTS_ALL, 0, &child));
    expect_row(number, i, child + (1ull << HANDLE_INDEX_BITS), ERR_BAD_HANDLE, "of the future");
    expect_ok(sys_handle_close((struct any_cap){child}));
    expect_row(number, i, child, ERR_BAD_HANDLE, "closed");
    expect_ok(sys_handle_duplicate((struct any_cap){whole}, RIGHTS_ALL, 0, &child));
    expect_ok(sys_handle_revoke((struct any_cap){whole}));
    expect_row(number, i, child, ERR_BAD_HANDLE, "revoked");
    dispose(whole);
}

static void stale(void) {
    all_arguments(look_stale);
}

/* The pool that paid is destroyed. */
static void look_destroyed(size_t number, unsigned i, const struct argument *a) {
    struct pool_cap test_pool = pool, gone;
    if (a->type == OBJECT_REPLY || a->type == OBJECT_IRQ || a->type == OBJECT_TRACE ||
        a->type == OBJECT_SESSION)
        return;
    expect_ok(sys_pool_create(pool, 64 * PAGE_SIZE, 0, &gone));
    pool = gone;
    handle_t h = make(type_for(a));
    pool = test_pool;
    expect_ok(sys_pool_destroy(gone));
    expect_row(number, i, h, ERR_BAD_HANDLE, "destroyed");
}

static void destroyed(void) {
    all_arguments(look_destroyed);
}

static err_t message(uint64_t number, handle_t a0, handle_t a8) {
    struct message m = {.op = OP_DEADLINE};
    thread_block()->deadline = 1;
    thread_block()->forward_session = session.h;
    return status_error(message_invoke(number, a0, &m, a8));
}

static bool refused(uint64_t number, bool eighth, handle_t h, enum err_code code) {
    handle_t good_a8 = number == SYSCALL_forward ? session.h : endpoint.h;
    err_t e = eighth ? message(number, reply, h) : message(number, h, good_a8);
    if (e.code == code && e.argument == (eighth ? 9 : 1))
        return true;
    test_fail(__FILE__, __LINE__, "%s, %s: %s (argument %u)", rows[number].name,
              eighth ? "a8" : "a0", error_name(e), e.argument);
    return false;
}

/* The calls whose handles stand elsewhere: replies and what they go with. */
static void of_messages(void) {
    static const uint64_t calls[] = {SYSCALL_reply_wait, SYSCALL_forward, SYSCALL_forward_wait};
    handle_t weak_endpoint, weak_session;
    expect_passed(set_up());
    expect_ok(sys_handle_duplicate(ANY(endpoint), RIGHTS_ALL & ~RIGHT_ENDPOINT_RECEIVE, 0,
                                   &weak_endpoint));
    expect_ok(
        sys_handle_duplicate(ANY(session), RIGHTS_ALL & ~RIGHT_SESSION_CALL, 0, &weak_session));
    for (unsigned i = 0; i < 3; i++) {
        enum object_type good = calls[i] == SYSCALL_forward ? OBJECT_SESSION : OBJECT_ENDPOINT;
        for (enum object_type type = OBJECT_POOL; type < OBJECT_TYPES; type++) {
            handle_t h = make(type);
            expect(type == good || refused(calls[i], true, h, ERR_WRONG_TYPE));
            expect(type == OBJECT_REPLY || refused(calls[i], false, h, ERR_WRONG_TYPE));
            dispose(h);
        }
        expect(refused(calls[i], true, good == OBJECT_SESSION ? weak_session : weak_endpoint,
                       ERR_NO_RIGHT));
        expect(refused(calls[i], true, HANDLE_NONE, ERR_BAD_HANDLE));
        expect(refused(calls[i], true, STALE, ERR_BAD_HANDLE));
        expect(refused(calls[i], false, STALE, ERR_BAD_HANDLE));
    }
    expect_equal(thread_state(waits.worker.thread), THREAD_WAITING);
}

#define RIGHTS_LIMIT (20ull << 20)

const struct test tests_rights[] = {
    TEST("rights.types", types, .limit = RIGHTS_LIMIT),
    TEST("rights.one-each", rights, .limit = RIGHTS_LIMIT),
    TEST("rights.all-but-one", lacking, .limit = RIGHTS_LIMIT),
    TEST("rights.stale", stale, .limit = RIGHTS_LIMIT),
    TEST("rights.destroyed", destroyed, .limit = RIGHTS_LIMIT),
    TEST("rights.of-messages", of_messages),
};
TESTS(rights);
