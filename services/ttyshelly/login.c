/* SPDX-License-Identifier: MIT */
/*
 * A name that nobody has is treated like a wrong password: the same is computed, with the cost that
 * new passwords have, and the same is said. After some failures each further one costs time.
 */
#include "services/ttyshelly/login.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "lib/posix/authority.h"
#include "services/ttyshelly/ask.h"

#define USERS       "/etc/users"
#define SECOND      1000000000ull
#define TIME_LIMIT  60u /* seconds from the name on */
#define FREE        3u  /* failures that cost no time */
#define DELAY_SHIFT 5u  /* at most 2 to the power of this, seconds */

static char file[USERS_BYTES + 1];
static size_t file_size;

static bool file_read(int fd) {
    ssize_t n;
    while (file_size < sizeof file && (n = read(fd, file + file_size, sizeof file - file_size)))
        if (n < 0)
            return false;
        else
            file_size += (size_t)n;
    return true;
}

bool login_begin(void) {
    int fd = open(USERS, O_RDONLY | O_CLOEXEC);
    file_size = 0;
    if (fd < 0 && errno == ENOENT)
        return true;
    bool whole = fd >= 0 && file_read(fd) && file_size <= USERS_BYTES;
    if (fd >= 0)
        close(fd);
    size_t wrong = whole ? users_check(file, file_size) : 0;
    if (!whole)
        fprintf(stderr, "ttyshelly: %s cannot be read, or is too long\n", USERS);
    if (wrong)
        fprintf(stderr, "ttyshelly: %s: line %zu is no user\n", USERS, wrong);
    return whole && !wrong;
}

bool login_find(const char *name, struct user *u) {
    return users_find(file, file_size, name, u);
}

/* What takes the place of one who is not there; no password has this hash. */
static const struct user nobody = {.cost = {8192, 3}};
_Static_assert(PASSWORD_MEMORY_LEAST <= 8192 && PASSWORD_MEMORY_MOST >= 8192,
               "the cost is one that can be computed");

enum verdict { REFUSED, LET_IN, NO_MEMORY };

static enum verdict check(const char *name, const char *password, struct user *u) {
    uint8_t hash[PASSWORD_HASH] = {0};
    bool known = login_find(name, u);
    if (!known)
        *u = nobody;
    bool hashed = password_hash(&u->cost, u->salt, password, strlen(password), hash);
    bool same = password_same(hash, u->hash);
    explicit_bzero(hash, sizeof hash);
    if (!hashed)
        return NO_MEMORY;
    return same && known ? LET_IN : REFUSED;
}

static void wait_after(unsigned failures) {
    if (failures < FREE)
        return;
    unsigned shift = failures - FREE;
    const struct timespec t = {.tv_sec = 1 << (shift < DELAY_SHIFT ? shift : DELAY_SHIFT)};
    nanosleep(&t, NULL);
}

/* From a name on; ANSWER_LINE: there is a verdict. */
static enum answer password_ask(const char *name, struct user *u, enum verdict *v) {
    char password[PASSWORD_MOST + 2];
    enum answer a =
        ask("Password: ", true, ask_now() + TIME_LIMIT * SECOND, password, sizeof password);
    if (a == ANSWER_LINE)
        *v = check(name, password, u);
    explicit_bzero(password, sizeof password);
    return a;
}

static void prompt_make(char *to, size_t size) {
    struct utsname name;
    if (uname(&name) || snprintf(to, size, "%s login: ", name.nodename) >= (int)size)
        snprintf(to, size, "login: ");
}

static void verdict_say(enum verdict v) {
    say(v == NO_MEMORY ? "There is not enough memory to check a password\n" : "Login incorrect\n");
}

bool login_ask(struct user *u) {
    char name[USER_NAME + 1], prompt[96];
    enum verdict v = REFUSED;
    unsigned failures = 0;
    prompt_make(prompt, sizeof prompt);
    for (;;) {
        enum answer a = ask(prompt, false, ASK_FOREVER, name, sizeof name);
        if (a == ANSWER_LINE && *name)
            a = password_ask(name, u, &v);
        else if (a == ANSWER_LINE)
            a = ANSWER_AGAIN;
        if (a == ANSWER_LATE)
            say("Login timed out after 60 seconds\n");
        if (a == ANSWER_LATE || a == ANSWER_ENDED)
            return false;
        if (a == ANSWER_AGAIN)
            continue;
        if (v == LET_IN)
            return true;
        (void)authority_failed(name); /* who is not there tells nobody; the login goes on */
        wait_after(++failures);
        verdict_say(v);
    }
}
