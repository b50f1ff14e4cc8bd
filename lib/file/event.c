/* SPDX-License-Identifier: MIT */
#include "lib/file/event.h"

#include "lib/file/client.h"

static err_t open_one(struct session_cap root, struct file_call *c, struct session_cap *out) {
    c->accept = 1;
    err_t e = file_ask(root, c);
    if (err_ok(e))
        *out = c->opened[0];
    return e;
}

err_t event_open(struct session_cap root, uint32_t flags, uint64_t count, struct session_cap *out) {
    struct file_call c = {.op = EVENT_MAKE, .word = {flags, count}};
    return open_one(root, &c, out);
}

err_t event_timer(struct session_cap root, uint32_t flags, struct session_cap *out) {
    struct file_call c = {.op = EVENT_TIMER, .word = {flags}};
    return open_one(root, &c, out);
}

static err_t state_call(struct session_cap timer, struct file_call *c, struct event_state *out) {
    err_t e = file_ask(timer, c);
    if (err_ok(e))
        *out = (struct event_state){c->word[0], c->word[1]};
    return e;
}

err_t event_set(struct session_cap timer, uint64_t deadline, uint64_t interval,
                struct event_state *before) {
    struct file_call c = {.op = EVENT_SET, .word = {deadline, interval}};
    return state_call(timer, &c, before);
}

err_t event_get(struct session_cap timer, struct event_state *out) {
    struct file_call c = {.op = EVENT_GET};
    return state_call(timer, &c, out);
}
