/* SPDX-License-Identifier: MIT */
/*
 * The loader of user space; see the header. Each segment becomes an anonymous object of its own
 * that is filled through a mapping here, unmapped, and then mapped in the new process with the
 * segment's access.
 */
#include "lib/sys/elf.h"

#include <stdbool.h>

#include "abi/memory.h"
#include "lib/sys/mem.h"
#include "lib/sys/room.h"
#include "lib/sys/syscall.h"

/* System V ABI, chapter 4 and 5. */
struct elf_header {
    uint8_t magic[4], class, data, version, abi, padding[8];
    uint16_t type, machine;
    uint32_t version2;
    uint64_t entry, segments, sections;
    uint32_t flags;
    uint16_t header_size, segment_size, segment_count, section_size, section_count, names;
};
struct elf_segment {
    uint32_t type, flags;
    uint64_t offset, address, physical, file_size, memory_size, align;
};
#define ELF_EXECUTABLE 2
#define ELF_X86_64     62
#define SEGMENT_LOAD   1
#define SEGMENT_X      1u
#define SEGMENT_W      2u

/* Where new programs get their stack and thread block: fixed places that no file may cover. */
#define STACK_BYTES   (512u << 10) /* paid when touched */
#define STACK_ADDRESS 0x7ff000000000ull
#define BLOCK_ADDRESS 0x7ff000100000ull

static bool header_ok(const struct elf_header *h, uint64_t size) {
    return size >= sizeof *h && !memcmp(h->magic, "\177ELF", 4) && h->class == 2 && h->data == 1 &&
           h->type == ELF_EXECUTABLE && h->machine == ELF_X86_64 &&
           h->segment_size == sizeof(struct elf_segment) && h->segments <= size &&
           h->segment_count <= (size - h->segments) / sizeof(struct elf_segment);
}

static bool segment_ok(const struct elf_segment *s, uint64_t size) {
    return s->offset <= size && s->file_size <= size - s->offset &&
           s->file_size <= s->memory_size && s->address >= PAGE_SIZE &&
           s->address < STACK_ADDRESS && s->memory_size <= STACK_ADDRESS - s->address &&
           (s->flags & (SEGMENT_W | SEGMENT_X)) != (SEGMENT_W | SEGMENT_X);
}

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

static err_t segment_load(const struct elf_segment *s, const char *file, struct process_cap process,
                          struct pool_cap pool) {
    uint64_t at = s->address % PAGE_SIZE, bytes = page_round(at + s->memory_size);
    struct memory_cap m;
    err_t e = sys_memory_create(pool, bytes, MEMORY_READ | MEMORY_WRITE | segment_access(s), &m);
    if (!err_ok(e))
        return e;
    e = segment_fill(m, bytes, at, file + s->offset, s->file_size);
    if (err_ok(e))
        e = sys_process_map(process, m, s->address - at, 0, bytes,
                            segment_access(s) | MAP_PRIVATE_COPY);
    sys_handle_close(ANY(m));
    return e;
}

static err_t segments_load(const char *file, uint64_t size, struct process_cap process,
                           struct pool_cap pool, uint64_t *entry) {
    struct elf_header h;
    memcpy(&h, file, size < sizeof h ? size : sizeof h);
    if (!header_ok(&h, size))
        return ERROR(BAD_ARGUMENT);
    err_t e = OK;
    for (unsigned i = 0; i < h.segment_count && err_ok(e); i++) {
        struct elf_segment s;
        memcpy(&s, file + h.segments + i * sizeof s, sizeof s);
        if (s.type != SEGMENT_LOAD || !s.memory_size)
            continue;
        e = segment_ok(&s, size) ? segment_load(&s, file, process, pool) : ERROR(BAD_ARGUMENT);
    }
    if (err_ok(e))
        *entry = h.entry;
    return e;
}

err_t elf_load(struct memory_cap file, uint64_t size, struct process_cap process,
               struct pool_cap pool, uint64_t *entry) {
    uint64_t at;
    err_t e = room_map(file, 0, size, MEMORY_READ, &at);
    if (!err_ok(e))
        return e;
    e = segments_load((const char *)at, size, process, pool, entry);
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
    err_t e = sys_process_create(pool, &r.process);
    if (!err_ok(e))
        return e;
    e = elf_load(file, size, r.process, pool, &r.entry);
    if (err_ok(e))
        e = stack_prepare(&r, pool, priority);
    if (err_ok(e))
        *out = r;
    else
        sys_handle_close(ANY(r.process));
    return e;
}

err_t program_launch(const struct program_room *room, uint64_t argument) {
    return sys_thread_start(room->thread, room->entry, room->stack_top, argument);
}
