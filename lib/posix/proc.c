/* SPDX-License-Identifier: MIT */
/* The session with `proc` and its page. */
#include <string.h>

#include "lib/bare/bare.h"
#include "lib/posix/process.h"
#include "lib/sys/message.h"
#include "lib/sys/syscall.h"
#include "lib/sys/thread.h"

bool proc_known;
static struct session_cap session;

long proc_number(void) {
    const struct proc_page *page = proc_page();
    return page ? (long)page->number : 1;
}

/* The session is of no use to a copy. */
void proc_begin(void) {
    proc_known = true;
    session.h = proc_page()->session;
    sys_handle_keep(ANY(session), 0);
    bare_renumber(proc_number());
}

static err_t ask(uint64_t op, uint64_t *word, const struct handle_send *send, unsigned count) {
    struct message m = {.op = op | OP_HANDLES(count)};
    if (!proc_known)
        return ERROR(NOT_FOUND);
    for (unsigned i = 0; i < MESSAGE_WORDS; i++)
        m.word[i] = word[i];
    for (unsigned i = 0; i < count; i++)
        thread_block()->send[i] = send[i];
    err_t e = session_call(session, &m);
    if (!err_ok(e))
        return e;
    for (unsigned i = 0; i < MESSAGE_WORDS; i++)
        word[i] = m.word[i];
    return (err_t){.code = (uint16_t)m.op};
}

err_t proc_ask_once(uint64_t op, uint64_t word[MESSAGE_WORDS]) {
    return ask(op, word, NULL, 0);
}

err_t proc_ask_with(uint64_t op, uint64_t word[MESSAGE_WORDS], const struct handle_send *send,
                    unsigned count) {
    uint64_t asked[MESSAGE_WORDS];
    err_t e;
    do {
        for (unsigned i = 0; i < MESSAGE_WORDS; i++)
            asked[i] = word[i];
        e = ask(op, asked, send, count);
    } while (err_is(e, ERR_INTERRUPTED));
    for (unsigned i = 0; i < MESSAGE_WORDS; i++)
        word[i] = asked[i];
    return e;
}

err_t proc_ask(uint64_t op, uint64_t word[MESSAGE_WORDS]) {
    return proc_ask_with(op, word, NULL, 0);
}

/* That it did not arrive, since `proc` is gone, is nobody's concern. */
void proc_command(const char name[PROC_NAME_SIZE], const char *arguments, size_t length) {
    err_t e;
    if (!proc_known)
        return;
    do {
        struct message m = {.op = PROC_COMMAND | OP_READ_WINDOW, .word = {length}};
        memcpy(&m.word[1], name, PROC_NAME_SIZE);
        thread_block()->read = (struct window){(uintptr_t)arguments, length};
        e = session_call(session, &m);
    } while (err_is(e, ERR_INTERRUPTED));
}

void proc_name(const char name[PROC_NAME_SIZE]) {
    uint64_t word[MESSAGE_WORDS] = {0};
    memcpy(word, name, PROC_NAME_SIZE);
    (void)proc_ask(PROC_NAME, word);
}
