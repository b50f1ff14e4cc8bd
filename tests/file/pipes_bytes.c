/* SPDX-License-Identifier: MIT */
/* Pipes without waiting: what goes in comes out, and how much fits. */
#include <string.h>

#include "tests/file/pipes.h"

static char data[2 * WINDOWS_MAX];

static void sizes(void) {
    static const size_t size[] = {1,    31,   32,   33,   39,   40,    41,
                                  4095, 4096, 4097, 8192, 9000, 65535, 65536};
    for (size_t i = 0; i < sizeof size / sizeof size[0]; i++) {
        suite_round("size", size[i], 0);
        put(writer, size[i]);
        get(reader, size[i]);
    }
}

static void pieces(void) {
    size_t done;
    put(writer, 100);
    get(reader, 1);
    get(reader, 59);
    is(read_some(reader, data, sizeof data / 2, &done), OK);
    expect(done == 40);
    put(writer, 10); /* the pattern goes on where `get` is not any more */
    is(read_some(reader, data, 41, &done), OK);
    expect(done == 10);
}

/* The bytes go round the buffer many times, at every distance from its end. */
static void round_and_round(void) {
    size_t there = 0;
    for (unsigned i = 0; i < 400; i++) {
        size_t some = (i * 7919u) % 9973u + 1, taken = (i * 6151u) % 12289u;
        suite_round("turn", i, some);
        if (some <= PIPE_CAPACITY - there) {
            put(writer, some);
            there += some;
        }
        if (taken > there)
            taken = there;
        if (taken)
            get(reader, taken);
        there -= taken;
    }
    struct pipe_state state = {0};
    is(pipe_state(reader, &state), OK);
    expect(state.length == there);
    if (there)
        get(reader, there);
}

static void full(void) {
    struct pipe_state state = {0};
    size_t done;
    nonblocking(writer, true);
    put(writer, PIPE_CAPACITY);
    is(write_some(writer, data, 1, &done), WOULD_BLOCK);
    is(write_some(writer, data, 5000, &done), WOULD_BLOCK);
    is(pipe_state(writer, &state), OK);
    expect(state.capacity == PIPE_CAPACITY && state.length == PIPE_CAPACITY);
    expect(state.readers == 1 && state.writers == 1 && !state.reads && !state.writes);
    get(reader, 1);
    put(writer, 1);
    is(write_some(writer, data, 1, &done), WOULD_BLOCK);
    get(reader, PIPE_CAPACITY);
}

static void empty_pipe(void) {
    size_t done;
    nonblocking(reader, true);
    is(read_some(reader, data, 1, &done), WOULD_BLOCK);
    is(read_some(reader, data, 5000, &done), WOULD_BLOCK);
    put(writer, 3);
    get(reader, 3);
    is(read_some(reader, data, 1, &done), WOULD_BLOCK);
}

/* All of a write of PIPE_BUF bytes, or nothing; of a larger one what there is room for. */
static void atomic_writes(void) {
    size_t done;
    nonblocking(writer, true);
    put(writer, PIPE_CAPACITY - PIPE_BUF + 1);
    is(write_some(writer, data, PIPE_BUF, &done), WOULD_BLOCK);
    is(write_some(writer, data, PIPE_BUF - 1, &done), OK);
    expect(done == PIPE_BUF - 1);
    get(reader, PIPE_CAPACITY - PIPE_BUF + 1);
    is(read_some(reader, data, PIPE_BUF, &done), OK);
    expect(done == PIPE_BUF - 1);

    put(writer, PIPE_CAPACITY - 10);
    is(write_some(writer, data, PIPE_BUF + 1, &done), OK);
    expect(done == 10);
    is(write_some(writer, data, PIPE_BUF + 1, &done), WOULD_BLOCK);
}

static void nothing(void) {
    size_t done = 1;
    is(read_some(reader, data, 0, &done), OK); /* although there is nothing */
    expect(done == 0);
    put(writer, PIPE_CAPACITY);
    is(write_some(writer, data, 0, &done), OK);
    expect(done == 0);
    pipe_shut(&reader);
    is(write_some(writer, data, 0, &done), OK);
    is(write_some(writer, data, 1, &done), BROKEN_PIPE);
}

static void no_offsets(void) {
    size_t done;
    uint64_t offset;
    put(writer, 5);
    is(file_read(reader, 0, data, 1, &done), NOT_SEEKABLE);
    is(file_write(writer, 0, data, 1, &done), NOT_SEEKABLE);
    is(file_seek(reader, 0, FILE_SEEK_START, &offset), NOT_SEEKABLE);
    is(file_seek(reader, 0, FILE_SEEK_HERE, &offset), NOT_SEEKABLE);
    get(reader, 5);
}

/* More than the call's window has. */
static void bad_windows(void) {
    struct file_call c = {.op = FILE_WRITE, .word = {FILE_CURRENT, 101}, .data = {data, 100}};
    is(file_call(writer, &c), BAD_WINDOW);
    c = (struct file_call){.op = FILE_WRITE, .word = {FILE_CURRENT, FILE_WRITE_WORDS + 1}};
    is(file_call(writer, &c), BAD_WINDOW);
    put(writer, 60);
    c = (struct file_call){.op = FILE_READ, .word = {FILE_CURRENT, 1000}}; /* as many as fit */
    is(file_call(reader, &c), OK);
    expect(c.word[0] == FILE_READ_WORDS);
    c = (struct file_call){.op = FILE_READ, .word = {FILE_CURRENT, 1000}, .to = data, .size = 7};
    is(file_call(reader, &c), OK);
    expect(c.word[0] == 7);
    is(read_some(reader, data, 100, &(size_t){0}), OK);
}

static void resized(void) {
    uint64_t size = 0;
    size_t done;
    nonblocking(writer, true);
    put(writer, PIPE_CAPACITY); /* that it wraps */
    get(reader, 40000);
    put(writer, 30000);
    is(pipe_resize(reader, PIPE_CAPACITY + 1, &size), OK);
    expect(size == 2 * PIPE_CAPACITY);
    put(writer, PIPE_CAPACITY);
    is(pipe_resize(writer, 1, &size), BUSY);
    get(reader, PIPE_CAPACITY);
    get(reader, PIPE_CAPACITY - 10000 - 4096);
    is(pipe_resize(writer, 1, &size), OK);
    expect(size == PIPE_CAPACITY_MIN);
    is(write_some(writer, data, 1, &done), WOULD_BLOCK);
    get(reader, PIPE_CAPACITY_MIN);
    is(pipe_resize(writer, PIPE_CAPACITY_MAX + 1, &size), NO_RIGHT);
    is(pipe_resize(writer, UINT64_MAX, &size), NO_RIGHT);
    struct session_cap less = pipes->narrow(pipes->context, writer, 0);
    is(pipe_resize(less, 4096, &size), NO_RIGHT);
    pipe_shut(&less);
    put(writer, 100);
    get(reader, 100);
}

const struct suite_case pipes_bytes[] = {
    {"pipe: sizes", sizes, 0},
    {"pipe: pieces", pieces, 0},
    {"pipe: round and round", round_and_round, 0},
    {"pipe: full", full, 0},
    {"pipe: empty", empty_pipe, 0},
    {"pipe: atomic writes", atomic_writes, 0},
    {"pipe: nothing to read or write", nothing, 0},
    {"pipe: no offsets", no_offsets, 0},
    {"pipe: windows that are too small", bad_windows, 0},
    {"pipe: resized", resized, 0},
    {0},
};
