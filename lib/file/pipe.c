/* SPDX-License-Identifier: MIT */
#include "lib/file/pipe.h"

#include "lib/file/client.h"

err_t pipe_make(struct session_cap root, uint32_t flags, struct session_cap *read_end,
                struct session_cap *write_end) {
    struct file_call c = {.op = PIPE_MAKE, .word = {flags}, .accept = 2};
    err_t e = file_ask(root, &c);
    if (!err_ok(e))
        return e;
    *read_end = c.opened[0];
    *write_end = c.opened[1];
    return e;
}

err_t pipe_fifo(struct session_cap root, uint32_t permissions, uint32_t user, uint32_t group,
                struct session_cap *out) {
    struct file_call c = {
        .op = PIPE_FIFO, .word = {permissions, 0, user | (uint64_t)group << 32}, .accept = 1};
    err_t e = file_ask(root, &c);
    if (err_ok(e))
        *out = c.opened[0];
    return e;
}

err_t pipe_await(struct session_cap end) {
    struct file_call c = {.op = PIPE_AWAIT};
    return file_call(end, &c);
}

err_t pipe_state(struct session_cap end, struct pipe_state *out) {
    struct file_call c = {.op = PIPE_STATE};
    err_t e = file_ask(end, &c);
    if (err_ok(e))
        *out = (struct pipe_state){c.word[0],           c.word[1],
                                   (uint32_t)c.word[2], (uint32_t)(c.word[2] >> 32),
                                   (uint32_t)c.word[3], (uint32_t)(c.word[3] >> 32)};
    return e;
}

err_t pipe_resize(struct session_cap end, uint64_t capacity, uint64_t *out) {
    struct file_call c = {.op = PIPE_RESIZE, .word = {capacity}};
    err_t e = file_ask(end, &c);
    if (err_ok(e))
        *out = c.word[0];
    return e;
}
