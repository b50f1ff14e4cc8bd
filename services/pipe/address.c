/* SPDX-License-Identifier: MIT */
/*
 * Names of sockets. One in the file system is a text that the socket tells and a session of `struct
 * name`, which the binder puts behind the file's name; an abstract one is in a table here.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "services/pipe/socket.h"

#define BUCKETS 64u

static struct link abstract[BUCKETS];

static const struct node_ops name_ops;

static struct name *name_of(struct node *n) {
    return LINK_OF(n, struct name, node);
}

struct name *name_of_file(const struct file *f) {
    return f->node->ops == &name_ops ? name_of(f->node) : NULL;
}

struct name *name_take(struct name *n) {
    if (n)
        node_hold(&n->node);
    return n;
}

void name_give(struct name *n) {
    if (n)
        node_release(&n->node);
}

void name_leave(struct name *n) {
    n->socket = NULL;
    if (link_linked(&n->abstract))
        list_remove(&n->abstract);
}

static void name_unused(struct node *n) {
    free(name_of(n));
}

/* Nothing can be done with one but connecting to it. */
static uint32_t name_poll(struct file *f, uint64_t *bytes) {
    (void)f;
    *bytes = 0;
    return 0;
}

static const struct node_ops name_ops = {.unused = name_unused, .poll = name_poll};

/* ---- abstract names ---- */

/* FNV-1a, 32 bits. */
static struct link *bucket_of(const char *text, size_t length) {
    uint32_t h = 0x811c9dc5;
    for (size_t i = 0; i < length; i++)
        h = (h ^ (uint8_t)text[i]) * 0x01000193;
    return &abstract[h % BUCKETS];
}

static struct name *abstract_find(const char *text, size_t length) {
    struct link *head = bucket_of(text, length);
    for (struct link *l = list_first(head); l; l = list_next(head, l)) {
        struct name *n = LINK_OF(l, struct name, abstract);
        if (n->length == length && !memcmp(n->text, text, length))
            return n;
    }
    return NULL;
}

/* One that nobody has, as Linux makes them: five digits. */
static err_t abstract_choose(char *text, size_t *length) {
    static uint32_t next;
    for (uint32_t tries = 0; tries < 1u << 20; tries++) {
        *length = 1 + (size_t)snprintf(text + 1, 6, "%05x", next++ & 0xfffff);
        text[0] = 0;
        if (!abstract_find(text, *length))
            return OK;
    }
    return ERROR(LIMIT);
}

/* ---- bind ---- */

static err_t name_make(struct socket *s, const char *text, size_t length, bool is_abstract) {
    struct name *n = calloc(1, sizeof *n);
    if (!n)
        return ERROR(NO_MEMORY);
    n->node = (struct node){
        .ops = &name_ops, .id = s->node.id, .mode = FILE_TYPE_SOCKET, .references = 1};
    n->socket = s;
    n->length = (uint8_t)length;
    memcpy(n->text, text, length);
    if (is_abstract)
        list_append(bucket_of(text, length), &n->abstract);
    s->name = n;
    return OK;
}

static err_t bind_path(struct socket *s, struct file_request *r, size_t length) {
    err_t e = name_make(s, r->data, length, false);
    if (err_ok(e))
        e = file_give(r, &s->name->node, 0, FILE_RIGHT_WRITE);
    if (!err_ok(e) && s->name) {
        name_give(s->name);
        s->name = NULL;
    }
    return e;
}

static err_t bind_abstract(struct socket *s, const struct file_request *r, size_t length) {
    char text[SOCKET_NAME_MAX];
    err_t e = OK;
    if (length)
        memcpy(text, r->data, length);
    else
        e = abstract_choose(text, &length);
    if (err_ok(e) && (text[0] || length < 1))
        e = ERROR_ARG(BAD_ARGUMENT, 3);
    if (err_ok(e) && abstract_find(text, length))
        e = ERROR(EXISTS);
    return err_ok(e) ? name_make(s, text, length, true) : e;
}

err_t socket_serve_bind(struct socket *s, struct file_request *r) {
    bool is_abstract = r->word[1] & SOCKET_ABSTRACT;
    uint64_t length = r->word[0];
    if (length > SOCKET_NAME_MAX || length > r->data_length || (!length && !is_abstract))
        return ERROR_ARG(BAD_ARGUMENT, 3);
    if (r->word[1] & ~(uint64_t)SOCKET_ABSTRACT || s->name)
        return ERROR_ARG(BAD_ARGUMENT, 4);
    err_t e = is_abstract ? bind_abstract(s, r, length) : bind_path(s, r, length);
    r->answer[0] = err_ok(e) ? s->name->length : 0;
    return e;
}

/* ---- names that clients mean and are told ---- */

static struct name *name_sent(const struct file_request *r) {
    const struct handle_received *h = &r->received[0];
    const struct file *f = h->own ? file_find(r->server, h->badge) : NULL;
    return f && h->rights & FILE_RIGHT_WRITE ? name_of_file(f) : NULL;
}

err_t name_meant(struct file_request *r, uint64_t flags, uint64_t length, struct name **out) {
    struct name *n = NULL;
    if (flags & SOCKET_ABSTRACT) {
        if (!length || length > SOCKET_NAME_MAX || length > r->data_length || r->data[0])
            return ERROR_ARG(BAD_ARGUMENT, 3);
        n = abstract_find(r->data, length);
        if (!n)
            return ERROR(DEAD);
    } else {
        if (!r->received_count)
            return ERROR(BAD_HANDLE);
        if (!r->received[0].own)
            return ERROR(OTHER_SERVER);
        n = name_sent(r);
        if (!n)
            return ERROR(NO_RIGHT);
    }
    *out = name_take(n);
    return OK;
}

err_t socket_serve_name(const struct socket *s, struct file_request *r) {
    const struct name *n = s->name;
    if (r->word[0] > 1)
        return ERROR_ARG(BAD_ARGUMENT, 3);
    if (r->word[0]) {
        if (!s->peer && !s->connected)
            return ERROR(NOT_FOUND);
        n = s->peer ? s->peer->name : s->peer_name;
    }
    r->answer[0] = n ? n->length : 0;
    return n ? file_emit(r, n->text, n->length) : OK;
}
