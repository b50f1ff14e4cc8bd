/* SPDX-License-Identifier: MIT */
/*
 * The server that decides who has which authority, abi/auth.h. Started with its endpoint, the root
 * of the boot file system, where its files are, a session of `audit`, and what it can grant: one
 * handle for each authority. It tells `audit` of each decision before it is known. One thread,
 * which waits for no client.
 */
#include "abi/auth.h"

#include <stdio.h>
#include <string.h>

#include "lib/audit/tell.h"
#include "lib/sys/print.h"
#include "lib/sys/program.h"
#include "lib/sys/server.h"
#include "lib/sys/syscall.h"
#include "lib/sys/thread.h"
#include "services/auth/people.h"

static struct endpoint_cap endpoint;
static struct session_cap audit;
static handle_t grants[AUTH_COUNT];

/* What the caller of a message does, and how that ended. */
static void tell(const char *user, const char *what, struct text object, const char *outcome) {
    const struct thread_block *b = thread_block();
    err_t e = audit_tell(audit, (struct audit_actor){b->caller_process, b->caller_account}, user,
                         what, object, outcome);
    if (!err_ok(e))
        print("auth: %s of %s: not told to audit: %s\n", what, user, error_text(e));
}

/* Sends along a handle for each authority; *what has those that could be sent. */
static void grant(struct message *m, unsigned sent, uint32_t what) {
    struct thread_block *b = thread_block();
    m->word[0] = 0;
    for (unsigned i = 0; i < AUTH_COUNT; i++) {
        handle_t copy;
        if (!(what & 1u << i) || grants[i] == HANDLE_NONE ||
            !err_ok(sys_handle_duplicate((struct any_cap){grants[i]}, RIGHTS_ALL, 0, &copy)))
            continue;
        b->send[sent++] = (struct handle_send){copy, RIGHTS_ALL, SEND_MOVE, 0};
        m->word[0] |= 1u << i;
    }
    m->op = OP_HANDLES(sent);
}

/* A grant as text, for the record. */
static struct text grant_text(char to[64], uint32_t what) {
    size_t n = format_text(to, 64, "%s%s%s", what & AUTH_POWER ? "power" : "",
                           what == AUTH_ALL ? "+" : "", what & AUTH_LOGS ? "logs" : "");
    return (struct text){to, n};
}

/* ---- logins ---- */

/* A name from the message, NUL behind it; what cannot be one is empty. */
static void name_take(const struct message *m, char name[USER_NAME]) {
    size_t length = m->word[0];
    bool valid = length && length < USER_NAME && length <= thread_block()->inline_length &&
                 user_name_valid(server_data, length);
    memcpy(name, server_data, valid ? length : 0);
    name[valid ? length : 0] = 0;
}

static err_t serve_login(struct message *m) {
    char name[USER_NAME], text[64];
    struct session_cap session;
    struct user u;
    name_take(m, name);
    uint32_t line = people_find(name);
    if (!line || !people_get(line, &u))
        return ERROR(NOT_FOUND);
    err_t e = sys_endpoint_mint(endpoint, AUTH_USER | line, SESSION_USE, m->reply.h, &session);
    if (!err_ok(e))
        return e;
    uint32_t what = people_grants(&u, POLICY_LOGIN);
    tell(name, "login", grant_text(text, what), "granted");
    grant(m, 1, what);
    thread_block()->send[0] = (struct handle_send){session.h, RIGHTS_ALL, SEND_MOVE, 0};
    return OK;
}

static err_t serve_failed(const struct message *m) {
    char name[USER_NAME];
    name_take(m, name);
    tell(*name ? name : "-", "login", text_of("-"), "denied");
    return OK;
}

/* ---- more ---- */

static uint64_t now(void) {
    return clock_nanoseconds();
}

static err_t verdict_error(enum people_verdict v) {
    if (v == PEOPLE_LATER)
        return ERROR(BUSY);
    if (v == PEOPLE_NO_MEMORY)
        return ERROR(NO_MEMORY);
    return v == PEOPLE_RIGHT ? OK : ERROR(CHANGED);
}

/* What is asked for and whether it is granted is told with what it is for, as the caller says. */
static err_t serve_ask(struct message *m, uint32_t line) {
    size_t password = m->word[0], length = thread_block()->inline_length;
    uint64_t seconds = 0;
    struct user u;
    if (!people_get(line, &u))
        return ERROR(REVOKED);
    if (password > length || m->word[1] > length - password)
        return ERROR_ARG(BAD_WINDOW, 2);
    struct text purpose = {server_data + password, m->word[1]};
    uint32_t what = people_grants(&u, POLICY_SUDO);
    err_t e = what ? verdict_error(people_check(line, &u, server_data, password, now(), &seconds))
                   : ERROR(NO_RIGHT);
    tell(u.name, "sudo", purpose, err_ok(e) ? "granted" : "denied");
    if (err_ok(e))
        grant(m, 0, what);
    else
        m->word[0] = seconds;
    return e;
}

/* ---- messages ---- */

static err_t serve_one(struct message *m) {
    uint64_t op = m->op & OP_CODE;
    m->op = 0;
    if (thread_block()->inline_length > AUTH_TEXT_MOST)
        return ERROR_ARG(BAD_WINDOW, 2);
    if (m->badge == AUTH_BADGE && op == AUTH_LOGIN)
        return serve_login(m);
    if (m->badge == AUTH_BADGE && op == AUTH_FAILED)
        return serve_failed(m);
    if (m->badge > AUTH_USER && op == AUTH_ASK)
        return serve_ask(m, (uint32_t)m->badge);
    return ERROR(UNSUPPORTED);
}

/* Nothing of what came is left. */
static bool serve(void *context, struct message *m) {
    (void)context;
    err_t e = serve_one(m);
    explicit_bzero(server_data, sizeof server_data);
    if (!err_ok(e))
        m->op = e.code;
    return false;
}

/* The last program of a login is gone. */
static void closed(void *context, uint64_t badge) {
    struct user u;
    (void)context;
    if (badge <= AUTH_USER || !people_get((uint32_t)badge, &u))
        return;
    (void)audit_tell(audit, (struct audit_actor){0}, u.name, "logout", text_of("-"), "done");
}

int main(void) {
    if (start_page->handle_count != 3 + AUTH_COUNT) {
        fprintf(stderr, "auth: usage: auth, with an endpoint, two sessions, and what it grants\n");
        return 1;
    }
    endpoint.h = start_page->handles[0];
    audit.h = start_page->handles[2];
    for (unsigned i = 0; i < AUTH_COUNT; i++)
        grants[i] = start_page->handles[3 + i];
    people_start((struct session_cap){start_page->handles[1]});
    server_loop(&(struct server){.endpoint = endpoint, .serve = serve, .closed = closed});
}
