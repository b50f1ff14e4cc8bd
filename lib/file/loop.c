/* SPDX-License-Identifier: MIT */
/* The loop of a file server, and what serving needs of the kernel. */
#include "lib/file/loop.h"

#include "lib/file/transport.h"
#include "lib/sys/print.h"
#include "lib/sys/program.h"
#include "lib/sys/server.h"
#include "lib/sys/syscall.h"
#include "lib/sys/thread.h"

static struct endpoint_cap endpoint;
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
    r->data = server_data;
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

static bool serve(void *context, struct message *m) {
    struct file_request *r = context;
    take_request(r, m);
    fill_answer(r, file_serve(r), m);
    return false;
}

static void closed(void *context, uint64_t badge) {
    file_closed(((struct file_request *)context)->server, badge);
}

_Noreturn void file_server_loop(struct file_server *s, struct endpoint_cap e) {
    struct file_request request = {.server = s, .space = space};
    endpoint = e;
    err_t error = badges_succeed(&s->open, e);
    if (!err_ok(error))
        program_fail("server: cannot list its sessions: %s", error_text(error));
    server_loop(
        &(struct server){.endpoint = e, .context = &request, .serve = serve, .closed = closed});
}
