/* SPDX-License-Identifier: MIT */
/*
 * sudo: runs a command with more authority than its user's programs have. It has no authority of
 * its own: it asks for the user's password and, with that, `auth`; what is granted are handles,
 * which the command inherits.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/posix/authority.h"

#define PURPOSE_MOST 256u

/* The command as one line, or as much of it as fits. */
static void purpose_make(char to[PURPOSE_MOST], char **argument) {
    size_t n = 0;
    to[0] = 0;
    for (; *argument && n < PURPOSE_MOST; argument++)
        n += (size_t)snprintf(to + n, PURPOSE_MOST - n, "%s%s", n ? " " : "", *argument);
}

static void refused_say(long error, uint64_t seconds) {
    if (error == -EPERM)
        fprintf(stderr, "sudo: nothing more is granted to you; this was recorded\n");
    else if (error == -EACCES)
        fprintf(stderr, "sudo: the password is wrong\n");
    else if (error == -EBUSY)
        fprintf(stderr, "sudo: the password was wrong too often; try again in %llu s\n",
                (unsigned long long)seconds);
    else
        fprintf(stderr, "sudo: %s\n", strerror((int)-error));
}

static long ask(char **command) {
    char purpose[PURPOSE_MOST];
    uint64_t seconds;
    purpose_make(purpose, command);
    char *password = getpass("Password: ");
    if (!password)
        return -errno;
    long error = authority_ask(password, purpose, &seconds);
    explicit_bzero(password, strlen(password));
    if (error)
        refused_say(error, seconds);
    return error;
}

int main(int argc, char **argv) {
    if (argc < 2 || argv[1][0] == '-') {
        fprintf(stderr, "usage: sudo COMMAND [ARGUMENT...]\n");
        return 2;
    }
    if (ask(argv + 1))
        return 1;
    execvp(argv[1], argv + 1);
    int error = errno;
    perror(argv[1]);
    return error == ENOENT ? 127 : 126;
}
