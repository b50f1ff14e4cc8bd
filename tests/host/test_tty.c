/* SPDX-License-Identifier: MIT */
/* SOURCES: tests/file/host/host.c tests/file/host/terminals.c lib/file/serve.c lib/file/locks.c
   lib/file/waits.c lib/file/polls.c lib/file/names.c lib/file/walk.c lib/file/badges.c
   lib/file/answer.c lib/file/client.c services/tty/ldisc.c services/tty/ldisc_erase.c
   services/tty/ldisc_output.c services/tty/ldisc_read.c services/tty/terminal.c
   services/tty/files.c services/tty/control.c services/tty/pty.c services/tty/tree.c
   lib/file/catalog.c */
/* Terminals as files: reads that wait and their time, who is in front, pseudo terminals. */
#include <string.h>

#include "tap.h"
#include "tests/file/host/terminals.h"

#define BOTH (FILE_FOR_READ | FILE_FOR_WRITE)

static struct session_cap root;
static char got[8192];

static struct session_cap open_file(const char *name, uint32_t flags, err_t *e) {
    const struct file_name n = {.path = text_of(name), .flags = flags};
    struct session_cap s = {HANDLE_NONE};
    *e = file_open(root, &n, &s, NULL);
    return s;
}

static struct session_cap opened(const char *name) {
    err_t e;
    struct session_cap s = open_file(name, BOTH, &e);
    check(err_ok(e));
    return s;
}

static void closed(struct session_cap s) {
    host_close(NULL, s);
}

static err_t ask(struct session_cap s, uint64_t op, uint64_t a, uint64_t b, uint64_t *out) {
    struct file_call c = {.op = (uint32_t)op, .word = {a, b}};
    err_t e = file_call(s, &c);
    if (out)
        *out = c.word[0];
    return e;
}

static void get(struct session_cap s, struct tty_termios *t) {
    struct file_call c = {.op = TTY_GET, .to = t, .size = sizeof *t};
    check(err_ok(file_call(s, &c)));
}

static err_t set(struct session_cap s, const struct tty_termios *t, uint64_t when) {
    struct file_call c = {.op = TTY_SET, .word = {when}, .data = {(const char *)t, sizeof *t}};
    return file_call(s, &c);
}

static bool reads(struct session_cap s, const char *due) {
    size_t n = 0;
    return err_ok(file_read(s, FILE_CURRENT, got, sizeof got, &n)) && n == strlen(due) &&
           !memcmp(got, due, n);
}

static bool writes(struct session_cap s, const char *text) {
    size_t n = 0;
    return err_ok(file_write(s, FILE_CURRENT, text, strlen(text), &n)) && n == strlen(text);
}

/* A read that waits. */
static struct host_call waiting(struct session_cap s, size_t count) {
    struct host_call c = {.badge = host_file((unsigned)s.h)->badged.badge,
                          .account = HOST_ACCOUNT,
                          .op = FILE_READ,
                          .word = {FILE_CURRENT, count},
                          .rights = FILE_RIGHTS,
                          .to = got,
                          .size = sizeof got};
    return c;
}

static void test_console(void) {
    struct session_cap s = opened("cons"), same = opened("console");
    struct host_call c = waiting(s, 100);
    host_serve(&c);
    check(c.waiting);
    host_type("hello");
    check(c.waiting);
    host_type("\n");
    ask(s, TTY_STATE, 0, 0, NULL); /* what waits goes on */
    check(!c.waiting && err_ok(c.error) && c.word[0] == 6 && !memcmp(got, "hello\n", 6));
    check(host_sent_count == 7 && !memcmp(host_sent, "hello\r\n", 7));
    host_type("x\ny\n");
    check(reads(same, "x\n") && reads(s, "y\n"));
    c = waiting(s, 100);
    host_serve(&c);
    host_interrupt(&c);
    host_type("later\n");
    check(reads(s, "later\n"));
    closed(s);
    closed(same);
    check(!console.opens && !host_server.waits.count);
    tap_test("tty: a read waits for a line, which it takes once");
}

static void test_lost_answer(void) {
    struct session_cap s = opened("cons");
    struct host_call c = waiting(s, 100);
    host_type("keep\n");
    c.gone = true;
    host_serve(&c);
    check(reads(s, "keep\n"));
    closed(s);
    tap_test("tty: what does not arrive was not read");
}

static void test_time(void) {
    struct tty_termios t, before;
    struct session_cap s = opened("cons");
    get(s, &before);
    t = before;
    t.local &= ~(TTY_ICANON | TTY_ECHO);
    t.character[TTY_MIN] = 0;
    t.character[TTY_TIME] = 2;
    check(err_ok(set(s, &t, TTY_NOW)));
    struct host_call c = waiting(s, 10);
    host_serve(&c);
    check(c.waiting && host_alarm == host_now + 200000000);
    host_now = host_alarm;
    terminals_expire();
    ask(s, TTY_STATE, 0, 0, NULL);
    check(!c.waiting && err_ok(c.error) && c.word[0] == 0);

    t.character[TTY_MIN] = 3;
    check(err_ok(set(s, &t, TTY_NOW)));
    c = waiting(s, 10);
    host_serve(&c);
    check(c.waiting && !host_alarm); /* the first byte may take for ever */
    host_type("a");
    ask(s, TTY_STATE, 0, 0, NULL);
    check(c.waiting && host_alarm == host_now + 200000000);
    host_now += 100000000;
    host_type("b");
    ask(s, TTY_STATE, 0, 0, NULL);
    check(c.waiting && host_alarm == host_now + 200000000); /* begins again */
    host_now = host_alarm;
    terminals_expire();
    ask(s, TTY_STATE, 0, 0, NULL);
    check(!c.waiting && c.word[0] == 2);
    host_type("cde");
    check(reads(s, "cde"));
    check(err_ok(set(s, &before, TTY_NOW)));
    closed(s);
    tap_test("tty: MIN and TIME");
}

static void test_drain(void) {
    struct session_cap s = opened("cons");
    struct host_call c = {.badge = host_file((unsigned)s.h)->badged.badge,
                          .account = HOST_ACCOUNT,
                          .op = TTY_DRAIN,
                          .rights = FILE_RIGHTS};
    host_line_room = 0;
    check(writes(s, "slow"));
    host_serve(&c);
    check(c.waiting);
    host_line_room = HOST_LINE;
    host_sent_count = 0;
    terminal_run(&console);
    ask(s, TTY_STATE, 0, 0, NULL);
    check(!c.waiting && err_ok(c.error) && host_sent_count == 4);
    closed(s);
    tap_test("tty: to drain waits for the line");
}

static void test_jobs(void) {
    err_t e;
    uint64_t word = 0;
    struct session_cap s = opened("cons");
    host_process = 1;
    host_who = (struct who){10, 10, 10};
    host_group_session = 10;
    host_led = true;
    open_file("tty", BOTH, &e);
    check(err_is(e, ERR_UNSUPPORTED)); /* it has none yet */
    check(err_is(ask(s, TTY_GROUP_GET, 0, 0, NULL), ERR_WRONG_TYPE));
    host_who.number = 11;
    check(err_is(ask(s, TTY_CONTROL, 0, 0, NULL), ERR_NO_RIGHT)); /* no leader */
    host_who.number = 10;
    check(err_ok(ask(s, TTY_CONTROL, 0, 0, NULL)));
    check(err_ok(ask(s, TTY_SESSION, 0, 0, &word)) && word == 10);
    check(err_ok(ask(s, TTY_GROUP_SET, 12, 0, NULL)));
    check(err_ok(ask(s, TTY_GROUP_GET, 0, 0, &word)) && word == 12);
    struct session_cap own = opened("tty");
    host_signals = 0;
    host_type("junk\003");
    check(host_signals == 1ull << JOBS_INT && host_signal_group == 12);

    /* Group 10 is in the background now. */
    host_type("for group 12\n");
    struct tty_termios t;
    get(own, &t);
    check(err_is(file_read(own, FILE_CURRENT, got, 10, &(size_t){0}), ERR_BUSY));
    check(err_is(set(own, &t, TTY_NOW), ERR_BUSY));
    check(err_ok(set(own, &t, TTY_NOW | TTY_ANYWAY)));
    check(err_is(ask(own, TTY_GROUP_SET, 10, 0, NULL), ERR_BUSY));
    check(writes(own, "w"));
    t.local |= TTY_TOSTOP;
    check(err_ok(set(own, &t, TTY_NOW | TTY_ANYWAY)));
    check(!writes(own, "w"));
    host_group_session = 99;
    check(err_is(ask(own, TTY_GROUP_SET, 13, TTY_ANYWAY, NULL), ERR_NO_RIGHT));
    host_group_session = 10;
    check(err_ok(ask(own, TTY_GROUP_SET, 10, TTY_ANYWAY, NULL)));
    check(reads(own, "for group 12\n"));

    host_signals = 0;
    check(err_ok(ask(own, TTY_SIZE_SET, 80ull << 16 | 25, 0, NULL)));
    check(host_signals == 1ull << JOBS_WINCH);
    host_signals = 0;
    check(err_ok(ask(own, TTY_SIZE_SET, 80ull << 16 | 25, 0, NULL)) && !host_signals);
    check(err_ok(ask(own, TTY_SIZE_GET, 0, 0, &word)) && word == (80ull << 16 | 25));

    /* Another session gets it only when the leader of this one is gone. */
    host_who = (struct who){20, 20, 20};
    check(err_is(ask(s, TTY_CONTROL, 0, 0, NULL), ERR_NO_RIGHT));
    closed(own);
    closed(s);
    host_process = 0;
    tap_test("tty: sessions, groups, and who is in front");
}

/* Those who stay behind are cut off: they read nothing of what the next one types. */
static void test_leader_ends(void) {
    struct tty_termios t;
    struct session_cap old = opened("cons");
    struct host_call c = waiting(old, 100);
    host_process = 1;
    get(old, &t);
    t.local &= ~TTY_ECHO;
    check(err_ok(set(old, &t, TTY_NOW | TTY_ANYWAY)));
    host_serve(&c);
    check(c.waiting && console.session == 10);
    host_signals = 0;
    terminals_leave();
    check(!host_signals && console.session == 10);
    host_led = false;
    terminals_leave();
    check(host_signals == (1ull << JOBS_HUP | 1ull << JOBS_CONT) && !console.session);
    ask(old, TTY_STATE, 0, 0, NULL); /* what waits goes on */
    check(!c.waiting && err_ok(c.error) && !c.word[0]);
    check(err_is(ask(old, TTY_CONTROL, 0, 0, NULL), ERR_DEAD) && !writes(old, "x"));
    struct session_cap s = opened("cons");
    check(err_ok(ask(s, TTY_CONTROL, 0, 0, NULL)) && console.session == 20);
    get(s, &t);
    check(t.local & TTY_ECHO);
    host_type("secret\n");
    check(reads(old, "") && reads(s, "secret\n"));

    /* Who comes before the end was told finds the terminal free all the same, and keeps it. */
    struct session_cap next = opened("cons");
    check(!console.session && err_ok(ask(next, TTY_CONTROL, 0, 0, NULL)));
    host_led = true;
    terminals_leave();
    check(console.session == 20 && writes(next, "x") && !writes(s, "x"));
    check(err_ok(ask(next, TTY_RELEASE, 0, 0, NULL)) && !console.session);
    host_process = 0;
    closed(old);
    closed(s);
    closed(next);
    tap_test("tty: the end of a leader cuts off who stays behind");
}

static void test_pty(void) {
    err_t e;
    uint64_t number = 9;
    struct session_cap m = opened("ptmx");
    check(err_ok(ask(m, PTY_NUMBER, 0, 0, &number)) && number == 0);
    open_file("pts/0", BOTH, &e);
    check(err_is(e, ERR_BUSY)); /* locked */
    check(err_ok(ask(m, PTY_LOCK, 0, 0, NULL)));
    struct session_cap s = opened("pts/0");
    check(writes(m, "ls\n") && reads(s, "ls\n") && reads(m, "ls\r\n"));
    check(writes(s, "out\n") && reads(m, "out\r\n"));
    struct host_call c = waiting(m, 10);
    host_serve(&c);
    check(c.waiting);
    closed(s);
    ask(m, TTY_STATE, 0, 0, NULL);
    check(!c.waiting && err_is(c.error, ERR_DEAD)); /* nobody has the slave */
    s = opened("pts/0");
    check(writes(s, "again") && reads(m, "again"));

    struct host_call r = waiting(s, 10);
    host_serve(&r);
    check(r.waiting);
    closed(m);
    ask(s, TTY_STATE, 0, 0, NULL);
    check(!r.waiting && err_ok(r.error) && r.word[0] == 0); /* the end of the file */
    check(!writes(s, "x"));
    open_file("pts/0", BOTH, &e);
    check(err_is(e, ERR_NOT_FOUND));
    m = opened("ptmx"); /* the number is in use as long as the slave is open */
    check(err_ok(ask(m, PTY_NUMBER, 0, 0, &number)) && number == 1);
    closed(m);
    closed(s);
    m = opened("ptmx");
    check(err_ok(ask(m, PTY_NUMBER, 0, 0, &number)) && number == 0);
    closed(m);
    check(!host_server.open.count && !host_server.waits.count);
    tap_test("tty: pseudo terminals, and what the end of one side is to the other");
}

static void test_many(void) {
    struct session_cap m[64];
    err_t e = OK;
    unsigned n = 0;
    while (n < 64 && (m[n] = open_file("ptmx", BOTH, &e), err_ok(e)))
        n++;
    check(n == 48 && err_is(e, ERR_TOO_MANY_OPEN));
    while (n)
        closed(m[--n]);
    check(!host_server.open.count);
    tap_test("tty: an account has 48 pseudo terminals");
}

int main(void) {
    root = host_terminals_start();
    test_console();
    test_lost_answer();
    test_time();
    test_drain();
    test_jobs();
    test_leader_ends();
    test_pty();
    test_many();
    return tap_done();
}
