/* SPDX-License-Identifier: MIT */
/* Two processes: a request and an answer of the same size, and a stream in one direction. */
#include <sys/socket.h>
#include <unistd.h>

#include "tests/bench/posix/posix.h"

#define PIECE (64u << 10)
#define MIB   (1u << 20)

/* request[1] and answer[0] are this side's. */
static int request[2], answer[2];
static size_t bytes;
static char buffer[PIECE];

static bool move_all(ssize_t (*move)(int, void *, size_t), int file, size_t size) {
    for (size_t done = 0; done < size;) {
        ssize_t n = move(file, buffer, size - done);
        if (n <= 0)
            return false;
        done += (size_t)n;
    }
    return true;
}

static ssize_t put(int file, void *from, size_t size) {
    return write(file, from, size);
}

static void echo(void) {
    while (move_all(read, request[0], bytes) && move_all(put, answer[1], bytes))
        ;
}

static void exchange_run(unsigned count) {
    while (count--)
        must(move_all(put, request[1], bytes) && move_all(read, answer[0], bytes), "exchange");
}

static void pipes_begin(void) {
    must(!pipe(request) && !pipe(answer), "pipe");
    partner_start(echo);
}

static void byte_begin(void) {
    bytes = 1;
    pipes_begin();
}

static void page_begin(void) {
    bytes = 4096;
    pipes_begin();
}

static void socket_begin(void) {
    bytes = 1;
    must(!socketpair(AF_UNIX, SOCK_STREAM, 0, request), "socketpair");
    answer[0] = request[1];
    answer[1] = request[0];
    partner_start(echo);
}

static void pipes_end(void) {
    partner_stop();
    for (unsigned i = 0; i < 2; i++) {
        close(request[i]);
        if (answer[i] != request[1 - i])
            close(answer[i]);
    }
}

/* The other side answers each MiB with a byte. */
static void swallow(void) {
    while (move_all(read, request[0], MIB) && write(answer[1], buffer, 1) == 1)
        ;
}

static void stream_begin(void) {
    must(!pipe(request) && !pipe(answer), "pipe");
    partner_start(swallow);
}

static void stream_run(unsigned count) {
    while (count--) {
        for (unsigned i = 0; i < MIB / PIECE; i++)
            must(move_all(put, request[1], PIECE), "write");
        must(read(answer[0], buffer, 1) == 1, "read");
    }
}

/* clang-format off */
static const struct operation table[] = {
    {.name = "pipe_round_trip_1b", .run = exchange_run, .begin = byte_begin, .end = pipes_end},
    {.name = "pipe_round_trip_4k", .run = exchange_run, .begin = page_begin, .end = pipes_end},
    {.name = "pipe_throughput_64k", .run = stream_run, .begin = stream_begin, .end = pipes_end, .each = true, .singles = 51},
    {.name = "local_socket_round_trip_1b", .run = exchange_run, .begin = socket_begin, .end = pipes_end},
};
/* clang-format on */
const struct operations pipe_operations = {table, sizeof table / sizeof *table};
