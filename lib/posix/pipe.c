/* SPDX-License-Identifier: MIT */
/* pipe(2), FIFOs, and what fcntl and ioctl ask of one. */
#include "lib/file/pipe.h"

#include <errno.h>
#include <fcntl.h>

#include "lib/posix/process.h"

struct session_cap posix_pipes;

static void describe(struct description *d, struct session_cap session, uint32_t flags) {
    d->base.session = session;
    d->mode = FILE_TYPE_FIFO | 0600;
    d->flags = flags;
}

/* Makes both ends; they are the descriptions' from then on. */
static long make(struct description *const end[2], uint32_t flags) {
    struct session_cap session[2];
    err_t e =
        pipe_make(posix_pipes, flags & O_NONBLOCK ? FILE_NONBLOCK : 0, &session[0], &session[1]);
    if (!err_ok(e))
        return posix_errno(e);
    describe(end[0], session[0], O_RDONLY);
    describe(end[1], session[1], O_WRONLY);
    return 0;
}

long descriptions_install(struct description *const end[2], long error, bool close_on_exec,
                          int *to) {
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
    if (!user_writable((uint64_t)to, 2 * sizeof *to))
        return -EFAULT;
    if (posix_pipes.h == HANDLE_NONE)
        return -ENOSYS;
    struct description *const end[2] = {description_make(), description_make()};
    long error = end[0] && end[1] ? make(end, flags) : -ENFILE;
    return descriptions_install(end, error, flags & O_CLOEXEC, to);
}

long call_pipe(const long *a) {
    return pipe_call((int *)a[0], 0);
}

long call_pipe2(const long *a) {
    return pipe_call((int *)a[0], (uint32_t)a[1]);
}

/* F_GETPIPE_SZ, and F_SETPIPE_SZ with a size. */
long pipe_capacity(const struct description *d, bool change, uint32_t size) {
    struct pipe_state state = {.capacity = 0};
    if (!description_is(d, FILE_TYPE_FIFO))
        return -EBADF;
    err_t e = change ? pipe_resize(d->base.session, size, &state.capacity)
                     : pipe_state(d->base.session, &state);
    return err_ok(e) ? (long)state.capacity : posix_errno(e);
}

/* ---- FIFOs ---- */

/* To read without waiting needs nobody; to write needs somebody who reads. */
static long other_side(const struct description *d, uint32_t access, bool waits) {
    if (access == O_RDWR || (access == O_RDONLY && !waits))
        return 0;
    if (waits && signals_waiting())
        return -EINTR;
    err_t e = pipe_await(d->base.session);
    return err_is(e, ERR_WOULD_BLOCK) ? -ENXIO : posix_errno(e);
}

long fifo_open(struct description *d, uint32_t flags) {
    static const uint32_t how[] = {FILE_FOR_READ, FILE_FOR_WRITE, FILE_FOR_READ | FILE_FOR_WRITE};
    struct session_cap fifo = d->base.session, end;
    uint32_t access = flags & 3;
    if (access == 3)
        return -EINVAL;
    const struct file_name n = {.flags = how[access] | (flags & O_NONBLOCK ? FILE_NONBLOCK : 0)};
    err_t e = file_open(fifo, &n, &end, NULL);
    d->base.session.h = err_ok(e) ? end.h : HANDLE_NONE;
    file_drop(fifo);
    return err_ok(e) ? other_side(d, access, !(flags & O_NONBLOCK)) : posix_errno(e);
}
