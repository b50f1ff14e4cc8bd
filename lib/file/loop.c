/* SPDX-License-Identifier: MIT */
/*
 * The loop of a file server, and what serving needs of the kernel. An answer goes out together with
 * the receive of what is next, in one system call, unless something is to be done right after it:
 * then it is sent alone. While something is left to be done the loop only looks for messages.
 */
#include "lib/file/loop.h"

#include "lib/file/transport.h"
#include "lib/file/waits.h"
#include "lib/sys/message.h"
#include "lib/sys/print.h"
#include "lib/sys/program.h"
#include "lib/sys/syscall.h"
#include "lib/sys/thread.h"

static struct endpoint_cap endpoint;
static uint64_t accepts; /* handles that a call may bring */
static char space[INLINE_MAX] __attribute__((aligned(INLINE_MAX)));
static char data[INLINE_MAX] __attribute__((aligned(INLINE_MAX)));

err_t transport_fetch(const struct file_request *r, size_t at, void *to, size_t length) {
    return sys_reply_copy_from(r->reply, at, to, length);
}

err_t transport_store(const struct file_request *r, size_t at, const void *from, size_t length) {
    return sys_reply_copy_to(r->reply, at, (void *)(uintptr_t)from, length);
}

err_t transport_session(struct file_request *r, uint64_t badge, uint32_t rights) {
    err_t e = sys_endpoint_mint(endpoint, badge, rights, r->reply.h, &r->opened[r->opened_count]);
    r->opened_count += err_ok(e);
    return e;
}

err_t transport_copy(struct file_request *r, handle_t h, uint32_t rights) {
    handle_t copy;
    err_t e = sys_handle_duplicate((struct any_cap){h}, rights, 0, &copy);
    if (err_ok(e))
        r->opened[r->opened_count++] = (struct session_cap){copy};
    return e;
}

void transport_drop(struct file_request *r) {
    sys_handle_close(ANY(r->opened[--r->opened_count]));
}

err_t transport_park(struct file_request *r, uint64_t cookie) {
    return sys_park(r->reply, endpoint, cookie);
}

void transport_raise(handle_t signal, uint64_t bits) {
    sys_signal_raise((struct signal_cap){signal}, bits);
}

void transport_close(handle_t h) {
    sys_handle_close((struct any_cap){h});
}

/* ---- answers ---- */

static void fill_answer(struct file_request *r, err_t e, struct message *m) {
    struct thread_block *b = thread_block();
    m->op = e.code | OP_HANDLES(r->opened_count);
    m->reply = r->reply;
    for (unsigned i = 0; i < MESSAGE_WORDS; i++)
        m->word[i] = r->answer[i];
    if (err_ok(e) && r->piece.length) {
        b->read = (struct window){(uintptr_t)r->piece.at, r->piece.length};
        m->op |= OP_READ_WINDOW;
    }
    for (unsigned i = 0; i < r->opened_count; i++)
        b->send[i] = (struct handle_send){
            .handle = r->opened[i].h, .rights = RIGHTS_ALL, .flags = SEND_MOVE};
}

/* What could not be answered: the caller hears why, if it is there. */
static void refuse(struct file_request *r, err_t e) {
    struct message m = {.op = e.code};
    while (r->opened_count)
        transport_drop(r);
    if (!err_is(e, ERR_CALLER_GONE) && !err_ok(reply_send(r->reply, &m)))
        sys_handle_close(ANY(r->reply));
}

err_t transport_answer(struct file_request *r, err_t e) {
    struct message m;
    fill_answer(r, e, &m);
    err_t sent = reply_send(r->reply, &m);
    if (!err_ok(sent))
        refuse(r, sent);
    return sent;
}

static void answer_alone(struct file_request *r, err_t e) {
    bool answered = err_ok(transport_answer(r, e));
    file_settle(r, answered);
}

static bool no_room(err_t e) {
    return err_is(e, ERR_LIMIT) || err_is(e, ERR_NO_MEMORY);
}

/* Answers and receives; true if something came. */
static bool answer_and_receive(struct file_request *r, err_t e, struct message *m,
                               enum message_kind *kind) {
    fill_answer(r, e, m);
    m->op |= accepts;
    err_t result = reply_and_receive(r->reply, endpoint, m, kind);
    if (err_ok(result)) {
        file_settle(r, true);
        return true;
    }
    if (no_room(result)) { /* for what comes next: nothing was sent */
        answer_alone(r, e);
    } else if (err_is(result, ERR_INTERRUPTED)) { /* afterwards */
        file_settle(r, true);
    } else {
        refuse(r, result);
        file_settle(r, false);
    }
    return false;
}

/* ---- messages ---- */

/* True if something came. Where there is no room for handles to come, calls that bring none are
 * served all the same. `look`: there is something else to do, so nothing is waited for. */
static bool receive(struct message *m, enum message_kind *kind, bool look) {
    uint64_t op = look ? OP_DEADLINE : 0;
    thread_block()->deadline = 0;
    err_t e = endpoint_receive(endpoint, op | accepts, m, kind);
    if (no_room(e))
        e = endpoint_receive(endpoint, op, m, kind);
    if (!err_ok(e) && !err_is(e, ERR_INTERRUPTED) && !err_is(e, ERR_TIMED_OUT))
        program_fail("server: cannot receive: %s", error_text(e));
    return err_ok(e);
}

static void take_request(struct file_request *r, const struct message *m) {
    const struct thread_block *b = thread_block();
    r->badge = m->badge;
    r->process = b->caller_process;
    r->account = b->caller_account;
    r->op = m->op & OP_CODE;
    r->rights = OP_RIGHTS(m->op);
    for (unsigned i = 0; i < MESSAGE_WORDS; i++)
        r->word[i] = m->word[i];
    r->data = data;
    r->data_length = b->inline_length;
    r->read_window = b->read_length;
    r->write_window = b->write_length;
    r->reply = m->reply;
    r->received = b->received;
    r->received_count = b->received_count;
}

/* What came along and was not kept. */
static void close_received(struct file_request *r) {
    for (unsigned i = 0; i < r->received_count; i++)
        if (r->received[i].handle != HANDLE_NONE)
            transport_close(r->received[i].handle);
}

/* True if the next message is there as well. */
static bool serve(struct file_request *r, struct message *m, enum message_kind *kind) {
    take_request(r, m);
    err_t e = file_serve(r);
    close_received(r);
    if (r->parked)
        return false;
    if (!(r->settles && !r->quiet) && !list_first(&r->server->pending))
        return answer_and_receive(r, e, m, kind);
    answer_alone(r, e);
    return false;
}

/* Does what is pending and receives; true if something came. */
static bool work(struct file_request *r, struct message *m, enum message_kind *kind) {
    bool more = file_work(r);
    if (!r->wait)
        return receive(m, kind, more);
    bool there = answer_and_receive(r, r->error, m, kind);
    file_worked(r);
    return there;
}

static void restore(void *context, uint64_t badge) {
    file_restore(context, badge);
}

_Noreturn void file_server_loop(struct file_server *s, struct endpoint_cap e) {
    struct file_request request = {.server = s, .space = space};
    struct message m = {0};
    enum message_kind kind = MESSAGE_CALL;
    bool there = false;
    endpoint = e;
    accepts = OP_ACCEPT(s->accept ? s->accept : 1);
    err_t error = badges_succeed(&s->open, e);
    if (err_ok(error) && s->lasting)
        error = sessions_each(e, restore, s);
    if (!err_ok(error))
        program_fail("server: cannot list its sessions: %s", error_text(error));
    /* What comes with a message is put only into pages that are there. */
    memset(data, 0, sizeof data);
    thread_block()->buffer = (struct window){(uintptr_t)data, sizeof data};
    for (;;) {
        if (!there && !work(&request, &m, &kind))
            continue;
        there = false;
        if (kind == MESSAGE_CALL)
            there = serve(&request, &m, &kind);
        else if (kind == MESSAGE_CLOSED)
            file_closed(s, m.badge);
        else if (kind == MESSAGE_GONE)
            file_gone(s, m.badge);
        else if (kind == MESSAGE_SIGNAL && s->raised)
            s->raised(s, m.badge);
    }
}
