/* SPDX-License-Identifier: MIT */
/*
 * Locks of files: those of fcntl, whose owner is the process or the open file, and flock. For each
 * server that it has locked files of the process has a session there that owns them; a fork's child
 * has none. Whenever a file is closed all locks that the process has on it end.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "lib/bare/lock.h"
#include "lib/posix/process.h"
#include "lib/sys/syscall.h"

#define LAST_BYTE ((uint64_t)INT64_MAX)

static struct session_cap owners[LOCK_OWNERS]; /* those at the end are HANDLE_NONE */
LOCK(lock);

static long lock_errno(err_t e) {
    if (err_is(e, ERR_BUSY))
        return -EDEADLK;
    if (err_is(e, ERR_UNSUPPORTED) || err_is(e, ERR_LIMIT))
        return -ENOLCK;
    return err_is(e, ERR_NO_RIGHT) ? -EBADF : posix_errno(e);
}

/* ---- owners ---- */

void locks_keep(struct session_cap to[LOCK_OWNERS]) {
    for (unsigned i = 0; i < LOCK_OWNERS; i++)
        to[i] = owners[i];
}

void locks_restore(const struct session_cap from[LOCK_OWNERS]) {
    for (unsigned i = 0; i < LOCK_OWNERS; i++)
        owners[i] = from[i];
}

/* Clone did not copy them. */
void locks_after_fork(void) {
    for (unsigned i = 0; i < LOCK_OWNERS; i++)
        owners[i].h = HANDLE_NONE;
}

static struct session_cap owner_at(unsigned i) {
    return (struct session_cap){__atomic_load_n(&owners[i].h, __ATOMIC_ACQUIRE)};
}

/* A new one at the end of the table, unless somebody else has put one there. */
static err_t owner_make(struct session_cap file, unsigned at) {
    struct session_cap new;
    err_t e = file_owner(file, (uint64_t)proc_number(), &new);
    if (err_ok(e))
        e = sys_handle_keep(ANY(new), 0);
    if (!err_ok(e))
        return e;
    lock_take(&lock);
    bool mine = owners[at].h == HANDLE_NONE;
    if (mine)
        __atomic_store_n(&owners[at].h, new.h, __ATOMIC_RELEASE);
    lock_give(&lock);
    if (!mine)
        file_drop(new);
    return OK;
}

/* Which owner is that of the file's server only the servers know. */
static err_t lock_owned(struct session_cap file, uint32_t how, struct file_range *range,
                        bool make) {
    for (unsigned i = 0; i < LOCK_OWNERS; i++) {
        err_t e = OK;
        if (owner_at(i).h == HANDLE_NONE && !make)
            return OK;
        if (owner_at(i).h == HANDLE_NONE)
            e = owner_make(file, i);
        if (err_ok(e))
            e = file_lock(file, owner_at(i), how, range);
        if (!err_is(e, ERR_OTHER_SERVER) && !err_is(e, ERR_REVOKED))
            return e;
    }
    return ERROR(LIMIT);
}

void locks_closing(const struct description *d) {
    struct file_range all = {.last = LAST_BYTE};
    if (owner_at(0).h != HANDLE_NONE &&
        (description_is(d, FILE_TYPE_REGULAR) || description_is(d, FILE_TYPE_DIRECTORY)))
        (void)lock_owned(d->base.session, 0, &all, false);
}

/* ---- fcntl ---- */

/* Where the range is counted from. */
static long base_of(const struct description *d, int whence, uint64_t *base) {
    struct file_stat stat;
    err_t e = OK;
    *base = 0;
    if (whence == SEEK_CUR) {
        e = file_seek(d->base.session, 0, FILE_SEEK_HERE, base);
    } else if (whence == SEEK_END) {
        e = file_stat(d->base.session, &(struct file_name){.flags = 0}, &stat, NULL);
        *base = stat.size;
    } else if (whence != SEEK_SET) {
        return -EINVAL;
    }
    return posix_errno(e);
}

/* A length below 0 is in front of the start; 0 is to the end of whatever the file grows to. */
static long range_of(const struct description *d, const struct flock *f, struct file_range *range) {
    static const uint32_t kinds[] = {
        [F_RDLCK] = FILE_LOCK_SHARED, [F_WRLCK] = FILE_LOCK_EXCLUSIVE, [F_UNLCK] = 0};
    uint64_t base;
    int64_t first, last = INT64_MAX;
    if ((unsigned short)f->l_type > F_UNLCK)
        return -EINVAL;
    long error = base_of(d, f->l_whence, &base);
    if (error)
        return error;
    if (__builtin_add_overflow((int64_t)base, f->l_start, &first))
        return -EOVERFLOW;
    if (f->l_len > 0 && __builtin_add_overflow(first, f->l_len - 1, &last))
        return -EOVERFLOW;
    if (f->l_len < 0) {
        last = first - 1;
        if (__builtin_add_overflow(first, f->l_len, &first))
            return -EINVAL;
    }
    if (first < 0)
        return -EINVAL;
    *range = (struct file_range){(uint64_t)first, (uint64_t)last, kinds[f->l_type], 0};
    return 0;
}

static void range_put(struct flock *f, const struct file_range *range) {
    if (!range->kind) {
        f->l_type = F_UNLCK;
        return;
    }
    f->l_type = range->kind == FILE_LOCK_EXCLUSIVE ? F_WRLCK : F_RDLCK;
    f->l_whence = SEEK_SET;
    f->l_start = (off_t)range->first;
    f->l_len = range->last == LAST_BYTE ? 0 : (off_t)(range->last - range->first + 1);
    f->l_pid = range->number ? (pid_t)range->number : -1;
}

static bool access_allows(const struct description *d, const struct file_range *range) {
    uint32_t access = d->flags & O_ACCMODE & 3;
    return !(range->kind & FILE_LOCK_SHARED && access == O_WRONLY) &&
           !(range->kind & FILE_LOCK_EXCLUSIVE && access == O_RDONLY);
}

static err_t lock_range(const struct description *d, bool of_file, uint32_t how,
                        struct file_range *range) {
    if (how & FILE_LOCK_WAIT && signals_waiting())
        return ERROR(INTERRUPTED);
    return of_file ? file_lock(d->base.session, (struct session_cap){HANDLE_NONE}, how, range)
                   : lock_owned(d->base.session, how, range, true);
}

long lock_control(const struct description *d, long command, struct flock *f) {
    bool of_file = command >= F_OFD_GETLK;
    bool tests = command == F_GETLK || command == F_OFD_GETLK;
    bool waits = command == F_SETLKW || command == F_OFD_SETLKW;
    struct file_range range;
    if (!(tests ? user_writable((uint64_t)f, sizeof *f) : user_readable((uint64_t)f, sizeof *f)))
        return -EFAULT;
    if ((tests && f->l_type == F_UNLCK) || (of_file && f->l_pid))
        return -EINVAL;
    long error = range_of(d, f, &range);
    if (error)
        return error;
    if (d->log)
        return -ENOLCK;
    if (!tests && !access_allows(d, &range))
        return -EBADF;
    err_t e =
        lock_range(d, of_file, (tests ? FILE_LOCK_TEST : 0) | (waits ? FILE_LOCK_WAIT : 0), &range);
    if (err_ok(e) && tests)
        range_put(f, &range);
    return lock_errno(e);
}

/* ---- flock ---- */

/* flock(descriptor, operation) */
long call_flock(const long *a) {
    static const uint32_t kinds[] = {
        [LOCK_SH] = FILE_LOCK_SHARED, [LOCK_EX] = FILE_LOCK_EXCLUSIVE, [LOCK_UN] = 0};
    uint32_t kind = (uint32_t)a[1] & ~(uint32_t)LOCK_NB;
    if (kind != LOCK_SH && kind != LOCK_EX && kind != LOCK_UN)
        return -EINVAL;
    struct description *d = descriptor_get(a[0]);
    if (!d || d->flags & O_PATH) {
        description_release(d);
        return -EBADF;
    }
    struct file_range whole = {.last = LAST_BYTE, .kind = kinds[kind]};
    uint32_t how = FILE_LOCK_WHOLE | (a[1] & LOCK_NB || kind == LOCK_UN ? 0 : FILE_LOCK_WAIT);
    err_t e = d->log ? ERROR(UNSUPPORTED) : lock_range(d, true, how, &whole);
    description_release(d);
    return lock_errno(e);
}
