/* SPDX-License-Identifier: MIT */
/* Every way to open every kind of file, and what each kind of file says to each change of names. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/posix/groups.h"
#include "tests/posix/operations.h"

static const char *const names[] = {
    "file",      "empty",     "dir",       "none",        "to-file", "to-dir",   "dangling",
    "loop",      "file/",     "dir/",      "none/",       "to-dir/", "to-file/", "dangling/",
    "file/none", "dir/.",     "dir/..",    "none/none",   ".",       "..",       "to-dir/inner",
    "loop/none", "dir/inner", "full/one/", "dir/none/..", "",        "./file",   "dir/../file",
};
#define NAMES (sizeof names / sizeof *names)

/* A refusal changes nothing; what does would show in what comes after. */
static void usual_again(bool changed) {
    if (changed)
        usual_make();
}

static void open_one(const char *name, const char *text, int flags) {
    char what[64];
    struct stat s;
    snprintf(what, sizeof what, "open %s", text);
    int fd = open(name, flags, 0640);
    tell_of(what, name, fd);
    if (fd < 0)
        return;
    fstat(fd, &s);
    say("  %o, %ld bytes, flags %o", s.st_mode, S_ISREG(s.st_mode) ? (long)s.st_size : 0l,
        (unsigned)fcntl(fd, F_GETFL));
    close(fd);
    usual_again(flags & (O_CREAT | O_TRUNC));
}

#define OPEN_ALL(flags)                                                                            \
    for (unsigned i = 0; i < NAMES; i++)                                                           \
        open_one(names[i], #flags, flags);

void opening_run(void) {
    usual_make();
    OPEN_ALL(O_RDONLY)
    OPEN_ALL(O_WRONLY)
    OPEN_ALL(O_RDWR | O_TRUNC)
    OPEN_ALL(O_RDONLY | O_TRUNC)
    OPEN_ALL(O_RDWR | O_CREAT)
    OPEN_ALL(O_WRONLY | O_CREAT | O_EXCL)
    OPEN_ALL(O_RDONLY | O_DIRECTORY)
    OPEN_ALL(O_RDONLY | O_NOFOLLOW)
    OPEN_ALL(O_RDONLY | O_NOFOLLOW | O_DIRECTORY)
    OPEN_ALL(O_PATH | O_NOFOLLOW)
    OPEN_ALL(O_PATH | O_RDWR | O_CREAT)
    OPEN_ALL(O_WRONLY | O_APPEND | O_NONBLOCK)
    OPEN_ALL(O_RDONLY | O_CREAT | O_NOFOLLOW)
    OPEN_ALL(O_RDWR | O_DIRECTORY)
    OPEN_ALL(O_RDONLY | O_EXCL)
}

/* ---- names are made ---- */

#define MAKE_ALL(call)                                                                             \
    for (unsigned i = 0; i < NAMES; i++) {                                                         \
        const char *name = names[i];                                                               \
        long result = call;                                                                        \
        tell_of(#call, name, result);                                                              \
        usual_again(!result);                                                                      \
    }

void making_run(void) {
    usual_make();
    MAKE_ALL(mkdir(name, 01777))
    MAKE_ALL(mkfifo(name, 0666))
    MAKE_ALL(mknod(name, S_IFREG | 0600, 0))
    MAKE_ALL(symlink("text", name))
    MAKE_ALL(link("file", name))
    MAKE_ALL(link(name, "new"))
    MAKE_ALL(link("dir", name))
    MAKE_ALL(linkat(AT_FDCWD, name, AT_FDCWD, "new", AT_SYMLINK_FOLLOW))
    MAKE_ALL(creat(name, 0666) < 0 ? -1 : close(3))
    usual_make();
    DO(mknod("socket", S_IFSOCK | 0600, 0));
    DO(mknod("plain", 0600, 0));
    DO(mknod("what", S_IFDIR | 0600, 0));
    DO(mknod("what", 0050000 | 0600, 0));
    DO(mkdir("sticky", 07777));
    DO(symlink("", "nothing"));
    DO(linkat(AT_FDCWD, "file", AT_FDCWD, "new", 0x8000));
    DO(umask(0));
    DO(mkdir("open", 0777));
    DO(umask(0777));
    DO(mkdir("closed", 0777));
    DO(umask(022));
    tree(".");
}

void removing_run(void) {
    usual_make();
    MAKE_ALL(unlink(name))
    MAKE_ALL(rmdir(name))
    usual_make();
    DO(rmdir("void"));
    DO(rmdir("void"));
    DO(rmdir("full"));
    DO(rmdir("/"));
    DO(unlink("/"));
    DO(rmdir("void/.."));
    DO(unlink("pipe"));
    DO(unlink("hard"));
    DO(unlinkat(AT_FDCWD, "dir/inner", AT_REMOVEDIR));
    DO(unlinkat(AT_FDCWD, "dir", 1));
    DO(unlinkat(AT_FDCWD, "dir", 0));
    tree(".");
}

/* ---- names are changed ---- */

static const char *const others[] = {
    "file",    "hard",     "dir",      "void",   "full",        "none",   "to-file",
    "to-void", "dangling", "pipe",     "none/",  "dir/inner/x", "file/x", ".",
    "dir/..",  "void/",    "to-void/", "none/x", "file/",       "loop/x", "dir/inner",
};
#define OTHERS (sizeof others / sizeof *others)

static void rename_one(const char *from, const char *to, unsigned flags) {
    char what[128];
    snprintf(what, sizeof what, "rename %u %s", flags, from);
    long result =
        flags ? syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, flags) : rename(from, to);
    tell_of(what, to, result);
    if (result)
        return;
    tree(".");
    usual_make();
}

void renaming_run(void) {
    usual_make();
    for (unsigned i = 0; i < OTHERS; i++)
        for (unsigned k = 0; k < OTHERS; k++)
            rename_one(others[i], others[k], 0);
    for (unsigned i = 0; i < OTHERS; i += 2)
        for (unsigned k = 0; k < OTHERS; k++)
            rename_one(others[i], others[k], 1);
    rename_one("file", "none", 8);
    rename_one("/", "none", 0);
    rename_one("file", "/", 0);
    rename_one("", "none", 0);
    rename_one("file", "", 0);
}
