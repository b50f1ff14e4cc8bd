/* SPDX-License-Identifier: MIT */
/*
 * A notice is something that an object tells at an endpoint: a session closed, a process ended, a
 * parked call ended early. Its memory is part of the object, so telling cannot fail.
 */
#pragma once
#include "list.h"
#include "types.h"

struct endpoint;

struct notice {
    uint8_t kind;              /* enum message_kind */
    uint8_t code;              /* MESSAGE_GONE: the error that the caller got */
    struct endpoint *endpoint; /* NULL: not bound */
    struct list source;        /* in endpoint->sources while bound */
    struct list queue;         /* in endpoint->notices while waiting to be received */
};

void notice_bind(struct notice *n, uint8_t kind, struct endpoint *e);
void notice_unbind(struct notice *n); /* also withdraws it; harmless when not bound */
void notice_tell(struct notice *n);   /* queues it, or wakes a receiver; nothing when not bound */
