/* SPDX-License-Identifier: MIT */
/*
 * The program of an exec: its file is mapped, or read into memory, and loaded into an empty
 * process. A program
 * of Linux has lib/linux loaded beside it, which makes its calls. Programs that want an interpreter
 * of their own (dynamic ones) are not known here.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "lib/bare/bare.h"
#include "lib/posix/exec.h"
#include "lib/posix/linux_place.h"
#include "lib/sys/elf.h"
#include "lib/sys/print.h"
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

/* The server's own memory, if it gives it; it may be any server. */
static bool file_mapped(const struct description *d, struct loaded *l) {
    struct memory_info info;
    if (!err_ok(file_map(d->base.session, &l->memory, &l->size)))
        return false;
    l->bytes = page_round(l->size);
    if (l->size && l->size <= FILE_MOST && err_ok(sys_memory_info(l->memory, &info)) &&
        l->bytes <= info.size && err_ok(bare_map(l->memory, l->bytes, MEMORY_READ, &l->at)))
        return true;
    sys_handle_close(ANY(l->memory));
    return false;
}

static long file_copied(struct description *d, struct loaded *l) {
    long error = file_size(d, &l->size);
    if (error)
        return error;
    l->bytes = page_round(l->size);
    err_t e = sys_memory_create(program_pool, l->bytes, MEMORY_ACCESS, &l->memory);
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

static long file_load(struct description *d, struct loaded *l) {
    return file_mapped(d, l) ? 0 : file_copied(d, l);
}

/* ---- the two kinds of programs ---- */

/* Where a program of Linux may be: not where exec and lib/linux have their memory. */
static const struct elf_place linux_place = {PAGE_SIZE, LINUX_END, LINUX_BASE};
/* Where lib/linux is, and nothing else. */
static const struct elf_place library_place = {LINUX_AT, LINUX_AT + LINUX_BYTES, 0};

/* One that is of this system says so; another must be one of Linux that needs no linking. */
static long look(const struct exec *x, const struct loaded *l, struct elf_image *out) {
    const char *file = (const char *)l->at;
    err_t e = elf_look(file, l->size, &linux_place, out);
    if (err_ok(e) && out->native)
        e = elf_look(file, l->size, &elf_usual, out);
    if (err_ok(e) && !out->interpreted)
        return 0;
    print("%s: not started: %s\n", x->file->base.path.length ? x->file->base.path.at : "program",
          err_ok(e) ? "it wants to be linked by a program of its own" : "it is no such ELF file");
    return -ENOEXEC;
}

static long library_open(struct description **out) {
    struct description *d = description_make();
    if (!d)
        return -ENFILE;
    long error = description_open(AT_FDCWD, (long)LINUX_LIBRARY, O_RDONLY | O_NONBLOCK, 0, d);
    if (!error && !description_is(d, FILE_TYPE_REGULAR))
        error = -ENOEXEC;
    if (error)
        description_release(d);
    else
        *out = d;
    return error;
}

/* What makes the calls of a program of Linux; a system without it has no such programs. */
static long library_load(struct exec *x) {
    struct description *d;
    struct elf_image image;
    struct loaded l;
    long error = library_open(&d);
    if (error)
        return error == -ENOENT ? -ENOEXEC : error;
    error = file_load(d, &l);
    description_release(d);
    if (error)
        return error;
    error =
        exec_errno(elf_load(l.memory, l.size, x->process, program_pool, &library_place, &image));
    loaded_end(&l);
    x->entry = image.entry;
    return error;
}

long image_load(struct exec *x) {
    struct loaded l;
    if (memcmp(x->head, ELFMAG, SELFMAG) != 0)
        return -ENOEXEC;
    long error = file_load(x->file, &l);
    if (error)
        return error;
    error = look(x, &l, &x->image);
    if (!error)
        error = exec_errno(elf_load(l.memory, l.size, x->process, program_pool,
                                    x->image.native ? &elf_usual : &linux_place, &x->image));
    loaded_end(&l);
    x->entry = x->image.entry;
    return error || x->image.native ? error : library_load(x);
}
