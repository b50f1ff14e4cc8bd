/* SPDX-License-Identifier: MIT */
#include "services/proc/census.h"

#include <string.h>

#include "abi/census.h"
#include "lib/sys/syscall.h"
#include "services/proc/commands.h"
#include "services/proc/handles.h"

static err_t next(const struct process *viewer, struct message *m) {
    uint32_t numbers[MESSAGE_WORDS];
    unsigned count = process_list(viewer, m->word[1], numbers, MESSAGE_WORDS);
    for (unsigned i = 0; i < MESSAGE_WORDS; i++)
        m->word[i] = i < count ? numbers[i] : 0;
    return OK;
}

/* The viewer waits for nothing but what is found out here. */
static enum census_state state_of(const struct process *viewer, const struct process *p,
                                  bool runs) {
    if (p->state == PROCESS_ENDED)
        return CENSUS_ENDED;
    if (p->state == PROCESS_STOPPED)
        return CENSUS_STOPPED;
    return runs || p == viewer ? CENSUS_RUNS : CENSUS_WAITS;
}

/* A group and a session may be named by a process that is gone. */
static uint32_t number_seen(const struct process *viewer, const struct number *n) {
    return n->process ? process_number(n->process, viewer) : n->value;
}

static void describe(const struct process *viewer, const struct process *p,
                     struct census_process *to) {
    const struct command *c = command_of(p);
    struct process_info info;
    bool runs;
    handles_look(p, &info, &runs);
    *to = (struct census_process){
        .number = p->number->value,
        .parent = process_number(p->parent, viewer),
        .group = number_seen(viewer, p->group),
        .session = number_seen(viewer, p->session),
        .state = state_of(viewer, p, runs),
        .threads = (uint32_t)info.threads,
        .started = p->started,
        .time = p->state == PROCESS_ENDED ? p->time : info.cpu_time,
        .time_of_waited = p->time_of_waited,
        .resident = info.resident,
        .command_length = c->length,
    };
    memcpy(to->name, c->name, sizeof to->name);
    memcpy(to->command, c->text, c->length);
}

static err_t get(const struct process *viewer, const struct message *m) {
    const struct process *p = m->word[1] ? process_of_number(m->word[1]) : viewer;
    struct census_process record;
    if (!p || !process_sees(viewer, p))
        return ERROR(NOT_FOUND);
    describe(viewer, p, &record);
    return sys_reply_copy_to(m->reply, 0, &record, sizeof record);
}

/* Of one that has ended the time is in its domain's. */
static err_t total(const struct process *viewer, struct message *m) {
    uint64_t count = 0, running = 0, time = viewer->domain->spent, highest = 0;
    for (const struct process *p = process_first(); p; p = process_next(p)) {
        struct process_info info;
        bool runs;
        if (!process_sees(viewer, p))
            continue;
        handles_look(p, &info, &runs);
        count++;
        running += state_of(viewer, p, runs) == CENSUS_RUNS;
        time += info.cpu_time;
        highest = p->number->value > highest ? p->number->value : highest;
    }
    const uint64_t word[MESSAGE_WORDS] = {count, running, time, highest, viewer->domain->depth};
    memcpy(m->word, word, sizeof word);
    return OK;
}

err_t census_serve(struct message *m) {
    const struct process *viewer = process_of_kernel(m->word[0]);
    uint64_t op = m->op & OP_CODE;
    if (op < CENSUS_NEXT || op > CENSUS_TOTAL)
        return ERROR(UNSUPPORTED);
    if (!viewer)
        return ERROR(NOT_FOUND);
    if (op == CENSUS_NEXT)
        return next(viewer, m);
    return op == CENSUS_GET ? get(viewer, m) : total(viewer, m);
}
