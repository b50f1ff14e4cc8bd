/* SPDX-License-Identifier: MIT */
#include "services/tty/line.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

#include "abi/serial.h"
#include "lib/file/client.h"
#include "lib/sys/syscall.h"

#define PIECE 1024u
#define AGAIN 20000000l /* nanoseconds until a driver that ended is called again */

/* Bytes on their way, under `lock`; waited for by the thread at the driver's end. */
struct way {
    uint8_t at[LINE_BYTES];
    size_t head, length;
    pthread_cond_t changed;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct way in = {.changed = PTHREAD_COND_INITIALIZER};
static struct way out = {.changed = PTHREAD_COND_INITIALIZER};
static bool busy;        /* the driver may have something that the device has not */
static size_t forgotten; /* bytes that were forgotten while they were sent */
static struct session_cap driver;
static struct signal_cap signal_of_work;
static uint64_t work;

static size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

/* ---- under the lock ---- */

static size_t put(struct way *w, const uint8_t *from, size_t count) {
    count = smaller(count, LINE_BYTES - w->length);
    for (size_t i = 0; i < count; i++)
        w->at[(w->head + w->length++) % LINE_BYTES] = from[i];
    return count;
}

static size_t copy(const struct way *w, uint8_t *to, size_t size) {
    size = smaller(size, w->length);
    for (size_t i = 0; i < size; i++)
        to[i] = w->at[(w->head + i) % LINE_BYTES];
    return size;
}

static void drop(struct way *w, size_t count) {
    w->head = (w->head + count) % LINE_BYTES;
    w->length -= count;
}

/* ---- the threads ---- */

static void pause_a_while(void) {
    const struct timespec t = {.tv_nsec = AGAIN};
    nanosleep(&t, NULL);
}

/* With room for a piece. */
static void *read_always(void *unused) {
    static uint8_t piece[PIECE];
    size_t done;
    (void)unused;
    for (;;) {
        if (!err_ok(file_read(driver, FILE_CURRENT, piece, sizeof piece, &done))) {
            pause_a_while();
            continue;
        }
        pthread_mutex_lock(&lock);
        put(&in, piece, done);
        sys_signal_raise(signal_of_work, work);
        while (LINE_BYTES - in.length < PIECE)
            pthread_cond_wait(&in.changed, &lock);
        pthread_mutex_unlock(&lock);
    }
    return NULL;
}

/* What was sent goes, but for what was forgotten meanwhile. */
static void sent(size_t done) {
    drop(&out, done - smaller(done, forgotten));
    sys_signal_raise(signal_of_work, work);
}

static void send_piece(void) {
    static uint8_t piece[PIECE];
    size_t count = copy(&out, piece, sizeof piece), done = 0;
    busy = true;
    forgotten = 0;
    pthread_mutex_unlock(&lock);
    bool failed = !err_ok(file_write(driver, FILE_CURRENT, piece, count, &done));
    if (failed)
        pause_a_while();
    pthread_mutex_lock(&lock);
    sent(done);
}

static void drain(void) {
    struct file_call c = {.op = SERIAL_DRAIN};
    pthread_mutex_unlock(&lock);
    bool failed = !err_ok(file_call(driver, &c));
    if (failed)
        pause_a_while();
    pthread_mutex_lock(&lock);
    busy = failed || out.length;
    sys_signal_raise(signal_of_work, work);
}

static void *write_always(void *unused) {
    (void)unused;
    pthread_mutex_lock(&lock);
    for (;;)
        if (out.length)
            send_piece();
        else if (busy)
            drain();
        else
            pthread_cond_wait(&out.changed, &lock);
    return NULL;
}

err_t line_start(struct session_cap session, struct signal_cap signal, uint64_t bits) {
    pthread_t reader, writer;
    driver = session;
    signal_of_work = signal;
    work = bits;
    if (pthread_create(&reader, NULL, read_always, NULL) ||
        pthread_create(&writer, NULL, write_always, NULL))
        return ERROR(NO_MEMORY);
    return OK;
}

/* ---- for the server ---- */

size_t line_peek(uint8_t *to, size_t size) {
    pthread_mutex_lock(&lock);
    size_t count = copy(&in, to, size);
    pthread_mutex_unlock(&lock);
    return count;
}

void line_taken(size_t count) {
    pthread_mutex_lock(&lock);
    drop(&in, count);
    pthread_cond_signal(&in.changed);
    pthread_mutex_unlock(&lock);
}

size_t line_send(const uint8_t *from, size_t count) {
    pthread_mutex_lock(&lock);
    count = put(&out, from, count);
    busy |= count != 0;
    pthread_cond_signal(&out.changed);
    pthread_mutex_unlock(&lock);
    return count;
}

void line_forget(void) {
    pthread_mutex_lock(&lock);
    forgotten += out.length;
    drop(&out, out.length);
    pthread_mutex_unlock(&lock);
}

bool line_idle(void) {
    pthread_mutex_lock(&lock);
    bool idle = !busy && !out.length;
    pthread_mutex_unlock(&lock);
    return idle;
}
