/* SPDX-License-Identifier: MIT */
#include "tests/file/host/pipes.h"

#include "abi/pipe.h"
#include "services/pipe/event.h"
#include "services/pipe/share.h"
#include "services/pipe/socket.h"

int64_t pipes_now(void) {
    return 1;
}

uint64_t host_now = 1000, host_alarm = UINT64_MAX;

uint64_t timers_now(void) {
    return host_now;
}

void timers_alarm(uint64_t deadline) {
    host_alarm = deadline;
}

void host_pass(uint64_t nanoseconds) {
    uint64_t end = host_now + nanoseconds;
    while (host_alarm <= end) {
        host_now = host_alarm > host_now ? host_alarm : host_now;
        timers_run(&host_server);
        host_work();
    }
    host_now = end;
}

struct session_cap host_pipes_start(uint64_t bytes) {
    pipes_start(&host_server, bytes);
    return host_session(FILE_BADGE_ROOT, FILE_RIGHTS, HOST_ACCOUNT);
}

const char *host_pipes_left(void) {
    const struct file_server *s = &host_server;
    if (pipes_count() || sockets_count() || events_count())
        return "pipes, sockets, counters or timers are left";
    if (shares_used())
        return "bytes of pipes are left";
    if (s->open.count || s->waits.count)
        return "open files or waiting requests are left";
    if (s->pollers.count || s->watches.count || host_signals_held)
        return "pollers are left";
    return list_first(&s->pending) ? "something is pending" : NULL;
}

const char *host_pipe_broken(struct file *f) {
    const struct pipe *p = pipe_of(f->node);
    if (p->ring.length > p->ring.size || p->ring.head >= p->ring.size)
        return "bytes outside the buffer";
    if (p->ring.size < PIPE_CAPACITY_MIN || p->ring.size > PIPE_CAPACITY_MAX)
        return "a capacity that is none";
    if (p->reads.count && (p->ring.length || !p->writers))
        return "a read that need not wait";
    if (p->writes.count && (!p->readers || ring_room(&p->ring) >= PIPE_BUF))
        return "a write that need not wait";
    if (list_first(&host_server.pending))
        return "something is pending";
    return NULL;
}
