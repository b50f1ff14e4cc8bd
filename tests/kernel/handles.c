/* SPDX-License-Identifier: MIT */
/* Handles: numbers, rights, derivation, revoke and close, in one process and across several. */
#include "tests/kernel/files.h"
#include "tests/kernel/workers.h"

static handle_t duplicate(handle_t h, uint64_t rights) {
    handle_t out = HANDLE_NONE;
    err_t e = sys_handle_duplicate((struct any_cap){h}, rights, 0, &out);
    if (!err_ok(e))
        test_fail(__FILE__, __LINE__, "duplicate: %s", error_name(e));
    return out;
}

static bool lives(handle_t h) {
    uint64_t what, identity;
    return err_ok(sys_handle_info((struct any_cap){h}, &what, &identity));
}

static uint64_t rights_of(handle_t h) {
    uint64_t what = 0, identity;
    sys_handle_info((struct any_cap){h}, &what, &identity);
    return what >> 16 & 0xffff;
}

static handle_t make_signal(void) {
    struct signal_cap s = {HANDLE_NONE};
    err_t e = sys_signal_create(pool, &s);
    if (!err_ok(e))
        test_fail(__FILE__, __LINE__, "signal_create: %s", error_name(e));
    return s.h;
}

static void revoke(handle_t h) {
    expect_ok(sys_handle_revoke((struct any_cap){h}));
}

static void close(handle_t h) {
    expect_ok(sys_handle_close((struct any_cap){h}));
}

/* A closed number never names anything again, also when its slot does. */
static void generations(void) {
    handle_t first = make_signal(), h = first;
    for (unsigned i = 0; i < 1000; i++) {
        close(h);
        expect(!lives(first));
        h = make_signal();
        expect(h != first && lives(h));
    }
    expect(!lives(h + (1ull << HANDLE_INDEX_BITS)));
    expect(!lives(h ^ 1ull << 47) && !lives(h ^ 1ull << 63));
}

static void bad_numbers(void) {
    static const handle_t bad[] = {0, 51, 63, 0xffff, 0x10000, 0x1ffff, ~0ull, 1ull << 63, 0x7fff};
    struct pool_info info;
    uint64_t bits;
    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) {
        expect_error_in(sys_pool_info((struct pool_cap){bad[i]}, &info), BAD_HANDLE, 1);
        expect_error(sys_signal_wait((struct signal_cap){bad[i]}, 1, 1, &bits), BAD_HANDLE);
        expect_error(sys_handle_close((struct any_cap){bad[i]}), BAD_HANDLE);
    }
}

static void narrowing(void) {
    handle_t s = make_signal(), out;
    handle_t narrow = duplicate(s, RIGHT_SIGNAL_RAISE | RIGHT_DUPLICATE);
    expect_equal(rights_of(narrow), RIGHT_SIGNAL_RAISE | RIGHT_DUPLICATE);
    expect_equal(rights_of(duplicate(narrow, RIGHTS_ALL)), RIGHT_SIGNAL_RAISE | RIGHT_DUPLICATE);
    handle_t bare = duplicate(narrow, 0);
    expect_equal(rights_of(bare), 0);
    expect_error(sys_handle_duplicate((struct any_cap){bare}, 0, 0, &out), NO_RIGHT);
    expect_error(sys_handle_revoke((struct any_cap){bare}), NO_RIGHT);
    close(bare); /* needs no right */
}

/* A signal handle of fewer bits raises only these, and its children can have no others. */
static void narrow_bits(void) {
    struct signal_cap s = {make_signal()}, few, fewer;
    uint64_t bits;
    expect_ok(sys_handle_duplicate(ANY(s), RIGHTS_ALL, 0xf0, &few.h));
    expect_ok(sys_handle_duplicate(ANY(few), RIGHTS_ALL, 0x3c, &fewer.h));
    expect_ok(sys_signal_raise(fewer, ~0ull));
    expect_ok(sys_signal_wait(s, ~0ull, 1, &bits));
    expect_equal(bits, 0x30);
    expect_ok(sys_handle_duplicate(ANY(few), RIGHTS_ALL, 0, &fewer.h));
    expect_ok(sys_signal_raise(fewer, ~0ull));
    expect_ok(sys_signal_wait(s, ~0ull, 1, &bits));
    expect_equal(bits, 0xf0);
}

/* Revoke ends all below and not the handle itself; close ends nothing below. */
static void tree(void) {
    handle_t root = make_signal(), a = duplicate(root, RIGHTS_ALL), b = duplicate(a, RIGHTS_ALL);
    handle_t c = duplicate(b, RIGHTS_ALL), d = duplicate(a, RIGHTS_ALL);
    close(b);
    expect(lives(c) && lives(d));
    revoke(a); /* c hangs below a now */
    expect(!lives(c) && !lives(d) && lives(a) && lives(root));
    b = duplicate(a, RIGHTS_ALL);
    close(root);
    expect(lives(a) && lives(b));
    revoke(b);
    expect(lives(a) && lives(b));
    revoke(a);
    expect(lives(a) && !lives(b));
}

/* Many children: more work than one piece; none is left. */
static void wide_and_deep(void) {
    static handle_t h[3000];
    handle_t root = make_signal();
    for (unsigned i = 0; i < 3000; i++) {
        h[i] = duplicate(i < 1000 || i % 2 ? root : h[i - 1], RIGHTS_ALL);
        expect(h[i]);
    }
    handle_t chain = root;
    for (unsigned i = 0; i < 1000; i++)
        expect((chain = duplicate(chain, RIGHTS_ALL)));
    revoke(root);
    for (unsigned i = 0; i < 3000; i++)
        expect(!lives(h[i]));
    expect(!lives(chain) && lives(root));
}

/* A handle that a child got is derived from ours: revoking ours ends it. */
struct mail {
    volatile uint32_t step;
    handle_t handle[4];
};
static struct mail *mail;

static void child_of_tree(void *argument) {
    (void)argument;
    expect(eventually(&mail->step, 1));
    handle_t given = mail->handle[0];
    expect(lives(given) && rights_of(given) == (RIGHT_DUPLICATE | RIGHT_SIGNAL_RAISE));
    handle_t mine = duplicate(given, RIGHTS_ALL);
    expect(lives(mail->handle[1]));  /* copied by clone under its number */
    expect(!lives(mail->handle[2])); /* not to be copied */
    mail->step = 2;
    expect(eventually(&mail->step, 3));
    expect(!lives(given) && !lives(mine) && !lives(mail->handle[1]));
}

static void across_processes(void) {
    struct child c;
    handle_t out;
    expect((mail = shared_page()));
    handle_t root = make_signal();
    mail->handle[1] = duplicate(root, RIGHTS_ALL);
    mail->handle[2] = duplicate(root, RIGHTS_ALL);
    expect_ok(sys_handle_keep((struct any_cap){mail->handle[2]}, 0));
    expect_error_in(sys_handle_keep((struct any_cap){root}, 2), BAD_ARGUMENT, 2);
    expect(child_make(&c, pool, child_of_tree, NULL));
    expect_ok(sys_process_give(c.process, (struct any_cap){root},
                               RIGHT_DUPLICATE | RIGHT_SIGNAL_RAISE, &out));
    mail->handle[0] = out;
    expect(child_go(&c));
    mail->step = 1;
    expect(eventually(&mail->step, 2));
    revoke(root);
    expect(lives(root) && !lives(mail->handle[1]));
    mail->step = 3;
    expect(child_join(&c));
}

/* A child that closes what it got, or ends, takes nothing from its parent. */
static void close_all(void *argument) {
    handle_t h = (handle_t)argument;
    sys_handle_close((struct any_cap){h});
    sys_handle_close((struct any_cap){boot_page->pool});
}

static void child_closes(void) {
    struct child c;
    struct pool_info info;
    handle_t s = make_signal(), below = duplicate(s, RIGHTS_ALL);
    expect(child_spawn(&c, pool, close_all, (void *)s) && child_join(&c));
    expect(lives(s) && lives(below));
    expect_ok(sys_pool_info((struct pool_cap){boot_page->pool}, &info));
}

/* A session that was minted in answer to a call hangs below the handle that the call came through.
 */
static void mint_in_call(void) {
    struct endpoint_cap e;
    struct session_cap s, opened, other;
    struct caller c;
    struct message m = {0};
    expect(connect(&e, &s, 1));
    handle_t mount = duplicate(s.h, RIGHTS_ALL);
    expect(caller_start(&c, (struct session_cap){mount}, 0));
    expect_ok(receive_call(e, &m));
    expect_ok(sys_endpoint_mint(e, 2, RIGHT_SESSION_CALL | RIGHT_SEND, m.reply.h, &opened));
    expect_ok(sys_endpoint_mint(e, 3, SESSION_RIGHTS, HANDLE_NONE, &other));
    expect_equal(rights_of(opened.h), RIGHT_SESSION_CALL | RIGHT_SEND);
    expect_ok(answer(m.reply, 0, 0));
    expect(caller_ends(&c, ERR_OK));
    revoke(mount);
    expect(!lives(opened.h) && lives(other.h) && lives(mount) && lives(s.h));
    expect_error(sys_endpoint_mint(e, 4, SESSION_RIGHTS, m.reply.h, &opened), BAD_HANDLE);
}

static void revoke_main(void *argument) {
    (void)sys_handle_revoke(*(struct any_cap *)argument);
}

enum use { USE_CALL, USE_MAP, USE_MOVE };

static struct session_cap carrier; /* what USE_MOVE sends along */

/* With a handle whose revoke is under way. True: so it was, before and after. */
static bool try_use(struct session_cap s, enum use use, err_t *result) {
    struct memory_cap m = {s.h};
    handle_t h;
    if (sys_handle_duplicate(ANY(s), RIGHTS_ALL, 0, &h).code != ERR_REVOKED)
        return false;
    thread_block()->deadline = 1;
    thread_block()->send[1].handle = HANDLE_NONE; /* so that nothing moves if that is over */
    thread_block()->send[0] =
        (struct handle_send){.handle = s.h, .rights = RIGHTS_ALL, .flags = SEND_MOVE};
    *result = use == USE_CALL ? call(s, OP_DEADLINE)
              : use == USE_MAP
                  ? sys_process_map(SELF_PROCESS, m, 0x10000000, 0, PAGE_SIZE, MEMORY_READ)
                  : call(carrier, OP_HANDLES(2));
    return sys_handle_duplicate(ANY(s), RIGHTS_ALL, 0, &h).code == ERR_REVOKED;
}

/* One revoke, long enough for others to run meanwhile. */
static void watch_revoke(handle_t h, enum use use, bool *seen, err_t *result) {
    struct signal_cap never;
    struct worker w;
    uint64_t bits;
    expect_ok(sys_signal_create(pool, &never));
    for (unsigned i = 0; i < 20000; i++)
        duplicate(h, 0);
    expect(worker_start(&w, PRIORITY - 1, revoke_main, &h));
    while (!*seen && thread_state(w.thread) != THREAD_ENDED) {
        (void)sys_signal_wait(never, 1, clock_nanoseconds() + 20000, &bits);
        *seen = try_use((struct session_cap){h}, use, result);
    }
    expect(worker_join(&w));
}

/* No calls or mappings are made through a handle whose revoke is under way, and it stays. */
static void revoke_under_way(handle_t h, enum use use) {
    bool seen = false;
    err_t result = OK;
    for (unsigned i = 0; i < 10 && !seen; i++)
        expect_passed(watch_revoke(h, use, &seen, &result));
    /* With several processors it depends on the machine below whether there is time to look. */
    expect(seen || thread_block()->cpu_count > 1);
    if (seen)
        expect_error_in(result, REVOKED, use == USE_CALL ? 1 : use == USE_MAP ? 2 : 0);
}

static void revoke_of_session(void) {
    struct endpoint_cap e;
    struct session_cap s;
    expect(connect(&e, &s, 1));
    expect_passed(revoke_under_way(s.h, USE_CALL));
    thread_block()->deadline = 1;
    expect_error(call(s, OP_DEADLINE), TIMED_OUT);
}

static void receive_main(void *argument) {
    struct message m;
    enum message_kind kind;
    (void)receive(*(struct endpoint_cap *)argument, OP_ACCEPT(2), &m, &kind);
}

static void revoke_of_moving(void) {
    struct endpoint_cap e;
    struct signal_cap gift;
    struct worker w;
    expect(connect(&e, &carrier, 1));
    expect(worker_start(&w, PRIORITY, receive_main, &e) && settled(w.thread));
    expect_ok(sys_signal_create(pool, &gift));
    expect_passed(revoke_under_way(gift.h, USE_MOVE));
    expect_ok(sys_signal_raise(gift, 1)); /* still here */
}

static void revoke_of_memory(void) {
    struct memory_cap m;
    expect_ok(sys_memory_create(pool, PAGE_SIZE, MEMORY_READ, &m));
    expect_passed(revoke_under_way(m.h, USE_MAP));
    expect_ok(sys_process_map(SELF_PROCESS, m, 0x10000000, 0, PAGE_SIZE, MEMORY_READ));
}

static void info(void) {
    struct endpoint_cap e;
    struct session_cap a, b;
    uint64_t what, of_a, of_b, of_copy, of_signal;
    expect(connect(&e, &a, 1));
    expect_ok(sys_endpoint_mint(e, 1, SESSION_RIGHTS, HANDLE_NONE, &b));
    handle_t copy = duplicate(a.h, 0), signal = make_signal();
    expect_ok(sys_handle_info(ANY(a), &what, &of_a));
    expect_equal(what, OBJECT_SESSION | (uint64_t)SESSION_RIGHTS << 16);
    expect_ok(sys_handle_info(ANY(b), &what, &of_b));
    expect_ok(sys_handle_info((struct any_cap){copy}, &what, &of_copy));
    expect_equal(what, OBJECT_SESSION);
    expect(of_a == of_copy && of_a != of_b);
    expect_ok(sys_handle_info((struct any_cap){signal}, &what, &of_signal));
    expect_equal(what & 0xffff, OBJECT_SIGNAL);
    expect_ok(sys_handle_info((struct any_cap){HANDLE_THREAD}, &what, &of_a));
    expect_equal(what & 0xffff, OBJECT_THREAD);
    expect_ok(sys_handle_info((struct any_cap){HANDLE_PROCESS}, &what, &of_a));
    expect_equal(what & 0xffff, OBJECT_PROCESS);
}

/* The table takes a bounded number, and takes again what was closed. */
/* What makes a handle says so. */
static void nothing_fits(void) {
    handle_t h;
    expect_error(sys_pool_create(pool, PAGE_SIZE, 0, (struct pool_cap *)&h), LIMIT);
    expect_error(sys_process_create(pool, (struct process_cap *)&h), LIMIT);
    expect_error(sys_process_clone(SELF_PROCESS, pool, (struct process_cap *)&h), LIMIT);
    expect_error(sys_thread_create(SELF_PROCESS, 0x100000, 1, (struct thread_cap *)&h), LIMIT);
    expect_error(sys_memory_create(pool, PAGE_SIZE, MEMORY_READ, (struct memory_cap *)&h), LIMIT);
    expect_error(sys_endpoint_create(pool, (struct endpoint_cap *)&h), LIMIT);
    expect_error(sys_signal_create(pool, (struct signal_cap *)&h), LIMIT);
}

static void table_full(void) {
    handle_t root = make_signal(), h, last = 0;
    uint64_t n = 0;
    err_t e;
    while (err_ok(e = sys_handle_duplicate((struct any_cap){root}, RIGHTS_ALL, 0, &h))) {
        last = h;
        n++;
    }
    expect_error(e, LIMIT);
    expect(n > 20000 && n < 65536);
    expect_passed(nothing_fits());
    close(last);
    expect_ok(sys_handle_duplicate((struct any_cap){root}, RIGHTS_ALL, 0, &h));
    expect(h != last);
    revoke(root);
    expect(handle_count(SELF_PROCESS) < 100);
}

const struct test tests_handles[] = {
    TEST("handles.generations", generations),
    TEST("handles.bad-numbers", bad_numbers),
    TEST("handles.narrowing", narrowing),
    TEST("handles.bits", narrow_bits),
    TEST("handles.tree", tree),
    TEST("handles.wide-and-deep", wide_and_deep),
    TEST("handles.across-processes", across_processes),
    TEST("handles.child-closes", child_closes),
    TEST("handles.mint-in-call", mint_in_call),
    TEST("handles.revoke-of-session", revoke_of_session),
    TEST("handles.revoke-of-memory", revoke_of_memory),
    TEST("handles.revoke-of-moving", revoke_of_moving),
    TEST("handles.info", info),
    TEST("handles.table-full", table_full),
};
TESTS(handles);
