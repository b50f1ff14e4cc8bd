/* SPDX-License-Identifier: MIT */
/*
 * Terminals: a line discipline with a device on the one side, a line to a driver or the master of a
 * pseudo terminal, and open files on the other. After whatever changes one, terminal_run moves what
 * can be moved and wakes who may go on.
 */
#pragma once
#include "lib/file/waits.h"
#include "services/tty/jobs.h"
#include "services/tty/ldisc.h"

struct line;
struct pty;

struct terminal {
    struct node node; /* its open files */
    struct file_server *server;
    struct link link; /* in the list of all */
    struct ldisc ldisc;
    struct tty_size size;
    struct pty *pty; /* one of both is its device */
    struct line *line;
    uint64_t device;         /* as struct file_stat has it */
    uint32_t session, group; /* that it controls, and which of its groups is in front; 0: none */
    uint32_t opens;
    bool hung_up;      /* the device is gone for ever */
    uint64_t hang_ups; /* how often what was open was cut off; a file's is in its offset */
    struct file_queue reads, writes, drains;

    /* TTY_TIME, for the read that is to go on first. */
    handle_t timed;    /* its reply */
    size_t timed_have; /* bytes that there were when the time began */
    uint64_t deadline; /* 0: none */

    size_t peeked; /* by the read whose answer is under way: see ldisc_peek */
};

static inline struct terminal *terminal_of(struct node *n) {
    return LINK_OF(n, struct terminal, node);
}

/* The alarm came: reads whose time is over go on. */
void terminals_expire(void);
/* The leader of some session has ended: terminals leave it. */
void terminals_leave(void);
/* If its session has no leader any more, it leaves it: the group in front is told, and files of the
 * line that are open are cut off, so that who stays behind reads nothing of who comes. */
void terminal_leave(struct terminal *t);
/* The terminal that controls a session, or NULL. */
struct terminal *terminal_of_session(uint32_t session);

/* With one device: a pseudo terminal, or a line. */
void terminal_begin(struct terminal *t, struct file_server *s, struct pty *pty, struct line *line,
                    uint64_t device);
/* Nobody has it any more. */
void terminal_end(struct terminal *t);
void terminal_run(struct terminal *t);
void terminal_hang_up(struct terminal *t);
/* The file of a terminal, which may be that of a master, is cut off. */
bool terminal_cut_off(const struct terminal *t, const struct file *f);
/* It is of this size from now on; the group in front is told if that is another one. */
void terminal_size(struct terminal *t, const struct tty_size *size);
/* All that was written has left. */
bool terminal_drained(const struct terminal *t);
void terminal_forget_output(struct terminal *t);
/* It controls no session any more; its groups are told. */
void terminal_release(struct terminal *t);
/* BUSY: it controls the caller's session, and the caller's group is not the one in front. */
err_t terminal_in_front(const struct terminal *t, const struct file_request *r);

/* ---- between the parts ---- */

/* The operations of abi/tty.h, but for a master's own; by a file of the terminal, or its master. */
err_t terminal_control(struct terminal *t, struct file_request *r);
err_t terminal_other(struct file *f, struct file_request *r);
/* Of a read that has to wait: false if its time is over. The time begins again with each byte. */
bool terminal_has_time(struct terminal *t, const struct file_request *r);
extern const struct node_ops terminal_ops;
/* Terminals that are opened by name. */
err_t terminal_open(struct file *f);
