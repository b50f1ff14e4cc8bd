/* SPDX-License-Identifier: MIT */
/*
 * The supervisor: an endpoint at which the ends of the servers are told, and a time for each that
 * is to be started again. Calls that wait for a server are kept when it ends, for the one that
 * follows; when it ends again before it was well for a while they end too, so that nobody waits for
 * a server that cannot be helped.
 */
#include "services/init/supervise.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

#include "lib/sys/message.h"
#include "lib/sys/print.h"
#include "lib/sys/program.h"
#include "lib/sys/syscall.h"
#include "lib/sys/thread.h"
#include "services/init/first.h"
#include "services/init/notes.h"
#include "services/init/wall.h"

#define MILLISECOND 1000000ul
#define KILL_CODE   9u

static struct endpoint_cap ends;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of the servers */

/* ---- starting ---- */

static uint64_t cookie_of(const struct server *s) {
    return (uint64_t)s->starts << 32 | (uint64_t)(s - first_servers);
}

static void start_later(struct server *s, uint64_t ran, const char *why) {
    uint64_t delay = backoff_next(&s->backoff, ran);
    s->due = clock_nanoseconds() + delay;
    if (s->backoff.failures > 1)
        server_drain(s);
    print("init: %s %s; it starts again in %lu ms\n", s->name, why, delay / MILLISECOND);
}

static void start(struct server *s) {
    char why[96];
    s->starts++;
    err_t e = server_start(s, ends, cookie_of(s));
    if (err_ok(e)) {
        print("init: %s started%s\n", s->name, s->starts > 1 ? " again" : "");
        if (s->starts > 1)
            note((struct audit_actor){0}, "start", s->name, "again");
        return;
    }
    format_text(why, sizeof why, "does not start: %s", error_text(e));
    start_later(s, 0, why);
}

/* What cannot be made now is tried again, and told, when the server is started. */
static void prepare_all(void) {
    for (struct server *s = first_servers; s < first_servers + FIRST_COUNT; s++)
        if (!s->absent)
            (void)server_prepare(s);
}

err_t supervise_start(void) {
    err_t e = sys_endpoint_create(program_pool, &ends);
    struct server *clock = &first_servers[FIRST_RTC];
    first_size();
    prepare_all();
    if (err_ok(e)) {
        start(clock);
        (void)(clock->running && wall_ask());
    }
    for (struct server *s = first_servers; s < first_servers + FIRST_COUNT && err_ok(e); s++)
        if (s != clock && !s->absent)
            start(s);
    return e;
}

/* ---- ends ---- */

static void end_text(char *to, size_t size, uint64_t reason, uint64_t code, uint64_t address) {
    if (reason == END_EXIT)
        format_text(to, size, "ended with code %lu", code);
    else if (reason == END_KILL)
        format_text(to, size, "was killed");
    else if (reason == END_FAULT)
        format_text(to, size, "ended by fault %lu at address %lx", code, address);
    else
        format_text(to, size, "used up its memory");
}

static void ended(const struct message *m) {
    char why[96];
    uint64_t index = (uint32_t)m->badge;
    struct server *s = &first_servers[index < FIRST_COUNT ? index : 0];
    if (index >= FIRST_COUNT || m->badge != cookie_of(s) || !s->running)
        return; /* of a process that is cleared away */
    uint64_t ran = clock_nanoseconds() - s->started;
    end_text(why, sizeof why, m->op, m->word[0], m->word[1]);
    server_clear(s);
    note((struct audit_actor){0}, "end", s->name, why);
    start_later(s, ran, why);
}

/* Starts what is due; returns when the next is. */
static uint64_t start_due(void) {
    uint64_t next = DEADLINE_NONE;
    for (struct server *s = first_servers; s < first_servers + FIRST_COUNT; s++) {
        if (s->absent)
            continue;
        if (!s->running && s->due <= clock_nanoseconds())
            start(s);
        if (!s->running && s->due < next)
            next = s->due;
    }
    return next;
}

_Noreturn void supervise_loop(void) {
    const struct timespec short_while = {.tv_nsec = 10 * MILLISECOND};
    struct message m = {0};
    enum message_kind kind;
    for (;;) {
        pthread_mutex_lock(&lock);
        uint64_t next = start_due();
        pthread_mutex_unlock(&lock);
        thread_block()->deadline = next;
        err_t e = endpoint_receive(ends, next == DEADLINE_NONE ? 0 : OP_DEADLINE, &m, &kind);
        if (!err_ok(e) && !err_is(e, ERR_TIMED_OUT))
            nanosleep(&short_while, NULL); /* no memory for a moment */
        if (!err_ok(e) || kind != MESSAGE_ENDED)
            continue;
        pthread_mutex_lock(&lock);
        ended(&m);
        pthread_mutex_unlock(&lock);
    }
}

/* ---- for the monitor ---- */

struct session_cap supervise_space(void) {
    return first_servers[FIRST_NS].session;
}

static struct server *server_find(const char *name) {
    for (struct server *s = first_servers; s < first_servers + FIRST_COUNT; s++)
        if (!s->absent && !strcmp(s->name, name))
            return s;
    return NULL;
}

err_t supervise_kill(const char *name) {
    struct server *s = server_find(name);
    if (!s)
        return ERROR(NOT_FOUND);
    pthread_mutex_lock(&lock);
    err_t e = s->running ? sys_process_kill(s->process, KILL_CODE) : ERROR(DEAD);
    pthread_mutex_unlock(&lock);
    return e;
}

uint32_t supervise_starts(const char *name) {
    const struct server *s = server_find(name);
    pthread_mutex_lock(&lock);
    uint32_t starts = s && s->running ? s->starts : 0;
    pthread_mutex_unlock(&lock);
    return starts;
}

/* The lock is kept. */
void supervise_end(void) {
    pthread_mutex_lock(&lock);
    for (unsigned i = FIRST_COUNT; i-- > 0;)
        if (first_servers[i].running)
            server_clear(&first_servers[i]);
}

static void report(const struct server *s, uint64_t now) {
    struct pool_info info = {0};
    char state[40];
    if (s->running)
        format_text(state, sizeof state, "runs for %lu s",
                    (now - s->started) / (1000 * MILLISECOND));
    else
        format_text(state, sizeof state, "starts in %lu ms",
                    s->due > now ? (s->due - now) / MILLISECOND : 0);
    if (s->running)
        sys_pool_info(s->process_pool, &info);
    print("%-8s %-8s %-20s %6u  %8lu  %6lu\n", s->name, s->place ? s->place : "-", state, s->starts,
          info.used >> 10, info.limit >> 10);
}

void supervise_report(void) {
    print("server   place    state                starts  used KiB  of KiB\n");
    pthread_mutex_lock(&lock);
    for (unsigned i = 0; i < FIRST_COUNT; i++)
        if (!first_servers[i].absent)
            report(&first_servers[i], clock_nanoseconds());
    pthread_mutex_unlock(&lock);
}

static void report_process(struct process_cap process, const char *name) {
    struct process_info info;
    err_t e = sys_process_info(process, &info);
    if (err_ok(e))
        print("%7lu  %7lu  %7lu  %12lu  %6lu  %s\n", info.identity, info.threads, info.handles,
              info.resident >> 10, info.cpu_time / MILLISECOND, name);
    else
        print("ps: %s: %s\n", name, error_text(e));
}

void supervise_processes(void) {
    print("process  threads  handles  resident KiB  cpu ms  name\n");
    report_process(SELF_PROCESS, "init");
    pthread_mutex_lock(&lock);
    for (unsigned i = 0; i < FIRST_COUNT; i++)
        if (first_servers[i].running)
            report_process(first_servers[i].process, first_servers[i].name);
    pthread_mutex_unlock(&lock);
}
