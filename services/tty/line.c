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

/* Bytes on their way, under the line's lock; waited for by the thread at the driver's end. */
struct way {
    uint8_t at[LINE_BYTES];
    size_t head, length;
    pthread_cond_t changed;
};

struct line {
    struct session_cap driver;
    struct signal_cap signal;
    uint64_t work;          /* bits of it */
    uint8_t reading[PIECE]; /* each by the thread that does it */
    uint8_t writing[PIECE];

    pthread_mutex_t lock; /* of what follows */
    struct way in, out;
    bool busy;        /* the driver may have something that the device has not */
    size_t forgotten; /* bytes that were forgotten while they were sent */
    bool sized;       /* the driver has told a size that nobody has asked for yet */
    struct tty_size size;
};

static struct line lines[LINES_MOST];
static unsigned line_count;

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

/* A driver may be another one each time, of another size. */
static void ask_size(struct line *l) {
    struct file_call c = {.op = SERIAL_SIZE};
    bool told = err_ok(file_call(l->driver, &c));
    pthread_mutex_lock(&l->lock);
    l->sized = told;
    memcpy(&l->size, &c.word[0], sizeof l->size);
    pthread_mutex_unlock(&l->lock);
    sys_signal_raise(l->signal, l->work);
}

/* With room for a piece. */
static void *read_always(void *argument) {
    struct line *l = argument;
    size_t done;
    ask_size(l);
    for (;;) {
        if (!err_ok(file_read(l->driver, FILE_CURRENT, l->reading, PIECE, &done))) {
            pause_a_while();
            ask_size(l);
            continue;
        }
        pthread_mutex_lock(&l->lock);
        put(&l->in, l->reading, done);
        sys_signal_raise(l->signal, l->work);
        while (LINE_BYTES - l->in.length < PIECE)
            pthread_cond_wait(&l->in.changed, &l->lock);
        pthread_mutex_unlock(&l->lock);
    }
    return NULL;
}

/* What was sent goes, but for what was forgotten meanwhile. */
static void sent(struct line *l, size_t done) {
    drop(&l->out, done - smaller(done, l->forgotten));
    sys_signal_raise(l->signal, l->work);
}

static void send_piece(struct line *l) {
    size_t count = copy(&l->out, l->writing, PIECE), done = 0;
    l->busy = true;
    l->forgotten = 0;
    pthread_mutex_unlock(&l->lock);
    bool failed = !err_ok(file_write(l->driver, FILE_CURRENT, l->writing, count, &done));
    if (failed)
        pause_a_while();
    pthread_mutex_lock(&l->lock);
    sent(l, done);
}

static void drain(struct line *l) {
    struct file_call c = {.op = SERIAL_DRAIN};
    pthread_mutex_unlock(&l->lock);
    bool failed = !err_ok(file_call(l->driver, &c));
    if (failed)
        pause_a_while();
    pthread_mutex_lock(&l->lock);
    l->busy = failed || l->out.length;
    sys_signal_raise(l->signal, l->work);
}

static void *write_always(void *argument) {
    struct line *l = argument;
    pthread_mutex_lock(&l->lock);
    for (;;)
        if (l->out.length)
            send_piece(l);
        else if (l->busy)
            drain(l);
        else
            pthread_cond_wait(&l->out.changed, &l->lock);
    return NULL;
}

err_t line_start(struct session_cap session, struct signal_cap signal, uint64_t bits,
                 struct line **out) {
    pthread_t reader, writer;
    if (line_count == LINES_MOST)
        return ERROR(LIMIT);
    struct line *l = &lines[line_count++];
    *l = (struct line){.driver = session, .signal = signal, .work = bits};
    pthread_mutex_init(&l->lock, NULL);
    pthread_cond_init(&l->in.changed, NULL);
    pthread_cond_init(&l->out.changed, NULL);
    if (pthread_create(&reader, NULL, read_always, l) ||
        pthread_create(&writer, NULL, write_always, l))
        return ERROR(NO_MEMORY);
    *out = l;
    return OK;
}

/* ---- for the server ---- */

size_t line_peek(struct line *l, uint8_t *to, size_t size) {
    pthread_mutex_lock(&l->lock);
    size_t count = copy(&l->in, to, size);
    pthread_mutex_unlock(&l->lock);
    return count;
}

void line_taken(struct line *l, size_t count) {
    pthread_mutex_lock(&l->lock);
    drop(&l->in, count);
    pthread_cond_signal(&l->in.changed);
    pthread_mutex_unlock(&l->lock);
}

size_t line_send(struct line *l, const uint8_t *from, size_t count) {
    pthread_mutex_lock(&l->lock);
    count = put(&l->out, from, count);
    l->busy |= count != 0;
    pthread_cond_signal(&l->out.changed);
    pthread_mutex_unlock(&l->lock);
    return count;
}

void line_forget(struct line *l) {
    pthread_mutex_lock(&l->lock);
    l->forgotten += l->out.length;
    drop(&l->out, l->out.length);
    pthread_mutex_unlock(&l->lock);
}

bool line_idle(struct line *l) {
    pthread_mutex_lock(&l->lock);
    bool idle = !l->busy && !l->out.length;
    pthread_mutex_unlock(&l->lock);
    return idle;
}

bool line_size(struct line *l, struct tty_size *out) {
    pthread_mutex_lock(&l->lock);
    bool sized = l->sized;
    l->sized = false;
    *out = l->size;
    pthread_mutex_unlock(&l->lock);
    return sized;
}
