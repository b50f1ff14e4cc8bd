/* SPDX-License-Identifier: MIT */
/* SOURCES: tests/file/host/host.c tests/file/host/pipes.c lib/file/serve.c lib/file/locks.c
   lib/file/waits.c lib/file/polls.c lib/file/names.c lib/file/walk.c lib/file/badges.c
   lib/file/answer.c lib/file/client.c lib/file/event.c services/pipe/pipe.c services/pipe/ring.c
   services/pipe/share.c services/pipe/root.c services/pipe/socket.c
   services/pipe/address.c services/pipe/connect.c services/pipe/transfer.c services/pipe/inbox.c
   services/pipe/flight.c services/pipe/event.c services/pipe/timer.c
   services/pipe/fifo.c */
/*
 * Counters and timers at their server, with a clock that stands still: ends that were missed, many
 * timers, answers that do not arrive, limits. What they do for a program is in
 * tests/posix/events.c.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/file/event.h"
#include "services/pipe/event.h"
#include "tap.h"
#include "tests/file/host/pipes.h"

#define MANY 1100u

static struct session_cap root;
static uint64_t value;

static struct session_cap timer_new(void) {
    struct session_cap t;
    check(err_ok(event_timer(root, 0, &t)));
    return t;
}

static void set(struct session_cap t, uint64_t after, uint64_t interval) {
    struct event_state before;
    check(err_ok(event_set(t, after ? host_now + after : 0, interval, &before)));
}

static bool state_is(struct session_cap t, uint64_t left, uint64_t interval) {
    struct event_state s;
    return err_ok(event_get(t, &s)) && s.left == left && s.interval == interval;
}

/* Without waiting; 0: there is nothing. */
static uint64_t take(struct session_cap s) {
    size_t done;
    err_t e = file_read(s, FILE_CURRENT, &value, sizeof value, &done);
    check(err_ok(e) ? done == 8 : err_is(e, ERR_INTERRUPTED));
    return err_ok(e) ? value : 0;
}

static struct host_call read_of(struct session_cap s) {
    return (struct host_call){.badge = host_file((unsigned)s.h)->badged.badge,
                              .account = HOST_ACCOUNT,
                              .op = FILE_READ,
                              .rights = FILE_RIGHTS,
                              .word = {FILE_CURRENT, 8},
                              .to = &value,
                              .size = 8};
}

static void test_ends(void) {
    struct session_cap t = timer_new();
    check(state_is(t, 0, 0) && !take(t));
    set(t, 100, 0);
    check(host_alarm == host_now + 100 && state_is(t, 100, 0));
    host_pass(99);
    check(!take(t) && state_is(t, 1, 0));
    host_pass(1);
    check(state_is(t, 0, 0) && take(t) == 1 && !take(t) && host_alarm == UINT64_MAX);
    set(t, 10, 7);
    host_pass(9);
    check(!take(t));
    host_pass(1 + 7 * 5 + 3);
    check(host_alarm == UINT64_MAX); /* nobody read: nothing more to look for */
    check(state_is(t, 4, 7) && take(t) == 6 && !take(t) && state_is(t, 4, 7));
    check(host_alarm == host_now + 4);
    host_pass(4);
    check(take(t) == 1);
    set(t, 0, 9);
    check(state_is(t, 0, 9) && host_alarm == UINT64_MAX);
    host_pass(100);
    check(!take(t));
    set(t, 5, 0);
    host_pass(5);
    set(t, 50, 0); /* what was not read is forgotten */
    check(!take(t) && state_is(t, 50, 0));
    host_close(NULL, t);
    check(host_alarm == UINT64_MAX);
    tap_test("timer: ends");
}

/* A read whose answer is lost has taken nothing. */
static void test_lost(void) {
    struct session_cap t = timer_new(), e;
    struct host_call c = read_of(t);
    set(t, 10, 10);
    check(err_is(host_serve(&c), ERR_WOULD_BLOCK) && c.waiting);
    c.gone = true;
    host_pass(10);
    check(!c.waiting && err_is(c.error, ERR_CALLER_GONE));
    check(take(t) == 1);
    check(err_ok(event_open(root, 0, 5, &e)));
    c = read_of(e);
    c.lost = true;
    check(err_is(host_serve(&c), ERR_BAD_WINDOW));
    check(take(e) == 5);
    host_close(NULL, t);
    host_close(NULL, e);
    tap_test("timer, counter: answers that are lost");
}

static void test_many(void) {
    static struct session_cap t[MANY];
    struct event_state before;
    unsigned count = 0;
    err_t e = OK;
    while (count < MANY) {
        t[count] = timer_new();
        e = event_set(t[count], host_now + 1 + (count * 7919u) % 1000, 0, &before);
        if (!err_ok(e))
            break;
        count++;
    }
    check(count == 1024 && err_is(e, ERR_TOO_MANY_OPEN));
    host_close(NULL, t[count]);
    for (unsigned i = 0; i < count; i += 3)
        set(t[i], 0, 0);
    host_pass(500);
    for (unsigned i = 0; i < count; i++)
        check(take(t[i]) == (i % 3 && 1 + (i * 7919u) % 1000 <= 500));
    host_pass(500);
    for (unsigned i = 0; i < count; i++) {
        check(take(t[i]) == (i % 3 && 1 + (i * 7919u) % 1000 > 500));
        host_close(NULL, t[i]);
    }
    check(host_alarm == UINT64_MAX);
    tap_test("timer: as many as there can be");
}

static void test_counter(void) {
    struct session_cap e, poller;
    struct file_ready ready;
    size_t done, count;
    uint64_t most = EVENT_MOST, one = 1;
    check(err_ok(event_open(root, 0, 0, &e)));
    check(err_ok(file_poller(root, (struct signal_cap){host_signal(0)}, 1, &poller)));
    check(err_ok(file_watch(e, poller, FILE_READABLE, 9, NULL)));
    check(err_ok(file_write(e, FILE_CURRENT, &most, 8, &done)) && host_raised(0));
    check(err_ok(file_ready(poller, &ready, 1, &count)) && count == 1 && ready.cookie == 9);
    struct host_call w = {.badge = host_file((unsigned)e.h)->badged.badge,
                          .account = HOST_ACCOUNT,
                          .op = FILE_WRITE,
                          .rights = FILE_RIGHTS,
                          .word = {FILE_CURRENT, 8, one}};
    check(err_is(host_serve(&w), ERR_WOULD_BLOCK) && w.waiting);
    check(take(e) == EVENT_MOST && !w.waiting && err_ok(w.error));
    check(take(e) == 1);
    host_close(NULL, poller);
    host_close(NULL, e);
    check(err_is(event_open(root, 0, UINT64_MAX, &e), ERR_BAD_ARGUMENT));
    check(err_is(event_open(root, 2, 0, &e), ERR_BAD_ARGUMENT));
    tap_test("counter: full, and watched");
}

int main(void) {
    root = host_pipes_start(1u << 20);
    test_ends();
    test_lost();
    test_many();
    test_counter();
    const char *left = host_pipes_left();
    check(!left);
    printf("# %s\n", left ? left : "nothing is left");
    tap_test("counter, timer: nothing is left");
    return tap_done();
}
