/* SPDX-License-Identifier: MIT */
#include "services/proc/signals.h"

#include "services/proc/body.h"

static void go_on(struct process *p) {
    if (p->state != PROCESS_STOPPED)
        return;
    p->state = PROCESS_RUNS;
    p->event = PROC_CONTINUED;
    p->event_signal = PROC_SIGCONT;
    waits_continue(p);
    if (p->parent)
        process_tell(p);
}

/* One that is stopped is not disturbed by what it will not look at. */
void signal_send(struct process *p, const struct raise *r) {
    if (p->state == PROCESS_ENDED)
        return;
    if (r->signal == PROC_SIGKILL) {
        if (!p->killed)
            body_kill(p);
        p->killed = true;
        return;
    }
    p->sequence++;
    body_mark(p, r);
    if (r->signal == PROC_SIGCONT) {
        p->continued = p->sequence;
        go_on(p);
    }
    if (p->state == PROCESS_RUNS)
        body_interrupt(p);
}

void signal_group(const struct number *group, const struct raise *r) {
    for (const struct list *l = group->members.next; l != &group->members; l = l->next)
        signal_send(list_of(l, struct process, member), r);
}

err_t signal_stop(struct process *p, uint32_t signal, uint64_t taken) {
    if (p->continued > taken || (signal != PROC_SIGSTOP && group_orphaned(p->group)))
        return ERROR(CHANGED);
    if (p->state == PROCESS_STOPPED)
        return OK;
    p->state = PROCESS_STOPPED;
    p->event = PROC_STOPPED;
    p->event_signal = signal;
    process_tell(p);
    return OK;
}

/* Process 1 is nobody's to signal. */
static err_t to_one(struct process *caller, struct process *p, const struct raise *r) {
    if (!p || !process_sees(caller, p))
        return ERROR(NOT_FOUND);
    if (!r->signal)
        return OK;
    if (p == process_first())
        return ERROR(NO_RIGHT);
    signal_send(p, r);
    return OK;
}

/* One success counts as success, as on Linux. */
static err_t both(err_t all, err_t one) {
    return err_ok(all) || err_is(one, ERR_NOT_FOUND) ? all : one;
}

static err_t to_group(struct process *caller, const struct number *group, const struct raise *r) {
    err_t e = ERROR(NOT_FOUND);
    if (!group)
        return e;
    for (struct list *l = group->members.next, *next; l != &group->members; l = next) {
        next = l->next;
        e = both(e, to_one(caller, list_of(l, struct process, member), r));
    }
    return e;
}

/* But to itself and process 1. */
static err_t to_all(struct process *caller, const struct raise *r) {
    err_t e = ERROR(NOT_FOUND);
    for (struct process *p = process_next(process_first()); p; p = process_next(p))
        if (p != caller)
            e = both(e, to_one(caller, p, r));
    return e;
}

err_t signal_kill(struct process *caller, int64_t target, const struct raise *r) {
    if (target > 0)
        return to_one(caller, process_of_number((uint64_t)target), r);
    if (target == -1)
        return to_all(caller, r);
    if (target < -(int64_t)PROC_NUMBER_MAX)
        return ERROR(NOT_FOUND);
    return to_group(caller, target ? number_find((uint64_t)-target) : caller->group, r);
}
