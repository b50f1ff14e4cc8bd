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
