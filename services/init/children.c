/* SPDX-License-Identifier: MIT */
#include "services/init/children.h"

#include <pthread.h>
#include <stdbool.h>
#include <time.h>

#include "abi/proc.h"
#include "lib/sys/elf.h"
#include "lib/sys/message.h"
#include "lib/sys/thread.h"
#include "services/init/first.h"

#define AGAIN 20000000l /* nanoseconds until `proc` is asked again */

static struct child {
    uint64_t number; /* 0: unused */
    bool ended;
    err_t error; /* its end will not be known */
    struct session_end end;
} children[CHILDREN_MOST];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of the children */
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

static err_t ask(struct message *m) {
    return session_ask(first_servers[FIRST_PROC].session, m);
}

/* Number 0: an unused one. */
static struct child *find(uint64_t number) {
    for (struct child *c = children; c < children + CHILDREN_MOST; c++)
        if (c->number == number)
            return c;
    return NULL;
}

/* ---- the thread ---- */

static bool any_lives(void) {
    for (const struct child *c = children; c < children + CHILDREN_MOST; c++)
        if (c->number && !c->ended)
            return true;
    return false;
}

static void ended(const struct message *m) {
    struct child *c = m->word[0] ? find(m->word[0]) : NULL;
    if (!c)
        return;
    c->end = (struct session_end){(unsigned)m->word[1], (unsigned)m->word[2]};
    c->ended = true;
}

/* Whoever is waited for is not known to `proc` any more. */
static void lost(err_t e) {
    for (struct child *c = children; c < children + CHILDREN_MOST; c++)
        if (c->number && !c->ended) {
            c->error = e;
            c->ended = true;
        }
}

static void *await_always(void *unused) {
    const struct timespec again = {.tv_nsec = AGAIN};
    (void)unused;
    for (;;) {
        pthread_mutex_lock(&lock);
        while (!any_lives())
            pthread_cond_wait(&changed, &lock);
        pthread_mutex_unlock(&lock);
        struct message m = {.op = PROC_WAIT, .word = {PROC_ANY, 0, PROC_WAIT_ENDED}};
        err_t e = ask(&m);
        pthread_mutex_lock(&lock);
        if (err_ok(e))
            ended(&m);
        else
            lost(e);
        pthread_cond_broadcast(&changed);
        pthread_mutex_unlock(&lock);
        if (!err_ok(e))
            nanosleep(&again, NULL);
    }
    return NULL;
}

err_t children_start(void) {
    pthread_t thread;
    return pthread_create(&thread, NULL, await_always, NULL) ? ERROR(NO_MEMORY) : OK;
}

/* ---- for who starts one ---- */

/* Children are told of, instead of forgotten, from now on. */
static err_t fork_at_proc(const struct program_room *room, uint64_t page, uint64_t *number) {
    struct message m = {.op = PROC_CHILDREN};
    err_t e = ask(&m);
    if (!err_ok(e))
        return e;
    m = (struct message){.op = PROC_FORK | OP_HANDLES(2),
                         .word = {room->entry, room->stack_top, page, PROC_PAGE_ADDRESS}};
    thread_block()->send[0] = (struct handle_send){room->process.h, RIGHTS_ALL, SEND_MOVE, 0};
    thread_block()->send[1] = (struct handle_send){room->thread.h, RIGHTS_ALL, SEND_MOVE, 0};
    e = ask(&m);
    *number = m.word[0];
    return e;
}

/* Under the lock, so that its end is not told before its number is known here. */
err_t child_begin(const struct program_room *room, uint64_t page, uint64_t *number) {
    pthread_mutex_lock(&lock);
    struct child *c = find(0);
    err_t e = c ? fork_at_proc(room, page, number) : ERROR(LIMIT);
    if (err_ok(e))
        *c = (struct child){.number = *number};
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
    return e;
}

err_t child_await(uint64_t number, struct session_end *end) {
    pthread_mutex_lock(&lock);
    struct child *c = find(number);
    while (!c->ended)
        pthread_cond_wait(&changed, &lock);
    err_t e = c->error;
    *end = c->end;
    c->number = 0;
    pthread_mutex_unlock(&lock);
    return e;
}
