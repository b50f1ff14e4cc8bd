/* SPDX-License-Identifier: MIT */
/* Process groups and sessions, by the rules of Linux's setpgid(2) and setsid(2). */
#include "services/proc/body.h"

static void group_enter(struct process *p, struct number *group) {
    list_remove(&p->member);
    number_change(&p->group, group);
    list_append(&group->members, &p->member);
    body_show(p);
}

/* Is there a group of this number whose members are in the session? */
static bool group_in(const struct number *group, const struct number *session) {
    if (!group || list_empty(&group->members))
        return false;
    return list_of(group->members.next, struct process, member)->session == session;
}

bool group_held(const struct process *parent, const struct process *child) {
    return parent && parent != process_first() && parent->group != child->group &&
           parent->session == child->session;
}

static struct process *member_next(const struct number *group, const struct list *l) {
    return l->next == &group->members ? NULL : list_of(l->next, struct process, member);
}

#define EACH_MEMBER(p, group)                                                                      \
    for (struct process *p = member_next(group, &(group)->members); p;                             \
         p = member_next(group, &p->member))

bool group_orphaned(const struct number *group) {
    EACH_MEMBER(p, group)
    if (p->state != PROCESS_ENDED && group_held(p->parent, p) && p->parent->state != PROCESS_ENDED)
        return false;
    return true;
}

static bool group_stopped(const struct number *group) {
    EACH_MEMBER(p, group)
    if (p->state == PROCESS_STOPPED)
        return true;
    return false;
}

void group_release(const struct number *group) {
    static const struct raise hang_up = {.signal = PROC_SIGHUP, .code = SIGNAL_KERNEL};
    static const struct raise go_on = {.signal = PROC_SIGCONT, .code = SIGNAL_KERNEL};
    if (group_stopped(group) && group_orphaned(group)) {
        signal_group(group, &hang_up);
        signal_group(group, &go_on);
    }
}

const struct number *group_session(const struct number *group) {
    const struct process *p = group ? member_next(group, &group->members) : NULL;
    return p ? p->session : NULL;
}

err_t group_set(struct process *caller, uint64_t number, uint64_t group) {
    struct process *p = number ? process_of_number(number) : caller;
    if (number > PROC_NUMBER_MAX || group > PROC_NUMBER_MAX)
        return ERROR(BAD_ARGUMENT);
    if (!p || (p != caller && p->parent != caller))
        return ERROR(NOT_FOUND);
    if (p != caller && p->session != caller->session)
        return ERROR(NO_RIGHT);
    if (p != caller && p->executed)
        return ERROR(CHANGED);
    if (p->session == p->number)
        return ERROR(NO_RIGHT);
    struct number *to = group ? number_find(group) : p->number;
    if (to != p->number && !group_in(to, p->session))
        return ERROR(NO_RIGHT);
    if (to != p->group) {
        group_enter(p, to);
        waits_lost(p->parent);
    }
    return OK;
}

err_t session_make(struct process *caller) {
    if (!list_empty(&caller->number->members))
        return ERROR(NO_RIGHT);
    number_change(&caller->session, caller->number);
    group_enter(caller, caller->number);
    waits_lost(caller->parent);
    return OK;
}
