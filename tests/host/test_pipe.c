/* SPDX-License-Identifier: MIT */
/* SOURCES: tests/file/host/host.c tests/file/host/pipes.c tests/file/pipes.c tests/file/check.c
   tests/file/pipes_bytes.c tests/file/pipes_ends.c tests/file/pipes_waits.c
   tests/file/pipes_polls.c tests/file/conformance.c tests/file/names.c tests/file/symlinks.c
   tests/file/opening.c tests/file/data.c tests/file/attributes.c tests/file/change.c
   tests/file/rename.c tests/file/entries.c tests/file/prepared.c tests/file/newc.c lib/file/serve.c
   lib/file/locks.c lib/file/waits.c lib/file/polls.c lib/file/names.c lib/file/walk.c
   lib/file/badges.c lib/file/answer.c lib/file/client.c lib/file/pipe.c services/pipe/pipe.c
   services/pipe/ring.c services/pipe/share.c services/pipe/root.c services/pipe/socket.c
   services/pipe/address.c services/pipe/connect.c services/pipe/transfer.c services/pipe/inbox.c
   services/pipe/flight.c services/pipe/event.c services/pipe/timer.c
   services/pipe/fifo.c */
/* The suite of pipes, and what only a kernel that can be told to fail shows. */
#include <stdlib.h>
#include <string.h>

#include "services/pipe/share.h"
#include "tap.h"
#include "tests/file/host/pipes.h"
#include "tests/file/pipes.h"

#define BYTES (32ull << 20)

/* ---- the machine of the suite ---- */

static void pause(void) {
}

static void begin(struct later *l) {
    const struct file *f = host_file((unsigned)l->session.h);
    struct host_call *c = calloc(1, sizeof *c);
    if (!c || !f)
        abort();
    *c = (struct host_call){.badge = f->badged.badge,
                            .account = HOST_ACCOUNT,
                            .op = l->call.op,
                            .rights = FILE_RIGHTS,
                            .data = l->call.data,
                            .to = l->call.to,
                            .size = l->call.size};
    memcpy(c->word, l->call.word, sizeof c->word);
    l->own = c;
    host_serve(c);
    l->error = c->error;
}

static void finish(struct later *l) {
    struct host_call *c = l->own;
    check(!c->waiting);
    host_interrupt(c);
    l->error = c->error;
    memcpy(l->call.word, c->word, sizeof c->word);
    free(c);
}

static void interrupt(struct later *l) {
    host_interrupt(l->own);
}

static struct signal_cap signal_of(unsigned which) {
    return (struct signal_cap){host_signal(which)};
}

static struct session_cap stranger(void) {
    return (struct session_cap){HOST_SESSIONS_MAX + 1};
}

static void report(void *context, const char *name, const char *message) {
    (void)context;
    if (message)
        printf("# %s\n", message);
    check(!message);
    tap_test(name);
}

/* ---- what fails beside the client's requests ---- */

static struct session_cap root, r, w;
static char data[PIPE_CAPACITY], got[PIPE_CAPACITY];

static struct host_call call_of(struct session_cap s, uint64_t op, size_t count) {
    struct host_call c = {.badge = host_file((unsigned)s.h)->badged.badge,
                          .account = HOST_ACCOUNT,
                          .op = op,
                          .rights = FILE_RIGHTS,
                          .word = {FILE_CURRENT, count}};
    if (op == FILE_READ) {
        c.to = got;
        c.size = count;
    } else {
        c.data = (struct text){data, count};
    }
    return c;
}

static bool holds(size_t count) {
    struct pipe_state state;
    return err_ok(pipe_state(r, &state)) && state.length == count;
}

/* A read whose answer does not arrive has read nothing. */
static void test_lost_answers(void) {
    static const size_t sizes[] = {1, 40, 41, 4096, 4097, PIPE_CAPACITY};
    size_t done;
    for (unsigned i = 0; i < 2 * sizeof sizes / sizeof sizes[0]; i++) {
        size_t size = sizes[i / 2];
        struct host_call c = call_of(r, FILE_READ, size);
        check(err_ok(file_write(w, FILE_CURRENT, data, size, &done)) && done == size);
        c.gone = i % 2;
        c.lost = !c.gone;
        check(err_is(host_serve(&c), c.gone ? ERR_CALLER_GONE : ERR_BAD_WINDOW));
        check(holds(size));
        check(err_ok(file_read(r, FILE_CURRENT, got, size, &done)) && done == size);
        check(!memcmp(got, data, size) && holds(0));
    }
    tap_test("pipe: a read whose answer is lost");
}

/* The same of one that waited; whoever waits behind it gets the bytes. */
static void test_lost_waits(void) {
    for (unsigned i = 0; i < 4; i++) {
        struct host_call first = call_of(r, FILE_READ, 5000), second = first;
        size_t size = i & 2 ? 5000 : 10, done;
        char other[5000];
        second.to = other;
        check(err_is(host_serve(&first), ERR_WOULD_BLOCK) && first.waiting);
        check(err_is(host_serve(&second), ERR_WOULD_BLOCK) && second.waiting);
        first.gone = i & 1;
        first.lost = !first.gone;
        check(err_ok(file_write(w, FILE_CURRENT, data, size, &done)) && done == size);
        check(!first.waiting && err_is(first.error, first.gone ? ERR_CALLER_GONE : ERR_BAD_WINDOW));
        check(!second.waiting && err_ok(second.error) && second.word[0] == size);
        check(!memcmp(other, data, size) && holds(0));
    }
    tap_test("pipe: a waiting read whose answer is lost");
}

/* A write whose data is not there has written nothing. */
static void test_lost_data(void) {
    static const size_t sizes[] = {33, 4096, 5000, PIPE_CAPACITY};
    for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct host_call c = call_of(w, FILE_WRITE, sizes[i]);
        c.absent = true;
        c.there = sizes[i] - 1;
        check(err_is(host_serve(&c), ERR_BAD_WINDOW) && holds(0));
        c = call_of(w, FILE_WRITE, sizes[i]);
        c.gone = true;
        check(err_is(host_serve(&c), ERR_CALLER_GONE) && holds(0));
    }
    tap_test("pipe: a write whose data is lost");
}

static void test_lost_data_waiting(void) {
    struct host_call all = call_of(w, FILE_WRITE, PIPE_CAPACITY), c, d;
    size_t done;
    check(err_ok(host_serve(&all)));
    c = call_of(w, FILE_WRITE, 100);
    d = call_of(w, FILE_WRITE, 50);
    check(err_is(host_serve(&c), ERR_WOULD_BLOCK) && err_is(host_serve(&d), ERR_WOULD_BLOCK));
    c.there = 99;
    check(err_ok(file_read(r, FILE_CURRENT, got, 120, &done)) && done == 120);
    check(!c.waiting && err_is(c.error, ERR_BAD_WINDOW) && !d.waiting && err_ok(d.error));
    check(holds(PIPE_CAPACITY - 120 + 50));
    check(err_ok(file_read(r, FILE_CURRENT, got, sizeof got, &done)) && holds(0));
    tap_test("pipe: a waiting write whose data is lost");
}

/* The caller ended before the server could park it. */
static void test_gone_early(void) {
    struct host_call c = call_of(r, FILE_READ, 10);
    c.gone = true;
    check(err_is(host_serve(&c), ERR_CALLER_GONE) && !c.waiting);
    check(!host_server.waits.count);
    tap_test("pipe: a caller that is gone before it waits");
}

/* Only one of both sessions can be made, or none. */
static void test_no_sessions(void) {
    struct session_cap no[2];
    unsigned sessions = host_sessions();
    uint64_t pipes_before = pipes_count();
    uint32_t limit = host_server.open.limit;
    host_no_sessions = true;
    check(err_is(pipe_make(root, 0, &no[0], &no[1]), ERR_NO_MEMORY));
    host_no_sessions = false;
    host_server.open.limit = host_server.open.count + 1;
    check(err_is(pipe_make(root, 0, &no[0], &no[1]), ERR_LIMIT));
    host_server.open.limit = limit;
    check(host_sessions() == sessions && pipes_count() == pipes_before);
    /* Made, but not received. */
    struct host_call c = {.account = HOST_ACCOUNT, .op = PIPE_MAKE, .rights = FILE_RIGHTS};
    c.gone = true;
    check(err_is(host_serve(&c), ERR_CALLER_GONE));
    check(host_sessions() == sessions && pipes_count() == pipes_before);
    tap_test("pipe: ends that cannot be made or received");
}

/* Makes pipes until there is no room, and adds up what they can hold. */
static unsigned fill(struct session_cap from, struct session_cap (*ends)[2], uint64_t *bytes) {
    unsigned count = 0;
    struct pipe_state state = {0};
    while (err_ok(pipe_make(from, 0, &ends[count][0], &ends[count][1]))) {
        check(err_ok(pipe_state(ends[count++][0], &state)));
        *bytes += state.capacity;
    }
    return count;
}

/* What one account has is not another's limit, and all have no more than there is. */
static void test_accounts(void) {
    static struct session_cap ends[3][BYTES / PIPE_CAPACITY_LOW][2];
    unsigned count[3];
    uint64_t bytes = PIPE_CAPACITY, before = 0; /* of r and w */
    for (unsigned i = 0; i < 3; i++) {
        struct session_cap from =
            host_session(FILE_BADGE_ROOT, FILE_RIGHTS, i ? HOST_ACCOUNT + i : HOST_ACCOUNT);
        count[i] = fill(from, ends[i], &bytes);
        host_close(NULL, from);
        check(bytes <= BYTES && bytes > before == (i < 2));
        before = bytes;
    }
    check(bytes == BYTES); /* both numbers are whole pipes */
    for (unsigned i = 0; i < 3; i++)
        while (count[i]--) {
            host_close(NULL, ends[i][count[i]][0]);
            host_close(NULL, ends[i][count[i]][1]);
        }
    tap_test("pipe: the shares of accounts");
}

/* Pollers and watches up to their limits, and the end of everything that is watched. */
static void test_poller_limits(void) {
    static struct session_cap pollers[512];
    unsigned count = 0;
    struct signal_cap s = signal_of(0);
    while (count < 512 && err_ok(file_poller(root, s, 1, &pollers[count])))
        count++;
    check(count == 256 && host_signals_held == count);
    check(err_is(file_poller(root, s, 1, &pollers[count]), ERR_TOO_MANY_OPEN));
    for (unsigned i = 0; i < count; i++)
        check(err_ok(file_watch(r, pollers[i], FILE_READABLE, i, NULL)));
    for (unsigned i = 0; i < count; i += 2)
        host_close(NULL, pollers[i]);
    check(host_server.watches.count == count / 2 && host_signals_held == count / 2);
    size_t done;
    check(err_ok(file_write(w, FILE_CURRENT, "x", 1, &done)) && host_raised(0));
    host_close(NULL, r);
    check(!host_server.watches.count);
    for (unsigned i = 1; i < count; i += 2)
        host_close(NULL, pollers[i]);
    check(!host_signals_held);
    tap_test("pipe: as many pollers as there can be");
}

/* A server that has no room for what is made. */
static void test_no_poller(void) {
    struct session_cap no;
    unsigned open = host_server.open.count;
    host_no_sessions = true;
    check(err_is(file_poller(root, signal_of(1), 1, &no), ERR_NO_MEMORY));
    host_no_sessions = false;
    check(!host_signals_held && host_server.open.count == open && !host_server.pollers.count);
    tap_test("pipe: a poller that cannot be made");
}

/* Ends of a FIFO, which holds nothing while nobody has it open; and who waits for the other side.
 */
static void test_fifo(void) {
    struct session_cap fifo, in, out;
    struct pipe_state state;
    size_t done;
    uint64_t used = shares_used();
    static const struct file_name to_read = {.flags = FILE_FOR_READ},
                                  to_write = {.flags = FILE_FOR_WRITE};
    check(err_ok(pipe_fifo(root, 0600, 1, 2, &fifo)) && shares_used() == used);
    check(err_is(file_read(fifo, FILE_CURRENT, got, 1, &done), ERR_NO_RIGHT));
    check(err_is(file_write(fifo, FILE_CURRENT, data, 1, &done), ERR_NO_RIGHT));
    check(err_is(pipe_await(fifo), ERR_UNSUPPORTED));
    check(err_is(pipe_resize(fifo, 8192, &state.capacity), ERR_UNSUPPORTED));
    check(err_ok(file_open(fifo, &to_read, &in, NULL)) && shares_used() == used + PIPE_CAPACITY);
    struct host_call c = call_of(in, PIPE_AWAIT, 0), d = c;
    check(err_is(host_serve(&c), ERR_WOULD_BLOCK) && c.waiting);
    check(err_is(host_serve(&d), ERR_WOULD_BLOCK) && d.waiting);
    host_interrupt(&d);
    check(err_ok(file_open(fifo, &to_write, &out, NULL)));
    check(!c.waiting && err_ok(c.error) && err_ok(pipe_await(out)));
    check(err_ok(file_write(out, FILE_CURRENT, data, 100, &done)) && done == 100);
    host_close(NULL, out);
    host_close(NULL, in);
    check(shares_used() == used);
    check(err_ok(file_open(fifo, &to_read, &in, NULL)));
    check(err_ok(pipe_state(in, &state)) && !state.length); /* what was not read is gone */
    check(err_is(pipe_await(in), ERR_INTERRUPTED));
    host_close(NULL, fifo);
    host_close(NULL, in);
    check(shares_used() == used);
    check(err_is(pipe_fifo(root, 010000, 1, 2, &fifo), ERR_BAD_ARGUMENT));
    tap_test("pipe: a FIFO");
}

int main(int count, char **argument) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    root = host_pipes_start(BYTES);
    const struct pipes suite = {.root = root,
                                .pipes_max = BYTES / PIPE_CAPACITY_LOW,
                                .waits_max = WAITS_OF_ACCOUNT,
                                .only = count > 1 ? argument[1] : NULL,
                                .narrow = host_narrow,
                                .close = host_close,
                                .report = report,
                                .pause = pause,
                                .begin = begin,
                                .finish = finish,
                                .interrupt = interrupt,
                                .signal = signal_of,
                                .raised = host_raised,
                                .stranger = stranger};
    pipes_run(&suite);
    memset(data, 'd', sizeof data);
    check(err_ok(pipe_make(root, 0, &r, &w)));
    test_lost_answers();
    test_lost_waits();
    test_lost_data();
    test_lost_data_waiting();
    test_gone_early();
    test_no_sessions();
    test_accounts();
    test_no_poller();
    test_fifo();
    test_poller_limits();
    host_close(NULL, w);
    const char *left = host_pipes_left();
    check(!left && host_sessions() == 1);
    printf("# %s\n", left ? left : "nothing is left");
    tap_test("pipe: nothing is left of the suite");
    return tap_done();
}
