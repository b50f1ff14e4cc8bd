/* SPDX-License-Identifier: MIT */
/*
 * Members of epoll instances. One lock is for all instances, since a file that is closed leaves all
 * of them. A poller watches a file once: for several members of one file, which have different
 * numbers, it watches for what any of them wants.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/bare/bare.h"
#include "lib/bare/lock.h"
#include "lib/posix/epoll.h"
#include "lib/sys/program.h"
#include "lib/sys/syscall.h"

#define ROOM_FIRST 64u
#define NONE       (-1)

static struct epoll *instances;
LOCK(lock);

void epoll_lock(void) {
    lock_take(&lock);
}

void epoll_unlock(void) {
    lock_give(&lock);
}

static void *pages_take(size_t size) {
    long at = bare_mmap(0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    return at < 0 ? NULL : (void *)at;
}

/* ---- instances ---- */

struct epoll *epoll_make(void) {
    struct epoll *ep = pages_take(sizeof *ep);
    if (!ep)
        return NULL;
    if (!err_ok(sys_signal_create(program_pool, &ep->signal))) {
        (void)bare_munmap((uint64_t)ep, sizeof *ep);
        return NULL;
    }
    ep->free = NONE;
    for (unsigned i = 0; i < DESCRIPTORS_MAX; i++)
        ep->first[i] = NONE;
    ep->next = instances;
    instances = ep;
    return ep;
}

/* Pollers that are closed watch nothing any more. */
void epoll_end(struct epoll *ep) {
    epoll_lock();
    struct epoll **link = &instances;
    while (*link != ep)
        link = &(*link)->next;
    *link = ep->next;
    for (uint32_t i = 0; i < ep->used; i++)
        if (ep->member[i].file)
            ep->member[i].file->watched--;
    epoll_unlock();
    while (ep->pollers)
        sys_handle_close(ANY(ep->poller[--ep->pollers]));
    sys_handle_close(ANY(ep->signal));
    if (ep->room)
        (void)bare_munmap((uint64_t)ep->member, ep->room * sizeof *ep->member);
    (void)bare_munmap((uint64_t)ep, sizeof *ep);
}

unsigned epoll_handles(const struct epoll *ep, handle_t *to) {
    unsigned n = 0;
    for (; to && n < ep->pollers; n++)
        to[n] = ep->poller[n].h;
    if (to)
        to[n] = ep->signal.h;
    return ep->pollers + 1;
}

/* ---- members ---- */

struct member *member_find(struct epoll *ep, int32_t number, const struct description *file) {
    for (int32_t i = ep->first[number]; i != NONE; i = ep->member[i].next)
        if (ep->member[i].file == file)
            return &ep->member[i];
    return NULL;
}

static long grow(struct epoll *ep) {
    uint32_t room = ep->room ? 2 * ep->room : ROOM_FIRST;
    if (room > EPOLL_MEMBERS)
        return -ENOSPC;
    struct member *more = pages_take(room * sizeof *more);
    if (!more)
        return -ENOMEM;
    if (ep->room) {
        memcpy(more, ep->member, ep->room * sizeof *more);
        (void)bare_munmap((uint64_t)ep->member, ep->room * sizeof *more);
    }
    ep->member = more;
    ep->room = room;
    return 0;
}

long member_add(struct epoll *ep, int32_t number, struct description *file, struct member **out) {
    int32_t place = ep->free;
    long error = place == NONE && ep->used == ep->room ? grow(ep) : 0;
    if (error)
        return error;
    if (place == NONE)
        place = (int32_t)ep->used++;
    struct member *m = &ep->member[place];
    if (ep->free == place)
        ep->free = m->next;
    *m = (struct member){
        .file = file, .number = number, .next = ep->first[number], .use = m->use + 1};
    ep->first[number] = place;
    file->watched++;
    *out = m;
    return 0;
}

void member_remove(struct epoll *ep, struct member *m) {
    int32_t place = (int32_t)(m - ep->member), *link = &ep->first[m->number];
    while (*link != place)
        link = &ep->member[*link].next;
    *link = m->next;
    m->file->watched--;
    m->file = NULL;
    m->next = ep->free;
    ep->free = place;
}

/* ---- events ---- */

static const struct {
    uint32_t ready, events;
} names[] = {
    {FILE_READABLE, EPOLLIN | EPOLLRDNORM},
    {FILE_WRITABLE, EPOLLOUT | EPOLLWRNORM},
    {FILE_HUNG_UP, EPOLLHUP},
    {FILE_BROKEN, EPOLLERR},
    {FILE_ENDED, EPOLLRDHUP},
};

uint32_t epoll_events(uint32_t ready) {
    uint32_t events = 0;
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        events |= ready & names[i].ready ? names[i].events : 0;
    return events;
}

uint32_t epoll_wanted(uint32_t events) {
    uint32_t ready = 0;
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        ready |= events & names[i].events ? names[i].ready : 0;
    return ready;
}

/* ---- watching ---- */

static uint64_t cookie_of(const struct epoll *ep, const struct member *m) {
    return (uint64_t)m->use << 32 | (uint32_t)(m - ep->member);
}

struct member *member_of_cookie(struct epoll *ep, uint64_t cookie) {
    uint32_t place = (uint32_t)cookie;
    struct member *m = place < ep->used ? &ep->member[place] : NULL;
    return m && m->file && m->use == cookie >> 32 ? m : NULL;
}

/* By the poller of its server; which one that is only the servers know. */
static err_t watch_file(struct epoll *ep, struct description *file, uint32_t how, uint64_t cookie) {
    for (unsigned n = 0; n < ep->pollers; n++) {
        err_t e = file_watch(file->base.session, ep->poller[n], how, cookie, NULL);
        if (!err_is(e, ERR_OTHER_SERVER))
            return e;
    }
    if (how & FILE_POLL_REMOVE)
        return OK;
    if (ep->pollers == EPOLL_SERVERS)
        return ERROR(LIMIT);
    err_t e =
        file_poller(file->base.session, ep->signal, 1ull << ep->pollers, &ep->poller[ep->pollers]);
    return err_ok(e) ? file_watch(file->base.session, ep->poller[ep->pollers++], how, cookie, NULL)
                     : e;
}

static long watch_errno(err_t e) {
    if (err_is(e, ERR_UNSUPPORTED))
        return -EPERM;
    return err_is(e, ERR_LIMIT) || err_is(e, ERR_TOO_MANY_OPEN) ? -ENOSPC : posix_errno(e);
}

/* What a server is asked for one member. One that is told once is told by edges, of which those are
 * ignored that come when it is over. */
static uint32_t how_of(const struct member *m) {
    return epoll_wanted(m->events) | (m->events & (EPOLLET | EPOLLONESHOT) ? FILE_POLL_EDGE : 0);
}

/* The first member of the file stands for all. */
static long watch_for_all(struct epoll *ep, struct description *file) {
    const struct member *first = NULL;
    uint32_t how = 0, edge = FILE_POLL_EDGE;
    for (uint32_t i = 0; i < ep->used; i++) {
        const struct member *m = &ep->member[i];
        if (m->file != file)
            continue;
        first = first ? first : m;
        how |= how_of(m);
        edge &= how_of(m);
    }
    if (!first) {
        (void)watch_file(ep, file, FILE_POLL_REMOVE, 0);
        return 0;
    }
    how = (how & ~FILE_POLL_EDGE) | edge;
    return watch_errno(watch_file(ep, file, how, cookie_of(ep, first)));
}

long member_watch(struct epoll *ep, struct description *file, const struct member *m) {
    if (m && file->watched == 1)
        return watch_errno(watch_file(ep, file, how_of(m), cookie_of(ep, m)));
    return watch_for_all(ep, file);
}

/* Its last number is closed: it is no member any more, even if another process has the file. */
void epoll_forget(struct description *file) {
    epoll_lock();
    for (struct epoll *ep = instances; ep && file->watched; ep = ep->next) {
        bool was = false;
        for (uint32_t i = 0; i < ep->used; i++)
            if (ep->member[i].file == file) {
                member_remove(ep, &ep->member[i]);
                was = true;
            }
        if (was)
            (void)watch_for_all(ep, file);
    }
    epoll_unlock();
}

err_t epoll_watch_once(struct epoll *ep, epoll_watcher watch, void *context) {
    err_t e = OK;
    epoll_lock();
    for (uint32_t i = 0; i < ep->used && err_ok(e); i++) {
        const struct member *m = &ep->member[i];
        if (m->file && !m->over)
            e = watch(context, m->file, epoll_wanted(m->events));
    }
    epoll_unlock();
    return e;
}
