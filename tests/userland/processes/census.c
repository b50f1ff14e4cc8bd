/* SPDX-License-Identifier: MIT */
/* What the server of /proc asks (abi/census.h), and what processes say that they are. */
#include "abi/census.h"

#include <string.h>

#include "lib/sys/message.h"
#include "lib/sys/program.h"
#include "lib/sys/syscall.h"
#include "lib/sys/thread.h"
#include "tests/userland/processes/family.h"
#include "tests/userland/processes/tests.h"

#define SPIN 20000000ull /* nanoseconds of processor time */

struct session_cap census;

static uint64_t identity(void) {
    struct process_info info = {.identity = 0};
    sys_process_info(SELF_PROCESS, &info);
    return info.identity;
}

static struct answer ask_census(uint64_t op, uint64_t viewer, uint64_t number) {
    const uint64_t word[MESSAGE_WORDS] = {viewer, number};
    const struct session_cap own = self;
    self = census;
    struct answer a = ask_with(op, word, NULL, 0);
    self = own;
    return a;
}

/* Signals interrupt it, as `ask`. */
static err_t look(uint64_t viewer, uint64_t number, struct census_process *to, size_t size) {
    struct message m;
    err_t e;
    do {
        m = (struct message){.op = CENSUS_GET | OP_WRITE_WINDOW, .word = {viewer, number}};
        thread_block()->write = (struct window){(uintptr_t)to, size};
        e = session_call(census, &m);
    } while (err_is(e, ERR_INTERRUPTED));
    return err_ok(e) ? (err_t){.code = (uint16_t)m.op} : e;
}

static err_t say(const char *text, size_t length, size_t window) {
    struct message m = {.op = PROC_COMMAND | OP_READ_WINDOW, .word = {length, 0x656d6f73}};
    thread_block()->read = (struct window){(uintptr_t)text, window};
    err_t e = session_call(self, &m);
    return err_ok(e) ? (err_t){.code = (uint16_t)m.op} : e;
}

static uint64_t waits_to_go(void) {
    pause_until(&shared->go);
    return 0;
}

static uint64_t looks_at_itself(void) {
    struct census_process p;
    memset(&p, 0xff, sizeof p);
    CHECK(err_ok(look(identity(), 0, &p, sizeof p)));
    CHECK(p.number == page()->number && p.parent == page()->parent && p.group == page()->group &&
          p.session == page()->session_number);
    CHECK(p.threads == 1 && p.resident && p.time && p.started && p.started < clock_nanoseconds());
    CHECK(p.state == CENSUS_RUNS);
    uint32_t child = fork_child(waits_to_go);
    do
        CHECK(err_ok(look(identity(), child, &p, sizeof p)));
    while (p.state != CENSUS_WAITS);
    CHECK(p.number == child && p.parent == page()->number);
    post(&shared->go);
    do
        CHECK(err_ok(look(identity(), child, &p, sizeof p)));
    while (p.state != CENSUS_ENDED);
    CHECK(!p.threads && !p.resident && p.time);
    CHECK(wait_for(PROC_NUMBER, child, PROC_WAIT_ENDED).word[0] == child);
    CHECK(err_is(look(identity(), child, &p, sizeof p), ERR_NOT_FOUND));
    return 0;
}

static uint64_t is_called(void) {
    static const char text[] = "/bin/some\0"
                               "thing";
    static const uint64_t name[MESSAGE_WORDS] = {0x6e776f, 0}; /* "own" */
    struct census_process p;
    CHECK(err_ok(say(text, sizeof text, sizeof text)));
    CHECK(err_ok(look(identity(), 0, &p, sizeof p)));
    CHECK(!strcmp(p.name, "some") && p.command_length == sizeof text &&
          !memcmp(p.command, text, sizeof text));
    CHECK(err_ok(ask_with(PROC_NAME, name, NULL, 0).error));
    CHECK(err_ok(look(identity(), 0, &p, sizeof p)));
    CHECK(!strcmp(p.name, "own") && p.command_length == sizeof text);
    /* More than there is, and from nowhere: it stays as it was. */
    CHECK(err_is(say(text, sizeof text, 3), ERR_BAD_WINDOW));
    CHECK(err_is(ask(PROC_COMMAND, 9, 0, 0, 0).error, ERR_BAD_WINDOW));
    CHECK(!err_ok(say((const char *)4096, 9, 9)));
    CHECK(err_ok(look(identity(), 0, &p, sizeof p)) && p.command_length == sizeof text);
    uint32_t child = fork_child(waits_to_go);
    CHECK(err_ok(look(identity(), child, &p, sizeof p)) && !strcmp(p.name, "own"));
    post(&shared->go);
    CHECK(wait_for(PROC_NUMBER, child, PROC_WAIT_ENDED).word[0] == child);
    return 0;
}

static uint64_t is_refused(void) {
    struct census_process p;
    CHECK(err_is(look(0, 1, &p, sizeof p), ERR_NOT_FOUND)); /* nobody looks */
    CHECK(err_is(look(UINT64_MAX, 1, &p, sizeof p), ERR_NOT_FOUND));
    CHECK(err_is(look(identity(), UINT64_MAX, &p, sizeof p), ERR_NOT_FOUND));
    CHECK(err_is(look(identity(), 1, &p, sizeof p - 1), ERR_BAD_WINDOW));
    CHECK(err_is(ask_census(CENSUS_TOTAL + 1, identity(), 0).error, ERR_UNSUPPORTED));
    CHECK(err_is(ask_census(PROC_GET, identity(), 0).error, ERR_UNSUPPORTED));
    /* Not for everybody. */
    CHECK(err_is(ask(CENSUS_TOTAL, identity(), 0, 0, 0).error, ERR_UNSUPPORTED));
    CHECK(err_is(ask(CENSUS_GET, identity(), 0, 0, 0).error, ERR_UNSUPPORTED));
    return 0;
}

/* In a domain of its own: the one that made it, and process 1, are not there. */
static uint64_t sees_nobody_else(void) {
    struct census_process p;
    uint32_t child = fork_child(waits_to_go);
    struct answer a = ask_census(CENSUS_NEXT, identity(), 0);
    CHECK(err_ok(a.error) && a.word[0] == page()->number && a.word[1] == child && !a.word[2]);
    CHECK(!ask_census(CENSUS_NEXT, identity(), child).word[0]);
    CHECK(!ask_census(CENSUS_NEXT, identity(), UINT64_MAX).word[0]);
    CHECK(err_is(look(identity(), shared->word[0], &p, sizeof p), ERR_NOT_FOUND));
    CHECK(err_is(look(identity(), 1, &p, sizeof p), ERR_NOT_FOUND));
    CHECK(err_ok(look(identity(), 0, &p, sizeof p)) && p.number == page()->number && !p.parent &&
          !p.session);
    a = ask_census(CENSUS_TOTAL, identity(), 0);
    CHECK(err_ok(a.error) && a.word[0] == 2 && a.word[3] == child && a.word[4] == 1);
    post(&shared->go);
    CHECK(wait_for(PROC_NUMBER, child, PROC_WAIT_ENDED).word[0] == child);
    return 0;
}

static uint64_t domains(void) {
    struct census_process p;
    err_t e;
    shared->word[0] = page()->number;
    uint32_t inside = fork_with(sees_nobody_else, PROC_FORK_DOMAIN, &e);
    CHECK(err_ok(look(identity(), inside, &p, sizeof p)) && p.parent == page()->number);
    CHECK(wait_for(PROC_NUMBER, inside, PROC_WAIT_ENDED).word[2] == 0);
    struct answer a = ask_census(CENSUS_NEXT, identity(), 0);
    CHECK(err_ok(a.error) && a.word[0] == 1 && a.word[1] == page()->number && !a.word[2]);
    CHECK(err_ok(look(identity(), 1, &p, sizeof p)) && !strcmp(p.name, "init"));
    return 0;
}

static uint64_t works(void) {
    struct process_info info = {.cpu_time = 0};
    while (info.cpu_time < SPIN)
        CHECK(err_ok(sys_process_info(SELF_PROCESS, &info)));
    return 0;
}

/* Of those that live, of those that ended and of those that are forgotten, each once. */
static uint64_t totals(void) {
    struct answer before = ask_census(CENSUS_TOTAL, identity(), 0);
    uint32_t child = fork_child(works);
    CHECK(err_ok(before.error) && before.word[1] == 1 && before.word[4] == 0);
    CHECK(wait_for(PROC_NUMBER, child, PROC_WAIT_ENDED | PROC_WAIT_KEEP).word[0] == child);
    struct answer ended = ask_census(CENSUS_TOTAL, identity(), 0);
    CHECK(ended.word[0] == before.word[0] + 1 && ended.word[3] >= child);
    CHECK(ended.word[2] >= before.word[2] + SPIN);
    CHECK(wait_for(PROC_NUMBER, child, PROC_WAIT_ENDED).word[0] == child);
    struct answer after = ask_census(CENSUS_TOTAL, identity(), 0);
    CHECK(after.word[0] == before.word[0] && after.word[2] >= ended.word[2]);
    CHECK(after.word[2] < ended.word[2] + SPIN);
    return 0;
}

void census_tests(void) {
    run_test("looks-at-itself", looks_at_itself);
    run_test("is-called", is_called);
    run_test("census-refuses", is_refused);
    run_test("census-domains", domains);
    run_test("census-totals", totals);
}
