/* SPDX-License-Identifier: MIT */
/*
 * What a person at a terminal meets: makes that its own, says what machine this is, asks who is
 * there, and becomes that user's shell; `init` starts it again when that ends. `-t` names the
 * terminal in /dev and `-k` its kind. With `-f NAME` it asks nobody, in development images: they
 * have a file that says what they are.
 */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "lib/posix/authority.h"
#include "services/ttyshelly/ask.h"
#include "services/ttyshelly/login.h"

#define DEVICES     "/dev/"
#define ISSUE       "/etc/issue"
#define DEVELOPMENT "/etc/development"

/* ---- what is shown ---- */

/* The whole file, if it is not too long; false: there is none. */
static bool text_read(const char *path, char *to, size_t size) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, to, size - 1);
    if (fd >= 0)
        close(fd);
    to[n > 0 ? n : 0] = 0;
    return n >= 0;
}

static const char *name_part(const struct utsname *name, char which) {
    switch (which) {
    case 'n':
        return name->nodename;
    case 's':
        return name->sysname;
    case 'r':
        return name->release;
    case 'm':
        return name->machine;
    default:
        return "";
    }
}

/* \n, \s, \r and \m are parts of uname(2), as agetty(8) has them. */
static void issue_say(const char *text) {
    struct utsname name;
    if (uname(&name))
        return;
    for (; *text; text++) {
        const char one[] = {*text, 0};
        if (*text == '\\' && text[1])
            say(name_part(&name, *++text));
        else
            say(one);
    }
}

static void greet(void) {
    char text[512];
    if (text_read(ISSUE, text, sizeof text))
        issue_say(text);
    if (text_read(DEVELOPMENT, text, sizeof text))
        say(text);
}

/* ---- the session ---- */

/* As the arguments say. */
struct settings {
    const char *terminal, *kind;
    const char *user; /* to be let in unasked; NULL: nobody is */
};

static bool settings_take(int argc, char **argv, struct settings *s) {
    int option;
    *s = (struct settings){.terminal = "cons", .kind = "vt100"};
    while ((option = getopt(argc, argv, "t:k:f:")) != -1)
        if (option == 't')
            s->terminal = optarg;
        else if (option == 'k')
            s->kind = optarg;
        else if (option == 'f')
            s->user = optarg;
        else
            return false;
    return optind == argc;
}

/* Makes it the terminal of a new session, and its standard files. */
static bool terminal_take(const char *name) {
    char path[64];
    snprintf(path, sizeof path, DEVICES "%s", name);
    setsid();
    for (int fd = 0; fd < 3; fd++)
        close(fd);
    if (open(path, O_RDWR) != 0)
        return false;
    ioctl(0, TIOCSCTTY, 0);
    return dup2(0, 1) == 1 && dup2(0, 2) == 2;
}

/* The user's numbers, which are labels: no handle comes or goes with them. */
static bool numbers_take(const struct user *u) {
    const struct passwd *p = getpwnam(u->name);
    if (p && !setgid(p->pw_gid) && !setuid(p->pw_uid))
        return true;
    fprintf(stderr, "ttyshelly: /etc/passwd has no numbers for %s\n", u->name);
    return false;
}

/* The user's authority, which is handles. Without `auth` there is none. */
static void authority_take(const struct user *u) {
    long error = authority_login(u->name);
    if (error)
        fprintf(stderr, "ttyshelly: no authority for %s: %s\n", u->name, strerror((int)-error));
}

struct variable {
    char text[USER_PATH + 16];
};

static char *variable(struct variable *v, const char *name, const char *value) {
    snprintf(v->text, sizeof v->text, "%s=%s", name, value);
    return v->text;
}

static int become(const struct user *u, const char *kind) {
    char first[USER_PATH + 1];
    struct variable v[5];
    const char *home = u->home, *base = strrchr(u->shell, '/') + 1;
    snprintf(first, sizeof first, "-%s", base);
    char *const arguments[] = {first, NULL};
    if (chdir(home)) {
        fprintf(stderr, "%s: %s; the session begins in /\n", home, strerror(errno));
        home = "/";
        (void)!chdir(home);
    }
    char *const environment[] = {variable(&v[0], "HOME", home),
                                 variable(&v[1], "SHELL", u->shell),
                                 variable(&v[2], "USER", u->name),
                                 variable(&v[3], "LOGNAME", u->name),
                                 "PATH=/bin",
                                 variable(&v[4], "TERM", kind),
                                 "LANG=C.UTF-8",
                                 "ENV=/etc/profile",
                                 NULL};
    execve(u->shell, arguments, environment);
    perror(u->shell);
    return 127;
}

/* Whether somebody is let in who is not asked. */
static bool named(const char *name, struct user *u) {
    if (!name)
        return false;
    if (access(DEVELOPMENT, F_OK)) {
        say("ttyshelly: nobody is let in unasked: this is no development image\n");
        return false;
    }
    if (!login_find(name, u)) {
        fprintf(stderr, "ttyshelly: there is no user %s\n", name);
        return false;
    }
    return true;
}

int main(int argc, char **argv) {
    struct settings settings;
    struct user u;
    if (!settings_take(argc, argv, &settings))
        return 2;
    if (!terminal_take(settings.terminal))
        return 1;
    greet();
    if (!login_begin())
        return 2;
    if (!named(settings.user, &u) && !login_ask(&u))
        return 3;
    authority_take(&u);
    return numbers_take(&u) ? become(&u, settings.kind) : 4;
}
