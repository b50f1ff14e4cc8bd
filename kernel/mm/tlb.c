/* SPDX-License-Identifier: MIT */
/*
 * Gathers TLB flushes. While entries wait to be flushed, frames that become free wait too, so that
 * no CPU reaches a frame that belongs to somebody else by then.
 */
#include "arch/pagetable.h"
#include "frame.h"
#include "log.h"
#include "space.h"

static struct {
    unsigned depth, count;
    struct {
        struct space *space;
        vaddr_t start;
        uint64_t pages; /* 0: all */
    } waiting[8];
    struct list frames;
    uint64_t frame_count;
} batch = {.frames = {&batch.frames, &batch.frames}};

void tlb_batch_begin(void) {
    batch.depth++;
}

void tlb_batch_flush(void) {
    for (unsigned i = 0; i < batch.count; i++)
        tlb_shootdown(batch.waiting[i].space, batch.waiting[i].start, batch.waiting[i].pages);
    batch.count = 0;
    frame_free_list(&batch.frames, batch.frame_count);
    batch.frame_count = 0;
}

void tlb_batch_end(void) {
    assert(batch.depth);
    if (--batch.depth == 0 && batch.count)
        tlb_batch_flush();
}

void tlb_batch_add(struct space *s, vaddr_t va, uint64_t n) {
    unsigned i = 0;
    if (!s->ran)
        return;
    if (!batch.depth) {
        tlb_shootdown(s, va, n);
        return;
    }
    while (i < batch.count && batch.waiting[i].space != s)
        i++;
    if (i == array_size(batch.waiting)) {
        tlb_batch_flush();
        i = 0;
    }
    if (i == batch.count) {
        batch.waiting[batch.count++].space = s;
        batch.waiting[i].start = va;
        batch.waiting[i].pages = n;
    } else if (n && batch.waiting[i].pages &&
               batch.waiting[i].start + batch.waiting[i].pages * PAGE_BYTES == va) {
        batch.waiting[i].pages += n;
    } else {
        batch.waiting[i].pages = 0;
    }
}

void tlb_batch_free(struct frame *f) {
    if (!batch.count) {
        frame_free(frame_address(f));
        return;
    }
    f->kind = FRAME_FREE;
    list_append(&batch.frames, &f->list);
    batch.frame_count++;
}
