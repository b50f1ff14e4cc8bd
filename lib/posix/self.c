/* SPDX-License-Identifier: MIT */
/*
 * The file of the program that runs, under the name that Linux has for it: /proc/self/exe. The name
 * is known here and is in no directory. It can be opened to read, executed, looked at and read as a
 * link.
 */
#include <string.h>

#include "lib/posix/posix.h"
#include "lib/posix/process.h"
#include "lib/posix/start.h"
#include "lib/sys/program.h"

#define BEFORE "/proc/"
#define BEHIND "/exe"

/* exec has put it into the page. */
static const char *file_name(void) {
    bool known = start_page && start_page->handle_count > START_STATE &&
                 start_page->handles[START_STATE] != HANDLE_NONE;
    return known && start_page->arguments[0] == '/' ? start_page->arguments : NULL;
}

static bool is_own_number(struct text name) {
    long number = 0;
    for (size_t i = 0; i < name.length; i++) {
        if (name.at[i] < '0' || name.at[i] > '9' || i == 7)
            return false;
        number = 10 * number + (name.at[i] - '0');
    }
    return name.length && name.at[0] != '0' && number == proc_number();
}

struct text self_name(struct text path) {
    const size_t before = sizeof BEFORE - 1, behind = sizeof BEHIND - 1;
    const char *file = file_name();
    if (!file || path.length <= before + behind || memcmp(path.at, BEFORE, before) != 0 ||
        memcmp(path.at + path.length - behind, BEHIND, behind) != 0)
        return (struct text){NULL, 0};
    struct text who = {path.at + before, path.length - before - behind};
    if (!(who.length == 4 && !memcmp(who.at, "self", 4)) && !is_own_number(who))
        return (struct text){NULL, 0};
    return (struct text){file, strlen(file)};
}

void name_self(struct name_at *n) {
    struct text own = self_name(n->path);
    if (own.length)
        n->path = own;
}
