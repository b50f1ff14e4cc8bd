/* SPDX-License-Identifier: MIT */
/*
 * The namespace server. An operation on a name is passed on to the server that is mounted where the
 * name leads, with what is left of the name, and forgotten; the answer goes from that server to the
 * caller. See abi/ns.h.
 */
#include "abi/ns.h"
#include <stdio.h>

#include "abi/file.h"
#include "lib/sys/print.h"
#include "lib/sys/program.h"
#include "lib/sys/server.h"
#include "lib/sys/syscall.h"
#include "lib/sys/thread.h"
#include "services/ns/spaces.h"

static struct endpoint_cap endpoint;

/* What came beside the words of a message. */
struct call {
    struct message *m;
    struct space *space;
    uint32_t rights;
    size_t first, second; /* bytes of the names */
    size_t length;        /* of server_data */
};

void source_close(struct session_cap session) {
    sys_handle_close(ANY(session));
}

/* ---- operations on names ---- */

/* The branch of a place that a call is for, and which one to try after it. */
static const struct branch *branch_of(const struct place *p, uint32_t wanted, uint32_t *next) {
    const struct branch *b = p->branches;
    *next = 0;
    if (!b->next)
        return b; /* no union: names are made here too */
    if (wanted == NS_BRANCH_CREATE) {
        while (b && !(b->source->flags & NS_CREATE))
            b = b->next;
        return b;
    }
    for (uint32_t i = 0; i < wanted && b; i++)
        b = b->next;
    if (b)
        *next = b->next ? wanted + 1 : NS_BRANCH_CREATE;
    return b;
}

/* While a union is searched nothing is made; what makes names asks first whether there is one. */
static void search_only(struct call *c) {
    uint64_t flags = (uint32_t)c->m->word[0];
    if (c->m->op == FILE_OPEN && flags & FILE_CREATE) {
        c->m->word[0] &= ~(uint64_t)FILE_CREATE;
    } else if (c->m->op == FILE_MAKE) {
        c->m->op = FILE_OPEN;
        c->m->word[0] = FILE_EXCLUSIVE | FILE_NO_FOLLOW;
        c->length -= c->second;
        c->second = 0;
    }
}

static bool makes(const struct message *m) {
    return m->op == FILE_MAKE || (m->op == FILE_OPEN && m->word[0] & FILE_CREATE);
}

static uint64_t mount_word(const struct found *f, const struct branch *b) {
    uint64_t word = b->source->number;
    if (f->below)
        word |= NS_BELOW;
    if (f->whole && f->place->branches->next)
        word |= NS_UNION;
    return word;
}

/* The second name must lead to the same mount; what is left of it is moved up to the first's. */
static err_t second_name(struct call *c, const struct found *first) {
    struct found f;
    struct text name = {server_data + c->first, c->second};
    err_t e = table_find(c->space->table, name, &f);
    if (!err_ok(e)) {
        c->m->word[3] = c->first + f.used;
        return e;
    }
    if (f.place != first->place)
        return ERROR(OTHER_SERVER);
    memmove(server_data + c->first, server_data + c->first + f.used, c->length - c->first - f.used);
    c->second -= f.used;
    c->length -= f.used;
    c->m->word[3] |= (uint64_t)f.used << 32;
    return OK;
}

static bool has_second_name(const struct message *m) {
    return m->op == FILE_RENAME || m->op == FILE_LINK;
}

/* Makes the message that is passed on; `thread_block` says where to. */
static err_t pass_on(struct call *c) {
    struct thread_block *block = thread_block();
    struct found f;
    uint32_t next, wanted = (uint32_t)(c->m->word[1] >> 32);
    err_t e = table_find(c->space->table, (struct text){server_data, c->first}, &f);
    c->m->word[3] = f.used; /* the second name's in the upper half */
    if (err_ok(e) && has_second_name(c->m))
        e = second_name(c, &f);
    if (!err_ok(e))
        return e;
    const struct branch *b = branch_of(f.place, wanted, &next);
    if (!b)
        return ERROR(NOT_FOUND);
    if (next && makes(c->m))
        search_only(c);
    else if (next == NS_BRANCH_CREATE)
        next = 0;
    c->m->word[5] = mount_word(&f, b);
    c->m->word[1] = (c->first - f.used) | c->second << 16 | (uint64_t)next << 32;
    block->forward_session = b->source->session.h;
    block->read = (struct window){(uintptr_t)(server_data + f.used), c->length - f.used};
    if (block->read.length)
        c->m->op |= OP_READ_WINDOW;
    return OK;
}

/* ---- operations on the namespace ---- */

/* NS_LIST prints it, a line for each mount. */
static bool printable(struct text t) {
    for (size_t i = 0; i < t.length; i++)
        if ((unsigned char)t.at[i] <= ' ' || t.at[i] == 0x7f)
            return false;
    return true;
}

static err_t serve_mount(struct call *c) {
    struct thread_block *block = thread_block();
    if (!block->received_count)
        return ERROR(BAD_HANDLE);
    struct session_cap session = {block->received[0].handle};
    if (block->received[0].type != OBJECT_SESSION || session.h == HANDLE_NONE)
        return ERROR(WRONG_TYPE);
    if (c->m->word[0] & ~(uint64_t)(NS_BEFORE | NS_AFTER | NS_CREATE) ||
        (c->m->word[0] & (NS_BEFORE | NS_AFTER)) == (NS_BEFORE | NS_AFTER))
        return ERROR_ARG(BAD_ARGUMENT, 3);
    if (!printable((struct text){server_data, c->first + c->second}))
        return ERROR_ARG(BAD_ARGUMENT, 4);
    uint32_t number = 0;
    err_t e = table_own(&c->space->table);
    if (err_ok(e))
        e = table_mount(c->space->table, (struct text){server_data, c->first}, session,
                        (struct text){server_data + c->first, c->second}, (uint32_t)c->m->word[0],
                        &number);
    if (err_ok(e))
        block->received_count = 0; /* it is ours now */
    c->m->word[0] = number;
    return e;
}

static err_t serve_unmount(struct call *c) {
    err_t e = table_own(&c->space->table);
    return err_ok(e) ? table_unmount(c->space->table, (struct text){server_data, c->first},
                                     (uint32_t)c->m->word[0])
                     : e;
}

/* A session for a new namespace is sent with the answer. */
static err_t serve_new(struct call *c, bool empty) {
    struct thread_block *block = thread_block();
    struct session_cap session;
    struct space *s;
    err_t e = space_make(empty ? NULL : c->space->table, block->caller_account, &s);
    if (!err_ok(e))
        return e;
    e = sys_endpoint_mint(endpoint, s->badged.badge, SESSION_USE | c->rights, c->m->reply.h,
                          &session);
    if (!err_ok(e)) {
        space_end(s);
        return e;
    }
    block->send[0] = (struct handle_send){session.h, RIGHTS_ALL, SEND_MOVE, 0};
    c->m->op |= OP_HANDLES(1);
    return OK;
}

struct listing {
    uint64_t skip;
    size_t length;
};

/* One command: `mount [-a] [-c] SOURCE PLACE`. */
static void list_line(void *context, struct text name, const struct source *s, bool first) {
    struct listing *l = context;
    char line[2 * FILE_PATH_MAX];
    const char *how = first ? "" : "-a ";
    int n =
        snprintf(line, sizeof line, "mount %s%s%.*s %.*s\n", how, s->flags & NS_CREATE ? "-c " : "",
                 (int)s->length, s->text, (int)name.length, name.at);
    size_t length = (size_t)n < sizeof line ? (size_t)n : sizeof line - 1;
    size_t skip = l->skip < length ? l->skip : length;
    l->skip -= skip;
    length -= skip;
    if (length > sizeof server_data - l->length)
        length = sizeof server_data - l->length;
    memcpy(server_data + l->length, line + skip, length);
    l->length += length;
}

static err_t serve_list(struct call *c) {
    struct thread_block *block = thread_block();
    struct listing l = {.skip = c->m->word[0]};
    table_each(c->space->table, list_line, &l);
    if (l.length > block->write_length)
        l.length = block->write_length;
    block->read = (struct window){(uintptr_t)server_data, l.length};
    c->m->op |= l.length ? OP_READ_WINDOW : 0;
    c->m->word[0] = l.length;
    return OK;
}

static err_t serve_own(struct call *c) {
    uint64_t op = c->m->op;
    c->m->op = 0;
    switch (op) {
    case NS_MOUNT:
        return c->rights & NS_RIGHT_MOUNT ? serve_mount(c) : ERROR(NO_RIGHT);
    case NS_UNMOUNT:
        return c->rights & NS_RIGHT_MOUNT ? serve_unmount(c) : ERROR(NO_RIGHT);
    case NS_COPY:
        return serve_new(c, false);
    case NS_EMPTY:
        return serve_new(c, true);
    case NS_LIST:
        return serve_list(c);
    default:
        return ERROR(UNSUPPORTED);
    }
}

/* ---- messages ---- */

/* True when the message is to be passed on; else it is the answer. */
static bool serve(void *context, struct message *m) {
    struct thread_block *block = thread_block();
    struct call c = {.m = m,
                     .space = space_find(m->badge),
                     .rights = OP_RIGHTS(m->op),
                     .first = m->word[1] & 0xffff,
                     .second = m->word[1] >> 16 & 0xffff,
                     .length = block->inline_length};
    err_t e;
    (void)context;
    m->op &= OP_CODE;
    bool name = m->op >= FILE_OPEN && m->op <= FILE_NAMES_END;
    if (!c.space)
        e = ERROR(REVOKED);
    else if (c.first + c.second > c.length)
        e = ERROR_ARG(BAD_WINDOW, 2);
    else if (name)
        e = pass_on(&c);
    else
        e = serve_own(&c);
    if (name && err_ok(e))
        return true;
    if (!err_ok(e)) {
        m->op = e.code;
        m->word[0] = name ? m->word[3] : 0;
        m->word[4] = m->word[5] = 0;
    }
    return false;
}

static void closed(void *context, uint64_t badge) {
    struct space *s = space_find(badge);
    (void)context;
    if (s && badge != NS_FIRST && badge != NS_FULL) /* those stay, as whoever has sessions made */
        space_end(s);
}

/* ---- the start ---- */

#define FULL_ONLY "--" /* what follows is in NS_FULL alone */

/* Mounts for each two arguments, source and place, one of the handles. Those at one place are a
 * union, in their order. */
static err_t mount_each(struct table *t, int count, char **argument, const handle_t *handle) {
    err_t e = OK;
    uint32_t number;
    for (int i = 0; 2 * i + 1 < count && err_ok(e); i++) {
        struct text source = text_of(argument[2 * i]), place = text_of(argument[2 * i + 1]);
        struct session_cap session = {handle[i]};
        e = printable(source) && printable(place) ? OK : ERROR(BAD_ARGUMENT);
        if (err_ok(e))
            e = table_mount(t, place, session, source, NS_AFTER, &number);
    }
    return e;
}

/* The first arguments are for both namespaces, those behind FULL_ONLY for the second. */
struct first_mounts {
    int both, full;
    char **both_argument, **full_argument;
};

/* False: a source has no place, or there are not as many handles. */
static bool arguments_read(int count, char **argument, struct first_mounts *m) {
    int n = 1;
    while (n < count && strcmp(argument[n], FULL_ONLY) != 0)
        n++;
    *m =
        (struct first_mounts){n - 1, n < count ? count - n - 1 : 0, argument + 1, argument + n + 1};
    return !(m->both % 2) && !(m->full % 2) &&
           start_page->handle_count == 1 + (uint32_t)(m->both + m->full) / 2;
}

/* The namespaces that sessions of the badges NS_FIRST and NS_FULL are for: whoever has the endpoint
 * makes them. */
static err_t start(const struct first_mounts *m) {
    const handle_t *handle = start_page->handles + 1;
    struct space *first, *full;
    endpoint.h = start_page->handles[0];
    err_t e = space_make(NULL, 0, &first);
    if (err_ok(e))
        e = mount_each(first->table, m->both, m->both_argument, handle);
    if (err_ok(e))
        e = space_make(first->table, 0, &full);
    if (err_ok(e))
        e = table_own(&full->table);
    if (err_ok(e))
        e = mount_each(full->table, m->full, m->full_argument, handle + m->both / 2);
    if (err_ok(e) && (first->badged.badge != NS_FIRST || full->badged.badge != NS_FULL))
        e = ERROR(CORRUPT);
    return err_ok(e) ? spaces_succeed(endpoint) : e;
}

int main(int count, char **argument) {
    struct first_mounts m;
    if (!arguments_read(count, argument, &m)) {
        fprintf(stderr, "ns: usage: ns [SOURCE PLACE]... [-- [SOURCE PLACE]...], with an endpoint "
                        "and a session of each\n");
        return 1;
    }
    err_t e = start(&m);
    if (!err_ok(e)) {
        fprintf(stderr, "ns: cannot start: %s\n", error_text(e));
        return 1;
    }
    server_loop(
        &(struct server){.endpoint = endpoint, .accept = 1, .serve = serve, .closed = closed});
}
