/* SPDX-License-Identifier: MIT */
/*
 * The server of processes; see abi/proc.h. One thread, which waits for nobody: what cannot be
 * answered yet is parked. Work for a request is bounded by the limits of services/proc/table.h.
 */
#include "abi/proc.h"

#include <stdio.h>

#include "abi/census.h"
#include "abi/jobs.h"
#include "lib/sys/mem.h"
#include "lib/sys/message.h"
#include "lib/sys/print.h"
#include "lib/sys/program.h"
#include "lib/sys/syscall.h"
#include "lib/sys/thread.h"
#include "services/proc/body.h"
#include "services/proc/census.h"
#include "services/proc/commands.h"
#include "services/proc/ends.h"
#include "services/proc/handles.h"
#include "services/proc/jobs.h"
#include "services/proc/killer.h"

#define RIGHTS_PROCESS_NEW                                                                         \
    (RIGHT_INFO | RIGHT_PROCESS_MAP | RIGHT_PROCESS_GIVE | RIGHT_PROCESS_KILL |                    \
     RIGHT_PROCESS_CONTROL)
#define RIGHTS_THREAD_NEW (RIGHT_INFO | RIGHT_THREAD_RUN | RIGHT_THREAD_INTERRUPT)
#define RIGHTS_THREAD     (RIGHT_INFO | RIGHT_THREAD_INTERRUPT)
#define HANDLES           2u /* that a request brings at most */

static struct endpoint_cap endpoint;

/* The answer to this call was given, or will be: not a word of `enum err_code`. */
#define LATER ((err_t){.code = UINT16_MAX})

/* ---- what a request brings ---- */

static err_t handle_check(unsigned i, enum object_type type, uint32_t rights) {
    const struct thread_block *b = thread_block();
    if (i >= b->received_count || b->received[i].handle == HANDLE_NONE)
        return ERROR(BAD_HANDLE);
    if (b->received[i].type != type)
        return ERROR(WRONG_TYPE);
    return (b->received[i].rights & rights) == rights ? OK : ERROR(NO_RIGHT);
}

/* A process and a thread. */
static err_t take_handed(uint32_t process_rights, uint32_t thread_rights, struct handed *out) {
    const struct thread_block *b = thread_block();
    err_t e = handle_check(0, OBJECT_PROCESS, process_rights);
    if (err_ok(e))
        e = handle_check(1, OBJECT_THREAD, thread_rights);
    if (err_ok(e))
        *out = (struct handed){{b->received[0].handle}, {b->received[1].handle}};
    return e;
}

static void close_received(void) {
    struct thread_block *b = thread_block();
    for (unsigned i = 0; i < b->received_count; i++)
        if (b->received[i].handle != HANDLE_NONE)
            sys_handle_close((struct any_cap){b->received[i].handle});
    b->received_count = 0;
}

/* ---- answers ---- */

static void event_words(const struct event *event, uint64_t *word) {
    const struct process *p = event->process;
    word[0] = process_number(p, p->parent);
    word[1] = event->how;
    word[2] = event->code;
    word[3] = p->time + p->time_of_waited;
}

bool body_answer(uint64_t reply, err_t e, const struct event *event) {
    struct message m = {.op = e.code};
    if (event)
        event_words(event, m.word);
    return err_ok(reply_send((struct reply_cap){reply}, &m));
}

/* ---- operations ---- */

static err_t serve_fork(struct process *p, struct message *m) {
    const struct beginning b = {m->word[0], m->word[1], m->word[2], m->word[3]};
    struct thread_block *block = thread_block();
    struct process *child;
    struct handed h;
    err_t e = m->word[4] & ~(uint64_t)PROC_FORK_DOMAIN ? ERROR(BAD_ARGUMENT) : OK;
    if (err_ok(e))
        e = take_handed(RIGHTS_PROCESS_NEW, RIGHTS_THREAD_NEW, &h);
    if (err_ok(e))
        e = process_fork(p, block->caller_account, m->word[4], &child);
    if (!err_ok(e))
        return e;
    e = handles_begin(child, &h, &b, m->reply);
    if (!err_ok(e)) {
        process_forget(child);
        return e;
    }
    block->received_count = 0; /* they are ours now */
    child->started = clock_nanoseconds();
    command_copy(child, p);
    m->word[0] = child->number->value;
    return e;
}

static err_t serve_exec(struct process *p, const struct message *m) {
    struct thread_block *block = thread_block();
    struct handed h;
    err_t e = take_handed(RIGHT_PROCESS_MAP, RIGHTS_THREAD, &h);
    if (err_ok(e))
        e = handles_become(p, &h, m->word[0]);
    if (!err_ok(e))
        return e;
    sys_handle_close(ANY(h.process));
    block->received_count = 0;
    p->executed = true;
    return e;
}

static err_t serve_thread(struct process *p) {
    struct thread_block *block = thread_block();
    err_t e = handle_check(0, OBJECT_THREAD, RIGHTS_THREAD);
    if (err_ok(e))
        e = handles_thread(p, (struct thread_cap){block->received[0].handle});
    if (!err_ok(e))
        return e;
    block->received[0].handle = HANDLE_NONE; /* it is ours now */
    return e;
}

/* The call stays open. An end that is told at once would find it in the table. */
static err_t take_up(struct process *p, const struct query *q, struct reply_cap reply) {
    uint64_t cookie;
    err_t e = wait_add(p, q, reply.h, &cookie);
    if (!err_ok(e))
        return e;
    if (!err_ok(sys_park(reply, endpoint, cookie)))
        wait_gone(cookie, reply.h);
    return LATER;
}

static err_t serve_wait(struct process *p, struct message *m) {
    struct query q = {(uint32_t)m->word[0], (uint32_t)m->word[1], (uint32_t)m->word[2]};
    struct event event;
    if (m->word[0] > PROC_IN_GROUP || m->word[1] > PROC_NUMBER_MAX ||
        m->word[2] & ~(uint64_t)PROC_WAIT_ALL ||
        !(q.options & (PROC_WAIT_STOPPED | PROC_WAIT_ENDED | PROC_WAIT_CONTINUED)))
        return ERROR(BAD_ARGUMENT);
    if (q.who == PROC_IN_GROUP && !q.number)
        q.number = p->group->value;
    err_t e = wait_find(p, &q, &event);
    if (!err_ok(e))
        return e;
    if (event.process) {
        if (body_answer(m->reply.h, OK, &event))
            wait_told(&event, q.options);
        return LATER;
    }
    if (!(q.options & PROC_WAIT_NOW))
        return take_up(p, &q, m->reply);
    memset(m->word, 0, sizeof m->word);
    return OK;
}

/* Only the kernel's and our own codes are above 0. */
static err_t serve_kill(struct process *p, const struct message *m) {
    const struct raise r = {.signal = (uint32_t)m->word[1],
                            .code = (int32_t)m->word[2],
                            .from = p,
                            .value = m->word[3]};
    if (m->word[1] > PROC_SIGNALS || (int64_t)m->word[2] > 0 || (int64_t)m->word[2] != r.code)
        return ERROR(BAD_ARGUMENT);
    return signal_kill(p, (int64_t)m->word[0], &r);
}

static err_t serve_get(const struct process *p, struct message *m) {
    const struct process *of = m->word[0] ? process_of_number(m->word[0]) : p;
    if (!of || !process_sees(p, of))
        return ERROR(NOT_FOUND);
    m->word[0] = of->number->value;
    m->word[1] = process_number(of->parent, p);
    m->word[2] = of->group->value;
    m->word[3] = of->session->value;
    m->word[4] = of->time_of_waited;
    m->word[5] = group_orphaned(of->group) ? PROC_ORPHANED : 0;
    return OK;
}

static err_t serve_session(struct process *p, struct message *m) {
    m->word[0] = p->number->value;
    return session_make(p);
}

static err_t serve_children(struct process *p, const struct message *m) {
    if (m->word[0] & ~(uint64_t)PROC_CHILDREN_ALL)
        return ERROR(BAD_ARGUMENT);
    p->child_flags = (uint32_t)m->word[0];
    return OK;
}

/* The kernel tells nothing of the end of what goes with the pool that it was bought with. */
static err_t serve_sweep(const struct process *caller) {
    if (caller != process_first())
        return ERROR(NO_RIGHT);
    for (struct process *p = process_next(caller); p; p = process_next(p))
        if (p->state != PROCESS_ENDED && !handles_there(p))
            process_end(p, PROC_KILLED, PROC_SIGKILL, handles_end(p));
    return OK;
}

static err_t serve_stop(struct process *p, const struct message *m) {
    static const struct query to_go_on = {.options = 0};
    if (m->word[0] < PROC_SIGSTOP || m->word[0] > PROC_SIGTTOU)
        return ERROR(BAD_ARGUMENT);
    err_t e = signal_stop(p, (uint32_t)m->word[0], m->word[1]);
    return err_ok(e) ? take_up(p, &to_go_on, m->reply) : e;
}

/* What is not there to be read is the caller's mistake; what it had stays then. */
static err_t serve_command(const struct process *p, const struct message *m) {
    char text[PROC_COMMAND_MAX];
    size_t length = m->word[0] < sizeof text ? m->word[0] : sizeof text;
    err_t e = length ? sys_reply_copy_from(m->reply, 0, text, length) : OK;
    if (err_ok(e))
        command_set(p, &m->word[1], text, length);
    return e;
}

/* Process 1 stands for whoever has its session, and is no process that could do these. */
static bool of_a_process(uint64_t op) {
    return op == PROC_EXEC || op == PROC_THREAD || op == PROC_STOP || op == PROC_NAME ||
           op == PROC_COMMAND;
}

static err_t serve_one(struct process *p, uint64_t op, struct message *m) {
    if (p == process_first() && of_a_process(op))
        return ERROR(NO_RIGHT);
    switch (op) {
    case PROC_FORK:
        return serve_fork(p, m);
    case PROC_EXEC:
        return serve_exec(p, m);
    case PROC_THREAD:
        return serve_thread(p);
    case PROC_WAIT:
        return serve_wait(p, m);
    case PROC_KILL:
        return serve_kill(p, m);
    case PROC_GET:
        return serve_get(p, m);
    case PROC_GROUP:
        return group_set(p, m->word[0], m->word[1]);
    case PROC_SESSION:
        return serve_session(p, m);
    case PROC_CHILDREN:
        return serve_children(p, m);
    case PROC_STOP:
        return serve_stop(p, m);
    case PROC_NAME:
        command_name(p, m->word);
        return OK;
    case PROC_COMMAND:
        return serve_command(p, m);
    case PROC_SWEEP:
        return serve_sweep(p);
    default:
        return ERROR(UNSUPPORTED);
    }
}

/* One that is being killed gets no answer, so that it makes no processes and signals any more. The
 * call ends with it. */
static err_t serve_known(struct process *p, struct message *m) {
    err_t e = p->killed ? OK : serve_one(p, m->op & OP_CODE, m);
    if (!p->killed || e.code == LATER.code)
        return e;
    (void)sys_park(m->reply, endpoint, WAITS_MAX);
    return LATER;
}

/* Makes the answer in `m`; false: there is none to give now. */
static bool serve(struct message *m) {
    struct process *p = process_of_badge(m->badge);
    err_t e;
    if (m->badge == JOBS_BADGE)
        e = jobs_serve(m);
    else if (m->badge == CENSUS_BADGE)
        e = census_serve(m);
    else if (!p || p->state == PROCESS_ENDED)
        e = ERROR(REVOKED);
    else if (p->kernel && p->kernel != thread_block()->caller_process)
        e = ERROR(NO_RIGHT);
    else
        e = serve_known(p, m);
    close_received();
    m->op = e.code;
    return e.code != LATER.code;
}

/* ---- messages ---- */

static void ended(const struct message *m) {
    struct process *p = process_of_badge(m->badge);
    if (!p || p == process_first() || p->state == PROCESS_ENDED)
        return;
    struct end end = end_of((enum end_reason)m->op, m->word[0]);
    process_end(p, end.how, end.code, handles_end(p));
}

static bool no_room(err_t e) {
    return err_is(e, ERR_LIMIT) || err_is(e, ERR_NO_MEMORY);
}

/* Where there is no room for handles to come, calls that bring none are served all the same. */
static void receive(struct message *m, enum message_kind *kind) {
    for (;;) {
        err_t e = endpoint_receive(endpoint, OP_ACCEPT(HANDLES), m, kind);
        if (no_room(e))
            e = endpoint_receive(endpoint, 0, m, kind);
        if (err_ok(e))
            return;
        if (!err_is(e, ERR_INTERRUPTED))
            program_fail("proc: cannot receive: %s", error_text(e));
    }
}

/* Answers and receives. Answers bring nothing along, so only a caller that is gone has none. */
static void exchange(struct message *m, enum message_kind *kind) {
    struct message sent = *m;
    m->op |= OP_ACCEPT(HANDLES);
    err_t e = reply_and_receive(sent.reply, endpoint, m, kind);
    if (err_ok(e))
        return;
    if (no_room(e))
        (void)reply_send(sent.reply, &sent);
    receive(m, kind);
}

static _Noreturn void serve_all(void) {
    struct message m;
    enum message_kind kind;
    receive(&m, &kind);
    for (;;) {
        if (kind == MESSAGE_CALL && serve(&m)) {
            exchange(&m, &kind);
            continue;
        }
        if (kind == MESSAGE_ENDED)
            ended(&m);
        else if (kind == MESSAGE_GONE)
            wait_gone(m.badge, m.word[0]);
        receive(&m, &kind);
    }
}

/* How many processes an account may have, as the argument says. */
static uint32_t account_limit(void) {
    const char *second = start_page->arguments + strlen(start_page->arguments) + 1;
    uint64_t n = start_page->argument_count > 1 ? number_parse(second) : 0;
    return n && n < PROCESSES_USUAL ? (uint32_t)n : PROCESSES_USUAL;
}

int main(void) {
    if (start_page->handle_count != 1 || killer_start()) {
        fprintf(stderr, "proc: usage: proc [PROCESSES-OF-AN-ACCOUNT], with an endpoint\n");
        return 1;
    }
    endpoint.h = start_page->handles[0];
    /* Microseconds: nobody makes as many processes, so badges are above those of a predecessor. */
    table_start(account_limit(), clock_nanoseconds() / 1000);
    handles_start(endpoint);
    serve_all();
}
