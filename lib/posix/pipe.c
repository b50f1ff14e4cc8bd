/* SPDX-License-Identifier: MIT */
/* pipe(2), and what fcntl and ioctl ask of one. */
#include <errno.h>
#include <fcntl.h>

#include "abi/pipe.h"
#include "lib/posix/posix.h"

struct session_cap posix_pipes;

static void describe(struct description *d, struct session_cap session, uint32_t mode,
                     uint32_t flags) {
    d->base.session = session;
    d->mode = mode;
    d->flags = flags;
}

/* Makes both ends; they are the descriptions' from then on. */
static long make(struct description *const end[2], uint32_t flags) {
    struct file_call c = {.op = PIPE_MAKE, .accept = 2};
    c.word[0] = flags & O_NONBLOCK ? FILE_NONBLOCK : 0;
    err_t e = file_call(posix_pipes, &c);
    if (!err_ok(e))
        return posix_errno(e);
    describe(end[0], c.opened[0], (uint32_t)c.word[0], O_RDONLY);
    describe(end[1], c.opened[1], (uint32_t)c.word[0], O_WRONLY);
    return 0;
}

/* Puts both ends at their numbers, or gives everything back. */
static long install(struct description *const end[2], long error, bool close_on_exec, int *to) {
    const long fd[2] = {descriptor_reserve(0), descriptor_reserve(0)};
    if (!error && (fd[0] < 0 || fd[1] < 0))
        error = -EMFILE;
    for (unsigned i = 0; i < 2; i++) {
        if (fd[i] >= 0)
            descriptor_fill(fd[i], error ? NULL : end[i], close_on_exec);
        if (error)
            description_release(end[i]);
        else
            to[i] = (int)fd[i];
    }
    return error;
}

static long pipe_call(int *to, uint32_t flags) {
    if (flags & ~(uint32_t)(O_CLOEXEC | O_NONBLOCK))
        return -EINVAL;
    if (!user_range((uint64_t)to, 2 * sizeof *to))
        return -EFAULT;
    if (posix_pipes.h == HANDLE_NONE)
        return -ENOSYS;
    struct description *const end[2] = {description_make(), description_make()};
    long error = end[0] && end[1] ? make(end, flags) : -ENFILE;
    return install(end, error, flags & O_CLOEXEC, to);
}

long call_pipe(const long *a) {
    return pipe_call((int *)a[0], 0);
}

long call_pipe2(const long *a) {
    return pipe_call((int *)a[0], (uint32_t)a[1]);
}

/* F_GETPIPE_SZ, and F_SETPIPE_SZ with a size. */
long pipe_capacity(const struct description *d, bool change, uint32_t size) {
    struct file_call c = {.op = change ? PIPE_RESIZE : PIPE_STATE, .word = {size}};
    if (!description_is(d, FILE_TYPE_FIFO))
        return -EBADF;
    err_t e = file_call(d->base.session, &c);
    return err_ok(e) ? (long)c.word[0] : posix_errno(e);
}
