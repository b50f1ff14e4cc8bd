/* SPDX-License-Identifier: MIT */
/*
 * Addresses of local sockets. A socket that is bound to a name in the file system has a session for
 * whoever may connect, which is put behind that name; who looks the name up gets it from the file
 * system's server.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "lib/posix/sockets.h"

#define FAMILY (sizeof(sa_family_t))

_Static_assert(ADDRESS_ROOM == sizeof(struct sockaddr_un), "of this system");
_Static_assert(SOCKET_NAME_MAX == ADDRESS_ROOM - FAMILY, "what is behind the family");

/* Takes it, and ends what may be the name of a file. Bytes behind the family, or -errno. */
static long take(char *text, long at, long length) {
    sa_family_t family = AF_UNSPEC;
    if ((int)length < 0 || (int)length > (int)sizeof(struct sockaddr_storage))
        return -EINVAL;
    if (!user_readable((uint64_t)at, (uint64_t)length))
        return -EFAULT;
    if (length >= (long)FAMILY)
        memcpy(&family, (const void *)at, FAMILY);
    if (length < (long)FAMILY || length > (long)ADDRESS_ROOM || family != AF_UNIX)
        return family == AF_UNSPEC && length >= (long)FAMILY ? -EAFNOSUPPORT : -EINVAL;
    size_t size = (size_t)length - FAMILY;
    memcpy(text, (const char *)at + FAMILY, size);
    text[size] = 0;
    return (long)size;
}

long address_find(struct address *a, long at, long length) {
    uint32_t mode;
    long size = take(a->text, at, length);
    a->to = (struct socket_address){.name = {HANDLE_NONE}};
    if (size == -EAFNOSUPPORT) /* of no family: nobody */
        return 0;
    if (size <= 0)
        return size ? size : -EINVAL;
    if (!a->text[0]) {
        a->to.abstract = (struct text){a->text, (size_t)size};
        return 0;
    }
    long error = name_behind((long)a->text, FILE_FOR_WRITE, &a->to.name, &mode);
    if (!error && (mode & FILE_TYPE) == FILE_TYPE_SOCKET)
        return 0;
    if (!error)
        address_end(a);
    return error && error != -EISDIR ? error : -ECONNREFUSED;
}

void address_end(const struct address *a) {
    if (a->to.name.h != HANDLE_NONE)
        file_drop(a->to.name);
}

/* ---- bind ---- */

static long bind_path(const struct description *d, const char *path) {
    struct session_cap name;
    long error = name_make(AT_FDCWD, (long)path, FILE_TYPE_SOCKET | (0777u & ~umask_now));
    if (error)
        return error == -EEXIST ? -EADDRINUSE : error;
    error = socket_errno(socket_call(d->base.session, text_of(path), &name));
    if (!error) {
        error = name_place((long)path, name);
        file_drop(name);
    }
    if (error)
        (void)name_remove((long)path);
    return error;
}

/* bind(descriptor, address, length) */
long call_bind(const long *a) {
    struct description *d;
    char text[ADDRESS_ROOM + 1];
    long error = socket_get(a[0], &d);
    if (error)
        return error;
    long size = take(text, a[1], a[2]);
    if (size < 0)
        error = -EINVAL == size || size == -EFAULT ? size : -EINVAL;
    else if (size && text[0])
        error = bind_path(d, text);
    else
        error =
            socket_errno(socket_call_abstract(d->base.session, (struct text){text, (size_t)size}));
    description_release(d);
    return error;
}

/* ---- what a socket is called ---- */

/* Linux counts the NUL behind the name of a file. */
uint32_t address_length(const char *name, size_t size) {
    return (uint32_t)(FAMILY + size + (size && name[0] ? 1 : 0));
}

long address_put(const char *name, size_t size, long to, uint32_t *length) {
    char all[ADDRESS_ROOM + 1] = {0};
    uint32_t whole = address_length(name, size);
    const sa_family_t family = AF_UNIX;
    if (!user_writable((uint64_t)length, sizeof *length))
        return -EFAULT;
    uint32_t room = *length;
    if ((int32_t)room < 0)
        return -EINVAL;
    room = room < whole ? room : whole;
    if (!user_writable((uint64_t)to, room))
        return -EFAULT;
    memcpy(all, &family, FAMILY);
    memcpy(all + FAMILY, name, size);
    memcpy((void *)to, all, room);
    *length = whole;
    return 0;
}

static long name_tell(const long *a, bool of_peer) {
    struct description *d;
    char name[SOCKET_NAME_MAX];
    size_t size = 0;
    long error = socket_get(a[0], &d);
    if (error)
        return error;
    error = socket_errno(socket_name(d->base.session, of_peer, name, &size));
    if (!error)
        error = address_put(name, size, a[1], (uint32_t *)a[2]);
    description_release(d);
    return error;
}

/* getsockname(descriptor, address, length) */
long call_getsockname(const long *a) {
    return name_tell(a, false);
}

long call_getpeername(const long *a) {
    return name_tell(a, true);
}
