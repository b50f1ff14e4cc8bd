/* SPDX-License-Identifier: MIT */
/* SOURCES: tests/file/host/host.c tests/file/host/pipes.c lib/file/serve.c lib/file/locks.c
   lib/file/waits.c lib/file/polls.c lib/file/names.c lib/file/walk.c lib/file/badges.c
   lib/file/answer.c lib/file/client.c lib/file/pipe.c services/pipe/pipe.c services/pipe/ring.c
   services/pipe/share.c services/pipe/root.c services/pipe/socket.c
   services/pipe/address.c services/pipe/connect.c services/pipe/transfer.c services/pipe/inbox.c
   services/pipe/flight.c services/pipe/event.c services/pipe/timer.c
   services/pipe/fifo.c
   RUNS: 2500 */
/*
 * The input is a sequence of events at two pipes: ends opened and closed, reads and writes that may
 * wait, callers that are interrupted or gone, windows that vanish, capacities, watches. After each
 * of them every call, and what the server tells of the pipe, must be as the model says; a poller
 * must name exactly the watched ends that are ready, and have raised its signal if there were none
 * before.
 */
#include <stdio.h>
#include <stdlib.h>

#include "lib/file/pipe.h"
#include "pipe_model.h"
#include "tests/file/host/pipes.h"

#define PIPES 2u
#define ENDS  6u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct input {
    const uint8_t *at;
    size_t left;
} input;

static struct end {
    struct session_cap session;
    unsigned pipe;
    bool writes, patient;
    uint32_t watched; /* events, with LEVEL; 0: not */
    unsigned calls;   /* that wait; it is not closed before they are over */
    bool closed;
} ends[ENDS];

static struct model model[PIPES];
static struct slot {
    struct host_call call;
    unsigned end;
    char data[WINDOWS_MAX];
} slots[PIPES][MODEL_CALLS];
static struct session_cap root, poller;
static bool quiet; /* the poller had nothing to say */

#define must(x) ((x) ? (void)0 : broken(#x, __LINE__))
static void broken(const char *what, int line) {
    fprintf(stderr, "line %d, not so: %s\n", line, what);
    abort();
}

static uint64_t take(unsigned bytes) {
    uint64_t value = 0;
    for (unsigned i = 0; i < bytes && input.left; i++, input.left--)
        value |= (uint64_t)*input.at++ << 8 * i;
    return value;
}

/* ---- ends ---- */

static void end_lost(struct end *e) {
    struct model *m = &model[e->pipe];
    if (e->writes)
        m->writers--;
    else
        m->readers--;
    *e = (struct end){0};
    model_settle(m);
}

static void close_end(struct end *e) {
    if (e->session.h == HANDLE_NONE || e->closed)
        return;
    struct session_cap s = e->session;
    e->closed = true;
    host_close(NULL, s);
    if (!e->calls)
        end_lost(e);
}

static struct end *free_end(void) {
    for (struct end *e = ends; e < ends + ENDS; e++)
        if (e->session.h == HANDLE_NONE)
            return e;
    return NULL;
}

/* A pipe that has no end any more begins anew. */
static void make_pipe(unsigned which) {
    struct model *m = &model[which];
    struct end *r = free_end(), *w;
    if (m->readers || m->writers || !r)
        return;
    r->session.h = 1; /* for free_end */
    w = free_end();
    r->session = (struct session_cap){HANDLE_NONE};
    if (!w)
        return;
    *r = (struct end){.pipe = which, .patient = true};
    *w = (struct end){.pipe = which, .patient = true, .writes = true};
    must(err_ok(pipe_make(root, 0, &r->session, &w->session)));
    memset(m, 0, offsetof(struct model, byte));
    m->capacity = PIPE_CAPACITY;
    m->readers = m->writers = 1;
}

static void open_again(const struct end *from) {
    struct end *e = free_end();
    if (!e || from->session.h == HANDLE_NONE || from->closed)
        return;
    struct file_name n = {.flags = from->writes ? FILE_FOR_WRITE : FILE_FOR_READ};
    struct end new = {.pipe = from->pipe, .writes = from->writes, .patient = true};
    must(err_ok(file_open(from->session, &n, &new.session, NULL)));
    *e = new;
    if (e->writes)
        model[e->pipe].writers++;
    else
        model[e->pipe].readers++;
}

/* ---- calls ---- */

static size_t some_count(void) {
    static const size_t counts[] = {0,    1,    2,    31,   32,    33,    40,    41,
                                    4095, 4096, 4097, 8192, 16384, 60000, 65536, 65536};
    uint64_t n = take(2);
    return n & 0x8000 ? counts[n & 15] : n % 6000;
}

static void begin(struct end *e) {
    struct model *m = &model[e->pipe];
    unsigned at = 0, shape = (unsigned)take(1);
    size_t count = some_count();
    if (e->session.h == HANDLE_NONE || e->closed)
        return;
    while (at < MODEL_CALLS && m->call[at].used)
        at++;
    if (at == MODEL_CALLS)
        return;
    struct slot *s = &slots[e->pipe][at];
    struct model_call *c = &m->call[at];
    *c = (struct model_call){.writes = e->writes, .patient = e->patient, .count = count};
    s->end = (unsigned)(e - ends);
    s->call = (struct host_call){.badge = host_file((unsigned)e->session.h)->badged.badge,
                                 .account = HOST_ACCOUNT,
                                 .rights = FILE_RIGHTS,
                                 .op = e->writes ? FILE_WRITE : FILE_READ,
                                 .word = {FILE_CURRENT, count}};
    c->gone = s->call.gone = (shape & 0x1f) == 1;
    c->lost = (shape & 0x1f) == 2 && count > INLINE_MAX;
    c->first = (uint8_t)take(1);
    for (size_t i = 0; e->writes && i < count; i++)
        s->data[i] = (char)(c->first + i);
    if (!e->writes) {
        s->call.to = s->data;
        s->call.size = count;
        s->call.lost = c->lost;
    } else if (count <= FILE_WRITE_WORDS && shape & 0x40) {
        memcpy(&s->call.word[2], s->data, count);
    } else {
        s->call.data = (struct text){s->data, count};
        s->call.absent = shape & 0x80 || c->lost || c->gone;
        s->call.there = c->lost ? 1 : 0;
    }
    model_begin(m, c);
    e->calls += c->waiting;
    host_serve(&s->call);
}

/* The caller of a call that waits ends it, or is gone without a word. */
static void interrupt(unsigned which, bool told) {
    struct model *m = &model[which % PIPES];
    unsigned at = which / PIPES % MODEL_CALLS;
    struct model_call *c = &m->call[at];
    if (!c->used || !c->waiting)
        return;
    if (told) {
        if (c->gone)
            return;
        model_over(c, ERR_INTERRUPTED, 0);
        model_settle(m);
        host_interrupt(&slots[which % PIPES][at].call);
    } else {
        c->gone = slots[which % PIPES][at].call.gone = true;
    }
}

static void check_read(const struct model *m, const struct model_call *c, const struct slot *s) {
    if (c->count <= FILE_READ_WORDS && !s->call.size)
        return;
    for (size_t i = 0; i < c->done; i++)
        must((uint8_t)s->data[i] == m->byte[(c->from + i) % MODEL_BYTES]);
}

/* The calls of a pipe that are over leave. */
static void check_calls(unsigned which) {
    struct model *m = &model[which];
    for (unsigned i = 0; i < MODEL_CALLS; i++) {
        struct model_call *c = &m->call[i];
        struct slot *s = &slots[which][i];
        if (!c->used)
            continue;
        must(c->waiting == s->call.waiting);
        if (c->waiting)
            continue;
        must(s->call.error.code == c->error);
        must(c->error != ERR_OK || s->call.word[0] == c->done);
        if (!c->writes && c->error == ERR_OK)
            check_read(m, c, s);
        c->used = false;
    }
}

/* An end that was closed with calls on it ends with the last of them. */
static void check_ends(void) {
    for (bool again = true; again;) {
        again = false;
        for (struct end *e = ends; e < ends + ENDS; e++) {
            e->calls = 0;
            for (unsigned i = 0; i < MODEL_CALLS; i++)
                e->calls += model[e->pipe].call[i].used && model[e->pipe].call[i].waiting &&
                            slots[e->pipe][i].end == (unsigned)(e - ends);
            if (e->closed && !e->calls) {
                end_lost(e);
                again = true;
            }
        }
    }
}

static uint32_t ready_due(const struct end *e) {
    const struct model *m = &model[e->pipe];
    if (e->writes)
        return (model_room(m) >= PIPE_BUF ? FILE_WRITABLE : 0) | (m->readers ? 0 : FILE_BROKEN);
    return (model_length(m) ? FILE_READABLE : 0) | (m->writers ? 0 : FILE_HUNG_UP);
}

static void check_states(void) {
    for (struct end *e = ends; e < ends + ENDS; e++) {
        const struct model *m = &model[e->pipe];
        struct pipe_state state;
        uint32_t ready = 0;
        if (e->session.h == HANDLE_NONE || e->closed)
            continue;
        must(err_ok(pipe_state(e->session, &state)));
        must(state.capacity == m->capacity && state.length == model_length(m));
        must(state.readers == m->readers && state.writers == m->writers);
        must(state.reads == model_waiting(m, false) && state.writes == model_waiting(m, true));
        must(err_ok(file_poll(e->session, &ready, NULL)) && ready == ready_due(e));
        const char *wrong = host_pipe_broken(host_file((unsigned)e->session.h));
        if (wrong)
            broken(wrong, __LINE__);
    }
}

/* A poller with LEVEL names what is ready, all of it and each once. */
static void check_poller(void) {
    static const uint32_t always = FILE_HUNG_UP | FILE_BROKEN;
    struct file_ready ready[ENDS + 1];
    size_t count = 0, due = 0;
    must(err_ok(file_ready(poller, ready, ENDS + 1, &count)));
    for (unsigned i = 0; i < ENDS; i++) {
        uint32_t events = ends[i].watched ? ready_due(&ends[i]) & (ends[i].watched | always) : 0;
        size_t named = 0;
        for (size_t j = 0; j < count; j++)
            if (ready[j].cookie == i) {
                named++;
                must(ready[j].events == events);
            }
        must(named == (events != 0));
        due += events != 0;
    }
    must(count == due);
    must(!quiet || !count || host_raised(0));
    quiet = !count;
    if (quiet)
        host_raised(0);
}

/* ---- events ---- */

static void watch(struct end *e) {
    uint32_t events = (uint32_t)take(1) & FILE_EVENTS;
    if (e->session.h == HANDLE_NONE || e->closed)
        return;
    if (events && !(events & 8)) {
        must(err_ok(file_watch(e->session, poller, events, (uint64_t)(e - ends), NULL)));
        e->watched = events;
    } else {
        err_t due = e->watched ? OK : ERROR(NOT_FOUND);
        must(file_watch(e->session, poller, FILE_POLL_REMOVE, 0, NULL).code == due.code);
        e->watched = 0;
    }
}

static void change_capacity(const struct end *e) {
    struct model *m = &model[e->pipe];
    uint64_t wanted = take(3) % MODEL_CAPACITY + 1, got = 0, due = PIPE_CAPACITY_MIN;
    if (e->session.h == HANDLE_NONE || e->closed)
        return;
    while (due < wanted)
        due *= 2;
    err_t error = pipe_resize(e->session, wanted, &got);
    must(err_is(error, due < model_length(m) ? ERR_BUSY : ERR_OK));
    if (!err_ok(error))
        return;
    must(got == due);
    m->capacity = due;
    model_settle(m);
}

static void set_patience(struct end *e, bool patient) {
    if (e->session.h == HANDLE_NONE || e->closed)
        return;
    uint32_t flags;
    e->patient = patient;
    must(err_ok(file_flags(e->session, patient ? 0 : FILE_NONBLOCK, FILE_NONBLOCK, &flags)));
}

static void event(void) {
    unsigned what = (unsigned)take(1), which = (unsigned)take(1);
    struct end *e = &ends[which % ENDS];
    switch (what % 16) {
    case 0:
        make_pipe(which % PIPES);
        break;
    case 1:
        close_end(e);
        break;
    case 2:
        open_again(e);
        break;
    case 3:
        set_patience(e, what & 0x10);
        break;
    case 4:
        change_capacity(e);
        break;
    case 5:
        watch(e);
        break;
    case 6:
    case 7:
        interrupt(which, what & 0x10);
        break;
    default:
        begin(e);
    }
}

/* After an end that is closed was lost, calls of others may be over. */
static void check_all(void) {
    for (unsigned i = 0; i < PIPES; i++)
        check_ends();
    for (unsigned i = 0; i < PIPES; i++)
        check_calls(i);
    check_states();
    check_poller();
}

static void end_all(void) {
    for (unsigned i = 0; i < PIPES * MODEL_CALLS; i++) {
        struct model_call *c = &model[i % PIPES].call[i / PIPES];
        struct slot *s = &slots[i % PIPES][i / PIPES];
        if (c->used && c->waiting && c->gone) /* the notice comes in the end */
            s->call.gone = c->gone = false;
        interrupt(i, true);
        check_all();
    }
    for (struct end *e = ends; e < ends + ENDS; e++)
        close_end(e);
    check_all();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (root.h == HANDLE_NONE)
        root = host_pipes_start(8u << 20);
    input = (struct input){data, size};
    must(err_ok(file_poller(root, (struct signal_cap){host_signal(0)}, 1, &poller)));
    host_raised(0);
    quiet = true;
    make_pipe(0);
    make_pipe(1);
    while (input.left) {
        event();
        check_all();
    }
    end_all();
    host_close(NULL, poller);
    const char *left = host_pipes_left();
    if (left)
        broken(left, __LINE__);
    must(host_sessions() == 1);
    return 0;
}
