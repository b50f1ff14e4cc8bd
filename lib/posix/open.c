/* SPDX-License-Identifier: MIT */
/* open(2) and its relatives. */
#include <errno.h>
#include <fcntl.h>

#include "abi/ns.h"
#include "lib/file/pipe.h"
#include "lib/posix/linux.h"
#include "lib/posix/posix.h"

#define NOT_KEPT   (O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_CLOEXEC | OPEN_WITH_PATH)
#define PATH_KNOWN (O_PATH | O_DIRECTORY | O_NOFOLLOW)
#define TEMPORARY  (O_TMPFILE & ~O_DIRECTORY)

/* How the server is asked to open. */
static uint32_t flags_of(uint32_t flags) {
    static const struct {
        uint32_t theirs, ours;
    } list[] = {
        {O_CREAT, FILE_CREATE},
        {O_TRUNC, FILE_TRUNCATE},
        {O_APPEND, FILE_APPEND},
        {O_NONBLOCK, FILE_NONBLOCK},
        {O_DIRECTORY, FILE_DIRECTORY},
        {O_NOFOLLOW, FILE_NO_FOLLOW},
        {O_CREAT | O_EXCL, FILE_EXCLUSIVE},
    };
    static const uint32_t access[] = {FILE_FOR_READ, FILE_FOR_WRITE, FILE_FOR_READ | FILE_FOR_WRITE,
                                      0};
    uint32_t all = flags & O_PATH ? 0 : access[flags & 3] | FILE_BEHIND;
    for (unsigned i = 0; i < sizeof list / sizeof *list; i++)
        if ((flags & list[i].theirs) == list[i].theirs)
            all |= list[i].ours;
    return all;
}

static long flags_check(uint32_t *flags) {
    if (*flags & O_PATH)
        *flags &= PATH_KNOWN | O_CLOEXEC;
    if (*flags & TEMPORARY)
        return -EOPNOTSUPP;
    return (*flags & (O_CREAT | O_DIRECTORY)) == (O_CREAT | O_DIRECTORY) ? -EINVAL : 0;
}

/* A directory's path is for what leads above it later. That of one which is too deep is not known.
 */
static long path_keep(const struct lookup *l, struct description *d) {
    char *path = block_take();
    size_t length = 0;
    if (!path)
        return -ENOMEM;
    if (!err_ok(lookup_path(l, path, &length)))
        length = 0;
    path[length] = 0;
    d->base.path = (struct text){path, length};
    return 0;
}

static long describe(const struct lookup *l, struct session_cap session, uint32_t flags,
                     struct description *d) {
    d->base.session = session;
    d->base.mount = l->found.mount;
    d->base.by_path = l->found.mount & (NS_UNION | NS_BELOW);
    d->mode = l->found.mode;
    d->flags = (flags & ~(uint32_t)NOT_KEPT) | (flags & O_PATH ? 0 : LARGE);
    bool keeps = description_is(d, FILE_TYPE_DIRECTORY) || flags & OPEN_WITH_PATH;
    return keeps ? path_keep(l, d) : 0;
}

/* *nothing: it is a FIFO or socket, and nothing is behind its name. */
static long open_once(const struct name_at *n, uint32_t flags, uint32_t mode, struct description *d,
                      bool *nothing) {
    struct session_cap session;
    struct lookup *l;
    const struct file_name how = {.flags = flags_of(flags), .mode = mode};
    long error = name_lookup(n, &how, &l);
    *nothing = false;
    if (error)
        return error;
    err_t e = lookup_open(l, &session);
    if (err_ok(e))
        error = describe(l, session, flags, d);
    else if (err_is(e, ERR_UNSUPPORTED) || err_is(e, ERR_DEAD))
        error = -ENXIO; /* a pipe or socket that is only a name */
    else
        error = posix_errno(e);
    *nothing = err_is(e, ERR_DEAD);
    block_give(l);
    return error;
}

static long place_at(const struct name_at *n, uint32_t flags, struct session_cap behind) {
    struct description *d = description_make();
    bool nothing;
    long error = d ? open_once(n, O_PATH | flags, 0, d, &nothing) : -ENFILE;
    if (!error)
        error = posix_errno(file_place(d->base.session, behind));
    description_release(d);
    return error;
}

/* A FIFO that nobody has opened yet gets its pipe, unless somebody else just did that. */
static long fifo_make(const struct name_at *n) {
    struct file_stat stat;
    struct session_cap fifo;
    uint64_t mount;
    long error = name_stat(n, 0, &stat, &mount);
    if (error)
        return error;
    if ((stat.mode & FILE_TYPE) != FILE_TYPE_FIFO || posix_pipes.h == HANDLE_NONE)
        return -ENXIO;
    err_t e = pipe_fifo(posix_pipes, stat.mode & FILE_PERMISSIONS, stat.user, stat.group, &fifo);
    if (!err_ok(e))
        return posix_errno(e);
    error = place_at(n, 0, fifo);
    file_drop(fifo);
    return error == -EEXIST ? 0 : error;
}

static long open_name(const struct name_at *n, uint32_t flags, uint32_t mode,
                      struct description *d) {
    bool nothing;
    long error = open_once(n, flags, mode, d, &nothing);
    if (nothing)
        error = fifo_make(n);
    if (nothing && !error)
        error = open_once(n, flags, mode, d, &nothing);
    if (error || flags & O_PATH)
        return error;
    if (description_is(d, FILE_TYPE_SOCKET))
        return -ENXIO; /* it is connected to, not opened */
    return description_is(d, FILE_TYPE_FIFO) ? fifo_open(d, flags) : 0;
}

long name_behind(long path, uint32_t flags, struct session_cap *out, uint32_t *mode) {
    struct name_at n;
    struct lookup *l;
    const struct file_name how = {.flags = flags | FILE_BEHIND};
    long error = name_begin(&n, AT_FDCWD, path, false);
    if (error)
        return error;
    error = name_lookup(&n, &how, &l);
    if (!error) {
        err_t e = lookup_open(l, out);
        *mode = l->found.mode;
        error = err_is(e, ERR_DEAD) ? -ECONNREFUSED : posix_errno(e);
        block_give(l);
    }
    name_end(&n);
    return error;
}

long name_place(long path, struct session_cap behind) {
    struct name_at n;
    long error = name_begin(&n, AT_FDCWD, path, false);
    if (error)
        return error;
    error = place_at(&n, O_NOFOLLOW, behind);
    name_end(&n);
    return error;
}

/* With O_CREAT a name that ends in a slash is refused whatever it is, if the way to it is there. */
static long open_slashed(const struct name_at *n) {
    long error = name_way(n);
    return error ? error : -EISDIR;
}

long description_open(long directory, long path, uint32_t flags, uint32_t mode,
                      struct description *d) {
    struct name_at n;
    long error = name_begin(&n, directory, path, false);
    if (error)
        return error;
    if (!(flags & ((O_ACCMODE & 3) | O_CREAT | O_TRUNC | O_NOFOLLOW)))
        name_self(&n);
    if (flags & O_CREAT && name_slashed(&n) && name_last(&n) == LAST_NAME)
        error = open_slashed(&n);
    else
        error = open_name(&n, flags, mode & FILE_PERMISSIONS & ~umask_now, d);
    name_end(&n);
    return error;
}

/* The name itself is looked at before a descriptor is taken, the directory behind it after. */
static long name_check(long path) {
    struct name_at n;
    long error = name_begin(&n, AT_FDCWD, path, false);
    if (!error)
        name_end(&n);
    return error;
}

static long open_call(long directory, long path, uint32_t flags, uint32_t mode) {
    long error = flags_check(&flags);
    if (!error)
        error = name_check(path);
    if (error)
        return error;
    struct description *d = description_make();
    long fd = d ? descriptor_reserve(0) : -ENFILE;
    error = fd < 0 ? fd : description_open(directory, path, flags, mode, d);
    if (error) {
        description_release(d);
        d = NULL;
    }
    if (d && !(flags & (O_NOCTTY | O_PATH)) && description_is(d, FILE_TYPE_CHARACTER))
        terminal_take(d);
    if (fd >= 0)
        descriptor_fill(fd, d, flags & O_CLOEXEC);
    return error ? error : fd;
}

long call_open(const long *a) {
    return open_call(AT_FDCWD, a[0], (uint32_t)a[1], (uint32_t)a[2]);
}

long call_openat(const long *a) {
    return open_call(a[0], a[1], (uint32_t)a[2], (uint32_t)a[3]);
}

long call_creat(const long *a) {
    return open_call(AT_FDCWD, a[0], O_CREAT | O_WRONLY | O_TRUNC, (uint32_t)a[1]);
}
