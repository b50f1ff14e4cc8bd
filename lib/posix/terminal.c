/* SPDX-License-Identifier: MIT */
/* What ioctl asks of a terminal, passed through to its server (docs/man/5/tty.md). */
#include <errno.h>
#include <signal.h>
#include <sys/ioctl.h>

#include "abi/tty.h"
#include "lib/posix/process.h"

/* Errors mean other things to a terminal than to a file. */
static long terminal_errno(err_t e) {
    if (err_is(e, ERR_UNSUPPORTED) || err_is(e, ERR_WRONG_TYPE))
        return -ENOTTY;
    if (err_is(e, ERR_BUSY) || err_is(e, ERR_DEAD))
        return -EIO;
    if (err_is(e, ERR_NO_RIGHT))
        return -EPERM;
    return err_is(e, ERR_NOT_FOUND) ? -ESRCH : posix_errno(e);
}

static long ask(const struct description *d, struct file_call *c) {
    const struct file_call asked = *c;
    bool waits = c->op == TTY_DRAIN || (c->op == TTY_SET && c->word[0]);
    for (bool insist = false;;) {
        if (waits && signals_waiting())
            return -EINTR;
        err_t e = waits ? file_call(d->base.session, c) : file_ask(d->base.session, c);
        if (!err_is(e, ERR_BUSY))
            return terminal_errno(e);
        long error = background(SIGTTOU, &insist);
        if (error == -EIO && c->op == TTY_GROUP_SET)
            return -ENOTTY; /* as Linux says it, who is an orphan in the background */
        if (error)
            return error;
        *c = asked;
        if (insist)
            c->word[c->op == TTY_GROUP_SET] |= TTY_ANYWAY;
    }
}

static long settings_get(const struct description *d, void *to) {
    struct file_call c = {.op = TTY_GET, .to = to, .size = sizeof(struct tty_termios)};
    return user_writable((uint64_t)to, c.size) ? ask(d, &c) : -EFAULT;
}

static long settings_set(const struct description *d, uint64_t when, const void *from) {
    struct file_call c = {.op = TTY_SET, .word = {when}};
    c.data = (struct text){from, sizeof(struct tty_termios)};
    return user_readable((uint64_t)from, c.data.length) ? ask(d, &c) : -EFAULT;
}

/* A word of the answer as a number of `size` bytes. */
static long number_get(const struct description *d, uint32_t op, unsigned word, void *to,
                       size_t size) {
    struct file_call c = {.op = op};
    if (!user_writable((uint64_t)to, size))
        return -EFAULT;
    long error = ask(d, &c);
    for (size_t i = 0; i < size && !error; i++)
        ((uint8_t *)to)[i] = (uint8_t)(c.word[word] >> 8 * i);
    return error;
}

/* A number of `size` bytes as word 0. */
static long number_set(const struct description *d, uint32_t op, const void *from, size_t size) {
    struct file_call c = {.op = op};
    if (!user_readable((uint64_t)from, size))
        return -EFAULT;
    for (size_t i = 0; i < size; i++)
        c.word[0] |= (uint64_t)((const uint8_t *)from)[i] << 8 * i;
    return ask(d, &c);
}

static long plain(const struct description *d, uint32_t op, uint64_t word) {
    struct file_call c = {.op = op, .word = {word}};
    return ask(d, &c);
}

/* A break, which none of the lines can send, is over at once. */
static long drain(const struct description *d, long argument) {
    return argument ? plain(d, TTY_DRAIN, 0) : 0;
}

void terminal_take(const struct description *d) {
    const struct proc_page *page = proc_page();
    struct file_call c = {.op = TTY_CONTROL};
    if (page && page->session_number == page->number)
        (void)file_call(d->base.session, &c);
}

long terminal_control(const struct description *d, uint32_t request, long argument) {
    void *at = (void *)argument;
    switch (request) {
    case TCGETS:
        return settings_get(d, at);
    case TCSETS:
    case TCSETSW:
    case TCSETSF:
        return settings_set(d, request - TCSETS + TTY_NOW, at);
    case TCFLSH:
        return (unsigned long)argument > 2 ? -EINVAL : plain(d, TTY_FLUSH, (uint64_t)argument + 1);
    case TCXONC:
        return (unsigned long)argument > 3 ? -EINVAL : plain(d, TTY_FLOW, (uint64_t)argument);
    case TCSBRK:
        return drain(d, argument);
    case TIOCGWINSZ:
        return number_get(d, TTY_SIZE_GET, 0, at, sizeof(struct tty_size));
    case TIOCSWINSZ:
        return number_set(d, TTY_SIZE_SET, at, sizeof(struct tty_size));
    case TIOCGPGRP:
        return number_get(d, TTY_GROUP_GET, 0, at, sizeof(int));
    case TIOCSPGRP:
        return number_set(d, TTY_GROUP_SET, at, sizeof(int));
    case TIOCGSID:
        return number_get(d, TTY_SESSION, 0, at, sizeof(int));
    case TIOCSCTTY:
        return plain(d, TTY_CONTROL, 0);
    case TIOCNOTTY:
        return plain(d, TTY_RELEASE, 0);
    case TIOCOUTQ:
        return number_get(d, TTY_STATE, 1, at, sizeof(int));
    case TIOCGPTN:
        return number_get(d, PTY_NUMBER, 0, at, sizeof(int));
    case TIOCSPTLCK:
        return number_set(d, PTY_LOCK, at, sizeof(int));
    default:
        return -ENOTTY;
    }
}
