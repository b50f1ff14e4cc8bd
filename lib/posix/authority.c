/* SPDX-License-Identifier: MIT */
#include "lib/posix/authority.h"

#include <errno.h>
#include <string.h>

#include "abi/auth.h"
#include "lib/file/client.h"
#include "lib/posix/posix.h"
#include "lib/sys/syscall.h"

struct session_cap posix_authority;

static void replace(struct session_cap *what, struct session_cap with) {
    if (what->h != HANDLE_NONE)
        sys_handle_close(ANY(*what));
    *what = with;
}

/* The handles behind the first `skip`, in the order of AUTH_*. */
static void granted_take(const struct file_call *c, unsigned skip) {
    unsigned n = skip;
    if (c->word[0] & AUTH_POWER && n < FILE_SESSIONS_MAX)
        replace(&posix_power, c->opened[n++]);
    if (c->word[0] & AUTH_LOGS && n < FILE_SESSIONS_MAX)
        replace(&posix_space, c->opened[n++]);
}

/* How many handles an answer has to bring. */
static bool whole(const struct file_call *c, unsigned skip) {
    unsigned count = skip, came = 0;
    for (unsigned i = 0; i < AUTH_COUNT; i++)
        count += c->word[0] >> i & 1;
    for (unsigned i = 0; i < FILE_SESSIONS_MAX; i++)
        came += c->opened[i].h != HANDLE_NONE;
    return !(c->word[0] & ~(uint64_t)AUTH_ALL) && came == count;
}

static long ask(struct file_call *c, unsigned skip) {
    if (posix_authority.h == HANDLE_NONE)
        return -EPERM;
    c->accept = skip + AUTH_COUNT;
    c->fewer = true;
    err_t e = file_ask(posix_authority, c);
    if (err_is(e, ERR_NO_RIGHT))
        return -EPERM;
    if (err_is(e, ERR_CHANGED))
        return -EACCES;
    if (err_is(e, ERR_BUSY))
        return -EBUSY;
    if (!err_ok(e))
        return posix_errno(e);
    if (whole(c, skip))
        return 0;
    for (unsigned i = 0; i < FILE_SESSIONS_MAX; i++)
        if (c->opened[i].h != HANDLE_NONE)
            sys_handle_close(ANY(c->opened[i]));
    return -EIO;
}

long authority_login(const char *user) {
    struct file_call c = {.op = AUTH_LOGIN, .word = {strlen(user)}, .data = text_of(user)};
    long error = ask(&c, 1);
    if (error)
        return error;
    granted_take(&c, 1);
    replace(&posix_authority, c.opened[0]);
    return 0;
}

long authority_failed(const char *user) {
    struct file_call c = {.op = AUTH_FAILED, .word = {strlen(user)}, .data = text_of(user)};
    return ask(&c, 0);
}

/* The password is in memory of this function only as long as the call lasts. */
long authority_ask(const char *password, const char *purpose, uint64_t *seconds) {
    char both[AUTH_TEXT_MOST];
    struct text first = text_of(password), second = text_of(purpose);
    if (first.length > sizeof both)
        return -EINVAL;
    if (second.length > sizeof both - first.length)
        second.length = sizeof both - first.length;
    memcpy(both, first.at, first.length);
    memcpy(both + first.length, second.at, second.length);
    struct file_call c = {.op = AUTH_ASK,
                          .word = {first.length, second.length},
                          .data = {both, first.length + second.length}};
    long error = ask(&c, 0);
    explicit_bzero(both, sizeof both);
    *seconds = error == -EBUSY ? c.word[0] : 0;
    if (!error)
        granted_take(&c, 0);
    return error;
}
