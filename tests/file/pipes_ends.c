/* SPDX-License-Identifier: MIT */
/* The ends of pipes as open files: rights, ends that are closed, the root, limits. */
#include <string.h>

#include "tests/file/pipes.h"

static char data[PIPE_BUF];

static void rights(void) {
    size_t done;
    uint32_t flags = 0;
    is(write_some(reader, data, 1, &done), NO_RIGHT);
    is(read_some(writer, data, 1, &done), NO_RIGHT);
    is(file_flags(reader, 0, 0, &flags), OK);
    expect(flags == FILE_FOR_READ);
    is(file_flags(writer, 0, 0, &flags), OK);
    expect(flags == FILE_FOR_WRITE);
    struct session_cap less = pipes->narrow(pipes->context, reader, FILE_RIGHT_WRITE);
    is(read_some(less, data, 1, &done), NO_RIGHT);
    is(write_some(less, data, 1, &done), NO_RIGHT);
    pipe_shut(&less);
}

static void made(void) {
    struct session_cap r = NO_SESSION, w = NO_SESSION, root;
    uint32_t flags = 0;
    is(pipe_make(pipes->root, FILE_NONBLOCK, &r, &w), OK);
    is(file_flags(r, 0, 0, &flags), OK);
    expect(flags == (FILE_FOR_READ | FILE_NONBLOCK));
    is(file_flags(w, 0, 0, &flags), OK);
    expect(flags == (FILE_FOR_WRITE | FILE_NONBLOCK));
    pipe_shut(&r);
    pipe_shut(&w);
    is(pipe_make(pipes->root, FILE_APPEND, &r, &w), BAD_ARGUMENT);
    is(pipe_make(pipes->root, FILE_FOR_READ, &r, &w), BAD_ARGUMENT);
    root = pipes->narrow(pipes->context, pipes->root, FILE_RIGHTS & ~FILE_RIGHT_READ);
    is(pipe_make(root, 0, &r, &w), NO_RIGHT);
    pipe_shut(&root);
    root = pipes->narrow(pipes->context, pipes->root, FILE_RIGHT_READ | FILE_RIGHT_WRITE);
    is(pipe_make(root, 0, &r, &w), OK);
    is(set_name(r, "", 0, (struct file_set){.fields = FILE_SET_MODE, .mode = 0644}), NO_RIGHT);
    pipe_shut(&r);
    pipe_shut(&w);
    pipe_shut(&root);
    is(pipe_make(reader, 0, &r, &w), UNSUPPORTED);
}

static void attributes(void) {
    struct file_stat r = stat_of(reader, ""), w = stat_of(writer, "");
    expect(r.id == w.id && r.mode == (FILE_TYPE_FIFO | 0600) && r.size == 0 && r.links == 1);
    put(writer, 10);
    struct file_set set = {.fields = FILE_SET_MODE | FILE_SET_USER | FILE_SET_GROUP,
                           .mode = 0640,
                           .user = 7,
                           .group = 8};
    is(set_name(writer, "", 0, set), OK);
    r = stat_of(reader, "");
    expect(r.mode == (FILE_TYPE_FIFO | 0640) && r.user == 7 && r.group == 8);
    is(resize(writer, 1), BAD_ARGUMENT); /* no regular file */
    struct session_cap other_r, other_w;
    pipe_new(&other_r, &other_w);
    expect(stat_of(other_r, "").id != r.id);
    pipe_shut(&other_r);
    pipe_shut(&other_w);
    is(file_sync(writer), OK);
}

static void end_of_file(void) {
    struct session_cap twin = pipes->narrow(pipes->context, writer, FILE_RIGHTS);
    size_t done = 1;
    nonblocking(reader, true);
    put(writer, 10);
    pipe_shut(&writer);
    get(reader, 10);
    is(read_some(reader, data, 1, &done), WOULD_BLOCK); /* a duplicate is left */
    put(twin, 5);
    pipe_shut(&twin);
    get(reader, 5);
    is(read_some(reader, data, 100, &done), OK);
    expect(done == 0);
    nonblocking(reader, false);
    is(read_some(reader, data, 1, &done), OK);
    expect(done == 0);
}

static void nobody_reads(void) {
    struct session_cap twin = pipes->narrow(pipes->context, reader, FILE_RIGHTS);
    size_t done;
    pipe_shut(&reader);
    put(writer, 10);
    pipe_shut(&twin);
    is(write_some(writer, data, 1, &done), BROKEN_PIPE);
    is(write_some(writer, data, sizeof data, &done), BROKEN_PIPE);
}

/* An end's session can be opened again: another open file, which counts. */
static void opened_again(void) {
    struct session_cap again, no;
    struct pipe_state state = {0};
    size_t done;
    again = open_at(reader, "", FILE_FOR_READ | FILE_NONBLOCK);
    is(pipe_state(writer, &state), OK);
    expect(state.readers == 2 && state.writers == 1);
    is(read_some(again, data, 1, &done), WOULD_BLOCK);
    pipe_shut(&reader);
    put(writer, 10);
    get(again, 10);
    is(open_try(again, "", FILE_FOR_WRITE, &no), NO_RIGHT);
    is(open_try(again, "x", 0, &no), NO_RIGHT);
    no = open_at(again, "", 0); /* neither reads nor writes: it does not count */
    pipe_shut(&again);
    is(write_some(writer, data, 1, &done), BROKEN_PIPE);
    expect(stat_of(no, "").id == stat_of(writer, "").id);
    pipe_shut(&no);
}

static void the_root(void) {
    struct session_cap no;
    struct pipe_state state;
    uint64_t size;
    unsigned char entries[1024];
    size_t done = 0;
    struct session_cap root = open_at(pipes->root, "", FILE_FOR_READ | FILE_DIRECTORY);
    is(file_entries(root, 0, entries, sizeof entries, &done), OK);
    expect(done == 2 * 32); /* "." and ".." */
    is(open_try(root, "x", FILE_FOR_READ, &no), NOT_FOUND);
    is(open_try(root, "x", FILE_FOR_READ | FILE_CREATE, &no), READ_ONLY);
    is(make(root, "x", FIFO), READ_ONLY);
    is(open_try(root, "..", 0, &no), ABOVE_ROOT);
    is(pipe_state(root, &state), UNSUPPORTED);
    is(pipe_resize(root, 4096, &size), UNSUPPORTED);
    is(read_some(root, data, 1, &done), IS_DIRECTORY);
    pipe_shut(&root);
    struct file_call c = {.op = 0x1234};
    is(file_call(reader, &c), UNSUPPORTED);
}

/* Pipes until the account has no more: the last ones are smaller. All works again afterwards. */
static void many(void) {
    static struct session_cap r[4096], w[4096];
    unsigned count = 0, small = 0;
    struct pipe_state state = {0};
    err_t e = OK;
    if (!pipes->pipes_max)
        return;
    while (count < 4096 && err_ok(e = pipe_make(pipes->root, 0, &r[count], &w[count]))) {
        is(pipe_state(r[count], &state), OK);
        small += state.capacity == PIPE_CAPACITY_LOW;
        expect(state.capacity == (small ? PIPE_CAPACITY_LOW : PIPE_CAPACITY));
        count++;
    }
    is(e, TOO_MANY_OPEN);
    expect(count <= pipes->pipes_max && small && small < count);
    for (unsigned i = 0; i < count; i++) { /* each can hold what it says */
        is(pipe_state(r[i], &state), OK);
        is(write_some(w[i], data, sizeof data, &(size_t){0}), OK);
    }
    is(pipe_resize(r[0], PIPE_CAPACITY_MAX, &state.capacity), LIMIT);
    for (unsigned i = 0; i < count; i++) {
        pipe_shut(&r[i]);
        pipe_shut(&w[i]);
    }
    pipe_new(&r[0], &w[0]);
    is(pipe_state(r[0], &state), OK);
    expect(state.capacity == PIPE_CAPACITY);
    pipe_shut(&r[0]);
    pipe_shut(&w[0]);
}

const struct suite_case pipes_ends[] = {
    {"pipe: rights of the ends", rights, 0},
    {"pipe: made", made, 0},
    {"pipe: attributes", attributes, 0},
    {"pipe: end of file", end_of_file, 0},
    {"pipe: nobody reads", nobody_reads, 0},
    {"pipe: opened again", opened_again, 0},
    {"pipe: the root", the_root, 0},
    {"pipe: as many as there can be", many, 0},
    {0},
};
