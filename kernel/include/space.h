/* SPDX-License-Identifier: MIT */
/*
 * An address space: mappings of memory objects, kept in a tree by start address, and the page table
 * that caches them. Page-table entries are filled by faults and dropped at will; the mappings are
 * the truth. TLB entries of dropped pages are flushed on every CPU that may have them before a
 * frame is reused.
 */
#pragma once
#include "abi/memory.h"
#include "arch/layout.h"
#include "slot.h"
#include "tree.h"
#include "types.h"

struct frame;
struct memory;
struct page_slot;
struct pool;
struct process;
struct thread;

struct space {
    paddr_t table;        /* root page table */
    struct tree mappings; /* struct mapping.node, key: start address */
    /* One that was unmapped, for the next one: in the tree, at its place, but without length and
     * memory; no mapping overlaps what it had. Or NULL. */
    struct mapping *spare;
    struct mapping *last; /* one that was used lately, or NULL */
    bool ran;             /* a thread was started in it: CPUs may have TLB entries */
    bool clone_begun;     /* see clone_page */
    struct pool *pool;    /* pays for tables and mappings */
    uint64_t table_pages;
    /* The last-level table that was used last, and the last address it is for; 0: none. */
    vaddr_t leaf_last;
    uint64_t *leaf, *leaf_above; /* and the entry that points to it */
    uint64_t resident;           /* pages mapped now */
    struct process *process; /* whose calls may have windows in it; known from the first one on */
    /* While it is made as a copy of another: where that has got to. */
    vaddr_t clone_next;    /* the mapping at or after this address is next */
    uint64_t clone_page;   /* its next page, if `clone_begun` */
    struct link *clones;   /* the copies made for it, struct memory.clone_link */
    struct link *requests; /* threads that wait for a pager: struct call.of_space */
    struct tree history;   /* struct history.node; key: the object's address */
};

/* The access that a space gave to a memory object which handles may write and execute, ever. */
struct history {
    struct tree_node node; /* tag: MEMORY_* */
    struct link of_memory; /* in memory->history */
    struct space *space;
};

struct mapping {
    struct tree_node node; /* key: start, bytes */
    vaddr_t end;
    struct space *space;
    struct memory *memory; /* held; NULL: a thread block, `block_page` */
    struct link of_memory; /* in memory->mappings */
    union {
        uint64_t offset;    /* bytes into the object */
        paddr_t block_page; /* thread block */
        vaddr_t room;       /* spare: up to here there is none */
    };
    uint32_t flags;       /* MEMORY_*, MAP_* and below */
    uint32_t allowed;     /* access that the handle's rights permit, for protect; jit */
    struct dependent via; /* the handle it was made with */
};

#define MAP_GONE  0x8000u  /* being removed: gives no access */
#define MAP_EMPTY 0x10000u /* and no page-table entry of it is left */

/* User addresses: [USER_START, USER_END) of arch/layout.h. */
static inline bool space_range_ok(vaddr_t address, uint64_t length) {
    return !((address | length) & (PAGE_BYTES - 1)) && length && user_range_ok(address, length);
}
err_t space_create(struct pool *pool, struct space **out);
/* PREEMPTIBLE; ends all mappings and frees s itself. No CPU has it loaded. */
bool space_destroy(struct space *s);

#define MAP_JIT_ALLOWED 0x1000u
/*
 * Mappings to be are described by a struct mapping of which these are read: node.key, end, space,
 * memory, offset, flags, allowed and via.via (NULL for the kernel's own ones). Makes one; NULL: no
 * room.
 */
struct mapping *mapping_create(const struct mapping *like);
/* Is nothing mapped between two addresses? */
bool space_is_free(struct space *s, vaddr_t start, vaddr_t end);
/* PREEMPTIBLE parts return AGAIN. */
err_t space_unmap(struct space *s, vaddr_t address, uint64_t length);
err_t space_protect(struct space *s, vaddr_t address, uint64_t length, uint32_t access);
/* Copies `from` into the empty space `to`; private mappings become copy-on-write. May return AGAIN
 * with progress kept in `to`. Thread blocks are left out. Until space_clone_end, memory_clone_for
 * tells which object is whose copy. */
err_t space_clone(struct space *to, struct space *from);
bool space_clone_end(struct space *to); /* PREEMPTIBLE */
/* Maps one kernel page (a thread block) read-write for the user at `address`. */
err_t space_map_block(struct space *s, vaddr_t address, paddr_t page);
void space_unmap_block(struct space *s, vaddr_t address);

/* Removes one mapping (its handle was revoked). PREEMPTIBLE. Shootdowns are gathered; see
 * tlb_batch. */
bool mapping_remove(struct mapping *m);
/* Unmaps a page range of an object from every space that maps it; inside a tlb_batch. */
void memory_unmap_range(struct memory *m, uint64_t offset, uint64_t length);
/* Takes write access away from it in every space; inside a tlb_batch. */
void memory_protect_range(struct memory *m, uint64_t offset, uint64_t length);

/* The access that `s` ever gave to `m`, if `m` is dual. */
uint32_t history_of(const struct space *s, const struct memory *m);
/* Adds to it. False: no room; never if `s` has a mapping of `m`. */
bool history_add(struct space *s, struct memory *m, uint32_t access);
void history_free(struct history *h);
/* May `s` give access to `m` through a handle that allows as much? Without the jit right not to
 * what it gave the other of writing and executing before. */
bool history_permits(const struct space *s, const struct memory *m, uint32_t access,
                     uint32_t allowed);

/* The mapping that covers an address, or NULL; thread blocks too. */
struct mapping *space_find(struct space *s, vaddr_t address);

/* What stands in the way of an access. */
struct fault {
    unsigned kind;         /* enum fault_kind */
    struct pool *dry;      /* NO_MEMORY: which pool has no room */
    struct memory *memory; /* NOT_FOUND: whose pager has the page */
    uint64_t offset;
};
/*
 * Makes one address accessible without waiting. OK; NO_MEMORY; NOT_FOUND, ask a pager; or
 * BAD_ADDRESS.
 */
err_t space_resolve(struct space *s, vaddr_t address, uint32_t access, struct fault *f);
/* The same for a page of a mapping. */
err_t mapping_resolve(struct mapping *m, vaddr_t va, uint32_t access, struct fault *f);
/* Enters a page that is present, with as much access as it may have; false: no room. */
bool mapping_enter(struct mapping *m, vaddr_t va, const struct page_slot *s);

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
 * Copies between two address spaces. Nothing blocks: a page that is absent, or not writable in the
 * target, stops with BAD_WINDOW; only copy-on-write is resolved, and if that was much work, of more
 * than INLINE_MAX, AGAIN. Either may be the current one.
 */
err_t space_copy(struct space *to, vaddr_t target, struct space *from, vaddr_t source,
                 uint64_t length);
/* The same out of kernel memory. */
err_t space_put(struct space *to, vaddr_t target, const void *from, uint64_t length);

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
/* `n` entries at `va` (0: any) were removed or lost access. Outside a batch: flushed at once. */
void tlb_batch_add(struct space *s, vaddr_t va, uint64_t n);
/* Frees a frame, at the end of the batch if one is open. */
void tlb_batch_free(struct frame *f);
void tlb_batch_flush(void); /* now */
/* Key of a futex word for shared mappings: the object and offset behind an address. */
err_t space_locate(struct space *s, vaddr_t address, struct memory **memory, uint64_t *offset);
