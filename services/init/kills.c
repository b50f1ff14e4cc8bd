/* SPDX-License-Identifier: MIT */
/*
 * In each round every server is ended once, in an order that is drawn anew; so none is ended so
 * often that its back-off hides how long a start takes. The next is ended only when the one before
 * answers, or has not for a long time: that one counts as lost.
 */
#include "services/init/kills.h"

#include <pthread.h>
#include <stdbool.h>
#include <time.h>

#include "lib/sys/message.h"
#include "lib/sys/print.h"
#include "lib/sys/thread.h"
#include "services/init/first.h"
#include "services/init/power.h"
#include "services/init/supervise.h"

#define MILLISECOND  1000000ul
#define PAUSE_LEAST  100u /* milliseconds between an answer and the next end */
#define PAUSE_SPREAD 1000u
#define LOOK         (MILLISECOND / 2)
#define PATIENCE     (20000 * MILLISECOND)
#define NO_OPERATION 0x7fffffffu /* every server answers it, with an error */

struct tally {
    uint32_t ends, lost;
    uint64_t slowest; /* nanoseconds */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct tally tallies[FIRST_COUNT];
static uint32_t done, wanted;

static uint64_t state; /* of the random numbers; the thread's alone while there is one */

/* SplitMix64. */
static uint64_t draw(uint64_t below) {
    uint64_t z = state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return (z ^ z >> 31) % below;
}

/* Those whose device is there, in a new order; how many. */
static unsigned shuffle(unsigned *order) {
    unsigned count = 0;
    for (unsigned i = 0; i < FIRST_COUNT; i++) {
        if (first_servers[i].absent)
            continue;
        unsigned k = (unsigned)draw(count + 1);
        order[count] = order[k];
        order[k] = i;
        count++;
    }
    return count;
}

static void pause_for(uint64_t nanoseconds) {
    const struct timespec t = {.tv_sec = (time_t)(nanoseconds / (1000 * MILLISECOND)),
                               .tv_nsec = (long)(nanoseconds % (1000 * MILLISECOND))};
    nanosleep(&t, NULL);
}

/* Whether a process that was started later than `starts` answers before `until`. */
static bool answers(const struct server *s, uint32_t starts, uint64_t until) {
    while (clock_nanoseconds() < until) {
        struct message m = {.op = NO_OPERATION | OP_DEADLINE};
        thread_block()->deadline = until;
        if (err_ok(session_call(s->session, &m)) && supervise_starts(s->name) > starts)
            return true;
        pause_for(LOOK);
    }
    return false;
}

static void end_one(unsigned which) {
    const struct server *s = &first_servers[which];
    uint32_t starts = supervise_starts(s->name);
    uint64_t begun = clock_nanoseconds();
    bool killed = err_ok(supervise_kill(s->name));
    bool back = killed && answers(s, starts, begun + PATIENCE);
    uint64_t took = clock_nanoseconds() - begun;
    pthread_mutex_lock(&lock);
    struct tally *t = &tallies[which];
    done++;
    t->ends++;
    t->lost += !back;
    if (took > t->slowest)
        t->slowest = took;
    pthread_mutex_unlock(&lock);
}

static void *run(void *unused) {
    unsigned order[FIRST_COUNT] = {0};
    (void)unused;
    for (unsigned i = 0, at = 0, count = 0; i < wanted && !power_going(); i++) {
        if (at == count) {
            count = shuffle(order);
            at = 0;
        }
        pause_for((PAUSE_LEAST + draw(PAUSE_SPREAD)) * MILLISECOND);
        end_one(order[at++]);
    }
    return NULL;
}

err_t kills_start(uint64_t seed, uint64_t count) {
    pthread_t thread;
    err_t e = OK;
    if (!count || count > KILLS_MOST)
        return ERROR(BAD_ARGUMENT);
    pthread_mutex_lock(&lock);
    if (done < wanted) {
        e = ERROR(BUSY);
    } else {
        state = seed;
        done = 0;
        wanted = (uint32_t)count;
        if (pthread_create(&thread, NULL, run, NULL)) {
            wanted = 0;
            e = ERROR(NO_MEMORY);
        } else {
            pthread_detach(thread);
        }
    }
    pthread_mutex_unlock(&lock);
    return e;
}

void kills_report(void) {
    pthread_mutex_lock(&lock);
    for (unsigned i = 0; i < FIRST_COUNT; i++)
        print("kills: %-8s %3u times, back within %lu ms, lost %u\n", first_servers[i].name,
              tallies[i].ends, tallies[i].slowest / MILLISECOND, tallies[i].lost);
    print("kills: %u of %u\n", done, wanted);
    pthread_mutex_unlock(&lock);
}
