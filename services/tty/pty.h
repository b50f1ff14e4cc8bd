/* SPDX-License-Identifier: MIT */
/*
 * Pseudo terminals: a terminal, the slave, whose device is a program with the master. Opening
 * `ptmx` makes one; its slave is pts/N, locked at first. When the master is closed the slave is
 * hung up. A master whose slave was open and is not any more reads DEAD until it is opened again.
 */
#pragma once
#include "services/tty/terminal.h"

#define PTYS_MAX        128u
#define PTYS_OF_ACCOUNT 48u

struct pty {
    struct node master;
    struct terminal slave; /* one reference as long as there is the master */
    uint32_t number;
    uint64_t account;
    bool locked, opened; /* opened: the slave was, at some time */
    struct file_queue reads, writes;
};

extern const struct node_ops ptmx_ops;

void ptys_start(struct file_server *s);
/* Those whose slave has a name, by number; NULL: none. Numbers are below PTYS_MAX. */
struct pty *pty_find(uint32_t number);
bool pty_locked(const struct pty *p);
/* Something about the slave has changed. */
void pty_wake(struct pty *p);
/* The slave has no reference left. */
void pty_unused(struct pty *p);
