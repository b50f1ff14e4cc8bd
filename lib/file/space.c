/* SPDX-License-Identifier: MIT */
#include "lib/file/space.h"

#include "lib/sys/message.h"
#include "lib/sys/syscall.h"
#include "lib/sys/thread.h"

/* Both names stand in one window. */
static err_t names_call(struct session_cap space, struct message *m, struct text place,
                        struct text source) {
    char both[INLINE_MAX];
    if (place.length + source.length > sizeof both)
        return ERROR(NAME_TOO_LONG);
    memcpy(both, place.at, place.length);
    memcpy(both + place.length, source.at, source.length);
    thread_block()->read = (struct window){(uintptr_t)both, place.length + source.length};
    m->op |= OP_READ_WINDOW;
    m->word[1] = place.length | source.length << 16;
    return session_ask(space, m);
}

err_t space_mount(struct session_cap space, struct text place, struct text source,
                  struct session_cap session, uint32_t flags, uint32_t *number) {
    struct message m = {.op = NS_MOUNT | OP_HANDLES(1), .word = {flags}};
    thread_block()->send[0] = (struct handle_send){.handle = session.h, .rights = RIGHTS_ALL};
    err_t e = names_call(space, &m, place, source);
    if (err_ok(e))
        *number = (uint32_t)m.word[0];
    return e;
}

err_t space_unmount(struct session_cap space, struct text place, uint32_t number) {
    struct message m = {.op = NS_UNMOUNT, .word = {number}};
    return names_call(space, &m, place, (struct text){0});
}

static err_t new_call(struct session_cap space, enum ns_op op, struct session_cap *out) {
    struct message m = {.op = op | OP_ACCEPT(1)};
    err_t e = session_call(space, &m);
    struct session_cap new = {HANDLE_NONE};
    err_t got = err_ok(e) ? session_received(&new) : e;
    if (!err_ok(e) || !(uint16_t)m.op) {
        *out = new;
        return got;
    }
    if (new.h != HANDLE_NONE)
        sys_handle_close(ANY(new)); /* no error brings one */
    return (err_t){.code = (uint16_t)m.op};
}

err_t space_copy(struct session_cap space, struct session_cap *out) {
    return new_call(space, NS_COPY, out);
}

err_t space_empty(struct session_cap space, struct session_cap *out) {
    return new_call(space, NS_EMPTY, out);
}

err_t space_list(struct session_cap space, uint64_t offset, void *to, size_t size, size_t *done) {
    struct message m = {.op = NS_LIST | OP_WRITE_WINDOW, .word = {offset}};
    thread_block()->write = (struct window){(uintptr_t)to, size};
    err_t e = session_ask(space, &m);
    if (err_ok(e))
        *done = m.word[0] < size ? m.word[0] : size;
    return e;
}
