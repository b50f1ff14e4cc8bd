/* SPDX-License-Identifier: MIT */
/* The program as what it starts itself, under the name SELF. */
#pragma once

#define SELF "/self"

/* Whether it was started so: then it does what its environment asks for and ends with *code. */
int process_mode(int argc, char **argv, int *code);

/* Tells how a child ended, stopped or went on, as waitpid answered. */
void status_tell(const char *what, int result, int status);
/* Runs a function in a child, which ends with what it returns. */
int child_start(int (*run)(void));
/* ... and waits for it; tells how it ended. */
void child_tell(const char *what, int (*run)(void));
