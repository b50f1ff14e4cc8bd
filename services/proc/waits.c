/* SPDX-License-Identifier: MIT */
#include "services/proc/waits.h"

#include "services/proc/body.h"

struct wait {
    struct wait *next;      /* unused */
    struct list of_process; /* in order of arrival */
    struct process *owner;  /* NULL: unused */
    struct query query;
    uint64_t reply;
};

static struct wait waits[WAITS_MAX], *free_wait;
static uint32_t waits_used;

/* ---- what can be told ---- */

static bool meant(const struct query *q, const struct process *child) {
    switch (q->who) {
    case PROC_ANY:
        return true;
    case PROC_NUMBER:
        return child->number->value == q->number;
    default:
        return child->group->value == q->number;
    }
}

static uint32_t event_option(const struct process *child) {
    if (child->state == PROCESS_ENDED)
        return PROC_WAIT_ENDED;
    if (child->event == PROC_STOPPED)
        return PROC_WAIT_STOPPED;
    return child->event == PROC_CONTINUED ? PROC_WAIT_CONTINUED : 0;
}

static bool event_of(struct process *child, const struct query *q, struct event *out) {
    if (!(event_option(child) & q->options))
        return false;
    if (child->state == PROCESS_ENDED)
        *out = (struct event){child, child->how, child->code};
    else
        *out = (struct event){child, child->event, child->event_signal};
    return true;
}

/* The next child behind `l` that is meant, or NULL. */
static struct process *child_after(const struct process *p, const struct list *l,
                                   const struct query *q) {
    for (l = l->next; l != &p->children; l = l->next) {
        struct process *c = list_of(l, struct process, sibling);
        if (meant(q, c))
            return c;
    }
    return NULL;
}

static struct process *child_first(const struct process *p, const struct query *q) {
    if (q->who != PROC_NUMBER)
        return child_after(p, &p->children, q);
    struct process *c = process_of_number(q->number);
    return c && c->parent == p ? c : NULL;
}

err_t wait_find(const struct process *p, const struct query *q, struct event *out) {
    struct process *c = child_first(p, q);
    *out = (struct event){.process = NULL};
    if (!c)
        return ERROR(NOT_FOUND);
    while (c && !event_of(c, q, out))
        c = q->who == PROC_NUMBER ? NULL : child_after(p, &c->sibling, q);
    return OK;
}

void wait_told(const struct event *event, uint32_t options) {
    struct process *child = event->process;
    if (options & PROC_WAIT_KEEP)
        return;
    child->event = 0;
    if (child->state != PROCESS_ENDED)
        return;
    child->parent->time_of_waited += child->time + child->time_of_waited;
    process_forget(child);
}

/* ---- calls ---- */

static bool used(const struct wait *w) {
    return w->owner;
}

static void wait_free(struct wait *w) {
    list_remove(&w->of_process);
    w->owner->wait_count--;
    w->owner->account->waits--;
    w->owner = NULL;
    w->next = free_wait;
    free_wait = w;
}

static struct wait *wait_unused(void) {
    if (!free_wait && waits_used == WAITS_MAX)
        return NULL;
    struct wait *w = free_wait ? free_wait : &waits[waits_used++];
    free_wait = w->next;
    return w;
}

err_t wait_add(struct process *p, const struct query *q, uint64_t reply, uint64_t *cookie) {
    if (p->wait_count >= WAITS_EACH || p->account->waits >= WAITS_ACCOUNT)
        return ERROR(LIMIT);
    struct wait *w = wait_unused();
    if (!w)
        return ERROR(LIMIT);
    *w = (struct wait){.owner = p, .query = *q, .reply = reply};
    list_append(&p->waits, &w->of_process);
    p->wait_count++;
    p->account->waits++;
    *cookie = (uint64_t)(w - waits);
    return OK;
}

void wait_gone(uint64_t cookie, uint64_t reply) {
    if (cookie < WAITS_MAX && used(&waits[cookie]) && waits[cookie].reply == reply)
        wait_free(&waits[cookie]);
}

void waits_look(struct process *parent, struct process *child) {
    struct list *next;
    struct event event;
    for (struct list *l = parent->waits.next; l != &parent->waits; l = next) {
        struct wait *w = list_of(l, struct wait, of_process);
        const struct query q = w->query;
        next = l->next;
        if (!meant(&q, child) || !event_of(child, &q, &event))
            continue;
        bool answered = body_answer(w->reply, OK, &event);
        wait_free(w);
        if (answered && !(q.options & PROC_WAIT_KEEP)) {
            wait_told(&event, q.options);
            return;
        }
    }
}

/* Answers those for which `ends` says so. */
static void waits_answer(struct process *p, err_t e, bool (*ends)(const struct wait *w)) {
    struct list *next;
    for (struct list *l = p->waits.next; l != &p->waits; l = next) {
        struct wait *w = list_of(l, struct wait, of_process);
        next = l->next;
        if (!ends(w))
            continue;
        (void)body_answer(w->reply, e, NULL);
        wait_free(w);
    }
}

static bool for_nobody(const struct wait *w) {
    return w->query.options && !child_first(w->owner, &w->query);
}

static bool is_stop(const struct wait *w) {
    return !w->query.options;
}

static bool always(const struct wait *w) {
    return used(w);
}

void waits_lost(struct process *parent) {
    if (parent)
        waits_answer(parent, ERROR(NOT_FOUND), for_nobody);
}

void waits_continue(struct process *p) {
    waits_answer(p, OK, is_stop);
}

void waits_end(struct process *p) {
    waits_answer(p, ERROR(DEAD), always);
}
