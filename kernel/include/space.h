/* SPDX-License-Identifier: MIT */
/*
 * An address space: mappings of memory objects, kept in a tree by start address, and the page table
 * that caches them. Page-table entries are filled by faults and dropped at will; the mappings are
 * the truth. TLB entries of dropped pages are flushed on every CPU in `cpus` before a frame is reused.
 */
#pragma once
#include "abi/memory.h"
#include "slot.h"
#include "tree.h"
#include "types.h"

struct memory;
struct pool;
struct thread;

struct space {
    paddr_t table;         /* root page table */
    struct tree mappings;  /* struct mapping.node, key: start address */
    uint64_t cpus;         /* bit per CPU that may have TLB entries of this space */
    struct pool *pool;     /* pays for tables and mappings */
    uint64_t table_pages;
    uint64_t resident; /* pages mapped now */
};

struct mapping {
    struct tree_node node; /* key: start, bytes */
    vaddr_t end;
    struct space *space;
    struct memory *memory;   /* held; NULL: a thread block, `block_page` */
    struct link of_memory;   /* in memory->mappings */
    uint64_t offset;         /* bytes into the object */
    uint32_t flags;          /* MEMORY_* and MAP_* */
    uint32_t allowed;        /* access that the handle's rights permit, for protect */
    struct dependent via;    /* the handle it was made with */
    paddr_t block_page;
};

/* User addresses: [USER_START, USER_END) of arch/layout.h. */
err_t space_create(struct pool *pool, struct space **out);
/* PREEMPTIBLE; ends all mappings and frees s itself. No CPU has it loaded. */
bool space_destroy(struct space *s);

/* `via` may be NULL for the kernel's own mappings. allowed: MEMORY_* bits; jit in MAP_JIT_ALLOWED. */
err_t space_map(struct space *s, struct memory *m, vaddr_t address, uint64_t offset, uint64_t length,
                uint32_t flags, uint32_t allowed, struct slot *via);
#define MAP_JIT_ALLOWED 0x1000u
/* PREEMPTIBLE parts return AGAIN. */
err_t space_unmap(struct space *s, vaddr_t address, uint64_t length);
err_t space_protect(struct space *s, vaddr_t address, uint64_t length, uint32_t access);
/* Copies `from` into the empty space `to`; private mappings become copy-on-write. May return AGAIN
 * with progress kept in `to`. Thread blocks are left out. */
err_t space_clone(struct space *to, struct space *from);
/* Maps one kernel page (a thread block) read-write for the user at `address`. */
err_t space_map_block(struct space *s, vaddr_t address, paddr_t page);
void space_unmap_block(struct space *s, vaddr_t address);

/* Removes one mapping (its handle was revoked). PREEMPTIBLE. Shootdowns are gathered; see tlb_batch. */
bool mapping_remove(struct mapping *m);
/* Unmaps a page range of an object from every space that maps it. */
void memory_unmap_range(struct memory *m, uint64_t offset, uint64_t length);

/*
 * Resolves a fault of `t` in its own space. OK: go on; BLOCKED: the thread waits for a pager or for
 * memory and will retry; AGAIN: retry at once; else the fault stands and *kind says which it is
 * (enum fault_kind). access: MEMORY_READ, _WRITE or _EXECUTE.
 */
err_t space_fault(struct thread *t, vaddr_t address, uint32_t access, unsigned *kind);

/*
 * Makes every page of a range present and, if asked, writable, on the current thread's time.
 * OK, BAD_ADDRESS, BLOCKED or AGAIN.
 */
err_t space_hold(struct thread *t, vaddr_t address, uint64_t length, bool write);

/*
 * Copies between two address spaces without faulting anything in: a page that is absent, or not
 * writable in the target, stops with BAD_WINDOW. Either may be the current one. *done: bytes copied.
 * At most WINDOWS_MAX bytes.
 */
err_t space_copy(struct space *to, vaddr_t target, struct space *from, vaddr_t source, uint64_t length);

/*
 * Copies between kernel memory and the current thread's user memory, resolving faults. OK,
 * BAD_ADDRESS, BLOCKED or AGAIN (return these; the call runs again). Any length; checks the range.
 */
err_t user_read(void *to, vaddr_t from, uint64_t length);
err_t user_write(vaddr_t to, const void *from, uint64_t length);
/* The same for any space, for debuggers; *done counts bytes. Stops early rather than blocks. */
err_t space_read(struct space *s, vaddr_t from, void *to, uint64_t length, uint64_t *done);
err_t space_write(struct space *s, vaddr_t to, const void *from, uint64_t length, uint64_t *done);

/*
 * A TLB shootdown that gathers: pages unmapped between begin and end are flushed once, on all CPUs
 * concerned, and the frames they freed become free only then. Nests.
 */
void tlb_batch_begin(void);
void tlb_batch_end(void);
/* Key of a futex word for shared mappings: the object and offset behind an address. */
err_t space_locate(struct space *s, vaddr_t address, struct memory **memory, uint64_t *offset);
