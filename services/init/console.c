/* SPDX-License-Identifier: MIT */
#include "services/init/console.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

#include "abi/serial.h"
#include "abi/tty.h"
#include "lib/file/client.h"
#include "lib/sys/message.h"
#include "lib/sys/print.h"
#include "lib/sys/syscall.h"
#include "lib/sys/thread.h"
#include "services/init/first.h"

#define QUEUE  16384u
#define PIECE  1024u
#define SECOND 1000000000ull
#define ETX    3 /* ^C */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static char queue[QUEUE];
static size_t head, length;
static pthread_t supervisor;
static void (*log_print)(const char *text, size_t size);

static err_t terminal_open(struct session_cap *out) {
    const struct file_name n = {.path = text_of("cons"), .flags = FILE_FOR_READ | FILE_FOR_WRITE};
    return file_open(first_servers[FIRST_TTY].session, &n, out, NULL);
}

/* ---- text ---- */

static void enqueue(const char *text, size_t size) {
    for (size_t i = 0; i < size; i++)
        queue[(head + length++) % QUEUE] = text[i];
    pthread_cond_broadcast(&changed);
}

/* The supervisor waits for nobody. */
static void print_text(const char *text, size_t size) {
    bool waits = !pthread_equal(pthread_self(), supervisor) && size <= QUEUE;
    pthread_mutex_lock(&lock);
    while (waits && QUEUE - length < size)
        pthread_cond_wait(&changed, &lock);
    bool room = QUEUE - length >= size;
    if (room)
        enqueue(text, size);
    pthread_mutex_unlock(&lock);
    if (!room)
        log_print(text, size);
}

/* Writes all of it, or opens the terminal again next time. */
static err_t write_all(struct session_cap *s, const char *text, size_t size) {
    size_t done = 0, n = 0;
    err_t e = s->h == HANDLE_NONE ? terminal_open(s) : OK;
    for (; err_ok(e) && done < size; done += n)
        e = file_write(*s, FILE_CURRENT, text + done, size - done, &n);
    if (err_ok(e))
        return OK;
    if (s->h != HANDLE_NONE)
        sys_handle_close(ANY(*s));
    s->h = HANDLE_NONE;
    return e;
}

static void *write_always(void *unused) {
    static char piece[PIECE];
    struct session_cap s = {HANDLE_NONE};
    (void)unused;
    for (;;) {
        pthread_mutex_lock(&lock);
        while (!length)
            pthread_cond_wait(&changed, &lock);
        size_t count = length < PIECE ? length : PIECE;
        for (size_t i = 0; i < count; i++)
            piece[i] = queue[(head + i) % QUEUE];
        pthread_mutex_unlock(&lock);
        err_t e = write_all(&s, piece, count);
        if (!err_ok(e)) /* the terminal may be another one now */
            e = write_all(&s, piece, count);
        if (!err_ok(e))
            log_print(piece, count);
        pthread_mutex_lock(&lock);
        head = (head + count) % QUEUE;
        length -= count;
        pthread_cond_broadcast(&changed);
        pthread_mutex_unlock(&lock);
    }
    return NULL;
}

bool console_start(void) {
    pthread_t thread;
    supervisor = pthread_self();
    log_print = print_to;
    if (pthread_create(&thread, NULL, write_always, NULL))
        return false;
    print_to = print_text;
    return true;
}

void console_drain(void) {
    struct session_cap s;
    struct message m = {.op = TTY_DRAIN | OP_DEADLINE, .word = {TTY_ANYWAY}};
    pthread_mutex_lock(&lock);
    while (length)
        pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
    if (!err_ok(terminal_open(&s)))
        return;
    thread_block()->deadline = clock_nanoseconds() + SECOND;
    (void)session_call(s, &m);
    sys_handle_close(ANY(s));
}

void console_end(void) {
    print_to = log_print;
}

/* ---- lines ---- */

static err_t settings(struct session_cap s, uint32_t op, struct tty_termios *t) {
    struct file_call c = {.op = op};
    if (op == TTY_SET) {
        c.word[0] = TTY_NOW | TTY_ANYWAY;
        c.data = (struct text){(const char *)t, sizeof *t};
    } else {
        c.to = t;
        c.size = sizeof *t;
    }
    return file_call(s, &c);
}

/* ^C is to end the line, since there is nobody yet to whom it could be a signal. */
static err_t settings_for_line(struct session_cap s, struct tty_termios *before) {
    err_t e = settings(s, TTY_GET, before);
    struct tty_termios t = *before;
    t.local &= ~TTY_ISIG;
    t.character[TTY_EOL] = ETX;
    return err_ok(e) ? settings(s, TTY_SET, &t) : e;
}

static uint64_t lines_read, bytes_read;

/* One line, of which what does not fit is lost. */
static err_t read_line(struct session_cap s, char *to, size_t size, size_t *count) {
    char piece[128];
    size_t got = sizeof piece;
    err_t e;
    *count = 0;
    while (err_ok(e = file_read(s, FILE_CURRENT, piece, sizeof piece, &got)) && got) {
        size_t take = got < size - *count ? got : size - *count;
        memcpy(to + *count, piece, take);
        *count += take;
        bytes_read += got;
        if (piece[got - 1] == '\n' || piece[got - 1] == ETX)
            break;
    }
    if (err_ok(e) && (!got || piece[got - 1] == ETX)) {
        *count = 0;
        print("\n");
    }
    return e;
}

static err_t line_from(struct session_cap s, char *to, size_t size) {
    struct tty_termios before;
    size_t count;
    err_t e = settings_for_line(s, &before);
    if (err_ok(e))
        e = read_line(s, to, size - 1, &count);
    if (!err_ok(e))
        return e;
    lines_read++;
    if (count && to[count - 1] == '\n')
        count--;
    to[count] = 0;
    return settings(s, TTY_SET, &before);
}

void console_line(const char *prompt, char *to, size_t size) {
    static struct session_cap s;
    const struct timespec short_while = {.tv_nsec = 20000000};
    for (;;) {
        err_t e = s.h == HANDLE_NONE ? terminal_open(&s) : OK;
        print("%s", err_ok(e) ? prompt : "");
        if (err_ok(e))
            e = line_from(s, to, size);
        if (err_ok(e))
            return;
        if (s.h != HANDLE_NONE)
            sys_handle_close(ANY(s));
        s.h = HANDLE_NONE;
        nanosleep(&short_while, NULL);
    }
}

void console_report(void) {
    struct session_cap s = {HANDLE_NONE};
    struct file_call terminal = {.op = TTY_STATE}, line = {.op = SERIAL_STATE};
    err_t e = terminal_open(&s);
    if (err_ok(e))
        e = file_call(s, &terminal);
    if (err_ok(e))
        e = file_call(first_servers[FIRST_SERIAL].session, &line);
    if (s.h != HANDLE_NONE)
        sys_handle_close(ANY(s));
    print("console: %lu lines, %lu bytes read\n", lines_read, bytes_read);
    if (err_ok(e))
        print("console: %lu bytes of echo lost; the device lost bytes %lu times, %lu damaged, %lu "
              "breaks\n",
              terminal.word[2], line.word[2], line.word[3], line.word[4]);
    else
        print("console: %s\n", error_text(e));
}
