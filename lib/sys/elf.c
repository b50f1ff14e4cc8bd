/* SPDX-License-Identifier: MIT */
/*
 * The loader of user space; see the header. Nothing is copied that need not be: what is only read
 * is mapped from the file's memory, and what is written becomes a copy-on-write copy of its part. A
 * segment that is not at the same place of a page in the file as in memory is copied.
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

/* A file to be loaded: where it is mapped here, and its memory, once to be copied and once to be
 * mapped. */
struct source {
    const char *at;
    uint64_t size;
    struct memory_cap data, text;
    struct process_cap process; /* into this one */
    struct pool_cap pool;       /* which pays */
    const struct elf_place *where;
};

static bool same_place(const struct elf_segment *s) {
    return s->offset % PAGE_SIZE == s->address % PAGE_SIZE && s->file_size;
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

static err_t segment_copied(const struct source *f, const struct elf_segment *s,
                            struct memory_cap *out) {
    uint64_t at = s->address % PAGE_SIZE, bytes = page_round(at + s->memory_size);
    err_t e =
        sys_memory_create(f->pool, bytes, MEMORY_READ | MEMORY_WRITE | segment_access(s), out);
    if (err_ok(e) && s->file_size)
        e = segment_fill(*out, bytes, at, f->at + s->offset, s->file_size);
    return e;
}

/* What is behind the file's part, in its last page, is something else's. */
static err_t tail_clear(struct memory_cap m, uint64_t end) {
    uint64_t here;
    if (end % PAGE_SIZE == 0)
        return OK;
    err_t e = room_map(m, end - end % PAGE_SIZE, PAGE_SIZE, MEMORY_READ | MEMORY_WRITE, &here);
    if (!err_ok(e))
        return e;
    memset((void *)(here + end % PAGE_SIZE), 0, PAGE_SIZE - end % PAGE_SIZE);
    return sys_process_unmap(SELF_PROCESS, here, PAGE_SIZE);
}

static err_t segment_cloned(const struct source *f, const struct elf_segment *s,
                            struct memory_cap *out) {
    uint64_t at = s->address % PAGE_SIZE, bytes = page_round(at + s->memory_size);
    uint64_t filled = page_round(at + s->file_size);
    err_t e = sys_memory_clone(f->data, f->pool, s->offset - at, filled, out);
    if (err_ok(e) && bytes > filled)
        e = sys_memory_resize(*out, bytes);
    return err_ok(e) ? tail_clear(*out, at + s->file_size) : e;
}

/* `base` is what the segment's address counts from. */
static err_t segment_load(const struct source *f, const struct elf_segment *s, uint64_t base) {
    uint64_t at = s->address % PAGE_SIZE, bytes = page_round(at + s->memory_size);
    uint32_t access = segment_access(s);
    struct memory_cap m = {HANDLE_NONE};
    err_t e;
    if (same_place(s) && !(access & MEMORY_WRITE) && s->memory_size == s->file_size)
        return sys_process_map(f->process, f->text, base + s->address - at, s->offset - at, bytes,
                               access);
    if (same_place(s) && !(access & MEMORY_EXECUTE))
        e = segment_cloned(f, s, &m);
    else
        e = segment_copied(f, s, &m);
    if (err_ok(e))
        e = sys_process_map(f->process, m, base + s->address - at, 0, bytes,
                            access | MAP_PRIVATE_COPY);
    if (m.h != HANDLE_NONE)
        sys_handle_close(ANY(m));
    return e;
}

/* The file has been looked at, but may be changed meanwhile by who has it mapped too. */
static err_t segments_load(const struct source *f, struct elf_image *out) {
    struct elf_header h;
    struct elf_image image;
    err_t e = elf_look(f->at, f->size, f->where, &image);
    if (!err_ok(e))
        return e;
    memcpy(&h, f->at, sizeof h);
    if (!elf_header_ok(&h, f->size, f->where))
        return ERROR(BAD_ARGUMENT);
    for (unsigned i = 0; i < h.segment_count && err_ok(e); i++) {
        struct elf_segment s;
        memcpy(&s, f->at + h.segments + i * sizeof s, sizeof s);
        if (s.type != SEGMENT_LOAD || !s.memory_size)
            continue;
        uint64_t base = elf_base(&h, f->where);
        e = elf_segment_ok(&s, f->size, base, f->where) ? segment_load(f, &s, base)
                                                        : ERROR(BAD_ARGUMENT);
    }
    if (err_ok(e))
        *out = image;
    return e;
}

err_t elf_load(struct memory_cap file, uint64_t size, struct process_cap process,
               struct pool_cap pool, const struct elf_place *where, struct elf_image *out) {
    struct source f = {.size = size, .process = process, .pool = pool, .where = where};
    uint64_t at;
    err_t e = room_map(file, 0, size, MEMORY_READ, &at);
    if (!err_ok(e))
        return e;
    f.at = (const char *)at;
    e = sys_handle_duplicate(ANY(file), RIGHT_MEMORY_READ | RIGHT_MEMORY_CLONE, 0, &f.data.h);
    if (err_ok(e))
        e = sys_handle_duplicate(ANY(file), RIGHT_MEMORY_READ | RIGHT_MEMORY_EXECUTE, 0, &f.text.h);
    if (err_ok(e))
        e = segments_load(&f, out);
    if (f.text.h != HANDLE_NONE)
        sys_handle_close(ANY(f.text));
    if (f.data.h != HANDLE_NONE)
        sys_handle_close(ANY(f.data));
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
