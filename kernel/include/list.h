/* SPDX-License-Identifier: MIT */
/*
 * Doubly linked lists with the links inside the elements. `struct list` is both head and link: a
 * head and an unlinked element point to themselves. `struct link` hangs on a one-pointer head; its
 * elements unlink themselves in constant time without knowing the head; unlinked: pprev NULL.
 */
#pragma once
#include "types.h"

struct list {
    struct list *next, *prev;
};

static inline void list_init(struct list *l) {
    l->next = l->prev = l;
}
static inline bool list_empty(const struct list *l) {
    return l->next == l;
}
static inline void list_append(struct list *head, struct list *e) {
    struct list *last = head->prev;
    e->prev = last;
    e->next = head;
    last->next = e;
    head->prev = e;
}
static inline void list_prepend(struct list *head, struct list *e) {
    list_append(head->next, e);
}
static inline void list_remove(struct list *e) {
    e->next->prev = e->prev;
    e->prev->next = e->next;
    list_init(e);
}
#define list_first(head, type, field)                                                              \
    (list_empty(head) ? NULL : container_of((head)->next, type, field))

struct link {
    struct link *next;
    struct link **pprev;
};

static inline void link_insert(struct link **head, struct link *e) {
    e->next = *head;
    if (e->next)
        e->next->pprev = &e->next;
    *head = e;
    e->pprev = head;
}
static inline void link_remove(struct link *e) {
    *e->pprev = e->next;
    if (e->next)
        e->next->pprev = e->pprev;
    e->pprev = NULL;
}
