/* SPDX-License-Identifier: MIT */
#include "services/ns/table.h"

#include <stdlib.h>

#include "abi/file.h"
#include "abi/ns.h"

/* Names that lead to a mount have at most this many parts: trees are walked by recursion. */
#define DEPTH_MAX 64u

static uint32_t last_number;

/* ---- sources and branches ---- */

static void source_release(struct source *s) {
    if (--s->references)
        return;
    source_close(s->session);
    free(s);
}

static struct source *source_make(struct session_cap session, struct text text, uint32_t flags) {
    struct source *s = malloc(sizeof *s + text.length);
    if (!s)
        return NULL;
    *s = (struct source){.session = session,
                         .references = 1,
                         .number = ++last_number,
                         .flags = flags,
                         .length = (uint32_t)text.length};
    memcpy(s->text, text.at, text.length);
    return s;
}

static struct branch *branch_make(struct source *s, struct branch *next) {
    struct branch *b = malloc(sizeof *b);
    if (b)
        *b = (struct branch){next, s};
    return b;
}

static void branch_free(struct branch *b) {
    source_release(b->source);
    free(b);
}

/* ---- places ---- */

static struct place *place_make(struct text name) {
    struct place *p = calloc(1, sizeof *p + name.length);
    if (!p)
        return NULL;
    p->length = (uint32_t)name.length;
    memcpy(p->name, name.at, name.length);
    return p;
}

static void place_free(struct place *p) {
    while (p->branches) {
        struct branch *b = p->branches;
        p->branches = b->next;
        branch_free(b);
    }
    free(p);
}

static void place_add(struct place *parent, struct place *p) {
    p->parent = parent;
    p->next = parent->child;
    parent->child = p;
}

static struct place *place_child(const struct place *p, struct text name) {
    struct place *c = p->child;
    while (c && (c->length != name.length || memcmp(c->name, name.at, name.length)))
        c = c->next;
    return c;
}

/* Frees places that nothing is mounted at or below, from `p` up. */
static void place_prune(struct place *p) {
    while (p->parent && !p->branches && !p->child) {
        struct place *parent = p->parent, **link = &parent->child;
        while (*link != p)
            link = &(*link)->next;
        *link = p->next;
        place_free(p);
        p = parent;
    }
}

static void tree_free(struct place *p) {
    while (p->child) {
        struct place *c = p->child;
        p->child = c->next;
        tree_free(c);
    }
    place_free(p);
}

static bool branches_copy(struct place *to, const struct place *from) {
    struct branch **last = &to->branches;
    for (struct branch *b = from->branches; b; b = b->next) {
        *last = branch_make(b->source, NULL);
        if (!*last)
            return false;
        b->source->references++;
        last = &(*last)->next;
    }
    return true;
}

static struct place *tree_copy(const struct place *from) {
    struct place *to = place_make((struct text){from->name, from->length});
    if (!to || !branches_copy(to, from))
        goto out;
    for (const struct place *c = from->child; c; c = c->next) {
        struct place *copy = tree_copy(c);
        if (!copy)
            goto out;
        place_add(to, copy);
    }
    return to;
out:
    if (to)
        tree_free(to);
    return NULL;
}

/* ---- tables ---- */

err_t table_make(struct table **out) {
    struct table *t = calloc(1, sizeof *t);
    if (!t)
        return ERROR(NO_MEMORY);
    t->references = 1;
    t->root = place_make((struct text){0});
    if (!t->root) {
        free(t);
        return ERROR(NO_MEMORY);
    }
    *out = t;
    return OK;
}

void table_release(struct table *t) {
    if (--t->references)
        return;
    tree_free(t->root);
    free(t);
}

err_t table_own(struct table **t) {
    if ((*t)->references == 1)
        return OK;
    struct table *own = calloc(1, sizeof *own);
    if (!own)
        return ERROR(NO_MEMORY);
    *own = (struct table){.references = 1, .mounts = (*t)->mounts, .root = tree_copy((*t)->root)};
    if (!own->root) {
        free(own);
        return ERROR(NO_MEMORY);
    }
    table_release(*t);
    *t = own;
    return OK;
}

/* The next name, and *at behind it; empty at the end. "." is skipped. */
static struct text next_name(struct text path, size_t *at) {
    struct text name;
    do {
        while (*at < path.length && path.at[*at] == '/')
            ++*at;
        name.at = path.at + *at;
        while (*at < path.length && path.at[*at] != '/')
            ++*at;
        name.length = (size_t)(path.at + *at - name.at);
    } while (name.length == 1 && name.at[0] == '.');
    return name;
}

static bool is_parent(struct text name) {
    return name.length == 2 && name.at[0] == '.' && name.at[1] == '.';
}

err_t table_find(const struct table *t, struct text name, struct found *out) {
    const struct place *p = t->root;
    struct text part;
    size_t at = 0;
    *out = (struct found){.place = p->branches ? p : NULL};
    while ((part = next_name(name, &at)).length && !is_parent(part) && p->child) {
        p = place_child(p, part);
        if (!p)
            return out->place ? OK : ERROR(NOT_FOUND);
        if (p->branches) {
            out->place = p;
            out->used = at;
        }
    }
    if (is_parent(part)) {
        out->used = at;
        return ERROR(ABOVE_ROOT);
    }
    out->whole = !part.length && p == out->place;
    out->below = !part.length && p->child;
    return out->place ? OK : ERROR(NOT_FOUND);
}

/* The place of a name, made if it is not there. */
static err_t place_for(struct table *t, struct text name, struct place **out) {
    struct place *p = t->root;
    struct text part;
    size_t at = 0;
    for (unsigned depth = 0; (part = next_name(name, &at)).length; depth++) {
        struct place *child = place_child(p, part);
        err_t e = OK;
        if (is_parent(part))
            e = ERROR_ARG(BAD_ARGUMENT, 2);
        else if (depth == DEPTH_MAX)
            e = ERROR(LIMIT);
        else if (part.length > FILE_NAME_MAX)
            e = ERROR(NAME_TOO_LONG);
        else if (!child && !(child = place_make(part)))
            e = ERROR(NO_MEMORY);
        if (!err_ok(e)) {
            place_prune(p);
            return e;
        }
        if (!child->parent)
            place_add(p, child);
        p = child;
    }
    *out = p;
    return OK;
}

static void drop_all(struct table *t, struct place *p) {
    while (p->branches) {
        struct branch *b = p->branches;
        p->branches = b->next;
        branch_free(b);
        t->mounts--;
    }
}

static err_t mount_at(struct table *t, struct place *p, struct branch *b, uint32_t flags) {
    struct branch **link = &p->branches;
    if (!(flags & (NS_BEFORE | NS_AFTER)))
        drop_all(t, p);
    while (flags & NS_AFTER && *link)
        link = &(*link)->next;
    b->next = *link;
    *link = b;
    t->mounts++;
    return OK;
}

err_t table_mount(struct table *t, struct text name, struct session_cap session, struct text text,
                  uint32_t flags, uint32_t *number) {
    struct place *p;
    err_t e = place_for(t, name, &p);
    if (!err_ok(e))
        return e;
    bool replaces = p->branches && !(flags & (NS_BEFORE | NS_AFTER));
    if (t->mounts >= NS_MOUNTS_MAX && !replaces) {
        place_prune(p);
        return ERROR(LIMIT);
    }
    struct source *s = source_make(session, text, flags);
    struct branch *b = s ? branch_make(s, NULL) : NULL;
    if (!b) {
        free(s);
        place_prune(p);
        return ERROR(NO_MEMORY);
    }
    *number = s->number;
    return mount_at(t, p, b, flags);
}

err_t table_unmount(struct table *t, struct text name, uint32_t number) {
    struct place *p = t->root;
    struct text part;
    size_t at = 0;
    while (p && (part = next_name(name, &at)).length)
        p = place_child(p, part);
    if (!p || !p->branches)
        return ERROR(NOT_FOUND);
    if (!number) {
        drop_all(t, p);
    } else {
        struct branch **link = &p->branches, *b;
        while (*link && (*link)->source->number != number)
            link = &(*link)->next;
        if (!(b = *link))
            return ERROR(NOT_FOUND);
        *link = b->next;
        branch_free(b);
        t->mounts--;
    }
    place_prune(p);
    return OK;
}

/* ---- printing ---- */

struct printing {
    void (*line)(void *context, struct text name, const struct source *s, bool first);
    void *context;
    char name[FILE_PATH_MAX + 1];
};

static void print_place(struct printing *out, const struct place *p, size_t length) {
    struct text name = {out->name, length ? length : 1};
    out->name[length] = '/';
    for (const struct branch *b = p->branches; b; b = b->next)
        out->line(out->context, name, b->source, b == p->branches);
    for (const struct place *c = p->child; c; c = c->next) {
        if (length + 1 + c->length >= sizeof out->name)
            continue; /* no name is as long: they come from messages */
        out->name[length] = '/';
        memcpy(out->name + length + 1, c->name, c->length);
        print_place(out, c, length + 1 + c->length);
    }
}

void table_each(const struct table *t,
                void (*line)(void *context, struct text name, const struct source *s, bool first),
                void *context) {
    static struct printing out;
    out.line = line;
    out.context = context;
    print_place(&out, t->root, 0);
}
