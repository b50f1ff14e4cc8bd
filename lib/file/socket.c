/* SPDX-License-Identifier: MIT */
#include "lib/file/socket.h"

#include "lib/file/client.h"

static void who_put(struct file_call *c, const struct socket_who *who) {
    c->word[2] = who->user | (uint64_t)who->group << 32;
    c->word[3] = who->process;
}

err_t socket_open(struct session_cap root, enum socket_kind kind, uint32_t flags,
                  const struct socket_who *who, struct session_cap *out) {
    struct file_call c = {.op = SOCKET_MAKE, .word = {kind | flags}, .accept = 1};
    who_put(&c, who);
    err_t e = file_ask(root, &c);
    if (err_ok(e))
        *out = c.opened[0];
    return e;
}

err_t socket_pair(struct session_cap root, enum socket_kind kind, uint32_t flags,
                  const struct socket_who *who, struct session_cap out[2]) {
    struct file_call c = {.op = SOCKET_PAIR, .word = {kind | flags}, .accept = 2};
    who_put(&c, who);
    err_t e = file_ask(root, &c);
    if (!err_ok(e))
        return e;
    out[0] = c.opened[0];
    out[1] = c.opened[1];
    return e;
}

err_t socket_call(struct session_cap s, struct text name, struct session_cap *out) {
    struct file_call c = {.op = SOCKET_BIND, .word = {name.length}, .data = name, .accept = 1};
    err_t e = file_ask(s, &c);
    if (err_ok(e))
        *out = c.opened[0];
    return e;
}

err_t socket_call_abstract(struct session_cap s, struct text name) {
    struct file_call c = {.op = SOCKET_BIND, .word = {name.length, SOCKET_ABSTRACT}, .data = name};
    return file_ask(s, &c);
}

err_t socket_listen(struct session_cap s, int32_t backlog, const struct socket_who *who) {
    struct file_call c = {.op = SOCKET_LISTEN, .word = {(uint32_t)backlog}};
    who_put(&c, who);
    return file_ask(s, &c);
}

err_t socket_accept(struct session_cap s, uint32_t flags, uint64_t deadline,
                    struct session_cap *out) {
    struct file_call c = {.op = SOCKET_ACCEPT, .word = {flags}, .deadline = deadline, .accept = 1};
    err_t e = file_call(s, &c);
    if (err_ok(e))
        *out = c.opened[0];
    return e;
}

err_t socket_shutdown(struct session_cap s, uint32_t how) {
    struct file_call c = {.op = SOCKET_SHUTDOWN, .word = {how}};
    return file_ask(s, &c);
}

err_t socket_name(struct session_cap s, bool of_peer, char to[SOCKET_NAME_MAX], size_t *length) {
    struct file_call c = {.op = SOCKET_NAME, .word = {of_peer}, .to = to, .size = SOCKET_NAME_MAX};
    err_t e = file_ask(s, &c);
    if (err_ok(e))
        *length = c.word[0] < SOCKET_NAME_MAX ? c.word[0] : SOCKET_NAME_MAX;
    return e;
}

err_t socket_state(struct session_cap s, struct socket_state *out) {
    struct file_call c = {.op = SOCKET_STATE, .to = out, .size = sizeof *out};
    return file_ask(s, &c);
}

err_t socket_connect(struct session_cap s, const struct socket_address *to,
                     const struct socket_who *who, uint64_t deadline) {
    struct file_call c = {.op = SOCKET_CONNECT, .deadline = deadline};
    if (to->abstract.length) {
        c.word[0] = SOCKET_ABSTRACT;
        c.word[1] = to->abstract.length;
        c.data = to->abstract;
    } else if (to->name.h != HANDLE_NONE) {
        c.sent = to->name.h;
        c.sent_rights = RIGHTS_ALL;
    } else {
        c.word[0] = SOCKET_TO_NOBODY;
    }
    who_put(&c, who);
    return file_call(s, &c);
}

err_t socket_send(struct session_cap s, const struct socket_message *m, size_t *done) {
    struct file_call c = {.op = SOCKET_SEND,
                          .word = {m->flags, m->data.length - m->front},
                          .data = m->data,
                          .sent = m->name.h,
                          .sent_rights = RIGHTS_ALL,
                          .along = m->file,
                          .along_count = m->files,
                          .deadline = m->deadline};
    c.word[0] |= m->front ? SOCKET_ABSTRACT : 0;
    c.word[0] |= m->name.h != HANDLE_NONE ? SOCKET_TO_HANDLE : 0;
    c.word[4] = m->front;
    who_put(&c, &m->who);
    err_t e = file_call(s, &c);
    if (err_ok(e))
        *done = c.word[0] < m->data.length ? c.word[0] : m->data.length;
    return e;
}

/* The server may be anybody: what it says is bounded by what there is room for. */
err_t socket_receive(struct session_cap s, struct socket_message *m, size_t *done) {
    size_t front = m->flags & SOCKET_WITH_NAME ? SOCKET_NAME_MAX : 0;
    struct file_call c = {.op = SOCKET_RECEIVE,
                          .word = {m->flags, m->size - front, m->files},
                          .to = m->to,
                          .size = m->size,
                          .deadline = m->deadline,
                          .accept = m->files,
                          .fewer = true};
    err_t e = file_call(s, &c);
    if (!err_ok(e))
        return e;
    *done = c.word[0] < m->size - front ? c.word[0] : m->size - front;
    m->flags = (uint32_t)c.word[1];
    m->name_length = c.word[1] >> 32 < SOCKET_NAME_MAX ? c.word[1] >> 32 : SOCKET_NAME_MAX;
    m->who =
        (struct socket_who){(uint32_t)c.word[3], (uint32_t)c.word[2], (uint32_t)(c.word[2] >> 32)};
    m->length = c.word[4];
    m->files = 0;
    while (m->files < c.accept && c.opened[m->files].h != HANDLE_NONE) {
        m->file[m->files] = c.opened[m->files];
        m->files++;
    }
    return e;
}
