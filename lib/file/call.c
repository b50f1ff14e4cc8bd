/* SPDX-License-Identifier: MIT */
/* One message of the file protocol to the kernel. */
#include "lib/file/client.h"
#include "lib/sys/message.h"
#include "lib/sys/syscall.h"
#include "lib/sys/thread.h"

err_t file_call(struct session_cap s, struct file_call *c) {
    struct thread_block *b = thread_block();
    struct message m = {.op = c->op};
    for (unsigned i = 0; i < MESSAGE_WORDS; i++)
        m.word[i] = c->word[i];
    if (c->data.length) {
        b->read = (struct window){(uintptr_t)c->data.at, c->data.length};
        m.op |= OP_READ_WINDOW;
    }
    if (c->size) {
        b->write = (struct window){(uintptr_t)c->to, c->size};
        m.op |= OP_WRITE_WINDOW;
    }
    if (c->op == FILE_OPEN)
        m.op |= OP_ACCEPT(1);
    err_t e = session_call(s, &m);
    if (!err_ok(e))
        return e;
    for (unsigned i = 0; i < MESSAGE_WORDS; i++)
        c->word[i] = m.word[i];
    c->opened.h = HANDLE_NONE;
    if (c->op == FILE_OPEN)
        e = session_received(&c->opened);
    if (!(uint16_t)m.op)
        return e;
    if (c->opened.h != HANDLE_NONE)
        sys_handle_close(ANY(c->opened)); /* no error brings one */
    c->opened.h = HANDLE_NONE;
    return (err_t){.code = (uint16_t)m.op};
}
