/* SPDX-License-Identifier: MIT */
/*
 * The boot file system: serves the files of an archive that the boot loader brought, read-only and
 * where they are. Started with the handles of its endpoint and of the memory with the archive, and
 * as its argument how many bytes the archive has.
 */
#include <stdio.h>
#include <stdlib.h>

#include "lib/file/locks.h"
#include "lib/file/loop.h"
#include "lib/sys/print.h"
#include "lib/sys/program.h"
#include "lib/sys/room.h"
#include "lib/sys/syscall.h"
#include "services/bootfs/files.h"

static struct text archive;

err_t bootfs_memory(struct text data, handle_t *out) {
    const struct memory_cap all = {start_page->handles[1]};
    uint64_t offset = (uint64_t)(data.at - archive.at);
    struct memory_cap part;
    if (!data.length || offset % PAGE_SIZE)
        return ERROR(UNSUPPORTED);
    err_t e = sys_memory_clone(all, program_pool, offset, page_round(data.length), &part);
    if (err_ok(e))
        *out = part.h;
    return e;
}

int main(int count, char **argument) {
    static struct file_server server;
    struct node *root;
    uint64_t address;
    size_t at = 0;
    if (count != 2 || start_page->handle_count != 2) {
        fprintf(stderr, "bootfs: usage: bootfs BYTES, with an endpoint and the archive\n");
        return 1;
    }
    archive.length = strtoull(argument[1], NULL, 10);
    /* Present, since it is sent from there. */
    err_t e = room_map((struct memory_cap){start_page->handles[1]}, 0, archive.length,
                       MEMORY_READ | MAP_PRESENT, &address);
    if (!err_ok(e)) {
        fprintf(stderr, "bootfs: the archive cannot be mapped: %s\n", error_text(e));
        return 1;
    }
    archive.at = (const char *)address;
    const char *problem = bootfs_start(archive, &root, &at);
    if (problem) {
        fprintf(stderr, "bootfs: the archive is refused: %s, at byte %zu\n", problem, at);
        return 1;
    }
    file_server_start(&server, root);
    locks_start(&server);
    file_server_loop(&server, (struct endpoint_cap){start_page->handles[0]});
}
