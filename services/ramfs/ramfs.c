/* SPDX-License-Identifier: MIT */
/*
 * The RAM disk: a file system in memory, one for each place that needs one. Started with the handle
 * of its endpoint, and as its argument how many bytes the files may take, all together,
 * with what is needed to keep them. Its pool needs 2 MiB more.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "lib/file/locks.h"
#include "lib/file/loop.h"
#include "lib/sys/print.h"
#include "lib/sys/program.h"
#include "services/ramfs/inode.h"

int64_t ramfs_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return start_page->wall_offset + now.tv_sec * 1000000000ll + now.tv_nsec;
}

int main(int count, char **argument) {
    static struct file_server server;
    uint64_t limit = count > 1 ? strtoull(argument[1], NULL, 10) : 0;
    if (!limit || start_page->handle_count != 1) {
        fprintf(stderr, "ramfs: usage: ramfs BYTES, with an endpoint\n");
        return 1;
    }
    err_t e = ramfs_start(limit);
    if (!err_ok(e)) {
        fprintf(stderr, "ramfs: %s\n", error_text(e));
        return 1;
    }
    file_server_start(&server, &ramfs.root->node);
    locks_start(&server);
    file_server_loop(&server, (struct endpoint_cap){start_page->handles[0]});
}
