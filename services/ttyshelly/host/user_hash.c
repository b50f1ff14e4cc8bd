/* SPDX-License-Identifier: MIT */
/*
 * Makes a line for the file of users, on the machine that builds: user-hash NAME HOME SHELL, with
 * the password on standard input. tools/user-hash builds and starts it.
 */
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "lib/password/users.h"

static bool copy(char *to, size_t room, const char *from) {
    return (size_t)snprintf(to, room, "%s", from) < room;
}

static int fail(const char *why) {
    fprintf(stderr, "user-hash: %s\n", why);
    return 1;
}

/* A line, without its end. */
static bool password_read(char *to, size_t size) {
    if (!fgets(to, (int)size, stdin))
        return false;
    size_t length = strcspn(to, "\n");
    bool whole = to[length] == '\n' || length + 1 < size;
    to[length] = 0;
    return whole && length;
}

int main(int argc, char **argv) {
    char password[PASSWORD_MOST + 2], line[512];
    struct user u = {.cost = PASSWORD_COST}, back;
    if (argc != 4)
        return fail("usage: tools/user-hash NAME HOME SHELL, the password on standard input");
    if (!copy(u.name, sizeof u.name, argv[1]) || !copy(u.home, sizeof u.home, argv[2]) ||
        !copy(u.shell, sizeof u.shell, argv[3]))
        return fail("a name or path is too long");
    if (!password_read(password, sizeof password) || strlen(password) > PASSWORD_MOST)
        return fail("the password is empty, or longer than 128 bytes");
    if (getrandom(u.salt, sizeof u.salt, 0) != sizeof u.salt)
        return fail("there are no random numbers");
    bool hashed = password_hash(&u.cost, u.salt, password, strlen(password), u.hash);
    explicit_bzero(password, sizeof password);
    if (!hashed)
        return fail("there is not enough memory");
    if (!user_format(&u, line, sizeof line) || !user_parse(line, strlen(line) - 1, &back))
        return fail("a name or path has characters that the file cannot have");
    fputs(line, stdout);
    return 0;
}
