/* SPDX-License-Identifier: MIT */
/*
 * Open files. They are in a table of fixed size, so that a pointer to one stays good and no memory
 * is needed to open a file; what was never used of it costs nothing. A description that is not used
 * has no references.
 */
#include "lib/bare/lock.h"
#include "lib/posix/posix.h"
#include "lib/sys/syscall.h"

/* Descriptors, and what calls that are under way and the working directory hold beside them. */
#define DESCRIPTIONS (DESCRIPTORS_MAX + 512)

static struct description descriptions[DESCRIPTIONS];
static unsigned first_free; /* none below it is free */
static unsigned used_end;   /* none from here on was ever used: fork and exec do not look there */
LOCK(lock);

struct description *description_place(unsigned index) {
    if (used_end <= index)
        used_end = index + 1;
    return &descriptions[index];
}

struct description *description_make(void) {
    struct description *d = NULL;
    lock_take(&lock);
    while (first_free < DESCRIPTIONS && descriptions[first_free].references)
        first_free++;
    if (first_free < DESCRIPTIONS) {
        d = description_place(first_free++);
        *d = (struct description){.references = 1};
    }
    lock_give(&lock);
    return d;
}

void description_hold(struct description *d) {
    __atomic_fetch_add(&d->references, 1, __ATOMIC_RELAXED);
}

static void description_free(struct description *d) {
    struct session_cap session = d->base.session;
    void *path = (void *)(uintptr_t)d->base.path.at;
    if (__atomic_load_n(&d->watched, __ATOMIC_ACQUIRE))
        epoll_forget(d);
    if (d->epoll)
        epoll_end(d->epoll);
    lock_take(&lock);
    d->references = 0;
    if (d < descriptions + first_free)
        first_free = (unsigned)(d - descriptions);
    lock_give(&lock);
    if (session.h != HANDLE_NONE)
        sys_handle_close(ANY(session));
    block_give(path);
}

/* The last reference is taken for itself: nobody can get it any more. */
void description_release(struct description *d) {
    if (!d)
        return;
    uint32_t seen = __atomic_load_n(&d->references, __ATOMIC_RELAXED);
    while (seen > 1)
        if (__atomic_compare_exchange_n(&d->references, &seen, seen - 1, 0, __ATOMIC_RELEASE,
                                        __ATOMIC_RELAXED))
            return;
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    description_free(d);
}

struct description *description_at(unsigned index) {
    return index < used_end ? &descriptions[index] : NULL;
}

unsigned description_index(const struct description *d) {
    return d >= descriptions && d < descriptions + DESCRIPTIONS ? (unsigned)(d - descriptions)
                                                                : DESCRIPTION_NONE;
}

bool description_is(const struct description *d, uint32_t type) {
    return (d->mode & FILE_TYPE) == type;
}
