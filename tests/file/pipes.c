/* SPDX-License-Identifier: MIT */
/* Runs the cases of pipes, and what they share. */
#include "tests/file/pipes.h"

#include <string.h>

#include "tests/file/suite.h"

const struct pipes *pipes;
struct session_cap reader, writer;

static char bytes[WINDOWS_MAX];
/* Of the pattern: how many bytes were put in and taken out. */
static uint64_t in, out;

void pipe_shut(struct session_cap *s) {
    if (s->h != HANDLE_NONE)
        pipes->close(pipes->context, *s);
    s->h = HANDLE_NONE;
}

void pipe_new(struct session_cap *r, struct session_cap *w) {
    *r = *w = NO_SESSION;
    is(pipe_make(pipes->root, 0, r, w), OK);
}

void nonblocking(struct session_cap s, bool on) {
    uint32_t flags = 0;
    is(file_flags(s, on ? FILE_NONBLOCK : 0, FILE_NONBLOCK, &flags), OK);
    expect(!(flags & FILE_NONBLOCK) == !on);
}

err_t write_some(struct session_cap s, const void *from, size_t count, size_t *done) {
    *done = 0;
    return file_write(s, FILE_CURRENT, from, count, done);
}

err_t read_some(struct session_cap s, void *to, size_t count, size_t *done) {
    *done = 0;
    return file_read(s, FILE_CURRENT, to, count, done);
}

void put(struct session_cap s, size_t count) {
    size_t done;
    for (size_t i = 0; i < count; i++)
        bytes[i] = (char)pattern(1, in + i);
    is(write_some(s, bytes, count, &done), OK);
    expect(done == count);
    in += done;
}

void get(struct session_cap s, size_t count) {
    size_t done, wrong = 0;
    memset(bytes, 0, count);
    is(read_some(s, bytes, count, &done), OK);
    expect(done == count);
    for (size_t i = 0; i < done; i++)
        wrong += bytes[i] != (char)pattern(1, out + i);
    expect(!wrong);
    out += done;
}

void await_waiting(struct session_cap s, uint32_t reads, uint32_t writes) {
    struct pipe_state state = {0};
    do {
        pipes->pause();
        err_t e = pipe_state(s, &state);
        is(e, OK);
        if (!err_ok(e))
            return;
    } while (state.reads != reads || state.writes != writes);
}

void later_read(struct later *l, struct session_cap s, void *to, size_t count) {
    *l = (struct later){
        .call = {.op = FILE_READ, .word = {FILE_CURRENT, count}, .to = to, .size = count},
        .session = s};
    pipes->begin(l);
}

void later_write(struct later *l, struct session_cap s, const void *from, size_t count) {
    *l = (struct later){
        .call = {.op = FILE_WRITE, .word = {FILE_CURRENT, count}, .data = {from, count}},
        .session = s};
    if (count <= FILE_WRITE_WORDS) {
        l->call.data.length = 0;
        memcpy(&l->call.word[2], from, count);
    }
    pipes->begin(l);
}

size_t later_done(struct later *l, enum err_code due) {
    pipes->finish(l);
    is_code(l->error, due);
    return err_ok(l->error) ? l->call.word[0] : 0;
}

static bool run_case(const struct suite_case *c) {
    suite_begin();
    in = out = 0;
    pipe_new(&reader, &writer);
    c->run();
    suite_round_over();
    pipe_shut(&reader);
    pipe_shut(&writer);
    pipes->report(pipes->context, c->name, suite_failure());
    return !suite_failure();
}

static unsigned run_cases(const struct suite_case *one) {
    unsigned failed = 0;
    for (; one && one->name; one++)
        if (!pipes->only || !strncmp(one->name, pipes->only, strlen(pipes->only)))
            failed += !run_case(one);
    return failed;
}

unsigned pipes_run(const struct pipes *p) {
    pipes = p;
    return run_cases(pipes_bytes) + run_cases(pipes_ends) + run_cases(pipes_waits) +
           run_cases(pipes_polls) + run_cases(p->more);
}
