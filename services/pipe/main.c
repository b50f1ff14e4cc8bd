/* SPDX-License-Identifier: MIT */
/*
 * The server of pipes. Started with the handle of its endpoint, and as its argument how many bytes
 * all pipes may hold together. Its pool needs half as much again and 8 MiB.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "lib/file/loop.h"
#include "lib/sys/program.h"
#include "services/pipe/pipe.h"

int64_t pipes_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return start_page->wall_offset + now.tv_sec * 1000000000ll + now.tv_nsec;
}

int main(int count, char **argument) {
    static struct file_server server;
    uint64_t bytes = count > 1 ? strtoull(argument[1], NULL, 10) : 0;
    if (!bytes || start_page->handle_count != 1) {
        fprintf(stderr, "pipe: usage: pipe BYTES, with an endpoint\n");
        return 1;
    }
    pipes_start(&server, bytes);
    file_server_loop(&server, (struct endpoint_cap){start_page->handles[0]});
}
