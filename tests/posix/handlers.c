/* SPDX-License-Identifier: MIT */
#include "tests/posix/handlers.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/posix/operations.h"

#define NOTES 64

static volatile int notes[NOTES];
volatile int notes_count;
volatile int *together;

void note(int what) {
    if (notes_count < NOTES)
        notes[notes_count++] = what;
}

void note_signal(int signal, int flags, int mask) {
    struct sigaction a = {.sa_handler = note, .sa_flags = flags};
    sigemptyset(&a.sa_mask);
    if (mask)
        sigaddset(&a.sa_mask, mask);
    if (sigaction(signal, &a, NULL) < 0)
        say("sigaction %d failed", signal);
}

void notes_tell(const char *what) {
    char line[16 + NOTES * 5];
    int length = 0;
    line[0] = 0;
    for (int i = 0; i < notes_count; i++)
        length += snprintf(line + length, sizeof line - (size_t)length, " %d", notes[i]);
    say("%s: noted%s", what, line);
    notes_count = 0;
}

sigset_t set_of(int a, int b, int c) {
    sigset_t set;
    sigemptyset(&set);
    if (a)
        sigaddset(&set, a);
    if (b)
        sigaddset(&set, b);
    if (c)
        sigaddset(&set, c);
    return set;
}

void mask_change(int how, int a, int b, int c) {
    sigset_t set = set_of(a, b, c);
    sigprocmask(how, &set, NULL);
}

static void set_tell(const char *what, const char *kind, const sigset_t *set) {
    unsigned bits = 0;
    for (int s = 1; s < 32; s++)
        bits |= sigismember(set, s) > 0 ? 1u << s : 0;
    say("%s: %s %#x", what, kind, bits);
}

void mask_tell(const char *what) {
    sigset_t set;
    sigprocmask(SIG_BLOCK, NULL, &set);
    set_tell(what, "blocked", &set);
}

void pending_tell(const char *what) {
    sigset_t set;
    sigpending(&set);
    set_tell(what, "pending", &set);
}

void together_until(int place, int value) {
    while (together[place] != value)
        usleep(500);
}

void ended_tell(const char *what, int number) {
    int status = 0, result;
    do
        result = waitpid(number, &status, 0);
    while (result < 0 && errno == EINTR);
    if (result < 0)
        tell(what, result);
    else if (WIFEXITED(status))
        say("%s: exited %d", what, WEXITSTATUS(status));
    else
        say("%s: killed by %d", what, WTERMSIG(status));
}
