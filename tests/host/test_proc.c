/* SPDX-License-Identifier: MIT */
/* SOURCES: services/proc/ends.c services/proc/commands.c */
/* The table of `proc` at its limits, and what ends mean. What it does in general: fuzz_proc.c. */
#include "proc_model.h"
#include "services/proc/commands.h"
#include "services/proc/ends.h"
#include "tap.h"

static bool ends(enum end_reason reason, uint64_t code, uint32_t how, uint32_t what) {
    struct end e = end_of(reason, code);
    return e.how == how && e.code == what;
}

static void ends_mean(void) {
    check(ends(END_EXIT, 0, PROC_EXITED, 0));
    check(ends(END_EXIT, 0x1ff, PROC_EXITED, 255));
    check(ends(END_EXIT, ~0ull, PROC_EXITED, 255));
    check(ends(END_EXIT, PROC_END_BY_SIGNAL | 15, PROC_KILLED, 15));
    check(ends(END_EXIT, PROC_END_BY_SIGNAL | 64, PROC_KILLED, 64));
    check(ends(END_EXIT, PROC_END_BY_SIGNAL | 65, PROC_EXITED, 65));
    check(ends(END_EXIT, PROC_END_BY_SIGNAL | PROC_END_DUMPED | 11, PROC_DUMPED, 11));
    check(ends(END_EXIT, PROC_END_BY_SIGNAL, PROC_EXITED, 0));
    check(ends(END_KILL, 3, PROC_KILLED, PROC_SIGKILL));
    check(ends(END_POOL, PROC_END_BY_SIGNAL | 15, PROC_KILLED, PROC_SIGKILL));
    check(ends(END_FAULT, 1, PROC_KILLED, PROC_SIGSEGV));
    check(ends(END_FAULT, 5, PROC_KILLED, PROC_SIGILL));
    check(ends(END_FAULT, UINT64_MAX, PROC_KILLED, PROC_SIGSEGV));
    tap_test("ends mean what Linux says");
}

static struct process *child_of(struct process *p, uint64_t account) {
    struct process *child = NULL;
    return err_ok(process_fork(p, account, 0, &child)) ? child : NULL;
}

/* The model counts along, for what is asked of the processes. */
static void numbers_come_late_again(void) {
    struct process *a, *b;
    model_start();
    a = child_of(process_first(), 1);
    check(a && a->number->value == 2);
    process_forget(a);
    a = child_of(process_first(), 1);
    check(a && a->number->value == 3);
    last_number = PROC_NUMBER_MAX - 1;
    b = child_of(process_first(), 1);
    check(b && b->number->value == PROC_NUMBER_MAX);
    process_forget(b);
    b = child_of(process_first(), 1); /* 1 is in use */
    check(b && b->number->value == 2);
    check(err_ok(group_set(process_first(), 2, 2)));
    check(err_ok(group_set(process_first(), 3, 2)));
    process_forget(b); /* its group is left */
    last_number = 1;
    b = child_of(process_first(), 1);
    check(b && b->number->value == 4);
    check(!process_of_number(2) && process_of_number(3) == a);
    tap_test("a number is used again as late as can be, and not while a group has it");
}

static void old_badges_name_nobody(void) {
    struct process *a;
    uint64_t badge;
    model_start();
    a = child_of(process_first(), 1);
    badge = a->badge;
    process_forget(a);
    check(!process_of_badge(badge));
    check(child_of(process_first(), 1) == a && !process_of_badge(badge));
    check(!process_of_badge(0) && !process_of_badge(0xffff) && !process_of_badge(UINT64_MAX));
    check(process_of_badge(PROC_FIRST) == process_first());
    tap_test("a badge names one process and then nobody");
}

static void full_tables(void) {
    unsigned made = 0;
    model_start();
    /* Process 1 is in account 0. */
    check(child_of(process_first(), 0));
    for (uint64_t account = 1; account < 1000; account++)
        made += child_of(process_first(), account) != NULL;
    check(made == ACCOUNTS_MAX - 1);
    check(child_of(process_first(), 1)); /* for those that are known there is room */
    account_limit = PROCESSES_MAX;
    while (child_of(process_first(), 1))
        made++;
    check(made == PROCESSES_MAX - 3);
    for (struct process *p; (p = process_next(process_first()));)
        process_forget(p);
    check(child_of(process_first(), 5000) && accounts[0].processes == 1);
    tap_test("full tables refuse, and empty again");
}

/* 16 deep, and not more in all than there is room for. */
static void domains_are_counted(void) {
    struct process *p, *made = NULL;
    unsigned depth = 0;
    model_start();
    account_limit = PROCESSES_MAX;
    for (p = process_first(); err_ok(process_fork(p, 1, PROC_FORK_DOMAIN, &made)); p = made)
        depth++;
    check(depth == DOMAIN_DEPTH);
    for (depth = 0; err_ok(process_fork(process_first(), 1, PROC_FORK_DOMAIN, &made)); depth++)
        ;
    check(depth == DOMAINS_MAX - 1 - DOMAIN_DEPTH);
    /* The outermost of the chain goes first: what is inside keeps it. */
    while ((p = process_next(process_first()))) {
        while (!list_empty(&p->children))
            p = list_of(p->children.next, struct process, sibling);
        process_forget(p);
    }
    check(domains[0].uses == 1);
    for (unsigned i = 1; i < DOMAINS_MAX; i++)
        check(!domains[i].uses);
    tap_test("domains are counted");
}

static void times_add_up(void) {
    struct process *a, *b;
    struct event event = {NULL, 0, 0};
    struct query all = {PROC_ANY, 0, PROC_WAIT_ENDED};
    model_start();
    a = child_of(process_first(), 1);
    b = child_of(a, 1);
    model_add(a, (struct model){.number = 2, .parent = 1, .group = 1, .session = 1});
    process_end(b, PROC_EXITED, 0, 7);
    check(err_ok(wait_find(a, &all, &event)) && event.process == b);
    wait_told(&event, all.options);
    check(a->time_of_waited == 7);
    process_first()->child_flags = PROC_CHILDREN_QUIET;
    process_end(a, PROC_EXITED, 0, 100);
    check(err_ok(wait_find(process_first(), &all, &event)) && event.process == a);
    wait_told(&event, all.options);
    check(process_first()->time_of_waited == 107);
    tap_test("times of those that were waited for add up");
}

/* The time of who has ended is that of all domains around it. */
static void times_of_domains(void) {
    struct process *outer, *inner, *other;
    model_start();
    check(err_ok(process_fork(process_first(), 1, PROC_FORK_DOMAIN, &outer)));
    check(err_ok(process_fork(outer, 1, PROC_FORK_DOMAIN, &inner)));
    check(err_ok(process_fork(process_first(), 1, PROC_FORK_DOMAIN, &other)));
    process_first()->child_flags = PROC_CHILDREN_QUIET;
    outer->child_flags = PROC_CHILDREN_QUIET;
    process_end(inner, PROC_EXITED, 0, 5);
    check(outer->domain->spent == 5 && process_first()->domain->spent == 5);
    process_end(other, PROC_EXITED, 0, 30);
    check(outer->domain->spent == 5 && process_first()->domain->spent == 35);
    process_forget(other);
    check(err_ok(process_fork(process_first(), 1, PROC_FORK_DOMAIN, &other)));
    check(!other->domain->spent); /* nothing of the one that had its place */
    tap_test("times of domains");
}

static bool is_named(const struct process *p, const char *name) {
    char all[PROC_NAME_SIZE] = {0};
    memcpy(all, name, strlen(name));
    return !memcmp(command_of(p)->name, all, sizeof all);
}

static bool names(const struct process *p, const char *name, const char *text, size_t length) {
    uint64_t words[2] = {0};
    memcpy(words, name, strnlen(name, sizeof words));
    command_set(p, words, text, length);
    return command_of(p)->length == length && !memcmp(command_of(p)->text, text, length);
}

static void commands_name(void) {
    char most[PROC_COMMAND_MAX];
    struct process *p, *child;
    uint64_t words[2];
    model_start();
    check(is_named(process_first(), "init") && !command_of(process_first())->length);
    p = child_of(process_first(), 1);
    command_copy(p, process_first());
    check(is_named(p, "init"));
    check(names(p, "sleep",
                "sleep\0"
                "100",
                10) &&
          is_named(p, "sleep"));
    check(names(p, "", "", 0) && is_named(p, ""));
    check(names(p, "0123456789abcdef", "abc", 2) && is_named(p, "0123456789abcde"));
    memset(most, 'x', sizeof most);
    check(names(p, "long", most, sizeof most) && is_named(p, "long"));
    child = child_of(p, 1);
    command_copy(child, p);
    check(is_named(child, "long") && command_of(child)->length == sizeof most);
    memcpy(words,
           "own\0"
           "and more 123",
           16);
    command_name(child, words);
    check(is_named(child, "own") && command_of(child)->length == sizeof most);
    memset(words, 'y', sizeof words);
    command_name(child, words);
    check(is_named(child, "yyyyyyyyyyyyyyy") && is_named(p, "long"));
    tap_test("what processes say they are");
}

int main(void) {
    ends_mean();
    numbers_come_late_again();
    old_badges_name_nobody();
    full_tables();
    domains_are_counted();
    times_add_up();
    times_of_domains();
    commands_name();
    return tap_done();
}
