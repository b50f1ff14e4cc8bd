/* SPDX-License-Identifier: MIT */
/*
 * Terminals: what the server `tty` does beside the file protocol (abi/file.h). A terminal is an
 * open file without offsets. Structures and numbers are those of Linux on x86-64, so that what a
 * program asks for with ioctl passes through. See docs/man/5/tty.md.
 */
#pragma once
#include <stdint.h>

enum tty_op {
    TTY_GET = 0x300, /* answer data: struct tty_termios, or in words 1 to 5 */
    TTY_SET,         /* word 0 enum tty_when and TTY_ANYWAY; data: struct tty_termios */
    TTY_FLUSH,       /* word 0 TTY_FLUSH_* and TTY_ANYWAY */
    TTY_FLOW,        /* word 0 enum tty_flow and TTY_ANYWAY */
    TTY_DRAIN,       /* word 0 TTY_ANYWAY or 0. Answered when what was written is sent */
    TTY_SIZE_GET,    /* answer: word 0 struct tty_size, the first field lowest */
    TTY_SIZE_SET,    /* word 0 struct tty_size */
    TTY_GROUP_GET,   /* answer: word 0 the foreground group, 0: none */
    TTY_GROUP_SET,   /* word 0 a group of the caller's session; 1 TTY_ANYWAY or 0 */
    TTY_SESSION,     /* answer: word 0 the session that the terminal controls */
    TTY_CONTROL,     /* it becomes the controlling terminal of the caller's session */
    TTY_RELEASE,     /* ... and is it no longer */
    TTY_STATE,       /* answer: word 0 bytes to read, 1 bytes to send, 2 bytes of echo lost */
    PTY_NUMBER,      /* to a master. Answer: word 0 the number of its slave, in pts/ */
    PTY_LOCK,        /* to a master: word 0 1: the slave cannot be opened, 0: it can */
    TTY_OPS,
};

enum tty_when { TTY_NOW, TTY_DRAINED, TTY_FLUSHED };              /* TCSANOW... */
enum tty_flow { TTY_OUT_OFF, TTY_OUT_ON, TTY_IN_OFF, TTY_IN_ON }; /* TCOOFF... */
#define TTY_FLUSH_INPUT  1u                                       /* TCIFLUSH + 1 */
#define TTY_FLUSH_OUTPUT 2u

/* The caller is in the background and does it all the same: SIGTTOU is blocked or ignored. */
#define TTY_ANYWAY (1ull << 32)

#define TTY_CHARACTERS 19u

/* The kernel's struct termios: TCGETS, TCSETS. */
struct tty_termios {
    uint32_t input, output, control, local;
    uint8_t line;
    uint8_t character[TTY_CHARACTERS];
};

struct tty_size {
    uint16_t rows, columns, x_pixels, y_pixels;
};

enum tty_character {
    TTY_INTR,
    TTY_QUIT,
    TTY_ERASE,
    TTY_KILL,
    TTY_EOF,
    TTY_TIME,
    TTY_MIN,
    TTY_SWTC,
    TTY_START,
    TTY_STOP,
    TTY_SUSP,
    TTY_EOL,
    TTY_REPRINT,
    TTY_DISCARD,
    TTY_WERASE,
    TTY_LNEXT,
    TTY_EOL2,
};

/* Input. */
#define TTY_PARMRK 0x0008u
#define TTY_ISTRIP 0x0020u
#define TTY_INLCR  0x0040u
#define TTY_IGNCR  0x0080u
#define TTY_ICRNL  0x0100u
#define TTY_IUCLC  0x0200u
#define TTY_IXON   0x0400u
#define TTY_IXANY  0x0800u
#define TTY_IUTF8  0x4000u
/* Output. */
#define TTY_OPOST  0x0001u
#define TTY_OLCUC  0x0002u
#define TTY_ONLCR  0x0004u
#define TTY_OCRNL  0x0008u
#define TTY_ONOCR  0x0010u
#define TTY_ONLRET 0x0020u
#define TTY_TABDLY 0x1800u
#define TTY_XTABS  0x1800u
/* Control. */
#define TTY_CSIZE   0x0030u
#define TTY_CS8     0x0030u
#define TTY_CREAD   0x0080u
#define TTY_PARENB  0x0100u
#define TTY_HUPCL   0x0400u
#define TTY_CLOCAL  0x0800u
#define TTY_B38400  0x000fu
#define TTY_B115200 0x1002u
/* Local. */
#define TTY_ISIG    0x0001u
#define TTY_ICANON  0x0002u
#define TTY_ECHO    0x0008u
#define TTY_ECHOE   0x0010u
#define TTY_ECHOK   0x0020u
#define TTY_ECHONL  0x0040u
#define TTY_NOFLSH  0x0080u
#define TTY_TOSTOP  0x0100u
#define TTY_ECHOCTL 0x0200u
#define TTY_ECHOPRT 0x0400u
#define TTY_ECHOKE  0x0800u
#define TTY_IEXTEN  0x8000u
