/* SPDX-License-Identifier: MIT */
/* SOURCES: tests/file/host/host.c tests/file/host/pages.c tests/file/host/ramfs.c
   tests/file/host/lookups.c lib/file/lookup.c lib/file/serve.c lib/file/locks.c lib/file/waits.c
   lib/file/polls.c lib/file/names.c lib/file/walk.c lib/file/badges.c lib/file/answer.c
   lib/file/client.c services/ramfs/inode.c services/ramfs/placed.c services/ramfs/directory.c
   services/ramfs/store.c */
/*
 * The RAM disk against the host's tmpfs: the same random operations on both, which must answer the
 * same and leave the same trees. The host's system calls follow symbolic links; here that is done
 * as a client would (lib/file/lookup.h). What leads above the root is not tried on the host.
 *
 *     test_ramfs_tmpfs [SEED [STEPS]]    one run, with each step printed
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"
#include "tests/file/host/lookups.h"
#include "tests/file/host/ramfs.h"

#define SEEDS 40u
#define STEPS 4000u
#define OPENS 8u
#define LARGE 300000u /* bytes of a file */

static uint64_t random_state;
static bool verbose;
static unsigned step_now;

/* The same directory on both sides: 0 is the root, the others are opened. */
static struct pair {
    struct session_cap session;
    int descriptor;
    bool directory;
} pairs[OPENS];
#define root pairs[0]

static uint64_t below(uint64_t n) {
    return random_below(&random_state, n);
}

/* ---- errors ---- */

#define DONE    0
#define SKIPPED (-1) /* not to be tried on the host */

static int errno_of(err_t e) {
    static const struct {
        enum err_code code;
        int number;
    } list[] = {
        {ERR_OK, DONE},
        {ERR_NOT_FOUND, ENOENT},
        {ERR_EXISTS, EEXIST},
        {ERR_NOT_DIRECTORY, ENOTDIR},
        {ERR_IS_DIRECTORY, EISDIR},
        {ERR_NOT_EMPTY, ENOTEMPTY},
        {ERR_NAME_TOO_LONG, ENAMETOOLONG},
        {ERR_BAD_ARGUMENT, EINVAL},
        {ERR_BUSY, EBUSY},
        {ERR_SYMLINK, ELOOP},
        {ERR_TOO_MANY_LINKS, ELOOP},
        {ERR_NO_RIGHT, EBADF},
        {ERR_FILE_TOO_BIG, EFBIG},
        {ERR_ABOVE_ROOT, SKIPPED},
    };
    for (unsigned i = 0; i < sizeof list / sizeof list[0]; i++)
        if (err_is(e, list[i].code))
            return list[i].number;
    return 10000 + e.code;
}

static void agree(const char *what, int ours, int theirs) {
    if (verbose)
        printf("#     %s: %d\n", what, ours);
    if (ours == theirs)
        return;
    printf("# step %u: %s: %s here, %s on the host\n", step_now, what,
           ours < 10000 ? strerror(ours) : "an error that there is not", strerror(theirs));
    check(ours == theirs);
}

static bool slashed(const char *name) {
    return name[strlen(name) - 1] == '/';
}

/* With a slash at the end more than one thing may be wrong, and POSIX allows either error. */
static void agree_on(const char *name, const char *what, int ours, int theirs) {
    agree(what, ours, slashed(name) && ours && theirs && ours < 10000 ? ours : theirs);
}

static int result(int r) {
    return r < 0 ? errno : DONE;
}

/* ---- names ---- */

/* Few, so that they meet. */
static const char *name_random(char *to) {
    static const char *const part[] = {"a", "b", "c", "d", "e", ".", ".."};
    unsigned parts = 1 + (unsigned)below(3);
    to[0] = 0;
    for (unsigned i = 0; i < parts; i++) {
        if (i)
            strcat(to, below(12) ? "/" : "//");
        strcat(to, part[below(below(6) ? 5 : 7)]);
    }
    if (!below(25))
        strcat(to, "/");
    return to;
}

/* Whether the last component is "." or "..": there errors differ, and may. */
static bool dotted(const char *name) {
    size_t length = strlen(name);
    while (length && name[length - 1] == '/')
        length--;
    return length && name[length - 1] == '.';
}

static struct pair *directory_random(void) {
    struct pair *p = &pairs[below(OPENS)];
    return p->directory ? p : &root;
}

/* ---- operations on names ---- */

static void compare_stat(const char *what, const struct file_stat *a, const struct stat *b) {
    bool directory = (a->mode & FILE_TYPE) == FILE_TYPE_DIRECTORY;
    bool same = a->mode == b->st_mode && a->links == b->st_nlink;
    same = same && (directory || a->size == (uint64_t)b->st_size);
    if (!same)
        printf("# step %u: %s: mode %o links %u size %lu here, %o %lu %ld on the host\n", step_now,
               what, a->mode, a->links, (unsigned long)a->size, b->st_mode,
               (unsigned long)b->st_nlink, (long)b->st_size);
    check(same);
}

static void try_stat(struct pair *p, const char *name) {
    struct file_stat a = {0};
    struct stat b = {0};
    uint32_t flags = below(2) ? FILE_NO_FOLLOW : 0;
    int ours = errno_of(follow_stat(root.session, p->session, name, flags, &a));
    if (ours == SKIPPED)
        return;
    int theirs = result(fstatat(p->descriptor, name, &b, flags ? AT_SYMLINK_NOFOLLOW : 0));
    agree_on(name, "stat", ours, theirs);
    if (!ours && !theirs)
        compare_stat("stat", &a, &b);
}

static bool is_pipe(struct pair *p, const char *name) {
    struct file_stat st;
    return err_ok(follow_stat(root.session, p->session, name, 0, &st)) &&
           ((st.mode & FILE_TYPE) == FILE_TYPE_FIFO || (st.mode & FILE_TYPE) == FILE_TYPE_SOCKET);
}

static void pair_close(struct pair *p) {
    host_close(NULL, p->session);
    close(p->descriptor);
    *p = (struct pair){.descriptor = -1};
}

static void try_open(struct pair *p, const char *name) {
    static const int access[] = {O_RDONLY, O_WRONLY, O_RDWR};
    static const uint32_t access_flags[] = {FILE_FOR_READ, FILE_FOR_WRITE,
                                            FILE_FOR_READ | FILE_FOR_WRITE};
    struct pair *to = &pairs[1 + below(OPENS - 1)], opened = {.descriptor = -1};
    unsigned kind = (unsigned)below(3);
    uint32_t flags = access_flags[kind];
    int host_flags = access[kind];
    static const struct {
        uint32_t ours;
        int theirs;
    } more[] = {{FILE_CREATE, O_CREAT},       {FILE_TRUNCATE, O_TRUNC},
                {FILE_APPEND, O_APPEND},      {FILE_DIRECTORY, O_DIRECTORY},
                {FILE_NO_FOLLOW, O_NOFOLLOW}, {FILE_EXCLUSIVE | FILE_CREATE, O_EXCL | O_CREAT}};
    for (unsigned i = 0; i < sizeof more / sizeof more[0]; i++)
        if (!below(i ? 5 : 2)) {
            flags |= more[i].ours;
            host_flags |= more[i].theirs;
        }
    /* Before Linux 6.4 the host makes a regular file for these. */
    if (is_pipe(p, name) || (flags & FILE_CREATE && flags & FILE_DIRECTORY))
        return;
    struct file_name n = {
        .path = text_of(name), .flags = flags, .mode = 0700 | (uint32_t)below(64)};
    int ours = errno_of(follow_open(root.session, p->session, &n, &opened.session));
    if (ours == SKIPPED)
        return;
    opened.descriptor = openat(p->descriptor, name, host_flags | O_CLOEXEC, n.mode);
    int theirs = result(opened.descriptor);
    /* The same for a slash at the end of a link's text, which Linux finds before anything else. */
    if (ours && ours < 10000 && theirs == EISDIR)
        theirs = ours;
    agree_on(name, "open", ours, theirs);
    if (ours || theirs)
        return;
    struct stat st;
    fstat(opened.descriptor, &st);
    opened.directory = S_ISDIR(st.st_mode);
    if (to->descriptor >= 0)
        pair_close(to);
    *to = opened;
}

static void try_make(struct pair *p, const char *name) {
    uint32_t mode = 0700 | (uint32_t)below(64);
    bool fifo = !below(4);
    int ours = errno_of(follow_make(root.session, p->session, name,
                                    mode | (fifo ? FILE_TYPE_FIFO : FILE_TYPE_DIRECTORY), ""));
    if (ours == SKIPPED)
        return;
    agree_on(
        name, fifo ? "mkfifo" : "mkdir", ours,
        result(fifo ? mkfifoat(p->descriptor, name, mode) : mkdirat(p->descriptor, name, mode)));
}

static void try_symlink(struct pair *p, const char *name) {
    char text[64];
    name_random(text);
    int ours =
        errno_of(follow_make(root.session, p->session, name, FILE_TYPE_SYMLINK | 0777, text));
    if (ours != SKIPPED)
        agree_on(name, "symlink", ours, result(symlinkat(text, p->descriptor, name)));
}

static void try_remove(struct pair *p, const char *name) {
    bool directory = below(2);
    if (dotted(name))
        return;
    int ours =
        errno_of(follow_remove(root.session, p->session, name, directory ? FILE_DIRECTORY : 0));
    if (ours == SKIPPED)
        return;
    agree_on(name, directory ? "rmdir" : "unlink", ours,
             result(unlinkat(p->descriptor, name, directory ? AT_REMOVEDIR : 0)));
}

static void try_rename(struct pair *p, const char *from) {
    char to[64];
    name_random(to);
    uint32_t flags = below(5) ? 0 : FILE_NO_REPLACE;
    /* Linux does not follow a link with a slash behind it here; POSIX does. */
    if (dotted(from) || dotted(to) || slashed(from) || slashed(to))
        return;
    int ours = errno_of(follow_rename(root.session, p->session, from, to, flags));
    if (ours == SKIPPED)
        return;
    int theirs =
        result(renameat2(p->descriptor, from, p->descriptor, to, flags ? RENAME_NOREPLACE : 0));
    /* Two things wrong at once: Linux says the one, POSIX allows either. */
    if (ours && theirs && ours != theirs && ours < 10000)
        theirs = ours;
    agree("rename", ours, theirs);
}

static void try_link(struct pair *p, const char *from) {
    char to[64];
    name_random(to);
    uint32_t flags = below(2) ? FILE_NO_FOLLOW : 0;
    int ours = errno_of(follow_link(root.session, p->session, from, to, flags));
    if (ours == SKIPPED)
        return;
    int theirs =
        result(linkat(p->descriptor, from, p->descriptor, to, flags ? 0 : AT_SYMLINK_FOLLOW));
    if (ours && theirs && ours != theirs && ours < 10000)
        theirs = ours; /* a directory is EPERM; and as for rename */
    agree("link", ours, theirs);
}

static void try_read_link(struct pair *p, const char *name) {
    char a[128] = "", b[128] = "";
    size_t length = 0;
    int ours = errno_of(follow_read_link(root.session, p->session, name, a, sizeof a, &length));
    if (ours == SKIPPED)
        return;
    ssize_t got = readlinkat(p->descriptor, name, b, sizeof b);
    agree_on(name, "readlink", ours, result((int)got));
    if (!ours && got >= 0)
        check((size_t)got == length && !memcmp(a, b, length));
}

static void try_mode(struct pair *p, const char *name) {
    struct file_set set = {.fields = FILE_SET_MODE, .mode = 0700 | (uint32_t)below(64)};
    int ours = errno_of(follow_set(root.session, p->session, name, &set));
    if (ours != SKIPPED)
        agree_on(name, "chmod", ours, result(fchmodat(p->descriptor, name, set.mode, 0)));
}

/* ---- open files ---- */

static uint64_t size_random(void) {
    static const uint64_t near[] = {0, 40, 64, 4096, 8192, 65536};
    uint64_t kind = below(8);
    if (kind < 6)
        return near[kind] + below(3) - (near[kind] ? 1 : 0);
    return below(kind == 6 ? 200 : LARGE / 2);
}

static void try_write(struct pair *p, bool here) {
    static char data[WINDOWS_MAX];
    size_t size = size_random() % (sizeof data + 1), done = 0;
    uint64_t at = size_random();
    memset(data, (int)(1 + below(255)), size);
    int ours = errno_of(file_write(p->session, here ? FILE_CURRENT : at, data, size, &done));
    ssize_t got =
        here ? write(p->descriptor, data, size) : pwrite(p->descriptor, data, size, (off_t)at);
    if (verbose)
        printf("#     %zu bytes at %ld: %zu\n", size, here ? -1L : (long)at, done);
    agree("write", ours, result((int)got));
    check(ours || got < 0 || (size_t)got == done);
}

static void try_read(struct pair *p, bool here) {
    static char a[WINDOWS_MAX], b[WINDOWS_MAX];
    size_t size = size_random() % (sizeof a + 1), done = 0;
    uint64_t at = size_random();
    if (p->directory && !size)
        size = 1;
    int ours = errno_of(file_read(p->session, here ? FILE_CURRENT : at, a, size, &done));
    ssize_t got = here ? read(p->descriptor, b, size) : pread(p->descriptor, b, size, (off_t)at);
    agree("read", ours, result((int)got));
    check(ours || got < 0 || ((size_t)got == done && !memcmp(a, b, done)));
}

static void try_seek(struct pair *p) {
    static const int whence[] = {SEEK_SET, SEEK_CUR, SEEK_END};
    unsigned how = (unsigned)below(3);
    int64_t to = (int64_t)size_random() - (how ? 3000 : 0);
    uint64_t at = 0;
    if (p->directory) /* its offsets are the file system's own */
        return;
    int ours = errno_of(file_seek(p->session, to, (enum file_seek)how, &at));
    off_t got = lseek(p->descriptor, to, whence[how]);
    agree("lseek", ours, got < 0 ? errno : DONE);
    if (!ours && (uint64_t)got != at)
        printf("# step %u: lseek %ld by %u: %lu here, %ld on the host\n", step_now, (long)to, how,
               (unsigned long)at, (long)got);
    check(ours || (uint64_t)got == at);
}

static void try_resize(struct pair *p) {
    struct file_name n = {.path = text_of("")};
    struct file_set set = {.fields = FILE_SET_SIZE, .size = size_random()};
    if (p->directory)
        return;
    int ours = errno_of(file_set(p->session, &n, &set, NULL));
    int theirs = result(ftruncate(p->descriptor, (off_t)set.size));
    agree("ftruncate", ours, theirs == EINVAL ? EBADF : theirs);
}

static void try_open_stat(struct pair *p) {
    struct file_name n = {.path = text_of("")};
    struct file_stat a = {0};
    struct stat b = {0};
    check(err_ok(file_stat(p->session, &n, &a, NULL)) && !fstat(p->descriptor, &b));
    compare_stat("fstat", &a, &b);
}

static void try_open_file(void) {
    struct pair *p = &pairs[1 + below(OPENS - 1)];
    if (p->descriptor < 0)
        return;
    if (verbose)
        printf("#     open file %ld\n", (long)(p - pairs));
    switch (below(8)) {
    case 0:
    case 1:
        return p->directory ? (void)0 : try_write(p, below(2));
    case 2:
    case 3:
        return try_read(p, below(2));
    case 4:
        return try_seek(p);
    case 5:
        return try_resize(p);
    case 6:
        return try_open_stat(p);
    default:
        if (!below(3))
            pair_close(p);
    }
}

/* ---- whole trees ---- */

static void compare_contents(struct session_cap s, int descriptor) {
    static char a[WINDOWS_MAX], b[WINDOWS_MAX];
    ssize_t got;
    uint64_t at = 0;
    do {
        size_t done = 0;
        got = pread(descriptor, b, sizeof b, (off_t)at);
        check(err_ok(file_read(s, at, a, sizeof a, &done)) && got == (ssize_t)done);
        check(!memcmp(a, b, done));
        at += done;
    } while (got > 0 && !tap_bad);
}

static void compare_directory(struct session_cap s, int descriptor);

static void compare_entry(struct session_cap s, int descriptor, const char *name) {
    struct file_name n = {.path = text_of(name), .flags = FILE_NO_FOLLOW};
    struct file_stat a;
    struct stat b;
    check(err_ok(file_stat(s, &n, &a, NULL)));
    check(!fstatat(descriptor, name, &b, AT_SYMLINK_NOFOLLOW));
    compare_stat(name, &a, &b);
    if (!S_ISDIR(b.st_mode) && !S_ISREG(b.st_mode))
        return;
    int inner = openat(descriptor, name, O_RDONLY | O_CLOEXEC);
    struct session_cap session;
    n.flags = FILE_FOR_READ;
    check(err_ok(file_open(s, &n, &session, NULL)) && inner >= 0);
    if (S_ISDIR(b.st_mode))
        compare_directory(session, inner);
    else
        compare_contents(session, inner);
    close(inner);
    host_close(NULL, session);
}

static unsigned count_entries(struct session_cap s) {
    static _Alignas(8) char buffer[WINDOWS_MAX];
    struct file_entry e;
    size_t done = 0;
    unsigned count = 0;
    check(err_ok(file_entries(s, 0, buffer, sizeof buffer, &done)));
    for (size_t at = 0; at < done; at += e.length, count++)
        memcpy(&e, buffer + at, sizeof e);
    return count;
}

static void compare_directory(struct session_cap s, int descriptor) {
    int again = openat(descriptor, ".", O_RDONLY | O_CLOEXEC);
    DIR *d = fdopendir(again);
    unsigned count = 0;
    for (struct dirent *e; d && (e = readdir(d)); count++)
        if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
            compare_entry(s, descriptor, e->d_name);
    check(d && count == count_entries(s));
    if (d)
        closedir(d);
}

static void compare_all(void) {
    struct file_name n = {.path = text_of(""), .flags = FILE_FOR_READ};
    struct session_cap s;
    const char *broken = host_ramfs_broken();
    if (broken)
        printf("# step %u: broken: %s\n", step_now, broken);
    check(!broken);
    check(err_ok(file_open(root.session, &n, &s, NULL)));
    compare_directory(s, root.descriptor);
    host_close(NULL, s);
}

/* ---- runs ---- */

static void step(void) {
    static void (*const operation[])(struct pair * p, const char *name) = {
        try_open, try_open,   try_open,    try_make, try_remove,    try_remove,
        try_stat, try_rename, try_symlink, try_link, try_read_link, try_mode};
    char name[64];
    unsigned which = (unsigned)below(20);
    struct pair *p = directory_random();
    name_random(name);
    if (verbose)
        printf("# %u: operation %u, directory %ld, %s\n", step_now, which, (long)(p - pairs), name);
    if (which < sizeof operation / sizeof operation[0])
        operation[which](p, name);
    else
        try_open_file();
}

static void empty_both(void) {
    follow_empty(root.session);
    int again = openat(root.descriptor, ".", O_RDONLY | O_CLOEXEC);
    follow_empty_host(again);
}

static void run(uint64_t seed, unsigned steps, uint64_t used) {
    unsigned bad = tap_bad;
    random_state = seed;
    for (unsigned i = 1; i < OPENS; i++)
        pairs[i] = (struct pair){.descriptor = -1};
    for (step_now = 0; step_now < steps && tap_bad == bad; step_now++) {
        step();
        if (verbose || step_now % 100 == 99)
            compare_all();
    }
    for (unsigned i = 1; i < OPENS; i++)
        if (pairs[i].descriptor >= 0)
            pair_close(&pairs[i]);
    compare_all();
    empty_both();
    check(ramfs.used == used && ramfs.files == 1);
    if (tap_bad != bad)
        printf("# seed %lu\n", (unsigned long)seed);
}

int main(int count, char **argument) {
    char place[] = "/dev/shm/ramfs-test-XXXXXX";
    setvbuf(stdout, NULL, _IOLBF, 0);
    umask(0);
    if (!mkdtemp(place))
        return printf("1..0 # SKIP no tmpfs at /dev/shm\n"), 0;
    root.session = host_ramfs_start(1ull << 30);
    root.descriptor = open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    root.directory = true;
    fchmod(root.descriptor, 0755);
    uint64_t used = ramfs.used;
    verbose = count > 1;
    if (verbose)
        run(strtoull(argument[1], NULL, 0), count > 2 ? (unsigned)atoi(argument[2]) : STEPS, used);
    for (uint64_t seed = 1; !verbose && seed <= SEEDS && !tap_bad; seed++)
        run(seed, STEPS, used);
    rmdir(place);
    tap_test("ramfs: does what tmpfs does");
    return tap_done();
}
