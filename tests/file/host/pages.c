/* SPDX-License-Identifier: MIT */
/*
 * services/ramfs/pages.h on the host. Each size has a mapping of its own, of exactly that many
 * pages, so that a touch beyond them is a fault; what is cut off is gone.
 */
#define _GNU_SOURCE
#include <stddef.h>
#include <sys/mman.h>

#include "services/ramfs/pages.h"
#include "tests/file/host/pages.h"

#define PAGE 4096u

uint64_t host_pages_limit = UINT64_MAX;
uint64_t host_pages_mapped;

err_t pages_resize(struct pages *p, uint64_t bytes) {
    bytes = (bytes + PAGE - 1) & ~(uint64_t)(PAGE - 1);
    if (bytes > p->room && bytes > host_pages_limit)
        return ERROR(NO_SPACE);
    void *at = p->room ? mremap(p->at, p->room, bytes, MREMAP_MAYMOVE)
                       : mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at == MAP_FAILED)
        return ERROR(NO_SPACE);
    host_pages_mapped += bytes - p->room;
    *p = (struct pages){.at = at, .room = bytes};
    return OK;
}

void pages_free(struct pages *p) {
    if (p->room)
        munmap(p->at, p->room);
    host_pages_mapped -= p->room;
    *p = (struct pages){0};
}
