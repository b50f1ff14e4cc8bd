/* SPDX-License-Identifier: MIT */
#include "drivers/screen/listen.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

#include "lib/file/client.h"
#include "lib/sys/syscall.h"

#define EVENTS 64u
#define AGAIN  20000000l /* nanoseconds until a keyboard that cannot be had is tried again */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of the events */
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct keyboard_event events[EVENTS];
static size_t count;
static struct session_cap keyboard;
static struct signal_cap signal_of_work;
static uint64_t work;

/* Waits until all that was read before is taken. */
static void hand_over(const struct keyboard_event *from, size_t number) {
    pthread_mutex_lock(&lock);
    while (count)
        pthread_cond_wait(&changed, &lock);
    memcpy(events, from, number * sizeof *from);
    count = number;
    pthread_mutex_unlock(&lock);
    sys_signal_raise(signal_of_work, work);
}

/* Until it cannot be read any more. */
static void read_file(struct session_cap file) {
    static struct keyboard_event piece[EVENTS];
    size_t done;
    while (err_ok(file_read(file, FILE_CURRENT, piece, sizeof piece, &done)))
        if (done >= sizeof *piece)
            hand_over(piece, done / sizeof *piece);
        else
            return;
}

static void *listen_always(void *unused) {
    const struct file_name name = {.path = text_of("kbd"), .flags = FILE_FOR_READ};
    const struct timespec again = {.tv_nsec = AGAIN};
    (void)unused;
    for (;;) {
        struct session_cap file;
        if (err_ok(file_open(keyboard, &name, &file, NULL))) {
            read_file(file);
            file_drop(file);
        }
        nanosleep(&again, NULL);
    }
    return NULL;
}

err_t listen_start(struct session_cap session, struct signal_cap signal, uint64_t bits) {
    pthread_t thread;
    keyboard = session;
    signal_of_work = signal;
    work = bits;
    return pthread_create(&thread, NULL, listen_always, NULL) ? ERROR(NO_MEMORY) : OK;
}

size_t listen_take(struct keyboard_event *to, size_t room) {
    pthread_mutex_lock(&lock);
    size_t number = count < room ? count : room;
    memcpy(to, events, number * sizeof *to);
    count -= number;
    memmove(events, events + number, count * sizeof *events);
    if (!count)
        pthread_cond_signal(&changed);
    pthread_mutex_unlock(&lock);
    return number;
}
