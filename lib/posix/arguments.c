/* SPDX-License-Identifier: MIT */
/*
 * Arguments and environment of a program that exec makes, as Linux puts them on the stack: how many
 * arguments, their addresses, 0, those of the environment, 0, the auxiliary vector, and then the
 * texts. They are above the stack, which begins at the first word. The program's other threads may
 * change what is read here: what is written is bounded all the same.
 */
#include <elf.h>
#include <errno.h>
#include <string.h>

#include "lib/bare/bare.h"
#include "lib/posix/exec.h"
#include "lib/posix/process.h"
#include "lib/posix/state.h"
#include "lib/sys/program.h"
#include "lib/sys/room.h"
#include "lib/sys/syscall.h"

#define TEXT_MOST    (128u << 10) /* bytes of one text with its NUL, as Linux */
#define AUXILIARY    19           /* pairs */
#define PLATFORM     "x86_64"
#define STACK_LEAST  51 /* AT_MINSIGSTKSZ */
#define RANDOM_BYTES 16u
#define TICKS        100 /* a second; what times() counts */

/* Where it is written here, and where in the new program that is. */
struct writer {
    uint64_t here;
    uint64_t *word;
    uint64_t at, left; /* of the texts, bytes from the beginning; bytes that texts may still have */
};

static uint64_t in_program(uint64_t at) {
    return EXEC_VECTOR_AT + at;
}

static void word_put(struct writer *w, uint64_t value) {
    *w->word++ = value;
}

static long text_put(struct writer *w, const char *text) {
    size_t length;
    if (!user_text((uint64_t)text, TEXT_MOST, &length))
        return -EFAULT;
    if (length >= TEXT_MOST || length + 1 > w->left)
        return -E2BIG;
    char *to = (char *)(w->here + w->at);
    memcpy(to, text, length);
    to[length] = 0;
    word_put(w, in_program(w->at));
    w->at += length + 1;
    w->left -= length + 1;
    return 0;
}

/* How many addresses there are in a list that ends with 0. */
static long list_count(const uint64_t *list, uint64_t *count) {
    for (*count = 0; list; ++*count) {
        if (!user_readable((uint64_t)(list + *count), sizeof *list))
            return -EFAULT;
        if (!list[*count])
            return 0;
        if (*count >= EXEC_ARGUMENTS / sizeof *list)
            return -E2BIG;
    }
    return 0;
}

static long list_put(struct writer *w, const uint64_t *list, uint64_t from, uint64_t count) {
    long error = 0;
    for (uint64_t i = from; i < count && !error; i++)
        error = text_put(w, (const char *)list[i]);
    return error;
}

static long prefix_put(struct writer *w, const struct exec *x) {
    long error = 0;
    for (unsigned i = x->prefixes; i && !error; i--)
        error = text_put(w, x->prefix[i - 1]);
    return error;
}

/* The name, the platform and the random bytes have places behind the other texts. */
static long auxiliary_put(struct writer *w, struct exec *x) {
    struct writer name = *w;
    uint64_t own;
    name.word = &own;
    long error = text_put(&name, x->name);
    if (error)
        return error;
    x->auxiliary = w->word;
    x->name_there = own;
    name.word = &x->platform_there;
    error = text_put(&name, PLATFORM);
    if (error)
        return error;
    uint64_t random = (name.at + RANDOM_BYTES - 1) & ~(uint64_t)(RANDOM_BYTES - 1);
    x->random_there = program_seed ? in_program(random) : 0;
    if (program_seed)
        random_fill((void *)(w->here + random), RANDOM_BYTES);
    return 0;
}

/* A program has a name: who is given no argument has an empty one. */
static long all_put(struct writer *w, struct exec *x, uint64_t argc, uint64_t envc) {
    uint64_t own = argc ? argc - 1 : 0, begin = x->prefixes ? x->prefixes : 1;
    uint64_t words = 1 + begin + own + 1 + envc + 1 + 2 * AUXILIARY;
    if (words * sizeof(uint64_t) > EXEC_ARGUMENTS)
        return -E2BIG;
    w->word = (uint64_t *)w->here;
    w->at = words * sizeof(uint64_t);
    w->left = EXEC_ARGUMENTS - w->at;
    word_put(w, begin + own);
    long error = x->prefixes ? prefix_put(w, x) : text_put(w, argc ? (const char *)x->argv[0] : "");
    if (!error)
        error = list_put(w, x->argv, 1, argc);
    word_put(w, 0);
    if (!error)
        error = list_put(w, x->envp, 0, envc);
    word_put(w, 0);
    return error ? error : auxiliary_put(w, x);
}

static long room_make(struct exec *x) {
    err_t e = sys_memory_create(program_pool, EXEC_ROOM, MEMORY_READ | MEMORY_WRITE, &x->arguments);
    if (err_ok(e))
        e = bare_map(x->arguments, EXEC_ROOM, MEMORY_READ | MEMORY_WRITE | MAP_PRIVATE_COPY,
                     &x->arguments_at);
    return exec_errno(e);
}

long arguments_write(struct exec *x) {
    uint64_t argc, envc;
    long error = list_count(x->argv, &argc);
    if (!error)
        error = list_count(x->envp, &envc);
    if (!error)
        error = room_make(x);
    if (error)
        return error;
    struct writer w = {.here = x->arguments_at};
    return all_put(&w, x, argc, envc);
}

void arguments_end(const struct exec *x) {
    if (x->arguments_at)
        (void)bare_munmap(x->arguments_at, EXEC_ROOM);
    if (x->arguments.h != HANDLE_NONE)
        sys_handle_close(ANY(x->arguments));
}

/* ---- with the program ---- */

/* Of CPUID's leaf 1, EDX, as Linux tells it. */
static uint64_t processor_features(void) {
    uint32_t a = 1, b, c = 0, d;
    __asm__("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    return d;
}

static void auxiliary_fill(const struct exec *x) {
    struct identity own;
    identity_keep(&own);
    const uint64_t pairs[AUXILIARY][2] = {
        {AT_PHDR, x->image.headers},
        {AT_PHENT, sizeof(Elf64_Phdr)},
        {AT_PHNUM, x->image.header_count},
        {AT_PAGESZ, PAGE_SIZE},
        {AT_ENTRY, x->image.entry},
        {AT_UID, own.user[ID_REAL]},
        {AT_EUID, own.user[ID_EFFECTIVE]},
        {AT_GID, own.group[ID_REAL]},
        {AT_EGID, own.group[ID_EFFECTIVE]},
        {AT_BASE, 0},
        {AT_FLAGS, 0},
        {AT_SECURE, 0},
        {AT_HWCAP, processor_features()},
        {AT_PLATFORM, x->platform_there},
        {STACK_LEAST, signal_frame_most()},
        {AT_CLKTCK, TICKS},
        {AT_RANDOM, x->random_there},
        {AT_EXECFN, x->name_there},
        {AT_NULL, 0},
    };
    memcpy(x->auxiliary, pairs, sizeof pairs);
}

static err_t map_there(const struct exec *x, struct memory_cap memory, uint64_t at,
                       uint64_t bytes) {
    return sys_process_map(x->process, memory, at, 0, bytes,
                           MEMORY_READ | MEMORY_WRITE | MAP_PRIVATE_COPY);
}

long arguments_map(const struct exec *x) {
    struct memory_cap stack;
    auxiliary_fill(x);
    err_t e = map_there(x, x->arguments, EXEC_VECTOR_AT, EXEC_ROOM);
    if (!err_ok(e))
        return exec_errno(e);
    e = sys_memory_create(program_pool, EXEC_STACK, MEMORY_READ | MEMORY_WRITE, &stack);
    if (!err_ok(e))
        return exec_errno(e);
    e = map_there(x, stack, EXEC_STACK_AT, EXEC_STACK);
    sys_handle_close(ANY(stack));
    return exec_errno(e);
}
