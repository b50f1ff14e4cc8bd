/* SPDX-License-Identifier: MIT */
/*
 * The boot file system: serves the files of an archive that the boot loader brought, read-only and
 * where they are. Started with the handles of its endpoint, of the memory with the archive, of a
 * pool that outlives it and, if what it refuses is to be told, of a session of `audit`; and as its
 * argument how many bytes the archive has.
 */
#include <stdio.h>
#include <stdlib.h>

#include "lib/audit/denial.h"
#include "lib/file/locks.h"
#include "lib/file/loop.h"
#include "lib/sys/print.h"
#include "lib/sys/program.h"
#include "lib/sys/room.h"
#include "lib/sys/syscall.h"
#include "services/bootfs/files.h"

static struct text archive;

/* Bought with the pool that stays: programs run in this memory, also while there is no server. What
 * has no room there is read instead. */
err_t bootfs_memory(struct text data, handle_t *out) {
    const struct pool_cap lasting = {start_page->handles[2]};
    const struct memory_cap all = {start_page->handles[1]};
    uint64_t offset = (uint64_t)(data.at - archive.at);
    struct memory_cap part;
    if (!data.length || offset % PAGE_SIZE)
        return ERROR(UNSUPPORTED);
    err_t e = sys_memory_clone(all, lasting, offset, page_round(data.length), &part);
    if (!err_ok(e))
        return ERROR(UNSUPPORTED);
    *out = part.h;
    return OK;
}

int main(int count, char **argument) {
    static struct file_server server;
    struct node *root;
    uint64_t address;
    size_t at = 0;
    if (count != 2 || start_page->handle_count < 3 || start_page->handle_count > 4) {
        fprintf(stderr, "bootfs: usage: bootfs BYTES, with an endpoint, the archive, a pool\n");
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
    if (start_page->handle_count == 4) {
        denial_start((struct session_cap){start_page->handles[3]});
        server.denied = denial_tell;
    }
    file_server_loop(&server, (struct endpoint_cap){start_page->handles[0]});
}
