/* SPDX-License-Identifier: MIT */
/*
 * The loop of a file server: receives, serves, answers and receives in one system call. It uses the
 * thread block of the thread that runs it.
 */
#include "lib/file/loop.h"

#include <string.h>

#include "lib/file/transport.h"
#include "lib/sys/message.h"
#include "lib/sys/syscall.h"
#include "lib/sys/thread.h"

static struct endpoint_cap endpoint;
static char data[INLINE_MAX] __attribute__((aligned(INLINE_MAX)));
static char space[INLINE_MAX] __attribute__((aligned(INLINE_MAX)));

err_t transport_fetch(const struct file_request *r, size_t at, void *to, size_t length) {
    return sys_reply_copy_from(r->reply, at, to, length);
}

err_t transport_store(const struct file_request *r, size_t at, const void *from, size_t length) {
    return sys_reply_copy_to(r->reply, at, (void *)(uintptr_t)from, length);
}

err_t transport_session(struct file_request *r, uint64_t badge, uint32_t rights) {
    return sys_endpoint_mint(endpoint, badge, rights, r->reply.h, &r->opened);
}

void transport_drop(struct file_request *r) {
    sys_handle_close(ANY(r->opened));
    r->opened.h = HANDLE_NONE;
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
}

static void fill_answer(struct file_request *r, err_t e, struct message *m) {
    struct thread_block *b = thread_block();
    m->op = e.code;
    m->reply = r->reply;
    for (unsigned i = 0; i < MESSAGE_WORDS; i++)
        m->word[i] = r->answer[i];
    if (err_ok(e) && r->piece.length) {
        b->read = (struct window){(uintptr_t)r->piece.at, r->piece.length};
        m->op |= OP_READ_WINDOW;
    }
    if (r->opened.h != HANDLE_NONE) {
        b->send[0] =
            (struct handle_send){.handle = r->opened.h, .rights = RIGHTS_ALL, .flags = SEND_MOVE};
        m->op |= OP_HANDLES(1);
    }
}

/* The caller did not get the answer: it ended, or takes no handle. What was opened goes away. */
static void answer_failed(struct file_request *r, err_t e) {
    if (r->opened.h != HANDLE_NONE)
        sys_handle_close(ANY(r->opened));
    if (!err_is(e, ERR_CALLER_GONE))
        sys_handle_close(ANY(r->reply));
}

_Noreturn void file_server_loop(struct file_server *s, struct endpoint_cap e) {
    struct file_request r = {.server = s, .space = space};
    struct message m = {0};
    enum message_kind kind;
    endpoint = e;
    /* What comes with a message is put only into pages that are there. */
    memset(data, 0, sizeof data);
    thread_block()->buffer = (struct window){(uintptr_t)data, sizeof data};
    err_t got = endpoint_receive(e, 0, &m, &kind);
    for (;;) {
        struct reply_cap reply = NO_REPLY;
        if (err_ok(got) && kind == MESSAGE_CALL) {
            take_request(&r, &m);
            fill_answer(&r, file_serve(&r), &m);
            reply = r.reply;
        } else if (err_ok(got) && kind == MESSAGE_CLOSED) {
            file_closed(s, m.badge);
        }
        got = reply.h == HANDLE_NONE ? endpoint_receive(e, 0, &m, &kind)
                                     : reply_and_receive(reply, e, &m, &kind);
        if (!err_ok(got) && reply.h != HANDLE_NONE)
            answer_failed(&r, got);
    }
}
