/* SPDX-License-Identifier: MIT */
/* SOURCES: services/tty/ldisc.c services/tty/ldisc_erase.c services/tty/ldisc_output.c
 * services/tty/ldisc_read.c */
/*
 * The line discipline against the one of the kernel that the test runs on: the same scripts of
 * settings, typed bytes, output and reads go to a pseudo terminal and to ours, and both sides have
 * to see the same. Linux works on what is typed in the background: polling the terminal waits for
 * that if there is nothing to read, and a side that has shown less so far is looked at again.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "services/tty/ldisc.h"
#include "tap.h"

#define LINUX_TCGETS     0x5401
#define LINUX_TCSETS     0x5402
#define LINUX_TCXONC     0x540A
#define LINUX_TCFLSH     0x540B
#define LINUX_TIOCGPTN   0x80045430
#define LINUX_TIOCSPTLCK 0x40045431
#define LINUX_FIONREAD   0x541B
#define AGAIN            200u

static int master, slave;
static struct ldisc ours;
static uint8_t queue[1 << 16]; /* typed, not taken yet */
static size_t queued;
static char story[4096]; /* what was done, for the report */
static unsigned long compared;

static void tell(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void tell(const char *format, ...) {
    size_t at = strlen(story);
    va_list list;
    va_start(list, format);
    if (at + 200 < sizeof story)
        vsnprintf(story + at, 200, format, list);
    va_end(list);
}

static bool open_pair(void) {
    char name[32];
    int zero = 0;
    unsigned number;
    master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK);
    if (master < 0 || ioctl(master, LINUX_TIOCSPTLCK, &zero) ||
        ioctl(master, LINUX_TIOCGPTN, &number))
        return false;
    snprintf(name, sizeof name, "/dev/pts/%u", number);
    slave = open(name, O_RDWR | O_NOCTTY | O_NONBLOCK);
    return slave >= 0;
}

static void begin(void) {
    if (!open_pair()) {
        printf("Bail out! no pseudo terminals here: %s\n", strerror(errno));
        exit(1);
    }
    ldisc_start(&ours);
    queued = 0;
    story[0] = 0;
}

static void end(void) {
    close(slave);
    close(master);
}

/* ---- both sides ---- */

static void settle(void) {
    struct pollfd p = {.fd = slave, .events = POLLIN};
    if (poll(&p, 1, 0) > 0)
        usleep(1500);
}

static void feed(void) {
    size_t n = ldisc_receive(&ours, queue, queued);
    memmove(queue, queue + n, queued - n);
    queued -= n;
    ours.signals = 0;
}

static size_t shown_by_linux(uint8_t *to, size_t size) {
    struct pollfd p = {.fd = master, .events = POLLIN};
    size_t done = 0;
    ssize_t n;
    while (poll(&p, 1, 0) > 0 && (n = read(master, to + done, size - done)) > 0)
        done += (size_t)n;
    return done;
}

static void print_bytes(const char *who, const uint8_t *at, size_t count) {
    printf("# %s (%zu):", who, count);
    for (size_t i = 0; i < count && i < 200; i++)
        printf(" %02x", at[i]);
    printf("\n");
}

static void differ(const char *what, const uint8_t *a, size_t na, const uint8_t *b, size_t nb) {
    check(!"differs");
    printf("# %s after:%s\n", what, story);
    print_bytes("linux", a, na);
    print_bytes("ours", b, nb);
}

/* What the other end of the line sees. */
static bool same_shown(void) {
    static uint8_t linux_shown[1 << 16], ours_shown[1 << 16];
    size_t theirs = 0, mine = 0, n;
    const uint8_t *at;
    while ((n = ldisc_output(&ours, &at))) {
        memcpy(ours_shown + mine, at, n);
        mine += n;
        ldisc_sent(&ours, n);
    }
    for (unsigned i = 0; i < AGAIN; i++) {
        settle();
        theirs += shown_by_linux(linux_shown + theirs, sizeof linux_shown - theirs);
        if (theirs >= mine)
            break;
        usleep(5000);
    }
    compared += mine;
    if (theirs == mine && !memcmp(linux_shown, ours_shown, mine))
        return true;
    differ("shown", linux_shown, theirs, ours_shown, mine);
    return false;
}

/* One read of so many bytes; nothing there counts as none. */
static bool same_read(size_t size) {
    static uint8_t a[8192], b[8192];
    size_t mine = 0, used = 0;
    ssize_t theirs = 0;
    tell(" read(%zu)", size);
    if (ldisc_ready(&ours, 1)) {
        mine = ldisc_peek(&ours, b, size, &used);
        ldisc_drop(&ours, used);
    }
    for (unsigned i = 0; i < AGAIN; i++) {
        theirs = read(slave, a, size);
        if (theirs >= 0 || !used)
            break;
        usleep(5000);
    }
    theirs = theirs < 0 ? 0 : theirs;
    feed();
    compared += mine;
    if ((size_t)theirs == mine && !memcmp(a, b, mine))
        return true;
    differ("read", a, (size_t)theirs, b, mine);
    return false;
}

static bool same_available(void) {
    int theirs = -1;
    ioctl(slave, LINUX_FIONREAD, &theirs);
    if ((size_t)theirs == ldisc_available(&ours))
        return true;
    check(!"FIONREAD");
    printf("# FIONREAD linux %d ours %zu after:%s\n", theirs, ldisc_available(&ours), story);
    return false;
}

static bool type(const uint8_t *at, size_t count) {
    tell(" type[");
    for (size_t i = 0; i < count && i < 60; i++)
        tell("%02x", at[i]);
    tell("]");
    if (write(master, at, count) != (ssize_t)count)
        return false;
    memcpy(queue + queued, at, count);
    queued += count;
    feed();
    settle();
    return same_shown();
}

static bool print_out(const uint8_t *at, size_t count) {
    tell(" print[");
    for (size_t i = 0; i < count; i++)
        tell("%02x", at[i]);
    tell("]");
    ssize_t theirs = write(slave, at, count);
    size_t mine = ldisc_write(&ours, at, count);
    if (theirs != (ssize_t)mine) {
        check(!"write count");
        printf("# write linux %zd ours %zu after:%s\n", theirs, mine, story);
        return false;
    }
    return same_shown();
}

static void set(const struct tty_termios *t) {
    struct tty_termios got;
    tell(" set(%x %x %x min %u)", t->input, t->output, t->local, t->character[TTY_MIN]);
    settle();
    check(!ioctl(slave, LINUX_TCSETS, t));
    ldisc_set(&ours, t);
    check(!ioctl(slave, LINUX_TCGETS, &got));
    check(!memcmp(&got, &ours.termios, sizeof got));
    feed();
}

/* ---- scripts ---- */

static void random_settings(uint64_t *seed, struct tty_termios *t) {
    static const uint32_t in[] = {TTY_ISTRIP, TTY_INLCR, TTY_IGNCR, TTY_ICRNL, TTY_IUCLC,
                                  TTY_IXON,   TTY_IXANY, TTY_IUTF8, TTY_PARMRK};
    static const uint32_t out[] = {TTY_OPOST, TTY_OLCUC,  TTY_ONLCR, TTY_OCRNL,
                                   TTY_ONOCR, TTY_ONLRET, TTY_XTABS};
    static const uint32_t l[] = {TTY_ISIG,    TTY_ICANON, TTY_ECHO,   TTY_ECHOE,
                                 TTY_ECHOK,   TTY_ECHONL, TTY_NOFLSH, TTY_ECHOCTL,
                                 TTY_ECHOPRT, TTY_ECHOKE, TTY_IEXTEN};
    *t = ours.termios;
    for (unsigned n = (unsigned)random_below(seed, 6); n; n--) {
        t->input ^= in[random_below(seed, sizeof in / sizeof *in)];
        t->output ^= out[random_below(seed, sizeof out / sizeof *out)];
        t->local ^= l[random_below(seed, sizeof l / sizeof *l)];
    }
    if (random_below(seed, 3))
        t->local |= TTY_ICANON | TTY_ECHO;
    t->character[TTY_EOL] = random_below(seed, 3) ? 0 : ';';
    t->character[TTY_EOL2] = random_below(seed, 3) ? 0 : 'E' - '@';
    t->character[TTY_MIN] = 1;
}

static uint8_t random_byte(uint64_t *seed) {
    static const uint8_t special[] = {3,    28,   0x7f, 21,   4,    17,  19,   26,   18,   23,
                                      22,   '\n', '\r', '\t', '\b', ' ', ';',  5,    '_',  0,
                                      0xc3, 0xa4, 0xe2, 0x82, 0xac, 255, 0x7f, 0x7f, '\t', 23};
    if (random_below(seed, 2))
        return special[random_below(seed, sizeof special)];
    if (!random_below(seed, 8))
        return (uint8_t)random_next(seed);
    return (uint8_t)('a' + random_below(seed, 26) - (random_below(seed, 6) ? 0 : 32));
}

static bool is_flow(uint8_t c) {
    c &= 0x7f; /* ISTRIP */
    return c == ours.termios.character[TTY_START] || c == ours.termios.character[TTY_STOP];
}

static bool random_step(uint64_t *seed) {
    uint8_t bytes[64];
    size_t count = 1 + random_below(seed, 24);
    struct tty_termios t;
    for (size_t i = 0; i < count; i++)
        bytes[i] = random_byte(seed);
    /* Linux shows echo when a batch is over, or START comes: so these two are typed alone. */
    for (size_t i = 0; i < count; i++)
        bytes[i] = is_flow(bytes[i]) ? 's' : bytes[i];
    if (!random_below(seed, ours.stopped ? 4 : 12)) {
        bytes[0] = ours.termios.character[ours.stopped ? TTY_START : TTY_STOP];
        count = 1;
    }
    switch (random_below(seed, 8)) {
    case 0: /* Linux shows what was held back by the settings that hold later */
        if (ours.stopped)
            return true;
        random_settings(seed, &t);
        set(&t);
        return same_shown();
    case 1:
        return ours.stopped || print_out(bytes, count);
    case 2:
        return same_available();
    case 3:
    case 4:
        return same_read(1 + random_below(seed, 40)) && same_shown();
    default:
        return type(bytes, count);
    }
}

static void test_scripts(void) {
    for (uint64_t script = 0; script < 400 && !tap_bad; script++) {
        uint64_t seed = script * 977;
        begin();
        tell(" script %lu:", (unsigned long)script);
        for (unsigned i = 0; i < 40 && random_step(&seed); i++)
            ;
        end();
    }
    check(compared > 10000);
    tap_test("pty: random scripts look the same as on Linux");
}

static void test_switch(void) {
    struct tty_termios canonical, raw;
    begin();
    canonical = raw = ours.termios;
    raw.local &= ~(TTY_ICANON | TTY_ECHO);
    set(&raw);
    bool same = type((const uint8_t *)"abc\ndef", 7);
    set(&canonical);
    same = same && same_available() && same_read(3) && same_read(100) && same_read(100);
    same = same && type((const uint8_t *)"xy\x04z\n", 5) && same_available() && same_read(2) &&
           same_read(10) && same_read(10);
    set(&raw);
    same = same && type((const uint8_t *)"more\n", 5) && same_read(2);
    set(&canonical);
    same = same && same_read(50) && type((const uint8_t *)"\x04\x04", 2) && same_read(5) &&
           same_read(5);
    check(same);
    end();
    tap_test("pty: changes between lines and bytes with input waiting");
}

static void test_long(void) {
    static uint8_t line[6000];
    begin();
    memset(line, 'x', sizeof line);
    for (size_t i = 0; i < sizeof line; i++)
        line[i] = (uint8_t)('a' + i % 26);
    line[5999] = '\n';
    bool same = true;
    for (size_t at = 0; at < sizeof line; at += 500)
        same = same && type(line + at, 500);
    same = same && same_available() && same_read(64) && same_read(8000) && same_read(100);
    check(same);
    end();
    tap_test("pty: a line that is longer than the buffer");
}

static void test_pasted(void) {
    static uint8_t text[10000];
    begin();
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (uint8_t)(i % 50 == 49 ? '\n' : 'a' + i % 23);
    struct tty_termios t = ours.termios;
    t.local &= ~TTY_ECHO;
    set(&t);
    bool same = type(text, sizeof text);
    size_t before = compared;
    for (unsigned i = 0; i < 200; i++)
        same = same && same_read(100);
    check(same && compared == before + sizeof text);
    end();
    tap_test("pty: 10,000 bytes before anybody reads");
}

int main(void) {
    test_switch();
    test_long();
    test_pasted();
    test_scripts();
    printf("# %lu bytes compared\n", compared);
    return tap_done();
}
