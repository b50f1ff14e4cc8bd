/* SPDX-License-Identifier: MIT */
/* SOURCES: tests/file/host/host.c tests/file/host/terminals.c lib/file/serve.c lib/file/locks.c
   lib/file/waits.c lib/file/polls.c lib/file/names.c lib/file/walk.c lib/file/badges.c
   lib/file/answer.c lib/file/client.c services/tty/ldisc.c services/tty/ldisc_erase.c
   services/tty/ldisc_output.c services/tty/ldisc_read.c services/tty/terminal.c
   services/tty/files.c services/tty/control.c services/tty/pty.c services/tty/tree.c
   lib/file/catalog.c */
/* RUNS: 60000 */
/*
 * Clients and a line that send whatever they like to the console and to pseudo terminals: bytes of
 * the input are operations, words and data. Nothing outside a buffer may be touched, the terminals
 * stay in order, and when all is closed nothing is left.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/file/host/terminals.h"

#define FILES 8u
#define CALLS 16u

static const uint8_t *bytes;
static size_t left;
static struct session_cap files[FILES];
static struct host_call calls[CALLS];
static char windows[CALLS][300];

static uint8_t byte(void) {
    if (!left)
        return 0;
    left--;
    return *bytes++;
}

static uint64_t word(void) {
    uint8_t kind = byte();
    if (kind < 200)
        return kind % 40;
    return kind < 220 ? UINT64_MAX : (uint64_t)byte() << (kind % 64);
}

static void in_order(const struct ldisc *d) {
    uint32_t have = d->head - d->tail;
    if (have > LDISC_INPUT || d->out.length > LDISC_OUTPUT || d->out.head >= LDISC_OUTPUT)
        abort();
    if (d->termios.local & TTY_ICANON && d->line - d->tail > have)
        abort();
}

static void open_one(struct session_cap root) {
    static const char *const names[] = {"cons", "ptmx", "pts/0", "pts/1", "tty", "pts"};
    unsigned place = byte() % FILES;
    struct file_name n = {.path = text_of(names[byte() % 6]), .flags = byte() & 0x63};
    struct session_cap s;
    if (files[place].h != HANDLE_NONE || !err_ok(file_open(root, &n, &s, NULL)))
        return;
    files[place] = s;
}

static void close_one(unsigned place) {
    if (files[place].h != HANDLE_NONE)
        host_close(NULL, files[place]);
    files[place].h = HANDLE_NONE;
}

static uint64_t operation(void) {
    uint8_t b = byte();
    if (b < 90)
        return FILE_READ;
    if (b < 150)
        return FILE_WRITE;
    return b < 240 ? TTY_GET + b % 17u : b % 24u;
}

static void call_one(void) {
    unsigned place = byte() % CALLS;
    struct session_cap s = files[byte() % FILES];
    struct host_call *c = &calls[place];
    if (s.h == HANDLE_NONE || c->waiting)
        return;
    *c = (struct host_call){.badge = host_file((unsigned)s.h)->badged.badge,
                            .account = HOST_ACCOUNT,
                            .op = operation(),
                            .rights = FILE_RIGHTS};
    for (unsigned i = 0; i < MESSAGE_WORDS; i++)
        c->word[i] = word();
    if (c->op == FILE_READ || c->op == FILE_WRITE)
        c->word[0] = FILE_CURRENT;
    size_t size = byte() < 200 ? byte() : 0;
    for (size_t i = 0; i < size && left; i++)
        windows[place][i] = (char)byte();
    if (c->op == FILE_READ) {
        c->to = size ? windows[place] : NULL;
        c->size = size;
    } else {
        c->data = (struct text){windows[place], size};
    }
    host_serve(c);
    for (unsigned i = 0; i < FILE_OPENED_MAX; i++)
        if (!c->waiting && c->opened[i].h != HANDLE_NONE)
            host_close(NULL, c->opened[i]);
}

static void step(struct session_cap root) {
    char text[9] = {0};
    switch (byte() % 8) {
    case 0:
        open_one(root);
        break;
    case 1:
        close_one(byte() % FILES);
        break;
    case 2:
        for (unsigned i = 0; i < 8; i++)
            text[i] = (char)byte();
        host_type(text);
        break;
    case 3:
        host_interrupt(&calls[byte() % CALLS]);
        break;
    case 4:
        host_line_room = byte();
        host_sent_count = 0;
        host_now += word() * 10000000;
        terminals_expire();
        terminal_run(&console);
        break;
    case 5:
        host_process = byte() % 4;
        host_who = (struct who){byte() % 4, byte() % 4, byte() % 4};
        host_group_session = byte() % 4;
        host_led = byte() & 1;
        break;
    default:
        call_one();
        break;
    }
    in_order(&console.ldisc);
}

static void end(struct session_cap root) {
    for (unsigned i = 0; i < CALLS; i++)
        host_interrupt(&calls[i]);
    for (unsigned i = 0; i < FILES; i++)
        close_one(i);
    host_close(NULL, root);
    if (host_server.open.count || host_server.waits.count || console.opens)
        abort();
    terminal_end(&console);
    free(host_server.open.place);
    free(host_server.waits.place);
    free(host_server.watches.place);
    free(host_server.pollers.place);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    bytes = data;
    left = size;
    host_process = 0;
    memset(&console, 0, sizeof console);
    struct session_cap root = host_terminals_start();
    while (left)
        step(root);
    end(root);
    return 0;
}
