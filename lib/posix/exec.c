/* SPDX-License-Identifier: MIT */
/*
 * execve(2). All that can fail comes first: the file is found and looked at, a process is made of
 * it and gets its stack, a start page and what survives; `proc` is told. Then this process takes
 * that one's memory, and the new program closes what has the old. Until then a failure leaves
 * everything as it was.
 */
#include "lib/posix/exec.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "lib/bare/bare.h"
#include "lib/bare/lock.h"
#include "lib/posix/process.h"
#include "lib/posix/start.h"
#include "lib/posix/state.h"
#include "lib/sys/elf.h"
#include "lib/sys/program.h"
#include "lib/sys/start.h"
#include "lib/sys/syscall.h"

#define MAY_EXECUTE 0111u

/* ---- the file ---- */

/* A file that user 0 may execute, with its first bytes. */
static long file_check(struct exec *x) {
    if (!description_is(x->file, FILE_TYPE_REGULAR) || !(x->file->mode & MAY_EXECUTE))
        return -EACCES;
    memset(x->head, 0, sizeof x->head);
    long got = data_move(x->file, O_RDONLY, 0, x->head, sizeof x->head);
    return got < 0 ? got : 0;
}

/* Whatever is no regular file is not waited for. */
static long file_open_named(struct exec *x, const char *name) {
    x->file = description_make();
    if (!x->file)
        return -ENFILE;
    long error =
        description_open(AT_FDCWD, (long)name, O_RDONLY | O_NONBLOCK | OPEN_WITH_PATH, 0, x->file);
    if (!error)
        return file_check(x);
    return error == -ENXIO ? -EACCES : error;
}

static void file_close(struct exec *x) {
    description_release(x->file);
    x->file = NULL;
}

static void prefix_add(struct exec *x, const char *text) {
    x->prefix[x->prefixes++] = text;
}

static char *text_copy(char **to, struct text from) {
    char *text = *to;
    memcpy(text, from.at, from.length);
    text[from.length] = 0;
    *to += from.length + 1;
    return text;
}

/* The interpreter takes the place of the script, whose name becomes an argument. */
static const char *script_enter(struct exec *x, const char *name, unsigned depth) {
    struct text interpreter, argument;
    char *to = x->texts[depth];
    if (!script_parse(x->head, &interpreter, &argument))
        return NULL;
    if (!depth)
        prefix_add(x, name);
    if (argument.length)
        prefix_add(x, text_copy(&to, argument));
    prefix_add(x, text_copy(&to, interpreter));
    return x->prefix[x->prefixes - 1];
}

/* Finds the program behind a name, which may be a script, and so on. */
static long program_find(struct exec *x) {
    const char *name = x->name;
    for (unsigned depth = 0;; depth++) {
        long error = file_open_named(x, name);
        if (!error && depth > SCRIPT_MOST)
            return -ELOOP;
        if (error || !script_is(x->head))
            return error;
        name = script_enter(x, name, depth);
        if (!name)
            return -ENOEXEC;
        if (!*name)
            return -EACCES; /* as Linux, which takes it for the working directory */
        file_close(x);
    }
}

/* ---- the process ---- */

static void page_fill(const struct exec *x, struct start_page *page) {
    *page = (struct start_page){
        .magic = START_PAGE_MAGIC,
        .pool = program_pool.h,
        .log = program_log.h,
        .wall_offset = start_page ? start_page->wall_offset : 0,
        .handle_count = START_DESCRIPTORS,
        .handles =
            {
                [START_SPACE] = posix_space.h,
                [START_PROC] = proc_page() ? PROC_PAGE_ADDRESS : HANDLE_NONE,
                [START_PIPES] = posix_pipes.h,
                [START_POWER] = posix_power.h,
                [START_AUTHORITY] = posix_authority.h,
                [START_STATE] = EXEC_STATE_AT,
                [START_PROGRAM] = x->image.native ? HANDLE_NONE : x->image.entry,
                [START_BREAK] = x->image.end,
            },
    };
    struct text path = x->file->base.path;
    if (path.length && path.length < sizeof page->arguments)
        memcpy(page->arguments, path.at, path.length); /* for self.c */
    if (program_seed)
        random_fill(page->random_seed, sizeof page->random_seed);
}

static long page_put(const struct exec *x) {
    struct memory_cap memory;
    uint64_t at;
    err_t e = sys_memory_create(program_pool, PAGE_SIZE, MEMORY_READ | MEMORY_WRITE, &memory);
    if (!err_ok(e))
        return exec_errno(e);
    e = bare_map(memory, PAGE_SIZE, MEMORY_READ | MEMORY_WRITE | MAP_PRIVATE_COPY, &at);
    if (err_ok(e)) {
        page_fill(x, (struct start_page *)at);
        (void)bare_munmap(at, PAGE_SIZE);
        e = sys_process_map(x->process, memory, EXEC_START_AT, 0, PAGE_SIZE,
                            MEMORY_READ | MAP_PRIVATE_COPY);
    }
    sys_handle_close(ANY(memory));
    return exec_errno(e);
}

/* `proc` maps its page and learns which thread it is now. */
static err_t proc_tell(const struct exec *x) {
    struct handle_send send[] = {{HANDLE_NONE, RIGHT_PROCESS_MAP | RIGHT_INFO, SEND_MOVE, 0},
                                 {HANDLE_NONE, RIGHTS_ALL, SEND_MOVE, 0}};
    uint64_t word[MESSAGE_WORDS] = {PROC_PAGE_ADDRESS};
    err_t e = sys_handle_duplicate(ANY(x->process), RIGHT_PROCESS_MAP | RIGHT_INFO | RIGHT_SEND, 0,
                                   &send[0].handle);
    if (err_ok(e))
        e = sys_handle_duplicate(ANY(SELF_THREAD), RIGHTS_ALL, 0, &send[1].handle);
    if (err_ok(e))
        e = proc_ask_with(PROC_EXEC, word, send, 2);
    for (unsigned i = 0; i < 2 && !err_ok(e); i++) /* should they still be here */
        if (send[i].handle != HANDLE_NONE)
            sys_handle_close((struct any_cap){send[i].handle});
    return e;
}

/* Returns only if it failed. */
static err_t become(const struct exec *x) {
    err_t e = state_keep(x->process);
    if (err_ok(e) && proc_page())
        e = proc_tell(x);
    if (err_ok(e))
        e = sys_process_become(x->process, x->entry, EXEC_VECTOR_AT, EXEC_START_AT, EXEC_BLOCK_AT);
    return e;
}

static long process_make(struct exec *x) {
    err_t e = sys_process_create(program_pool, &x->process);
    if (!err_ok(e))
        return exec_errno(e);
    long error = image_load(x);
    if (!error)
        error = arguments_map(x);
    if (!error)
        error = page_put(x);
    if (error)
        return error;
    file_close(x);
    locks_take();
    e = become(x);
    locks_give();
    return exec_errno(e);
}

static void exec_end(struct exec *x) {
    if (x->process.h != HANDLE_NONE)
        sys_handle_close(ANY(x->process));
    arguments_end(x);
    description_release(x->file);
    block_give(x);
}

/* execve(name, arguments, environment) */
long call_execve(const long *a) {
    if (!user_readable((uint64_t)a[0], 1))
        return -EFAULT;
    struct exec *x = block_take();
    if (!x)
        return -ENOMEM;
    *x = (struct exec){
        .name = (const char *)a[0], .argv = (const uint64_t *)a[1], .envp = (const uint64_t *)a[2]};
    long error = program_find(x);
    if (!error)
        error = arguments_write(x);
    if (!error)
        error = process_make(x);
    exec_end(x);
    return error;
}
