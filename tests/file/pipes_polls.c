/* SPDX-License-Identifier: MIT */
/* What files are ready for, and pollers. */
#include <string.h>

#include "tests/file/pipes.h"

#define BIT  0x10u
#define MANY 100u /* more than a signal has bits */

static char data[PIPE_BUF];
static struct session_cap poller;
static struct file_ready ready[MANY];

static uint32_t ready_of(struct session_cap s, uint64_t *bytes) {
    uint32_t events = 0;
    is(file_poll(s, &events, bytes), OK);
    return events;
}

static void begin(void) {
    pipes->raised(0);
    poller = NO_SESSION;
    is(file_poller(pipes->root, pipes->signal(0), BIT, &poller), OK);
}

static void watch(struct session_cap s, uint32_t how, uint64_t cookie) {
    is(file_watch(s, poller, how, cookie, NULL), OK);
}

/* How many there are, at most `room`. */
static size_t look(size_t room) {
    size_t count = 0;
    memset(ready, 0, sizeof ready);
    is(file_ready(poller, ready, room, &count), OK);
    return count;
}

static bool says(uint64_t cookie, uint32_t events) {
    return look(MANY) == 1 && ready[0].cookie == cookie && ready[0].events == events;
}

/* Once since the last time; the bits and no other. */
static bool told(void) {
    return pipes->raised(0) == BIT;
}

static bool untold(void) {
    return !pipes->raised(0);
}

static void write_byte(void) {
    is(write_some(writer, "x", 1, &(size_t){0}), OK);
}

static void read_byte(void) {
    is(read_some(reader, data, 1, &(size_t){0}), OK);
}

/* ---- what is ready ---- */

static void states(void) {
    uint64_t bytes = 1;
    expect(ready_of(reader, &bytes) == 0 && bytes == 0);
    expect(ready_of(writer, &bytes) == FILE_WRITABLE);
    put(writer, 77);
    expect(ready_of(reader, &bytes) == FILE_READABLE && bytes == 77);
    expect(ready_of(writer, &bytes) == FILE_WRITABLE && bytes == 0);
    put(writer, PIPE_CAPACITY - PIPE_BUF - 77);
    expect(ready_of(writer, NULL) == FILE_WRITABLE);
    put(writer, 1);
    expect(ready_of(writer, NULL) == 0);
    get(reader, 1);
    expect(ready_of(writer, NULL) == FILE_WRITABLE);
    pipe_shut(&writer);
    expect(ready_of(reader, &bytes) == (FILE_READABLE | FILE_HUNG_UP));
    get(reader, bytes);
    expect(ready_of(reader, &bytes) == FILE_HUNG_UP && !bytes);
}

static void broken(void) {
    pipe_shut(&reader);
    expect(ready_of(writer, NULL) == (FILE_WRITABLE | FILE_BROKEN));
}

/* What never waits is always ready. */
static void a_directory(void) {
    uint64_t bytes = 1;
    expect(ready_of(pipes->root, &bytes) == (FILE_READABLE | FILE_WRITABLE) && !bytes);
}

/* ---- pollers ---- */

static void level(void) {
    begin();
    watch(reader, FILE_READABLE, 42);
    expect(untold() && look(MANY) == 0);
    write_byte();
    expect(told() && says(42, FILE_READABLE) && says(42, FILE_READABLE)); /* as long as it is */
    write_byte();
    expect(told());
    write_byte();
    expect(untold()); /* nobody has looked since */
    expect(says(42, FILE_READABLE));
    read_byte();
    read_byte();
    expect(says(42, FILE_READABLE));
    read_byte();
    expect(look(MANY) == 0);
    write_byte();
    expect(told() && says(42, FILE_READABLE));
    pipe_shut(&poller);
    write_byte();
    expect(untold());
}

static void edge(void) {
    begin();
    write_byte();
    watch(reader, FILE_READABLE | FILE_POLL_EDGE, 42);
    expect(told() && says(42, FILE_READABLE) && look(MANY) == 0);
    write_byte();
    expect(told() && says(42, FILE_READABLE) && look(MANY) == 0);
    write_byte();
    write_byte();
    expect(told() && says(42, FILE_READABLE) && look(MANY) == 0);
    for (unsigned i = 0; i < 4; i++)
        read_byte();
    write_byte();
    read_byte();
    expect(told() && look(MANY) == 0); /* it is not ready any more */
    pipe_shut(&writer);
    expect(told() && says(42, FILE_HUNG_UP) && look(MANY) == 0);
    pipe_shut(&poller);
}

static void once(void) {
    uint32_t events = 0;
    begin();
    watch(reader, FILE_READABLE | FILE_POLL_ONCE, 42);
    write_byte();
    expect(told());
    read_byte();
    expect(look(MANY) == 0); /* somebody else took it: it still watches */
    write_byte();
    expect(told() && says(42, FILE_READABLE));
    write_byte();
    expect(untold() && look(MANY) == 0);
    is(file_watch(reader, poller, FILE_READABLE | FILE_POLL_ONCE, 43, &events), OK);
    expect(events == FILE_READABLE && untold() && look(MANY) == 0); /* the answer said it */
    is(file_watch(reader, poller, FILE_POLL_REMOVE, 0, NULL), NOT_FOUND);
    pipe_shut(&poller);
}

static void changed(void) {
    begin();
    watch(reader, FILE_READABLE, 1);
    watch(reader, FILE_WRITABLE, 2); /* takes its place; a reader is never that */
    write_byte();
    expect(untold() && look(MANY) == 0);
    watch(reader, FILE_READABLE, 3);
    expect(told() && says(3, FILE_READABLE));
    watch(reader, FILE_POLL_REMOVE, 0);
    expect(look(MANY) == 0);
    write_byte();
    expect(untold());
    watch(reader, 0, 4); /* the end is told whether asked for or not */
    expect(untold());
    pipe_shut(&writer);
    expect(told() && says(4, FILE_HUNG_UP));
    pipe_shut(&poller);
}

static void writable(void) {
    begin();
    put(writer, PIPE_CAPACITY);
    watch(writer, FILE_WRITABLE | FILE_POLL_EDGE, 5);
    get(reader, PIPE_BUF - 1);
    expect(untold() && look(MANY) == 0);
    get(reader, 1);
    expect(told() && says(5, FILE_WRITABLE));
    get(reader, PIPE_BUF);
    expect(untold());
    pipe_shut(&reader);
    expect(told() && says(5, FILE_WRITABLE | FILE_BROKEN));
    pipe_shut(&poller);
}

static void closed_file(void) {
    begin();
    write_byte();
    watch(reader, FILE_READABLE, 6);
    watch(writer, FILE_WRITABLE, 7);
    expect(told());
    pipe_shut(&reader);
    expect(says(7, FILE_WRITABLE | FILE_BROKEN));
    pipe_shut(&writer);
    expect(look(MANY) == 0);
    pipe_shut(&poller);
}

static void many_files(void) {
    static struct session_cap r[MANY], w[MANY];
    static bool seen[MANY];
    begin();
    memset(seen, 0, sizeof seen);
    for (unsigned i = 0; i < MANY; i++) {
        pipe_new(&r[i], &w[i]);
        watch(r[i], FILE_READABLE | FILE_POLL_EDGE, i);
    }
    expect(untold());
    for (unsigned i = 0; i < MANY; i += 2)
        is(write_some(w[i], "x", 1, &(size_t){0}), OK);
    expect(told());
    for (size_t count, i; (count = look(33));) /* a window that has not room for all */
        for (i = 0; i < count; i++) {
            expect(ready[i].cookie < MANY && !seen[ready[i].cookie]);
            seen[ready[i].cookie % MANY] = true;
        }
    for (unsigned i = 0; i < MANY; i++) {
        expect(seen[i] == (i % 2 == 0));
        pipe_shut(&r[i]);
        pipe_shut(&w[i]);
    }
    pipe_shut(&poller);
}

/* One that is always ready does not keep the others from their turn. */
static void turns(void) {
    struct session_cap r, w;
    bool seen[8] = {false};
    begin();
    pipe_new(&r, &w);
    watch(writer, FILE_WRITABLE, 1);
    watch(w, FILE_WRITABLE, 2);
    write_byte();
    watch(reader, FILE_READABLE, 3);
    for (unsigned i = 0; i < 3; i++) {
        expect(look(1) == 1);
        seen[ready[0].cookie & 7] = true;
    }
    expect(seen[1] && seen[2] && seen[3]);
    pipe_shut(&r);
    pipe_shut(&w);
    pipe_shut(&poller);
}

static void two_pollers(void) {
    struct session_cap first, second = NO_SESSION;
    begin();
    first = poller;
    pipes->raised(1);
    is(file_poller(reader, pipes->signal(1), 3, &second), OK); /* through any session */
    watch(reader, FILE_READABLE, 1);
    poller = second;
    watch(reader, FILE_READABLE, 2);
    write_byte();
    expect(pipes->raised(0) == BIT && pipes->raised(1) == 3);
    expect(says(2, FILE_READABLE));
    pipe_shut(&poller);
    poller = first;
    expect(says(1, FILE_READABLE));
    write_byte();
    expect(told() && !pipes->raised(1));
    pipe_shut(&poller);
}

static void refused(void) {
    struct file_call c;
    struct session_cap no = NO_SESSION, stranger = pipes->stranger();
    struct signal_cap none = {HANDLE_NONE};
    size_t count;
    begin();
    is(file_poller(reader, none, BIT, &no), BAD_HANDLE);
    is(file_poller(reader, (struct signal_cap){writer.h}, BIT, &no), WRONG_TYPE);
    is(file_poller(reader, (struct signal_cap){stranger.h}, BIT, &no), WRONG_TYPE);
    is(file_poller(reader, pipes->signal(0), 0, &no), BAD_ARGUMENT);
    is(file_watch(reader, stranger, FILE_READABLE, 1, NULL), OTHER_SERVER);
    is(file_watch(reader, writer, FILE_READABLE, 1, NULL), WRONG_TYPE);
    is(file_watch(poller, poller, FILE_READABLE, 1, NULL), UNSUPPORTED);
    is(file_watch(reader, poller, FILE_POLL_REMOVE, 1, NULL), NOT_FOUND);
    is(file_watch(reader, poller, FILE_POLL_EDGE | FILE_POLL_ONCE, 1, NULL), BAD_ARGUMENT);
    is(file_watch(reader, poller, 0x20, 1, NULL), BAD_ARGUMENT);
    c = (struct file_call){.op = FILE_POLL, .word = {FILE_POLL_ONCE}};
    is(file_call(reader, &c), BAD_ARGUMENT); /* for which poller? */
    is(file_ready(reader, ready, MANY, &count), UNSUPPORTED);
    c = (struct file_call){.op = FILE_READY, .to = ready, .size = sizeof ready[0] - 1};
    is(file_call(poller, &c), BAD_WINDOW);
    is(read_some(poller, data, 1, &count), NO_RIGHT);
    is(write_some(poller, data, 1, &count), NO_RIGHT);
    pipe_shut(&poller);
}

const struct suite_case pipes_polls[] = {
    {"poll: states of a pipe", states, 0},
    {"poll: nobody reads", broken, 0},
    {"poll: what never waits", a_directory, 0},
    {"poller: level", level, 0},
    {"poller: edge", edge, 0},
    {"poller: once", once, 0},
    {"poller: changed and removed", changed, 0},
    {"poller: writable", writable, 0},
    {"poller: a file is closed", closed_file, 0},
    {"poller: many files", many_files, 0},
    {"poller: turns", turns, 0},
    {"poller: two of them", two_pollers, 0},
    {"poller: refused", refused, 0},
    {0},
};
