/* SPDX-License-Identifier: MIT */
/* Those that run are in a heap by when they end. */
#include <stdlib.h>

#include "abi/event.h"
#include "services/pipe/event.h"

#define TIMERS_MAX        4096u /* that are set at one time */
#define TIMERS_OF_ACCOUNT 1024u

struct timer {
    struct badged counted; /* while it is set */
    struct node node;
    uint64_t deadline, interval; /* nanoseconds; 0: it is not set; no further ends */
    uint64_t told;               /* ends, to the request that is served */
    bool ended;                  /* and was not read since */
    uint32_t place;              /* in the heap, from 1 on; 0: it is not there */
    struct file_queue reads;
};

static struct timer *heap[TIMERS_MAX + 1];
static uint32_t running;
static struct badges set = {.limit =
                                TIMERS_MAX}; /* those that run, and that ended and will again */

static struct timer *timer_of(struct node *n) {
    return LINK_OF(n, struct timer, node);
}

/* ---- the heap ---- */

static void put(struct timer *t, uint32_t place) {
    heap[place] = t;
    t->place = place;
}

static void rise(struct timer *t, uint32_t place) {
    for (; place > 1 && heap[place / 2]->deadline > t->deadline; place /= 2)
        put(heap[place / 2], place);
    put(t, place);
}

static void sink(struct timer *t, uint32_t place) {
    for (uint32_t next; (next = 2 * place) <= running; place = next) {
        if (next < running && heap[next + 1]->deadline < heap[next]->deadline)
            next++;
        if (heap[next]->deadline >= t->deadline)
            break;
        put(heap[next], place);
    }
    put(t, place);
}

static void alarm_set(void) {
    timers_alarm(running ? heap[1]->deadline : UINT64_MAX);
}

static void timer_stop(struct timer *t) {
    uint32_t place = t->place;
    if (!place)
        return;
    struct timer *last = heap[running--];
    t->place = 0;
    if (last == t)
        return;
    sink(last, place);
    rise(last, last->place);
}

static void timer_start(struct timer *t) {
    rise(t, ++running);
}

/* It is not set any more. */
static void timer_clear(struct timer *t) {
    timer_stop(t);
    if (t->deadline)
        badges_remove(&set, &t->counted);
    t->deadline = 0;
    t->ended = false;
}

void timers_run(struct file_server *s) {
    uint64_t now = timers_now();
    while (running && heap[1]->deadline <= now) {
        struct timer *t = heap[1];
        timer_stop(t);
        t->ended = true;
        file_wake(s, &t->reads);
        file_changed(&t->node, FILE_READABLE);
    }
    alarm_set();
}

/* ---- reading ---- */

/* How often one that has ended did so by now. */
static uint64_t ends_of(const struct timer *t, uint64_t now) {
    uint64_t over = now > t->deadline ? now - t->deadline : 0;
    return 1 + (t->interval ? over / t->interval : 0);
}

static err_t timer_read(struct file *f, struct file_request *r, uint64_t offset, size_t wanted) {
    struct timer *t = timer_of(f->node);
    (void)offset;
    if (wanted < sizeof t->told)
        return ERROR_ARG(BAD_ARGUMENT, 4);
    if (!t->ended || file_behind(r, &t->reads))
        return file_wait(r, &t->reads);
    t->told = ends_of(t, timers_now());
    return file_emit(r, &t->told, sizeof t->told);
}

static err_t timer_write(struct file *f, struct file_request *r, uint64_t offset, size_t count) {
    (void)f;
    (void)r;
    (void)offset;
    (void)count;
    return ERROR(BAD_ARGUMENT); /* as Linux says it */
}

/* One that ends again runs again. */
static void timer_settled(struct file *f, struct file_request *r, bool answered) {
    struct timer *t = timer_of(f->node);
    if (!answered || !r->done || r->op != FILE_READ)
        return;
    if (!t->interval) {
        timer_clear(t);
        return;
    }
    t->ended = false;
    t->deadline += t->told * t->interval;
    timer_start(t);
    alarm_set();
}

static uint32_t timer_poll(struct file *f, uint64_t *bytes) {
    const struct timer *t = timer_of(f->node);
    *bytes = t->ended ? sizeof t->told : 0;
    return t->ended ? FILE_READABLE : 0;
}

/* ---- setting ---- */

static void state_tell(const struct timer *t, struct file_request *r) {
    uint64_t now = timers_now(), next = t->deadline;
    if (t->ended)
        next = t->interval ? next + ends_of(t, now) * t->interval : 0;
    r->answer[0] = next > now ? next - now : (next ? 1 : 0);
    r->answer[1] = t->interval;
}

static err_t timer_set(struct timer *t, struct file_request *r) {
    uint64_t deadline = r->word[0];
    if (!(r->rights & FILE_RIGHT_WRITE))
        return ERROR(NO_RIGHT);
    if (deadline > INT64_MAX || r->word[1] > INT64_MAX)
        return ERROR_ARG(BAD_ARGUMENT, 3);
    err_t e = OK;
    if (deadline && !t->deadline)
        e = badges_add(&set, &t->counted, r->account, TIMERS_OF_ACCOUNT);
    if (!err_ok(e))
        return e;
    state_tell(t, r);
    timer_stop(t);
    if (deadline) {
        t->deadline = deadline;
        t->ended = false;
        timer_start(t);
    } else {
        timer_clear(t);
    }
    t->interval = r->word[1];
    timers_run(r->server);
    return OK;
}

static err_t timer_other(struct file *f, struct file_request *r) {
    struct timer *t = timer_of(f->node);
    if (r->op == EVENT_SET)
        return timer_set(t, r);
    if (r->op != EVENT_GET)
        return ERROR(UNSUPPORTED);
    state_tell(t, r);
    return OK;
}

static err_t timer_open(struct file *f) {
    f->positioned = false;
    return OK;
}

static void timer_unused(struct node *n) {
    struct timer *t = timer_of(n);
    timer_clear(t);
    alarm_set();
    free(t);
    event_gone();
}

static const struct node_ops timer_ops = {.unused = timer_unused,
                                          .open = timer_open,
                                          .read = timer_read,
                                          .write = timer_write,
                                          .poll = timer_poll,
                                          .other = timer_other,
                                          .settled = timer_settled};

err_t timer_serve_make(struct file_request *r) {
    static const uint32_t both = FILE_RIGHT_READ | FILE_RIGHT_WRITE;
    if (r->word[0] & ~(uint64_t)FILE_NONBLOCK)
        return ERROR_ARG(BAD_ARGUMENT, 3);
    if ((r->rights & both) != both)
        return ERROR(NO_RIGHT);
    struct timer *t = calloc(1, sizeof *t);
    if (!t)
        return ERROR(NO_MEMORY);
    t->node = event_node(&timer_ops, r);
    return event_give(r, &t->node, (uint32_t)r->word[0]);
}
