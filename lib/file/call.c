/* SPDX-License-Identifier: MIT */
/* One message of the file protocol to the kernel. */
#include "lib/file/client.h"
#include "lib/sys/message.h"
#include "lib/sys/syscall.h"
#include "lib/sys/thread.h"

static unsigned handles_put(const struct file_call *c, struct thread_block *b) {
    unsigned n = 0;
    if (c->sent != HANDLE_NONE)
        b->send[n++] = (struct handle_send){.handle = c->sent, .rights = c->sent_rights};
    for (unsigned i = 0; i < c->along_count && n < MESSAGE_HANDLES; i++)
        b->send[n++] = (struct handle_send){.handle = c->along[i].h, .rights = RIGHTS_ALL};
    return n;
}

/* What travels beside the words. */
static uint64_t beside(const struct file_call *c) {
    struct thread_block *b = thread_block();
    uint64_t op = c->op | OP_ACCEPT(c->accept);
    if (c->data.length) {
        b->read = (struct window){(uintptr_t)c->data.at, c->data.length};
        op |= OP_READ_WINDOW;
    }
    if (c->size) {
        b->write = (struct window){(uintptr_t)c->to, c->size};
        op |= OP_WRITE_WINDOW;
    }
    if (c->deadline) {
        b->deadline = c->deadline;
        op |= OP_DEADLINE;
    }
    return op | OP_HANDLES(handles_put(c, b));
}

/* What an answer brings: as many as were asked for, or none, unless there may be fewer; the
 * server may be anybody. */
static err_t take_opened(struct file_call *c, bool due) {
    const struct thread_block *b = thread_block();
    unsigned count = b->received_count < MESSAGE_HANDLES ? b->received_count : MESSAGE_HANDLES;
    uint8_t type = c->memory ? OBJECT_MEMORY : OBJECT_SESSION;
    bool fit = due && (c->fewer ? count <= c->accept : count == c->accept);
    for (unsigned i = 0; i < count; i++)
        fit = fit && b->received[i].type == type && b->received[i].handle != HANDLE_NONE;
    for (unsigned i = 0; i < count; i++)
        if (fit)
            c->opened[i].h = b->received[i].handle;
        else if (b->received[i].handle != HANDLE_NONE)
            sys_handle_close((struct any_cap){b->received[i].handle});
    return fit || !due ? OK : ERROR(CORRUPT);
}

err_t file_call(struct session_cap s, struct file_call *c) {
    struct message m = {.op = beside(c)};
    for (unsigned i = 0; i < MESSAGE_WORDS; i++)
        m.word[i] = c->word[i];
    for (unsigned i = 0; i < FILE_SESSIONS_MAX; i++)
        c->opened[i].h = HANDLE_NONE;
    err_t e = session_call(s, &m);
    if (!err_ok(e))
        return e;
    for (unsigned i = 0; i < MESSAGE_WORDS; i++)
        c->word[i] = m.word[i];
    if (c->accept) /* no error brings one */
        e = take_opened(c, !(uint16_t)m.op);
    return (uint16_t)m.op ? (err_t){.code = (uint16_t)m.op} : e;
}

void file_drop(struct session_cap s) {
    sys_handle_close(ANY(s));
}
