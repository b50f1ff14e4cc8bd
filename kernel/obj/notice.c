/* SPDX-License-Identifier: MIT */
/* Notices: see the header. */
#include "notice.h"

#include "endpoint.h"
#include "ipc.h"

void notice_bind(struct notice *n, uint8_t kind, struct endpoint *e) {
    n->kind = kind;
    n->endpoint = e;
    list_init(&n->queue);
    list_append(&e->sources, &n->source);
}

void notice_unbind(struct notice *n) {
    if (!n->endpoint)
        return;
    list_remove(&n->source);
    list_remove(&n->queue);
    n->endpoint = NULL;
}

void notice_tell(struct notice *n) {
    if (!n->endpoint)
        return;
    struct thread *t = receiver_take(n->endpoint);
    if (t) {
        notice_deliver(n, t);
        thread_ready(t);
    } else {
        list_append(&n->endpoint->notices, &n->queue);
    }
}
