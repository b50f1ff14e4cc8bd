/* SPDX-License-Identifier: MIT */
/* Lists of things that contain a link. A head of zeros is an empty list, a link of zeros is in
 * none. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct link {
    struct link *next, *previous;
};

#define LINK_OF(link, type, member) ((type *)(void *)((char *)(link)-offsetof(type, member)))

static inline bool link_linked(const struct link *l) {
    return l->next != NULL;
}

/* NULL: the list is empty. */
static inline struct link *list_first(const struct link *head) {
    return head->next == head ? NULL : head->next;
}

/* NULL: `l` is the last. */
static inline struct link *list_next(const struct link *head, const struct link *l) {
    return l->next == head ? NULL : l->next;
}

static inline void list_append(struct link *head, struct link *l) {
    if (!head->next)
        head->next = head->previous = head;
    l->next = head;
    l->previous = head->previous;
    head->previous->next = l;
    head->previous = l;
}

/* It must be in a list. */
static inline void list_remove(struct link *l) {
    l->previous->next = l->next;
    l->next->previous = l->previous;
    l->next = l->previous = NULL;
}
