/* SPDX-License-Identifier: MIT */
/*
 * What only a machine shows of pipes: processes that are killed while they wait, deadlines, and
 * threads that write and read at the same time.
 */
#include <string.h>

#include "lib/sys/message.h"
#include "lib/sys/syscall.h"
#include "lib/sys/thread.h"
#include "tests/userland/pipes/workers.h"

#define RECORD  100u
#define RECORDS 1500u /* of each writer */
#define WRITERS 4u

static char data[WINDOWS_MAX];

static void read_forever(void *argument) {
    size_t done;
    (void)argument;
    for (;;)
        read_some(reader, data, 10, &done);
}

static void write_forever(void *argument) {
    size_t done;
    (void)argument;
    for (;;)
        write_some(writer, data, sizeof data, &done);
}

/* What it waited for is nobody's yet. */
static void killed_reader(void) {
    for (unsigned i = 0; i < 20; i++) {
        struct child c;
        suite_round("kill", i, 0);
        is(child_start(&c, read_forever), OK);
        await_waiting(writer, 1, 0);
        child_kill(&c);
        await_waiting(writer, 0, 0);
        put(writer, 3);
        get(reader, 3);
    }
}

/* Those behind it go on. */
static void killed_writer(void) {
    struct child c;
    struct later later;
    put(writer, PIPE_CAPACITY - 10);
    is(child_start(&c, write_forever), OK);
    await_waiting(writer, 0, 1);
    later_write(&later, writer, data, 10);
    await_waiting(writer, 0, 2);
    child_kill(&c);
    expect(later_done(&later, ERR_OK) == 10);
    await_waiting(writer, 0, 0);
}

/* The ends that a process had are closed with it. */
static void killed_owner(void) {
    struct child c;
    struct later later;
    is(child_start(&c, read_forever), OK);
    await_waiting(writer, 1, 0);
    pipe_shut(&writer); /* the child has one */
    later_read(&later, reader, data, 10);
    await_waiting(reader, 2, 0);
    child_kill(&c);
    expect(later_done(&later, ERR_OK) == 0);
}

static err_t read_until(uint64_t deadline) {
    struct message m = {.op = FILE_READ | OP_DEADLINE, .word = {FILE_CURRENT, 10}};
    thread_block()->deadline = deadline;
    err_t e = session_call(reader, &m);
    return err_ok(e) ? (err_t){.code = (uint16_t)m.op} : e;
}

static void deadlines(void) {
    struct pipe_state state = {0};
    is(read_until(0), TIMED_OUT);
    for (unsigned i = 0; i < 20; i++)
        is(read_until(clock_nanoseconds() + 1000000), TIMED_OUT);
    await_waiting(writer, 0, 0);
    put(writer, 5);
    is(read_until(0), TIMED_OUT); /* and it has read nothing */
    is(pipe_state(reader, &state), OK);
    expect(state.length == 5);
    get(reader, 5);
    put(writer, 5);
    is(read_until(clock_nanoseconds() + 60000000000), OK);
    await_waiting(writer, 0, 0);
}

/* ---- threads at the same time ---- */

static uint32_t next_writer;

/* Records of one letter each, with their number. */
static void write_records(void) {
    char record[RECORD];
    size_t done;
    uint32_t me = __atomic_fetch_add(&next_writer, 1, __ATOMIC_RELAXED);
    for (uint32_t i = 0; i < RECORDS; i++) {
        memset(record, (int)('A' + me), sizeof record);
        memcpy(record, &i, sizeof i);
        is(write_some(writer, record, sizeof record, &done), OK);
        expect(done == RECORD);
    }
}

/* Each writer's come whole and in its order. */
static void records(void) {
    static struct later later[WRITERS];
    uint32_t due[WRITERS] = {0};
    size_t kept = 0, done;
    next_writer = 0;
    for (unsigned i = 0; i < WRITERS; i++)
        worker_run(&later[i], write_records);
    for (uint64_t seen = 0; seen < (uint64_t)WRITERS * RECORDS * RECORD; seen += done) {
        size_t at = 0;
        is(read_some(reader, data + kept, sizeof data / 2, &done), OK);
        for (kept += done; kept - at >= RECORD; at += RECORD) {
            uint32_t number, who = (uint32_t)(data[at + RECORD - 1] - 'A');
            memcpy(&number, data + at, sizeof number);
            expect(who < WRITERS && data[at + 4] == data[at + RECORD - 1]);
            expect(number == due[who % WRITERS]++);
        }
        memmove(data, data + at, kept - at);
        kept -= at;
        if (!done)
            break;
    }
    for (unsigned i = 0; i < WRITERS; i++)
        worker_finish(&later[i]);
    expect(!kept);
}

static struct signal_cap signal_here;

/* Waits for the signal only when the poller has nothing to say. */
static void polled(void) {
    static struct later later;
    struct session_cap poller = NO_SESSION;
    struct file_ready ready[4];
    uint64_t bits, seen = 0;
    size_t count, done;
    signal_here = pipes->signal(0);
    pipes->raised(0);
    is(file_poller(pipes->root, signal_here, 1, &poller), OK);
    is(file_watch(reader, poller, FILE_READABLE | FILE_POLL_EDGE, 1, NULL), OK);
    nonblocking(reader, true);
    next_writer = 0;
    worker_run(&later, write_records);
    while (seen < (uint64_t)RECORDS * RECORD && !suite_failure()) {
        is(file_ready(poller, ready, 4, &count), OK);
        if (!count)
            is(sys_signal_wait(signal_here, ~0ull, DEADLINE_NONE, &bits), OK);
        while (err_ok(read_some(reader, data, sizeof data, &done)))
            seen += done;
    }
    worker_finish(&later);
    pipe_shut(&poller);
}

const struct suite_case pipes_machine[] = {
    {"pipe machine: a waiting reader is killed", killed_reader, 0},
    {"pipe machine: a waiting writer is killed", killed_writer, 0},
    {"pipe machine: an owner is killed", killed_owner, 0},
    {"pipe machine: deadlines", deadlines, 0},
    {"pipe machine: four writers", records, 0},
    {"pipe machine: a poller and its signal", polled, 0},
    {0},
};
