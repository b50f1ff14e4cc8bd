/* SPDX-License-Identifier: MIT */
/*
 * A pseudo terminal, the leader of a session at its slave, and the leader's jobs. The test has the
 * master. They take turns by a number in memory that all share.
 */
#pragma once
#include <fcntl.h>

extern int master, terminal; /* descriptors: the test's; the leader's and its jobs' */
extern char slave[16];       /* its name in the directory of devices */

/* Once for each group of operations. */
void turns_begin(void);
void turns_end(void);
/* It is the turn of the number. */
void next(int n);
/* Waits for it, or tells that it did not come. */
void until(int n);
/* Types at the terminal. */
void type(const char *text);

/* Makes another terminal. */
void terminal_make(void);
#define NOT_OPENED (-1)
/* A new session in a child that opens the slave, if it is to, and runs a function. */
int leader_start(int (*run)(void), int flags);
/* Waits for it, and tells how it ended and what it told. */
void leader_end(const char *what, int number);
/* The whole of a test without a part for who types. */
void leader(const char *what, int (*run)(void), int flags);

/* A job in a group of its own, in front or not. */
int job_start(int (*run)(void), int front);
/* Tells what waitpid tells of it. */
void job_tell(const char *what, int number, int options);
/* What a job does: it says that it is there, and sleeps; it reads a line, and ends with its length,
 * or 200. */
_Noreturn int waits_for_ever(void);
int reads(void);
