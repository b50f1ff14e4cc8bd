/* SPDX-License-Identifier: MIT */
/* Reads and writes that wait: in what order they go on, and what ends them. */
#include <string.h>

#include "tests/file/pipes.h"

#define SOME 8u

static char data[WINDOWS_MAX], got[SOME][WINDOWS_MAX];
static struct later later[SOME], more;

static void a_read(void) {
    static const size_t sizes[] = {1, 32, 33, 40, 41, 100, 5000, 60000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        suite_round("size", sizes[i], 0);
        memset(data, (int)i + 'a', sizes[i]);
        later_read(&later[0], reader, got[0], 60000);
        await_waiting(writer, 1, 0);
        is(write_some(writer, data, sizes[i], &(size_t){0}), OK);
        expect(later_done(&later[0], ERR_OK) == sizes[i]);
        expect(!memcmp(got[0], data, sizes[i]));
        await_waiting(writer, 0, 0);
    }
    later_read(&later[0], reader, NULL, 0); /* into words */
    expect(later_done(&later[0], ERR_OK) == 0);
    later[0] =
        (struct later){.call = {.op = FILE_READ, .word = {FILE_CURRENT, 40}}, .session = reader};
    pipes->begin(&later[0]);
    await_waiting(writer, 1, 0);
    is(write_some(writer, "abc", 3, &(size_t){0}), OK);
    expect(later_done(&later[0], ERR_OK) == 3 && !memcmp(&later[0].call.word[1], "abc", 3));
}

/* Who came first is served first, each with what is left. */
static void reads_in_order(void) {
    for (unsigned i = 0; i < SOME; i++) {
        later_read(&later[i], reader, got[i], i + 1);
        await_waiting(writer, i + 1, 0);
    }
    for (unsigned i = 0; i < 30; i++)
        data[i] = (char)('a' + i);
    is(write_some(writer, data, 30, &(size_t){0}), OK); /* 1 + 2 + ... + 7 = 28 */
    for (unsigned i = 0, at = 0; i < SOME; at += ++i) {
        suite_round("read", i, 0);
        expect(later_done(&later[i], ERR_OK) == (i < 7 ? i + 1 : 2));
        expect(!memcmp(got[i], data + at, i < 7 ? i + 1 : 2));
    }
    await_waiting(writer, 0, 0);
}

static void a_write(void) {
    put(writer, PIPE_CAPACITY);
    memset(data, 'w', sizeof data);
    later_write(&later[0], writer, data, 20); /* in words */
    await_waiting(reader, 0, 1);
    later_write(&later[1], writer, data, PIPE_BUF);
    await_waiting(reader, 0, 2);
    get(reader, 20);
    expect(later_done(&later[0], ERR_OK) == 20);
    get(reader, PIPE_BUF - 1);
    await_waiting(reader, 0, 1); /* one byte is not there */
    get(reader, 1);
    expect(later_done(&later[1], ERR_OK) == PIPE_BUF);
    await_waiting(reader, 0, 0);
}

/* A large write goes on when there is room for PIPE_BUF bytes, and is answered with what went. */
static void a_large_write(void) {
    put(writer, PIPE_CAPACITY - 100);
    memset(data, 'w', sizeof data);
    later_write(&later[0], writer, data, sizeof data);
    await_waiting(reader, 0, 1);
    get(reader, PIPE_BUF - 101);
    await_waiting(reader, 0, 1);
    get(reader, 1);
    expect(later_done(&later[0], ERR_OK) == PIPE_BUF);
    nonblocking(reader, true);
    get(reader, PIPE_CAPACITY - PIPE_BUF);
    size_t done;
    is(read_some(reader, got[0], sizeof got[0], &done), OK);
    expect(done == PIPE_BUF && !memcmp(got[0], data, done));
}

/* A small write does not overtake a large one that waits, unless it does not wait itself. */
static void writes_in_order(void) {
    size_t done;
    put(writer, PIPE_CAPACITY - 10);
    later_write(&later[0], writer, data, 100);
    await_waiting(reader, 0, 1);
    later_write(&later[1], writer, data, 5);
    await_waiting(reader, 0, 2);
    struct session_cap other = open_at(writer, "", FILE_FOR_WRITE | FILE_NONBLOCK);
    is(write_some(other, data, 6, &done), OK);
    pipe_shut(&other);
    get(reader, 96);
    expect(later_done(&later[0], ERR_OK) == 100);
    await_waiting(reader, 0, 1);
    get(reader, 5);
    expect(later_done(&later[1], ERR_OK) == 5);
}

static void end_of_file(void) {
    for (unsigned i = 0; i < SOME; i++) {
        later_read(&later[i], reader, got[i], 10);
        await_waiting(writer, i + 1, 0);
    }
    is(write_some(writer, "abc", 3, &(size_t){0}), OK);
    pipe_shut(&writer);
    expect(later_done(&later[0], ERR_OK) == 3);
    for (unsigned i = 1; i < SOME; i++)
        expect(later_done(&later[i], ERR_OK) == 0);
    await_waiting(reader, 0, 0);
}

static void nobody_reads(void) {
    put(writer, PIPE_CAPACITY);
    for (unsigned i = 0; i < SOME; i++) {
        later_write(&later[i], writer, data, i + 1);
        await_waiting(writer, 0, i + 1);
    }
    pipe_shut(&reader);
    for (unsigned i = 0; i < SOME; i++)
        later_done(&later[i], ERR_BROKEN_PIPE);
    await_waiting(writer, 0, 0);
}

static void interrupted_read(void) {
    for (unsigned i = 0; i < 3; i++) {
        later_read(&later[i], reader, got[i], 1);
        await_waiting(writer, i + 1, 0);
    }
    pipes->interrupt(&later[0]);
    later_done(&later[0], ERR_INTERRUPTED);
    await_waiting(writer, 2, 0);
    pipes->interrupt(&later[2]);
    later_done(&later[2], ERR_INTERRUPTED);
    await_waiting(writer, 1, 0);
    is(write_some(writer, "ab", 2, &(size_t){0}), OK);
    expect(later_done(&later[1], ERR_OK) == 1 && got[1][0] == 'a');
    is(read_some(reader, got[0], 5, &(size_t){0}), OK);
    expect(got[0][0] == 'b');
}

/* What waited only behind it goes on. */
static void interrupted_write(void) {
    put(writer, PIPE_CAPACITY - 10);
    later_write(&later[0], writer, data, 100);
    await_waiting(reader, 0, 1);
    later_write(&later[1], writer, data, 10);
    await_waiting(reader, 0, 2);
    pipes->interrupt(&later[0]);
    later_done(&later[0], ERR_INTERRUPTED);
    expect(later_done(&later[1], ERR_OK) == 10);
    get(reader, PIPE_CAPACITY - 10);
    await_waiting(reader, 0, 0);
}

/* The end that a read waits on is closed: it still reads, and counts until it has. */
static void closed_meanwhile(void) {
    struct session_cap mine = reader;
    later_read(&later[0], reader, got[0], 10);
    await_waiting(writer, 1, 0);
    reader = NO_SESSION;
    pipe_shut(&mine);
    struct pipe_state state = {0};
    is(pipe_state(writer, &state), OK);
    expect(state.readers == 1 && state.reads == 1);
    is(write_some(writer, "abc", 3, &(size_t){0}), OK);
    expect(later_done(&later[0], ERR_OK) == 3 && !memcmp(got[0], "abc", 3));
    await_waiting(writer, 0, 0);
    is(write_some(writer, "abc", 3, &(size_t){0}), BROKEN_PIPE);
}

/* The same with a write, and nothing else is left of the pipe in the end. */
static void closed_and_interrupted(void) {
    put(writer, PIPE_CAPACITY);
    later_write(&later[0], writer, data, 10);
    await_waiting(reader, 0, 1);
    pipe_shut(&writer);
    get(reader, 5);
    await_waiting(reader, 0, 1);
    pipes->interrupt(&later[0]);
    later_done(&later[0], ERR_INTERRUPTED);
    await_waiting(reader, 0, 0);
    get(reader, PIPE_CAPACITY - 5);
    is(read_some(reader, got[0], 5, &(size_t){0}), OK); /* the end: no writer is left */
}

static void not_waiting_any_more(void) {
    later_read(&later[0], reader, got[0], 10);
    await_waiting(writer, 1, 0);
    nonblocking(reader, true); /* of what begins from now on */
    await_waiting(writer, 1, 0);
    is(read_some(reader, got[1], 10, &(size_t){0}), WOULD_BLOCK);
    is(write_some(writer, "abc", 3, &(size_t){0}), OK);
    expect(later_done(&later[0], ERR_OK) == 3);
    put(writer, PIPE_CAPACITY);
    later_write(&later[0], writer, data, PIPE_BUF + 1);
    await_waiting(reader, 0, 1);
    nonblocking(writer, true);
    get(reader, PIPE_BUF - 1); /* enough for a write that does not wait */
    await_waiting(reader, 0, 1);
    get(reader, 1);
    expect(later_done(&later[0], ERR_OK) == PIPE_BUF);
}

static void resized_meanwhile(void) {
    uint64_t size = 0;
    put(writer, PIPE_CAPACITY);
    later_write(&later[0], writer, data, 100);
    await_waiting(reader, 0, 1);
    is(pipe_resize(reader, 2 * PIPE_CAPACITY, &size), OK);
    expect(later_done(&later[0], ERR_OK) == 100);
    await_waiting(reader, 0, 0);
}

/* Megabytes through a pipe of 4 KiB, both sides waiting in turn. */
static void streamed(void) {
    uint64_t size = 0, sent = 0, seen = 0, wrong = 0;
    is(pipe_resize(reader, PIPE_CAPACITY_MIN, &size), OK);
    while (seen < (256u << 10) && !suite_failure()) {
        for (size_t i = 0; i < 9000; i++)
            data[i] = (char)pattern(2, sent + i);
        later_write(&later[0], writer, data, 9000);
        size_t done = 0;
        is(read_some(reader, got[0], 5000, &done), OK);
        for (size_t i = 0; i < done; i++)
            wrong += got[0][i] != (char)pattern(2, seen + i);
        seen += done;
        sent += later_done(&later[0], ERR_OK);
    }
    expect(!wrong && sent >= seen && sent - seen <= PIPE_CAPACITY_MIN);
}

/* No more requests can wait than the account's limit; the rest works. */
static void too_many(void) {
    static struct later many[2048];
    unsigned count = 0;
    if (!pipes->waits_max)
        return;
    for (; count < 2048; count++) {
        later_read(&many[count], reader, got[0], 1);
        if (err_is(many[count].error, ERR_LIMIT))
            break;
    }
    expect(count == pipes->waits_max);
    await_waiting(writer, count, 0);
    is(write_some(writer, "a", 1, &(size_t){0}), OK);
    expect(later_done(&many[0], ERR_OK) == 1);
    later_read(&more, reader, got[1], 1);
    await_waiting(writer, count, 0);
    for (unsigned i = 1; i < count; i++)
        pipes->interrupt(&many[i]);
    await_waiting(writer, 1, 0);
    pipe_shut(&writer);
    expect(later_done(&more, ERR_OK) == 0);
}

const struct suite_case pipes_waits[] = {
    {"pipe waits: a read", a_read, 0},
    {"pipe waits: reads in order", reads_in_order, 0},
    {"pipe waits: a write", a_write, 0},
    {"pipe waits: a large write", a_large_write, 0},
    {"pipe waits: writes in order", writes_in_order, 0},
    {"pipe waits: end of file", end_of_file, 0},
    {"pipe waits: nobody reads", nobody_reads, 0},
    {"pipe waits: a read is interrupted", interrupted_read, 0},
    {"pipe waits: a write is interrupted", interrupted_write, 0},
    {"pipe waits: closed meanwhile", closed_meanwhile, 0},
    {"pipe waits: closed and interrupted", closed_and_interrupted, 0},
    {"pipe waits: not waiting any more", not_waiting_any_more, 0},
    {"pipe waits: resized meanwhile", resized_meanwhile, 0},
    {"pipe waits: a stream", streamed, 0},
    {"pipe waits: too many", too_many, 0},
    {0},
};
