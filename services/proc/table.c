/* SPDX-License-Identifier: MIT */
#include "services/proc/table.h"

#include <string.h>

#include "services/proc/body.h"

#define BUCKETS      1024u
#define BADGE_SERIAL 16 /* bits of the place in a badge */

/* What was used before is used again first, so that memory that was never needed is not touched. */
static struct process processes[PROCESSES_MAX], *free_process; /* through `parent` */
/* Each process is one number and member of two. */
static struct number numbers[3 * PROCESSES_MAX], *free_number, *bucket[BUCKETS];
static uint32_t processes_used, numbers_used;
static struct process *kernel_bucket[BUCKETS];
static struct account accounts[ACCOUNTS_MAX];
static struct domain domains[DOMAINS_MAX];
static uint32_t account_limit, last_number;
static uint64_t last_serial;

/* ---- numbers ---- */

struct number *number_find(uint64_t value) {
    struct number *n = bucket[value % BUCKETS];
    while (n && n->value != value)
        n = n->next;
    return n;
}

/* In order, so that a number is used again as late as can be. There are fewer in use than exist. */
static struct number *number_take(void) {
    do
        last_number = last_number % PROC_NUMBER_MAX + 1;
    while (number_find(last_number));
    struct number *n = free_number;
    if (n)
        free_number = n->next;
    else
        n = &numbers[numbers_used++];
    *n = (struct number){.next = bucket[last_number % BUCKETS], .value = last_number};
    list_init(&n->members);
    bucket[last_number % BUCKETS] = n;
    return n;
}

static void number_drop(struct number *n) {
    if (--n->uses)
        return;
    struct number **link = &bucket[n->value % BUCKETS];
    while (*link != n)
        link = &(*link)->next;
    *link = n->next;
    n->next = free_number;
    free_number = n;
}

void number_change(struct number **place, struct number *to) {
    to->uses++;
    if (*place)
        number_drop(*place);
    *place = to;
}

/* ---- accounts and domains ---- */

/* The record of an account, or one for it, or NULL. */
static struct account *account_of(uint64_t id) {
    struct account *unused = NULL;
    for (struct account *a = accounts; a < accounts + ACCOUNTS_MAX; a++) {
        if (a->processes && a->id == id)
            return a;
        if (!a->processes && !unused)
            unused = a;
    }
    if (unused)
        *unused = (struct account){.id = id};
    return unused;
}

static struct domain *domain_inside(struct domain *outer) {
    if (outer->depth == DOMAIN_DEPTH)
        return NULL;
    for (struct domain *d = domains; d < domains + DOMAINS_MAX; d++)
        if (!d->uses) {
            *d = (struct domain){.outer = outer, .depth = outer->depth + 1};
            return d;
        }
    return NULL;
}

/* One that is inside another uses it. */
static void domain_use(struct domain *d) {
    if (!d->uses++ && d->outer)
        d->outer->uses++;
}

static void domain_drop(struct domain *d) {
    while (d && !--d->uses)
        d = d->outer;
}

bool process_sees(const struct process *p, const struct process *other) {
    const struct domain *d = other->domain;
    while (d && d != p->domain)
        d = d->outer;
    return d;
}

/* ---- processes ---- */

uint32_t process_index(const struct process *p) {
    return (uint32_t)(p - processes);
}

struct process *process_first(void) {
    return &processes[0];
}

struct process *process_next(const struct process *p) {
    for (uint32_t i = process_index(p) + 1; i < processes_used; i++)
        if (processes[i].state != PROCESS_FREE)
            return &processes[i];
    return NULL;
}

struct process *process_of_badge(uint64_t badge) {
    uint64_t place = (badge & ((1u << BADGE_SERIAL) - 1)) - 1;
    if (place >= PROCESSES_MAX || processes[place].state == PROCESS_FREE)
        return NULL;
    return processes[place].badge == badge ? &processes[place] : NULL;
}

struct process *process_of_number(uint64_t number) {
    const struct number *n = number_find(number);
    return n ? n->process : NULL;
}

struct process *process_of_kernel(uint64_t kernel) {
    struct process *p = kernel_bucket[kernel % BUCKETS];
    while (p && p->kernel != kernel)
        p = p->same_kernel;
    return p && p->state != PROCESS_ENDED ? p : NULL;
}

void process_known(struct process *p, uint64_t kernel) {
    struct process **link = &kernel_bucket[kernel % BUCKETS];
    p->kernel = kernel;
    p->same_kernel = *link;
    *link = p;
}

static void process_unknown(struct process *p) {
    struct process **link = &kernel_bucket[p->kernel % BUCKETS];
    if (!p->kernel)
        return;
    while (*link != p)
        link = &(*link)->same_kernel;
    *link = p->same_kernel;
}

uint32_t process_number(const struct process *p, const struct process *for_whom) {
    return p && process_sees(for_whom, p) ? p->number->value : 0;
}

/* `to` has the lowest ones so far. */
static unsigned number_insert(uint32_t *to, unsigned count, unsigned room, uint32_t value) {
    unsigned at = count < room ? count : room - 1;
    if (count == room && to[at] < value)
        return count;
    for (; at && to[at - 1] > value; at--)
        to[at] = to[at - 1];
    to[at] = value;
    return count < room ? count + 1 : count;
}

unsigned process_list(const struct process *viewer, uint64_t above, uint32_t *to, unsigned room) {
    unsigned count = 0;
    for (const struct process *p = process_first(); p; p = process_next(p))
        if (p->number->value > above && process_sees(viewer, p))
            count = number_insert(to, count, room, p->number->value);
    return count;
}

static void lists_init(struct process *p) {
    list_init(&p->children);
    list_init(&p->sibling);
    list_init(&p->member);
    list_init(&p->waits);
}

/* With a number of its own. There is room. */
static struct process *process_take(struct account *account, struct domain *domain) {
    struct process *p = free_process;
    if (p)
        free_process = p->parent;
    else
        p = &processes[processes_used++];
    *p = (struct process){.state = PROCESS_RUNS, .account = account, .domain = domain};
    lists_init(p);
    p->badge = ++last_serial << BADGE_SERIAL | (process_index(p) + 1);
    number_change(&p->number, number_take());
    p->number->process = p;
    account->processes++;
    domain_use(domain);
    return p;
}

/* Process 1: in a group and session of its own, in the domain around all others. */
static void first_make(void) {
    struct process *p = process_take(account_of(0), &domains[0]);
    p->badge = PROC_FIRST;
    p->child_flags = PROC_CHILDREN_REAP | PROC_CHILDREN_QUIET;
    number_change(&p->group, p->number);
    number_change(&p->session, p->number);
    list_append(&p->number->members, &p->member);
}

void table_start(uint32_t limit, uint64_t serial) {
    memset(bucket, 0, sizeof bucket); /* so that its memory is there from the start */
    memset(kernel_bucket, 0, sizeof kernel_bucket);
    account_limit = limit;
    last_serial = serial;
    first_make();
}

err_t process_fork(struct process *parent, uint64_t account, uint64_t flags, struct process **out) {
    struct account *a = account_of(account);
    struct domain *d = parent->domain;
    if (!a || a->processes >= account_limit || (!free_process && processes_used == PROCESSES_MAX))
        return ERROR(LIMIT);
    if (flags & PROC_FORK_DOMAIN)
        d = domain_inside(d);
    if (!d)
        return ERROR(LIMIT);
    struct process *p = process_take(a, d);
    p->parent = parent;
    p->child_flags = parent->child_flags;
    if (parent == process_first())
        p->child_flags = 0; /* what is usual there is not for others */
    number_change(&p->group, parent->group);
    number_change(&p->session, parent->session);
    list_append(&parent->children, &p->sibling);
    list_append(&p->group->members, &p->member);
    *out = p;
    return OK;
}

void process_forget(struct process *p) {
    struct process *parent = p->parent;
    list_remove(&p->sibling);
    list_remove(&p->member);
    p->number->process = NULL;
    process_unknown(p);
    number_drop(p->group);
    number_drop(p->session);
    number_drop(p->number);
    p->account->processes--;
    domain_drop(p->domain);
    p->state = PROCESS_FREE;
    p->parent = free_process;
    free_process = p;
    waits_lost(parent);
}

/* ---- ends ---- */

void process_tell(struct process *p) {
    struct process *parent = p->parent;
    bool ended = p->state == PROCESS_ENDED;
    const struct raise r = {.signal = PROC_SIGCHLD,
                            .code = (int32_t)(ended ? p->how : p->event),
                            .child = process_number(p, parent),
                            .value = ended ? p->code : p->event_signal};
    if (ended && parent->child_flags & PROC_CHILDREN_REAP)
        process_forget(p);
    else
        waits_look(parent, p);
    if (!(parent->child_flags &
          (ended ? PROC_CHILDREN_QUIET : PROC_CHILDREN_QUIET | PROC_CHILDREN_ENDS)))
        signal_send(parent, &r);
}

/* The groups of children that a process held, each once: it may have many in one. */
static void group_leave(struct number *group, const struct process *ended) {
    if (group->looked_at != ended->badge)
        group_release(group);
    group->looked_at = ended->badge;
}

/* Orphans. Process 1 is told what their parent was not. */
static void children_leave(struct process *p) {
    struct process *first = process_first();
    while (!list_empty(&p->children)) {
        struct process *c = list_of(p->children.next, struct process, sibling);
        list_remove(&c->sibling);
        list_append(&first->children, &c->sibling);
        c->parent = first;
        body_show(c);
        if (c->state != PROCESS_ENDED && group_held(p, c)) /* else it did not hold the group */
            group_leave(c->group, p);
        if (c->state == PROCESS_ENDED)
            process_tell(c);
        else if (c->event)
            waits_look(first, c);
    }
}

void process_end(struct process *p, uint32_t how, uint32_t code, uint64_t time) {
    waits_end(p);
    p->state = PROCESS_ENDED;
    p->how = how;
    p->code = code;
    p->time = time;
    p->event = 0;
    for (struct domain *d = p->domain; d; d = d->outer)
        d->spent += time;
    if (group_held(p->parent, p))
        group_release(p->group); /* before anybody is told that one of it is stopped */
    children_leave(p);
    if (p->session == p->number)
        body_leader_ended();
    process_tell(p);
}
