/* SPDX-License-Identifier: MIT */
/*
 * The server of /proc in the program that tests it: the processes are made up here. Viewers are
 * numbers of these tests: ALL_SEEING sees all, INSIDE none but number 7, others are not known.
 */
#pragma once
#include <string.h>

#include "services/procfs/tree.h"
#include "tap.h"
#include "tests/file/host/host.h"

#define ALL_SEEING 10u
#define INSIDE     20u
#define SECOND     1000000000ull

static struct session_cap root = {HANDLE_NONE};

/* ---- proc ---- */

#define MANY 300u

static struct census_process processes[MANY];
static unsigned process_count;
static uint64_t totals_time;
static bool proc_gone;

static bool sees(uint64_t viewer, uint64_t number) {
    return viewer == ALL_SEEING || (viewer == INSIDE && number == 7);
}

static err_t known(uint64_t viewer) {
    if (proc_gone)
        return ERROR(TIMED_OUT);
    return viewer == ALL_SEEING || viewer == INSIDE ? OK : ERROR(NOT_FOUND);
}

err_t census_next(uint64_t viewer, uint64_t above, uint64_t numbers[MESSAGE_WORDS]) {
    unsigned count = 0;
    for (unsigned i = 0; i < process_count && count < MESSAGE_WORDS; i++)
        if (processes[i].number > above && sees(viewer, processes[i].number))
            numbers[count++] = processes[i].number;
    for (unsigned i = count; i < MESSAGE_WORDS; i++)
        numbers[i] = 0;
    return known(viewer);
}

err_t census_get(uint64_t viewer, uint64_t number, struct census_process *out) {
    err_t e = known(viewer);
    if (!number)
        number = viewer == ALL_SEEING ? 3 : 7;
    for (unsigned i = 0; err_ok(e) && i < process_count; i++)
        if (processes[i].number == number && sees(viewer, number)) {
            *out = processes[i];
            return OK;
        }
    return err_ok(e) ? ERROR(NOT_FOUND) : e;
}

err_t census_total(uint64_t viewer, struct census_total *out) {
    *out = (struct census_total){
        .processes = 4, .running = 1, .time = totals_time, .highest = 9, .depth = viewer == INSIDE};
    return known(viewer);
}

static struct machine machine = {
    .now = 100 * SECOND, .boot = 1234567890, .memory = 64 << 20, .memory_free = 1 << 20, .cpus = 2};

static void machine_now(struct machine *m) {
    *m = machine;
}

static struct census_process process_of(uint32_t number, const char *name) {
    struct census_process p = {.number = number, .parent = 1, .group = number, .session = 1};
    strncpy(p.name, name, sizeof p.name - 1);
    p.threads = 1;
    return p;
}

static inline void begin(void) {
    static const struct tree_machine of = {machine_now};
    proc_gone = false;
    processes[0] = process_of(1, "init");
    processes[1] = process_of(3, "sh");
    processes[2] = process_of(7, "sleep");
    process_count = 3;
    memcpy(processes[2].command,
           "sleep\0"
           "100",
           10);
    processes[2].command_length = 10;
    host_process = ALL_SEEING;
    if (root.h != HANDLE_NONE)
        return;
    file_server_start(&host_server, tree_start(&of));
    host_server.begins = tree_begins;
    root = host_session(FILE_BADGE_ROOT, FILE_RIGHT_READ | FILE_RIGHT_WALK, HOST_ACCOUNT);
}

static inline err_t open_as(struct session_cap s, const char *name, uint32_t flags,
                            struct session_cap *out) {
    const struct file_name n = {.path = text_of(name), .flags = flags};
    return file_open(s, &n, out, NULL);
}

/* What is in a file, or the error of its open or read. */
static inline err_t text_read(const char *name, char *to, size_t size) {
    struct session_cap s;
    size_t done = 0;
    err_t e = open_as(root, name, FILE_FOR_READ, &s);
    if (!err_ok(e))
        return e;
    e = file_read(s, FILE_CURRENT, to, size - 1, &done);
    to[done] = 0;
    host_close(NULL, s);
    return e;
}

/* Of a symbolic link. */
static inline err_t link_of(const char *name, char *to, size_t size) {
    const struct file_name n = {.path = text_of(name)};
    size_t length = 0;
    err_t e = file_read_link(root, &n, to, size - 1, &length, NULL);
    to[err_ok(e) ? length : 0] = 0;
    return e;
}
