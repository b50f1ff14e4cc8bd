/* SPDX-License-Identifier: MIT */
/* What handlers saw, to be told when they are over: they tell nothing themselves. */
#pragma once
#include <signal.h>

/* Sets a handler that notes the signal; `flags` of sigaction, `mask` of one signal or 0. */
void note_signal(int signal, int flags, int mask);
/* Notes something else. */
void note(int what);
/* Tells what was noted since, in order. */
void notes_tell(const char *what);
extern volatile int notes_count;

/* The set of up to three signals; 0: none. */
sigset_t set_of(int a, int b, int c);
/* Blocks, unblocks or sets them. */
void mask_change(int how, int a, int b, int c);
/* Tells those of the first 31 that are held back, or pending. */
void mask_tell(const char *what);
void pending_tell(const char *what);

/* Memory that all children share, and a wait for a value there. */
extern volatile int *together;
void together_until(int place, int value);
/* Waits for a child and tells how it ended. */
void ended_tell(const char *what, int number);
