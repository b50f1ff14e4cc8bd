/* SPDX-License-Identifier: MIT */
/*
 * A path is read component by component, from where the session is and never above that: how far
 * below it we are is counted, and since no link is followed on the way, `..` undoes one step.
 */
#include "lib/file/walk.h"

#include "lib/file/locks.h"

#include <string.h>

void node_release(struct node *n) {
    if (--n->references)
        return;
    locks_node_end(n);
    if (n->ops->unused)
        n->ops->unused(n);
}

void walk_end(struct walk *w) {
    if (w->node)
        node_release(w->node);
    if (w->directory)
        node_release(w->directory);
}

/* The component that begins at or behind *at; empty at the end. */
static struct text component(struct text path, size_t *at) {
    while (*at < path.length && path.at[*at] == '/')
        ++*at;
    struct text name = {.at = path.at + *at};
    while (*at < path.length && path.at[*at] != '/')
        ++*at;
    name.length = (size_t)(path.at + *at - name.at);
    return name;
}

static bool text_is(struct text t, const char *s) {
    return t.length == strlen(s) && !memcmp(t.at, s, t.length);
}

static err_t name_check(struct text name) {
    if (name.length > FILE_NAME_MAX)
        return ERROR(NAME_TOO_LONG);
    for (size_t i = 0; i < name.length; i++)
        if (!name.at[i])
            return ERROR(BAD_ARGUMENT);
    return OK;
}

/* The directory becomes the node's place; the node is not known any more. */
static void enter(struct walk *w) {
    if (w->directory)
        node_release(w->directory);
    w->directory = w->node;
    w->node = NULL;
}

static err_t step_up(struct walk *w, unsigned *depth) {
    if (!*depth)
        return ERROR(ABOVE_ROOT);
    --*depth;
    struct node *parent = w->node->ops->parent(w->node);
    enter(w);
    w->node = parent;
    w->last.length = 0;
    return OK;
}

static err_t step_down(struct walk *w, struct text name, unsigned *depth) {
    err_t e = name_check(name);
    if (!err_ok(e))
        return e;
    if (!w->node->ops->look_up)
        return ERROR(NOT_DIRECTORY);
    struct node *child = NULL;
    e = w->node->ops->look_up(w->node, name, &child);
    if (!err_ok(e) && !err_is(e, ERR_NOT_FOUND))
        return e;
    enter(w);
    w->node = child;
    w->last = name;
    ++*depth;
    return OK;
}

static err_t step(struct walk *w, struct text name, unsigned *depth) {
    if (!node_is(w->node, FILE_TYPE_DIRECTORY))
        return ERROR(NOT_DIRECTORY);
    if (name.at[0] != '.')
        return step_down(w, name, depth);
    if (text_is(name, ".")) {
        w->last.length = 0;
        return OK;
    }
    return text_is(name, "..") ? step_up(w, depth) : step_down(w, name, depth);
}

static err_t walk_steps(struct walk *w, struct text path, bool follow, size_t *used) {
    unsigned depth = 0;
    for (size_t at = 0; at < path.length;) {
        struct text name = component(path, &at);
        w->slash = !name.length || at < path.length;
        if (!name.length)
            break;
        if (!w->node)
            return ERROR(NOT_FOUND);
        *used = at;
        err_t e = step(w, name, &depth);
        if (!err_ok(e))
            return e;
        if (w->node && node_is(w->node, FILE_TYPE_SYMLINK) && (follow || w->slash))
            return ERROR(SYMLINK);
    }
    if (w->slash && w->node && !node_is(w->node, FILE_TYPE_DIRECTORY))
        return ERROR(NOT_DIRECTORY);
    return OK;
}

err_t walk_path(struct node *start, struct text path, bool follow, struct walk *out, size_t *used) {
    struct walk w = {.node = start};
    node_hold(start);
    *used = 0;
    err_t e = walk_steps(&w, path, follow, used);
    if (err_ok(e))
        *out = w;
    else
        walk_end(&w);
    return e;
}
