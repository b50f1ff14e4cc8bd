/* SPDX-License-Identifier: MIT */
/*
 * The table of `proc` beside a model of it: an array of processes that is searched from end to end.
 * Each operation is done to both; `model_check` compares all that can be seen. What is done to
 * processes themselves is recorded. A disagreement ends the program.
 */
#pragma once
#include <stdio.h>
#include <stdlib.h>

#include "services/proc/body.h"
/* For what is static there: each run begins with an empty table. */
#include "services/proc/groups.c"
#include "services/proc/signals.c"
#include "services/proc/table.c"
#include "services/proc/waits.c"

#define MODEL_MAX   4096u /* processes, in all of a run */
#define MODEL_CALLS 512u
#define MODEL_LIMIT 12u /* processes of an account */

#define must(x) ((x) ? (void)0 : model_fail(__FILE__, __LINE__, #x))

static _Noreturn void model_fail(const char *file, int line, const char *what) {
    fprintf(stderr, "%s:%d: the table and its model differ: %s\n", file, line, what);
    abort();
}

struct model {
    struct process *real;
    uint32_t number, parent, group, session, domain;
    uint64_t account, sequence, continued;
    enum process_state state;
    uint32_t how, code, event, event_signal, flags;
    bool executed, killed, there;
};

struct model_call {
    struct query query;
    uint32_t owner; /* number; 0: answered */
    uint64_t cookie;
};

static struct model model[MODEL_MAX];
static uint32_t model_count, model_last, outer_of[DOMAINS_MAX + 1], domain_count;
static struct model_call model_calls[MODEL_CALLS];
static uint32_t model_call_count;
static bool callers_gone;
static uint64_t model_kernels;
static unsigned marks, kills, marked_signal, leaders_ended;

/* ---- searching ---- */

static struct model *model_of(uint64_t number) {
    for (uint32_t i = 0; i < model_count; i++)
        if (model[i].there && model[i].number == number)
            return &model[i];
    return NULL;
}

static bool model_sees(const struct model *m, const struct model *other) {
    for (uint32_t d = other->domain;; d = outer_of[d])
        if (d == m->domain || !d)
            return d == m->domain;
}

static bool number_used(uint32_t number) {
    for (uint32_t i = 0; i < model_count; i++)
        if (model[i].there &&
            (model[i].number == number || model[i].group == number || model[i].session == number))
            return true;
    return false;
}

static bool model_meant(const struct query *q, const struct model *child) {
    return q->who == PROC_ANY || (q->who == PROC_NUMBER && child->number == q->number) ||
           (q->who == PROC_IN_GROUP && child->group == q->number);
}

/* What a child has to tell of those things that are asked for. */
static uint32_t model_event(const struct model *child, uint32_t options) {
    if (child->state == PROCESS_ENDED)
        return options & PROC_WAIT_ENDED ? child->how : 0;
    if (child->event == PROC_STOPPED && options & PROC_WAIT_STOPPED)
        return PROC_STOPPED;
    return child->event == PROC_CONTINUED && options & PROC_WAIT_CONTINUED ? PROC_CONTINUED : 0;
}

static void model_count_children(uint32_t parent, const struct query *q, unsigned *all,
                                 unsigned *telling) {
    *all = *telling = 0;
    for (uint32_t i = 0; i < model_count; i++)
        if (model[i].there && model[i].parent == parent && model_meant(q, &model[i])) {
            ++*all;
            *telling += model_event(&model[i], q->options) != 0;
        }
}

static bool model_lives(const struct model *m) {
    return m && m->there && m->state != PROCESS_ENDED;
}

static bool model_orphaned(uint32_t group) {
    for (uint32_t i = 0; i < model_count; i++) {
        const struct model *m = &model[i], *parent = model_of(m->parent);
        if (model_lives(m) && m->group == group && m->parent > 1 && model_lives(parent) &&
            parent->session == m->session && parent->group != group)
            return false;
    }
    return true;
}

static bool model_stopped(uint32_t group) {
    for (uint32_t i = 0; i < model_count; i++)
        if (model[i].there && model[i].group == group && model[i].state == PROCESS_STOPPED)
            return true;
    return false;
}

static void model_continue(struct model *m) {
    if (m->state != PROCESS_STOPPED)
        return;
    m->state = PROCESS_RUNS;
    m->event = PROC_CONTINUED;
    m->event_signal = PROC_SIGCONT;
}

/* ---- what the table does to processes ---- */

void body_mark(const struct process *p, const struct raise *r) {
    struct model *m = model_of(p->number->value);
    must(m && m->real == p && m->state != PROCESS_ENDED);
    must(p->sequence == ++m->sequence);
    if (r->signal == PROC_SIGCONT)
        m->continued = m->sequence;
    marks += r->signal == marked_signal;
}

void body_interrupt(const struct process *p) {
    must(p->state == PROCESS_RUNS);
}

void body_kill(const struct process *p) {
    struct model *m = model_of(p->number->value);
    must(m && !m->killed && m->state != PROCESS_ENDED);
    m->killed = true;
    kills++;
}

void body_show(const struct process *p) {
    must(p->state != PROCESS_FREE);
}

void body_leader_ended(void) {
    leaders_ended++;
}

/* It was told, and the model forgets as the table has to. */
static void model_told(const struct model_call *c, const struct event *event) {
    struct model *child = model_of(event->process->number->value);
    must(child && child->parent == c->owner && model_meant(&c->query, child));
    must(event->how && event->how == model_event(child, c->query.options));
    must(event->code == (child->state == PROCESS_ENDED ? child->code : child->event_signal));
    if (callers_gone || c->query.options & PROC_WAIT_KEEP)
        return;
    child->event = 0;
    child->there = child->state != PROCESS_ENDED;
}

bool body_answer(uint64_t reply, err_t e, const struct event *event) {
    must(reply < model_call_count);
    struct model_call *c = &model_calls[reply];
    struct model *owner = model_of(c->owner);
    must(c->owner && owner);
    if (err_ok(e) && event)
        model_told(c, event);
    else if (err_ok(e))
        must(!c->query.options && owner->state == PROCESS_RUNS);
    else
        must(err_is(e, owner->state == PROCESS_ENDED ? ERR_DEAD : ERR_NOT_FOUND));
    c->owner = 0;
    return !callers_gone;
}

/* ---- operations, on both ---- */

static struct model *model_add(struct process *real, struct model like) {
    must(model_count < MODEL_MAX);
    like.real = real;
    like.there = true;
    like.state = PROCESS_RUNS;
    model[model_count] = like;
    return &model[model_count++];
}

static void model_start(void) {
    memset(processes, 0, sizeof processes);
    memset(numbers, 0, sizeof numbers);
    memset(accounts, 0, sizeof accounts);
    memset(domains, 0, sizeof domains);
    memset(kernel_bucket, 0, sizeof kernel_bucket);
    memset(waits, 0, sizeof waits);
    free_process = NULL;
    free_number = NULL;
    free_wait = NULL;
    processes_used = numbers_used = waits_used = last_number = 0;
    model_count = model_call_count = domain_count = 0;
    callers_gone = false;
    table_start(MODEL_LIMIT, 77);
    model_last = 1;
    model_add(process_first(), (struct model){.number = 1,
                                              .group = 1,
                                              .session = 1,
                                              .flags = PROC_CHILDREN_REAP | PROC_CHILDREN_QUIET});
}

static unsigned account_count(uint64_t account) {
    unsigned n = 0;
    for (uint32_t i = 0; i < model_count; i++)
        n += model[i].there && model[i].account == account;
    return n;
}

static unsigned domain_depth(uint32_t d) {
    return d ? 1 + domain_depth(outer_of[d]) : 0;
}

static void both_fork(struct model *m, uint64_t account, bool inside) {
    struct process *real = NULL;
    err_t e = process_fork(m->real, account, inside ? PROC_FORK_DOMAIN : 0, &real);
    bool full = account_count(account) >= MODEL_LIMIT ||
                (inside && domain_depth(m->domain) == DOMAIN_DEPTH);
    must(err_is(e, full ? ERR_LIMIT : ERR_OK));
    if (full)
        return;
    do
        model_last = model_last % PROC_NUMBER_MAX + 1;
    while (number_used(model_last));
    must(real->number->value == model_last);
    struct model child = {.number = model_last,
                          .parent = m->number,
                          .group = m->group,
                          .session = m->session,
                          .domain = m->domain,
                          .account = account,
                          .flags = m->number == 1 ? 0 : m->flags};
    if (inside && domain_count < DOMAINS_MAX) {
        outer_of[++domain_count] = m->domain;
        child.domain = domain_count;
    }
    model_add(real, child);
    process_known(real, ++model_kernels);
}

/* The groups that are not orphaned: a bit for each member of them. */
static void model_held(bool held[MODEL_MAX]) {
    for (uint32_t i = 0; i < model_count; i++)
        held[i] = model[i].there && !model_orphaned(model[i].group);
}

/* Those that were held, are not any more, and have stopped members. */
static void model_release(const bool held[MODEL_MAX]) {
    for (uint32_t i = 0; i < model_count; i++) {
        uint32_t group = model[i].group;
        if (held[i] && model_stopped(group) && model_orphaned(group))
            for (uint32_t j = 0; j < model_count; j++)
                if (model[j].there && model[j].group == group)
                    model_continue(&model[j]);
    }
}

static void both_end(struct model *m, uint32_t how, uint32_t code) {
    static bool held[MODEL_MAX];
    const struct model *parent = model_of(m->parent), *first = model_of(1);
    model_held(held);
    for (uint32_t i = 0; i < model_count; i++)
        if (model[i].there && model[i].parent == m->number) {
            model[i].parent = 1;
            if (model[i].state == PROCESS_ENDED && first->flags & PROC_CHILDREN_REAP)
                model[i].there = false;
        }
    m->state = PROCESS_ENDED;
    m->event = 0;
    m->how = how;
    m->code = code;
    model_release(held);
    marks = leaders_ended = 0;
    marked_signal = PROC_SIGCHLD;
    /* Forgotten at once; the table looks it up by its number no more. */
    bool quiet = parent->flags & PROC_CHILDREN_QUIET, reap = parent->flags & PROC_CHILDREN_REAP;
    uint32_t number = m->number;
    process_end(m->real, how, code, 5);
    must(quiet || marks >= 1);
    must(leaders_ended == (m->session == m->number));
    must(!reap || !process_of_number(number));
    if (reap)
        m->there = false;
}

static void model_park(struct model *m, const struct query *q, uint64_t reply) {
    bool full = m->real->wait_count == WAITS_EACH;
    err_t e = wait_add(m->real, q, reply, &model_calls[reply].cookie);
    must(err_is(e, full ? ERR_LIMIT : ERR_OK));
    if (full)
        model_calls[reply].owner = 0;
}

static void both_wait(struct model *m, const struct query *q) {
    struct event event;
    unsigned all, telling;
    uint64_t reply = model_call_count;
    if (reply == MODEL_CALLS)
        return;
    model_count_children(m->number, q, &all, &telling);
    err_t e = wait_find(m->real, q, &event);
    must(err_is(e, all ? ERR_OK : ERR_NOT_FOUND));
    must((event.process != NULL) == (telling != 0));
    model_calls[model_call_count++] = (struct model_call){*q, m->number, 0};
    if (event.process && body_answer(reply, OK, &event))
        wait_told(&event, q->options);
    else if (event.process || !all || q->options & PROC_WAIT_NOW)
        model_calls[reply].owner = 0;
    else
        model_park(m, q, reply);
}

/* A parked call that is interrupted. */
static void both_interrupt(uint64_t reply) {
    if (reply >= model_call_count || !model_calls[reply].owner)
        return;
    wait_gone(model_calls[reply].cookie, reply);
    model_calls[reply].owner = 0;
}

static void both_stop(struct model *m, uint32_t signal, uint64_t taken) {
    static const struct query q = {.options = 0};
    uint64_t reply = model_call_count;
    if (reply == MODEL_CALLS || m->number == 1)
        return;
    bool late = m->continued > taken || (signal != PROC_SIGSTOP && model_orphaned(m->group));
    model_calls[model_call_count++] = (struct model_call){q, m->number, 0};
    if (!late && m->state == PROCESS_RUNS) {
        m->state = PROCESS_STOPPED;
        m->event = PROC_STOPPED;
        m->event_signal = signal;
    }
    marked_signal = 0;
    must(err_is(signal_stop(m->real, signal, taken), late ? ERR_CHANGED : ERR_OK));
    if (late)
        model_calls[reply].owner = 0;
    else
        model_park(m, &q, reply);
}

/* In the scope of kill(2)'s target, as far as the caller can say. */
static bool in_scope(const struct model *m, const struct model *other, int64_t target) {
    if (target > 0)
        return other->number == target;
    if (target == -1)
        return other != m && other->number != 1;
    return other->group == (target ? -target : m->group);
}

static void both_kill(struct model *m, int64_t target, uint32_t signal) {
    const struct raise r = {.signal = signal, .from = m->real};
    unsigned marked = 0, killed = 0;
    enum err_code e = ERR_NOT_FOUND;
    for (uint32_t i = 0; i < model_count; i++) {
        struct model *other = &model[i];
        if (!other->there || !in_scope(m, other, target) || !model_sees(m, other))
            continue;
        if (other->number == 1 && signal) {
            e = e == ERR_OK ? e : ERR_NO_RIGHT;
            continue;
        }
        e = ERR_OK;
        if (!signal || other->state == PROCESS_ENDED)
            continue;
        marked += signal != PROC_SIGKILL;
        killed += signal == PROC_SIGKILL && !other->killed;
        if (signal == PROC_SIGCONT)
            model_continue(other);
    }
    marks = kills = 0;
    marked_signal = signal;
    must(err_is(signal_kill(m->real, target, &r), e));
    must(marks == marked && kills == killed);
}

static enum err_code group_error(const struct model *m, const struct model *p, uint64_t group) {
    bool there = false;
    if (!p || (p != m && p->parent != m->number))
        return ERR_NOT_FOUND;
    if (p != m && p->session != m->session)
        return ERR_NO_RIGHT;
    if (p != m && p->executed)
        return ERR_CHANGED;
    if (p->session == p->number)
        return ERR_NO_RIGHT;
    for (uint32_t i = 0; i < model_count; i++)
        there |= model[i].there && model[i].group == group && model[i].session == p->session;
    return there || group == p->number ? ERR_OK : ERR_NO_RIGHT;
}

static void both_group(struct model *m, uint64_t number, uint64_t group) {
    struct model *p = number ? model_of(number) : m;
    uint64_t to = group || !p ? group : p->number;
    enum err_code e = group_error(m, p, to);
    if (e == ERR_OK)
        p->group = (uint32_t)to;
    must(err_is(group_set(m->real, number, group), e));
}

static void both_session(struct model *m) {
    bool leads = false;
    for (uint32_t i = 0; i < model_count; i++)
        leads |= model[i].there && model[i].group == m->number;
    if (!leads)
        m->group = m->session = m->number;
    must(err_is(session_make(m->real), leads ? ERR_NO_RIGHT : ERR_OK));
}

/* ---- comparing ---- */

/* What it sees, a few at a time, in order. */
static void model_check_list(const struct model *viewer) {
    uint32_t at = 0, got[5];
    unsigned listed = 0, there = 0, count;
    while ((count = process_list(viewer->real, at, got, 5))) {
        for (unsigned i = 0; i < count; at = got[i++], listed++)
            must(got[i] > at && model_of(got[i]) && model_sees(viewer, model_of(got[i])));
    }
    for (uint32_t i = 0; i < model_count; i++)
        there += model[i].there && model_sees(viewer, &model[i]);
    must(listed == there);
}

static void model_check_one(const struct model *m) {
    const struct process *p = process_of_number(m->number);
    must(p && p == m->real && process_of_badge(p->badge) == p);
    must(process_of_kernel(p->kernel) == (m->state == PROCESS_ENDED || !p->kernel ? NULL : p));
    must(group_orphaned(p->group) == model_orphaned(m->group));
    must(p->state == m->state && p->killed == m->killed && p->event == m->event);
    must(p->group->value == m->group && p->session->value == m->session);
    must((p->parent ? p->parent->number->value : 0) == m->parent);
}

/* Nobody waits for what could be told, nor for nobody. */
static void model_check_calls(void) {
    unsigned all, telling, open = 0, listed = 0;
    for (uint32_t i = 0; i < model_call_count; i++) {
        const struct model_call *c = &model_calls[i];
        if (!c->owner)
            continue;
        open++;
        model_count_children(c->owner, &c->query, &all, &telling);
        must(!telling && (all || !c->query.options));
    }
    for (uint32_t i = 0; i < model_count; i++)
        listed += model[i].there ? model[i].real->wait_count : 0;
    must(open == listed);
}

static void model_check(void) {
    unsigned there = 0, real = 1;
    for (uint32_t i = 0; i < model_count; i++) {
        there += model[i].there;
        if (model[i].there)
            model_check_one(&model[i]);
        if (model[i].there && i % 7 == model_count % 7)
            model_check_list(&model[i]);
        for (uint32_t j = 0; model[i].there && j < model_count; j += 7)
            if (model[j].there)
                must(process_sees(model[i].real, model[j].real) ==
                     model_sees(&model[i], &model[j]));
    }
    for (const struct process *p = process_first(); (p = process_next(p));)
        real++;
    must(there == real);
    model_check_calls();
}
