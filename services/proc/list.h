/* SPDX-License-Identifier: MIT */
/* Lists in rings: a head and the members, each a struct list; one that is in no list is alone. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct list {
    struct list *next, *before;
};

#define list_of(node, type, member) ((type *)(void *)((char *)(node)-offsetof(type, member)))

static inline void list_init(struct list *l) {
    l->next = l->before = l;
}

static inline bool list_empty(const struct list *l) {
    return l->next == l;
}

static inline void list_append(struct list *head, struct list *node) {
    node->next = head;
    node->before = head->before;
    head->before->next = node;
    head->before = node;
}

static inline void list_remove(struct list *node) {
    node->before->next = node->next;
    node->next->before = node->before;
    list_init(node);
}
