/* SPDX-License-Identifier: MIT */
#include "services/proc/jobs.h"

#include "abi/jobs.h"
#include "lib/sys/syscall.h"
#include "lib/sys/thread.h"
#include "services/proc/body.h"

static struct signal_cap watch; /* HANDLE_NONE: nobody watches */
static uint64_t watch_bits;

void body_leader_ended(void) {
    if (watch.h != HANDLE_NONE)
        (void)sys_signal_raise(watch, watch_bits); /* DEAD: another watcher will come */
}

static err_t who(struct message *m) {
    const struct process *p = process_of_kernel(m->word[0]);
    if (!p)
        return ERROR(NOT_FOUND);
    m->word[0] = p->number->value;
    m->word[1] = p->group->value;
    m->word[2] = p->session->value;
    return OK;
}

static bool lives(const struct process *p) {
    return p && p->state != PROCESS_ENDED;
}

static err_t group(struct message *m) {
    const struct number *session = group_session(number_find(m->word[0]));
    if (!session)
        return ERROR(NOT_FOUND);
    m->word[0] = session->value;
    m->word[1] = lives(session->process);
    return OK;
}

static err_t signal_to(const struct message *m) {
    const struct raise r = {.signal = (uint32_t)m->word[1], .code = SIGNAL_KERNEL};
    const struct number *to = number_find(m->word[0]);
    if (!m->word[1] || m->word[1] > PROC_SIGNALS)
        return ERROR(BAD_ARGUMENT);
    if (!group_session(to))
        return ERROR(NOT_FOUND);
    signal_group(to, &r);
    return OK;
}

static err_t watch_begin(const struct message *m) {
    struct thread_block *b = thread_block();
    if (!b->received_count || b->received[0].handle == HANDLE_NONE)
        return ERROR(BAD_HANDLE);
    if (b->received[0].type != OBJECT_SIGNAL)
        return ERROR(WRONG_TYPE);
    if (!(b->received[0].rights & RIGHT_SIGNAL_RAISE))
        return ERROR(NO_RIGHT);
    if (watch.h != HANDLE_NONE)
        sys_handle_close(ANY(watch));
    watch.h = b->received[0].handle;
    watch_bits = m->word[0];
    b->received[0].handle = HANDLE_NONE; /* it is ours now */
    return OK;
}

err_t jobs_serve(struct message *m) {
    switch (m->op & OP_CODE) {
    case JOBS_WHO:
        return who(m);
    case JOBS_GROUP:
        return group(m);
    case JOBS_SIGNAL:
        return signal_to(m);
    case JOBS_WATCH:
        return watch_begin(m);
    default:
        return ERROR(UNSUPPORTED);
    }
}
