/* SPDX-License-Identifier: MIT */
/*
 * The loader of user space; see the header. Each segment becomes an anonymous object of its own
 * that is filled through a mapping here, unmapped, and then mapped in the new process with the
 * segment's access.
 */
#include "lib/sys/elf.h"

#include "abi/memory.h"
#include "lib/sys/elf_format.h"
#include "lib/sys/mem.h"
#include "lib/sys/room.h"
#include "lib/sys/syscall.h"

/* Where new programs get their stack and thread block: fixed places that no file may cover. */
#define STACK_BYTES   (512u << 10) /* paid when touched */
#define STACK_ADDRESS 0x7ff000000000ull
#define BLOCK_ADDRESS 0x7ff000100000ull

const struct elf_place elf_usual = {PAGE_SIZE, STACK_ADDRESS, 0};

static uint32_t segment_access(const struct elf_segment *s) {
    return MEMORY_READ | (s->flags & SEGMENT_W ? MEMORY_WRITE : 0) |
           (s->flags & SEGMENT_X ? MEMORY_EXECUTE : 0);
}

/* Copies the file's part of a segment into its object. */
static err_t segment_fill(struct memory_cap m, uint64_t bytes, uint64_t at, const void *data,
                          uint64_t length) {
    uint64_t here;
    err_t e = room_map(m, 0, bytes, MEMORY_READ | MEMORY_WRITE, &here);
    if (!err_ok(e))
        return e;
    memcpy((void *)(here + at), data, length);
    return sys_process_unmap(SELF_PROCESS, here, bytes);
}

/* `base` is what the segment's address counts from. */
static err_t segment_load(const struct elf_segment *s, uint64_t base, const char *file,
                          struct process_cap process, struct pool_cap pool) {
    uint64_t at = s->address % PAGE_SIZE, bytes = page_round(at + s->memory_size);
    struct memory_cap m;
    err_t e = sys_memory_create(pool, bytes, MEMORY_READ | MEMORY_WRITE | segment_access(s), &m);
    if (!err_ok(e))
        return e;
    e = segment_fill(m, bytes, at, file + s->offset, s->file_size);
    if (err_ok(e))
        e = sys_process_map(process, m, base + s->address - at, 0, bytes,
                            segment_access(s) | MAP_PRIVATE_COPY);
    sys_handle_close(ANY(m));
    return e;
}

/* The file has been looked at, but may be changed meanwhile by who has it mapped too. */
static err_t segments_load(const char *file, uint64_t size, struct process_cap process,
                           struct pool_cap pool, const struct elf_place *where,
                           struct elf_image *out) {
    struct elf_header h;
    struct elf_image image;
    err_t e = elf_look(file, size, where, &image);
    if (!err_ok(e))
        return e;
    memcpy(&h, file, sizeof h);
    if (!elf_header_ok(&h, size, where))
        return ERROR(BAD_ARGUMENT);
    for (unsigned i = 0; i < h.segment_count && err_ok(e); i++) {
        struct elf_segment s;
        memcpy(&s, file + h.segments + i * sizeof s, sizeof s);
        if (s.type != SEGMENT_LOAD || !s.memory_size)
            continue;
        uint64_t base = elf_base(&h, where);
        e = elf_segment_ok(&s, size, base, where) ? segment_load(&s, base, file, process, pool)
                                                  : ERROR(BAD_ARGUMENT);
    }
    if (err_ok(e))
        *out = image;
    return e;
}

err_t elf_load(struct memory_cap file, uint64_t size, struct process_cap process,
               struct pool_cap pool, const struct elf_place *where, struct elf_image *out) {
    uint64_t at;
    err_t e = room_map(file, 0, size, MEMORY_READ, &at);
    if (!err_ok(e))
        return e;
    e = segments_load((const char *)at, size, process, pool, where, out);
    sys_process_unmap(SELF_PROCESS, at, page_round(size));
    return e;
}

static err_t stack_prepare(struct program_room *r, struct pool_cap pool, unsigned priority) {
    struct memory_cap stack;
    err_t e = sys_memory_create(pool, STACK_BYTES, MEMORY_READ | MEMORY_WRITE, &stack);
    if (!err_ok(e))
        return e;
    e = sys_process_map(r->process, stack, STACK_ADDRESS, 0, STACK_BYTES,
                        MEMORY_READ | MEMORY_WRITE | MAP_PRIVATE_COPY);
    sys_handle_close(ANY(stack));
    r->stack_top = STACK_ADDRESS + STACK_BYTES;
    return err_ok(e) ? sys_thread_create(r->process, BLOCK_ADDRESS, priority, &r->thread) : e;
}

err_t program_prepare(struct memory_cap file, uint64_t size, struct pool_cap pool,
                      unsigned priority, struct program_room *out) {
    struct program_room r = {.thread = {HANDLE_NONE}};
    struct elf_image image;
    err_t e = sys_process_create(pool, &r.process);
    if (!err_ok(e))
        return e;
    e = elf_load(file, size, r.process, pool, &elf_usual, &image);
    if (err_ok(e))
        e = stack_prepare(&r, pool, priority);
    r.entry = err_ok(e) ? image.entry : 0;
    if (err_ok(e))
        *out = r;
    else
        sys_handle_close(ANY(r.process));
    return e;
}

err_t program_launch(const struct program_room *room, uint64_t argument) {
    return sys_thread_start(room->thread, room->entry, room->stack_top, argument);
}
