/* SPDX-License-Identifier: MIT */
/*
 * The program of an exec: its file is read into memory and loaded into an empty process. Programs
 * that want an interpreter of their own (dynamic ones) are not known here.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "lib/bare/bare.h"
#include "lib/posix/exec.h"
#include "lib/sys/elf.h"
#include "lib/sys/program.h"
#include "lib/sys/room.h"
#include "lib/sys/syscall.h"

#define FILE_MOST (1ull << 32) /* bytes */

long exec_errno(err_t e) {
    switch (e.code) {
    case ERR_NO_MEMORY:
        return -ENOMEM;
    case ERR_LIMIT:
        return -EAGAIN;
    case ERR_BAD_ARGUMENT:
    case ERR_OVERLAP:
        return -ENOEXEC;
    default:
        return posix_errno(e);
    }
}

/* The file in memory that is mapped here. */
struct loaded {
    struct memory_cap memory;
    uint64_t at, bytes, size;
};

static long file_size(const struct description *d, uint64_t *size) {
    struct file_stat stat;
    err_t e = file_stat(d->base.session, &(struct file_name){.flags = 0}, &stat, NULL);
    if (err_ok(e) && stat.size > FILE_MOST)
        return -ENOMEM;
    *size = err_ok(e) ? stat.size : 0;
    return posix_errno(e);
}

static void loaded_end(const struct loaded *l) {
    (void)bare_munmap(l->at, l->bytes);
    sys_handle_close(ANY(l->memory));
}

static long file_load(struct description *d, struct loaded *l) {
    long error = file_size(d, &l->size);
    if (error)
        return error;
    l->bytes = page_round(l->size);
    err_t e = sys_memory_create(program_pool, l->bytes, MEMORY_READ | MEMORY_WRITE, &l->memory);
    if (!err_ok(e))
        return exec_errno(e);
    e = bare_map(l->memory, l->bytes, MEMORY_READ | MEMORY_WRITE | MAP_PRIVATE_COPY | MAP_PRESENT,
                 &l->at);
    if (!err_ok(e)) {
        sys_handle_close(ANY(l->memory));
        return -ENOMEM;
    }
    long got = data_move(d, O_RDONLY, 0, (char *)l->at, l->size);
    if (got < 0)
        loaded_end(l);
    else
        l->size = (uint64_t)got;
    return got < 0 ? got : 0;
}

/* What lib/sys/elf.c has accepted is looked at: where in memory the headers are, for the C library.
 */
static long headers_find(struct exec *x, const struct loaded *l) {
    Elf64_Ehdr h;
    Elf64_Phdr p;
    memcpy(&h, (const void *)l->at, sizeof h);
    x->header_count = h.e_phnum;
    x->headers = 0;
    for (unsigned i = 0; i < h.e_phnum; i++) {
        memcpy(&p, (const char *)l->at + h.e_phoff + i * sizeof p, sizeof p);
        if (p.p_type == PT_INTERP)
            return -ENOEXEC;
        if (p.p_type == PT_LOAD && h.e_phoff >= p.p_offset && h.e_phoff - p.p_offset < p.p_filesz)
            x->headers = p.p_vaddr + (h.e_phoff - p.p_offset);
    }
    return 0;
}

long image_load(struct exec *x) {
    struct loaded l;
    if (memcmp(x->head, ELFMAG, SELFMAG) != 0)
        return -ENOEXEC;
    long error = file_load(x->file, &l);
    if (error)
        return error;
    error = exec_errno(elf_load(l.memory, l.size, x->process, program_pool, &x->entry));
    if (!error)
        error = headers_find(x, &l);
    loaded_end(&l);
    return error;
}
