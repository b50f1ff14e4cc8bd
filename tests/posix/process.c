/* SPDX-License-Identifier: MIT */
/* Wrong pointers, the process itself, the C library above the calls, and threads. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "tests/posix/groups.h"
#include "tests/posix/operations.h"

/* Nothing is at the second page of a program, nor above the middle of the addresses. */
#define NOWHERE ((void *)0x10)
#define NOBODY  ((void *)-4096l)
/* Where nothing is mapped, but something could be. */
#define ABSENT ((void *)0x10000)

void errors_run(void) {
    usual_make();
    int fd = open("file", O_RDWR), dir = open("dir", O_RDONLY);
    DO(syscall(SYS_open, NULL, O_RDONLY));
    DO(syscall(SYS_open, NOBODY, O_RDONLY));
    DO(syscall(SYS_stat, "file", NULL));
    DO(syscall(SYS_stat, "none", NULL));
    DO(syscall(SYS_fstat, fd, NOBODY));
    DO(syscall(SYS_read, fd, NULL, 4));
    DO(syscall(SYS_read, fd, NOBODY, 5000));
    DO(syscall(SYS_write, fd, NULL, 5));
    DO(syscall(SYS_read, 99, NULL, 5));
    DO(syscall(SYS_pwrite64, fd, ABSENT, 100, 0));
    DO(syscall(SYS_pread64, fd, ABSENT, 100, 0));
    DO(syscall(SYS_readlink, "to-file", ABSENT, 100));
    DO(syscall(SYS_readlink, "to-file", NULL, 0));
    DO(syscall(SYS_getdents64, dir, ABSENT, 1000));
    DO(syscall(SYS_getcwd, NULL, 1000));
    DO(syscall(SYS_rename, "file", NULL));
    DO(syscall(SYS_rename, NULL, "none"));
    DO(syscall(SYS_symlink, NULL, "x"));
    DO(syscall(SYS_mkdir, NOWHERE, 0755));
    DO(syscall(SYS_chdir, NOWHERE));
    DO(syscall(SYS_statfs, ".", NULL));
    DO(syscall(SYS_readv, fd, NULL, 1));
    DO(syscall(SYS_readv, fd, NULL, 0));
    DO(syscall(SYS_uname, NULL));
    DO(syscall(SYS_sysinfo, NULL));
    DO(syscall(SYS_getrlimit, RLIMIT_NOFILE, NULL));
    DO(syscall(SYS_clock_gettime, CLOCK_REALTIME, NULL));
    DO(syscall(SYS_utimensat, AT_FDCWD, NULL, NULL, 0));
    DO(syscall(SYS_utimensat, AT_FDCWD, "file", NOWHERE, 0));
    show("file");
    close(fd);
    close(dir);
}

/* ---- the process ---- */

static void name_tell(const char *name) {
    char own[16] = {0};
    DO_OF(name, prctl(PR_SET_NAME, name));
    DO(prctl(PR_GET_NAME, own));
    say("  %.16s", own);
}

/* What the process is called. */
static void names_tell(void) {
    name_tell("short");
    name_tell("fifteen of them");
    name_tell("one more than fifteen");
    name_tell("");
    DO(prctl(PR_SET_NAME, NULL));
    DO(prctl(PR_SET_NAME, NOBODY));
    DO(prctl(PR_GET_NAME, NULL));
    DO(prctl(99999999, 0));
}

static void three_say(void) {
    uid_t r, e, s;
    DO(getresuid(&r, &e, &s));
    say("  %u %u %u", r, e, s);
    DO(getresgid(&r, &e, &s));
    say("  %u %u %u", r, e, s);
}

/* Another user, and back: the saved number is 0 all the time. */
static void identity_change(void) {
    DO(setresgid(7, 8, 9));
    DO(setresuid(1000, 1001, 0));
    three_say();
    DO(setuid(5));
    DO(setgid(5));
    DO(setreuid(5, -1));
    DO(setreuid(-1, 5));
    DO(setresuid(-1, -1, 5));
    DO(setresgid(5, -1, -1));
    DO(setgid(9));
    DO(setgid(8));
    DO(setreuid(-1, 1000));
    three_say();
    DO(setuid(0));
    three_say();
    DO(setuid(0));
    DO(setregid(5, -1));
    three_say();
    DO(setregid(-1, 6));
    three_say();
    DO(setresgid(0, 0, 0));
    three_say();
}

void identity_run(void) {
    struct rlimit now, wrong = {10, 5}, more = {100, 2000};
    struct utsname name;
    struct sysinfo info;
    struct timespec a, b;
    struct timeval t;
    uid_t r, e, s;
    DO(getuid());
    DO(geteuid());
    DO(getgid());
    DO(getegid());
    DO(getresuid(&r, &e, &s));
    say("  %u %u %u", r, e, s);
    DO(getresgid(&r, &e, &s));
    DO(setuid(-1));
    DO(setuid(0));
    DO(setgid(0));
    DO(setreuid(-1, 0));
    DO(setregid(0, -1));
    DO(setresuid(0, -1, 0));
    DO(setresgid(-1, -1, -1));
    identity_change();
    DO(getgroups(-1, NULL));
    DO(getrlimit(RLIMIT_NOFILE, &now));
    say("  %lu %lu", (unsigned long)now.rlim_cur, (unsigned long)now.rlim_max);
    DO(setrlimit(RLIMIT_NOFILE, &wrong));
    DO(getrlimit(99, &now));
    DO(prlimit(0, RLIMIT_NOFILE, NULL, &now));
    DO(prlimit(99999999, RLIMIT_NOFILE, NULL, &now));
    DO(prlimit(getpid(), RLIMIT_NOFILE, &now, NULL));
    (void)more;
    names_tell();
    DO(uname(&name));
    say("  %s %d", name.machine, name.sysname[0] && name.release[0] && name.nodename[0]);
    DO(sysinfo(&info));
    say("  %d %d", info.totalram >= info.freeram, info.mem_unit > 0);
    DO(clock_gettime(CLOCK_REALTIME, &a));
    DO(clock_gettime(CLOCK_REALTIME, &b));
    say("  %d", b.tv_sec > a.tv_sec || (b.tv_sec == a.tv_sec && b.tv_nsec >= a.tv_nsec));
    DO(gettimeofday(&t, NULL));
    say("  %d", t.tv_sec >= a.tv_sec && t.tv_sec <= a.tv_sec + 100);
    DO(time(NULL) >= a.tv_sec);
    DO(clock_gettime(12345, &a));
    DO(clock_getres(CLOCK_REALTIME, &a));
    a = (struct timespec){0, 1000000001};
    DO(clock_nanosleep(CLOCK_REALTIME, 0, &a, NULL));
    DO(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &a, NULL));
    DO(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &b, NULL));
    DO(sysconf(_SC_OPEN_MAX));
    DO(sysconf(_SC_PAGESIZE));
}

/* ---- the C library ---- */

static int walk_one(const char *path, const struct stat *s, int type, struct FTW *f) {
    (void)s;
    say("  %s %d %d", path, type, f->level);
    return 0;
}

static void streams(void) {
    char line[64];
    FILE *f = fopen("text", "w+");
    DO(f ? 0 : -1);
    for (int i = 0; i < 2000; i++)
        fprintf(f, "line %d\n", i);
    DO(fflush(f));
    DO(ftell(f));
    DO(fseek(f, 50, SEEK_SET));
    DO(fgets(line, sizeof line, f) ? 0 : -1);
    say("  %s", strtok(line, "\n"));
    DO(fseek(f, -10, SEEK_END));
    DO(fgets(line, sizeof line, f) ? 0 : -1);
    DO(fclose(f));
    f = fopen("text", "a");
    DO(fputs("the end\n", f) < 0 ? -1 : 0);
    DO(fclose(f));
    DO(fopen("none", "r") ? 0 : -1);
    DO(fopen("dir", "w") ? 0 : -1);
    DO(fopen("text", "wx") ? 0 : -1);
    DO(remove("dir/inner"));
    DO(remove("text-none"));
    show("text");
}

void library_run(void) {
    char path[PATH_MAX], here[PATH_MAX];
    char template[] = "made-XXXXXX", directory[] = "directory-XXXXXX";
    glob_t g;
    usual_make();
    streams();
    DO(realpath("to-dir/../to-file", path) && getcwd(here, sizeof here) ? 0 : -1);
    say("  %s", path + strlen(here));
    DO(realpath("loop", path) ? 0 : -1);
    DO(realpath("none", path) ? 0 : -1);
    int fd = mkstemp(template);
    DO(fd);
    DO(close(fd));
    DO(unlink(template));
    DO(mkdtemp(directory) ? 0 : -1);
    DO(rmdir(directory));
    DO(glob("*e", 0, NULL, &g));
    for (size_t i = 0; i < g.gl_pathc; i++)
        say("  %s", g.gl_pathv[i]);
    globfree(&g);
    DO(nftw("full", walk_one, 10, FTW_PHYS));
    FILE *f = tmpfile();
    DO(f ? fputs("x", f) : -1);
    DO(f ? fclose(f) : -1);
    tree(".");
}

/* ---- threads ---- */

#define THREADS 4
#define ROUNDS  200

/* Each opens, writes, duplicates and closes files of its own and a shared one. */
static void *work(void *number) {
    char name[32];
    long wrong = 0;
    for (int i = 0; i < ROUNDS; i++) {
        snprintf(name, sizeof name, "t%ld-%d", (long)number, i % 8);
        int fd = open(name, O_CREAT | O_RDWR | O_APPEND, 0644), other = dup(fd);
        wrong += fd < 0 || other < 0 || fd == other;
        wrong += write(other, "12345678", 8) != 8;
        wrong += close(fd) != 0;
        wrong += lseek(other, 0, SEEK_CUR) != 8 * (i / 8 + 1);
        wrong += close(other) != 0;
        fd = open("shared", O_WRONLY | O_APPEND);
        wrong += write(fd, "x", 1) != 1 || close(fd) != 0;
    }
    return (void *)wrong;
}

void threads_run(void) {
    pthread_t thread[THREADS];
    void *wrong;
    text_make("shared", "");
    for (long i = 0; i < THREADS; i++)
        DO(pthread_create(&thread[i], NULL, work, (void *)i));
    for (int i = 0; i < THREADS; i++) {
        DO(pthread_join(thread[i], &wrong));
        say("  %ld wrong", (long)wrong);
    }
    DO(dup(0));
    DO(close(3));
    tree(".");
}
