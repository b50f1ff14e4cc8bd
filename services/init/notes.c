/* SPDX-License-Identifier: MIT */
#include "services/init/notes.h"

#include <pthread.h>
#include <stdbool.h>
#include <time.h>

#include "abi/file.h"
#include "lib/sys/mem.h"
#include "lib/sys/print.h"
#include "lib/sys/syscall.h"
#include "lib/sys/thread.h"
#include "services/init/first.h"

#define NOTES  64u
#define SECOND 1000000000ull
#define LOOK   10000000l /* nanoseconds */

struct note {
    struct audit_actor who;
    char what[24], object[48], outcome[48];
};

static struct session_cap source[AUDIT_SOURCES];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct note queue[NOTES];
static unsigned head, count;
static uint64_t lost;

err_t notes_sources(void) {
    err_t e = OK;
    for (unsigned s = AUDIT_SELF + 1; s < AUDIT_SOURCES && err_ok(e); s++)
        if (source[s].h == HANDLE_NONE)
            e = sys_endpoint_mint(first_servers[FIRST_AUDIT].endpoint, AUDIT_BADGE(s),
                                  RIGHT_SESSION_CALL | RIGHT_SEND | FILE_RIGHT_WRITE, HANDLE_NONE,
                                  &source[s]);
    return e;
}

struct session_cap notes_source(enum audit_source s) {
    return source[s];
}

void note(struct audit_actor who, const char *what, const char *object, const char *outcome) {
    pthread_mutex_lock(&lock);
    if (count < NOTES) {
        struct note *n = &queue[(head + count++) % NOTES];
        n->who = who;
        format_text(n->what, sizeof n->what, "%s", what);
        format_text(n->object, sizeof n->object, "%s", object);
        format_text(n->outcome, sizeof n->outcome, "%s", outcome);
        pthread_cond_broadcast(&changed);
    } else {
        lost++;
    }
    pthread_mutex_unlock(&lock);
}

static err_t tell(const struct note *n) {
    return audit_tell(source[AUDIT_INIT], n->who, "-", n->what, text_of(n->object), n->outcome);
}

/* Once there is room again. */
static void lost_tell(void) {
    struct note n = {.what = "notes", .outcome = "lost"};
    pthread_mutex_lock(&lock);
    uint64_t number = lost;
    pthread_mutex_unlock(&lock);
    format_text(n.object, sizeof n.object, "%lu", number);
    if (!number || !err_ok(tell(&n)))
        return;
    pthread_mutex_lock(&lock);
    lost -= number;
    pthread_mutex_unlock(&lock);
}

/* The server may be starting again: then the same is told once more, with the next that follows. */
static void *tell_always(void *unused) {
    struct note n;
    (void)unused;
    for (;;) {
        pthread_mutex_lock(&lock);
        while (!count)
            pthread_cond_wait(&changed, &lock);
        n = queue[head];
        pthread_mutex_unlock(&lock);
        err_t e = tell(&n);
        if (!err_ok(e) && !err_is(e, ERR_LIMIT)) /* that one is counted there */
            e = tell(&n);
        pthread_mutex_lock(&lock);
        head = (head + 1) % NOTES;
        count--;
        lost += !err_ok(e) && !err_is(e, ERR_LIMIT);
        pthread_mutex_unlock(&lock);
        lost_tell();
    }
    return NULL;
}

bool notes_start(void) {
    pthread_t thread;
    return !pthread_create(&thread, NULL, tell_always, NULL);
}

void notes_drain(void) {
    const struct timespec look = {.tv_nsec = LOOK};
    uint64_t until = clock_nanoseconds() + SECOND;
    for (bool empty = false; !empty && clock_nanoseconds() < until;) {
        pthread_mutex_lock(&lock);
        empty = !count;
        pthread_mutex_unlock(&lock);
        if (!empty)
            nanosleep(&look, NULL);
    }
}
