/* SPDX-License-Identifier: MIT */
/* execve: what is run, what it gets, what stays, and what is refused. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/posix/groups.h"
#include "tests/posix/operations.h"
#include "tests/posix/processes.h"

#define OUT  "out"
#define LONG (128 * 1024)
#define LOW  ((char *)16)

static char **wanted_arguments, **wanted_environment;
static const char *wanted_name;

static int executes(void) {
    execve(wanted_name, wanted_arguments, wanted_environment);
    tell("execve", -1);
    return 99;
}

static void run(const char *name, char **arguments, char **environment) {
    wanted_name = name;
    wanted_arguments = arguments;
    wanted_environment = environment;
    child_tell(name, executes);
    said_in(OUT);
}

#define LIST(...) ((char *[]){__VA_ARGS__, NULL})

static void program_text(const char *path, const char *text) {
    text_make(path, text);
    chmod(path, 0755);
}

/* ---- what arrives ---- */

static void arrives(void) {
    run(SELF, LIST("name", "a b", "", "last"), LIST("POSIX_MODE=arguments", "A=1", "B="));
    run(SELF, LIST("name"), LIST("A=2", "POSIX_MODE=arguments"));
    run(SELF, LIST(NULL), LIST("POSIX_MODE=arguments"));
    run(SELF, NULL, LIST("POSIX_MODE=arguments"));
    run("../../self", LIST("name", "relative"), LIST("POSIX_MODE=arguments"));
    symlink(SELF, "to-self");
    run("to-self", LIST("name", "link"), LIST("POSIX_MODE=arguments"));
    run(SELF, LIST("again", "5"), LIST("POSIX_MODE=again"));
}

static int same_process(void) {
    char own[20], parent[20];
    snprintf(own, sizeof own, "%d", getpid());
    snprintf(parent, sizeof parent, "%d", getppid());
    execve(SELF, LIST("name", own, parent), LIST("POSIX_MODE=itself"));
    return errno;
}

/* Many texts, long ones, and what is too much. */
static void amounts(void) {
    static char *list[5002], text[LONG + 1];
    for (int i = 0; i < 5000; i++) {
        list[i] = malloc(8);
        memset(list[i], 'a' + i % 26, 7);
        list[i][7] = 0;
    }
    run(SELF, list, LIST("POSIX_MODE=sizes"));
    for (int i = 0; i < 5000; i++)
        free(list[i]);
    for (int i = 0; i < 10; i++) {
        list[i] = malloc(LONG);
        memset(list[i], 'a' + i % 26, LONG - 1);
        list[i][LONG - 1] = 0;
    }
    list[10] = NULL;
    run(SELF, list, LIST("POSIX_MODE=sizes"));
    for (int i = 0; i < 10; i++)
        free(list[i]);
    memset(text, 'x', LONG);
    run(SELF, LIST("name", text), LIST("POSIX_MODE=sizes"));
    for (int i = 0; i < 100; i++)
        list[i] = text + 1;
    list[100] = NULL;
    run(SELF, list, LIST("POSIX_MODE=sizes"));
    run(SELF, LIST("name"), list);
}

/* ---- what stays ---- */

static int with_descriptors(void) {
    int fd = open("file", O_RDONLY | O_CLOEXEC), a;
    DO(fcntl(fd, F_DUPFD, 10));
    DO(a = open("file", O_RDWR | O_APPEND));
    DO(dup2(a, 15));
    DO(lseek(a, 4, SEEK_SET));
    DO(dup3(open("dir", O_RDONLY | O_DIRECTORY | O_CLOEXEC), 7, 0));
    DO(dup3(a, 8, O_CLOEXEC));
    umask(027);
    chdir("full");
    execve(SELF, LIST("name", "../" OUT), LIST("POSIX_MODE=descriptors"));
    return errno;
}

static void stays(void) {
    usual_make();
    child_tell("same process", same_process);
    child_tell("with descriptors", with_descriptors);
    said_in(OUT);
    show("file");
}

/* ---- scripts ---- */

static void scripts(void) {
    char name[40], text[600];
    char **environment = LIST("POSIX_MODE=arguments");
    char **arguments = LIST("zero", "one", "two");
    static const char *const lines[] = {
        "#!/self\n",
        "#!/self\nmore\n",
        "#! \t /self  a  b \t\nmore",
        "#!/self",
        "#!/self argument",
        "#!",
        "#!\n",
        "#! \n/self",
        "#!none\n",
        "#!dir\n",
        "#!file\n",
        "# !/self\n",
        "#!../../self -x\n",
        "#!/self\targ\ttab",
        "#!self\n",
        "#!/self\r\n",
    };
    usual_make();
    for (unsigned i = 0; i < sizeof lines / sizeof *lines; i++) {
        program_text("s", lines[i]);
        run("./s", arguments, environment);
    }
    program_text("deep0", "#!/self x\n");
    for (int i = 1; i < 8; i++) {
        snprintf(name, sizeof name, "deep%d", i);
        snprintf(text, sizeof text, "#!deep%d %d\n", i - 1, i);
        program_text(name, text);
        run(name, arguments, environment);
    }
    for (int length = 246; length < 254; length++) {
        snprintf(text, sizeof text, "#!/self %0*d\n", length, 1);
        program_text("s", text);
        run("s", arguments, environment);
        snprintf(text, sizeof text, "#!%0*d%s\n", length - 6, 0, "/self x");
        memset(text + 2, '/', (size_t)length - 6);
        program_text("s", text);
        run("s", arguments, environment);
    }
    run("s", LIST(NULL), environment);
}

/* ---- what is refused ---- */

static void refusals(void) {
    char name[PATH_MAX + 10];
    char **none = LIST(NULL);
    usual_make();
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = 0;
    program_text("garbage", "no program");
    program_text("void-program", "");
    program_text("elf", "\177ELF\2\1\1");
    text_make("private", "#!/self\n");
    DO(execve("none", none, none));
    DO(execve("", none, none));
    DO(execve("dir", none, none));
    DO(execve("file", none, none));
    DO(execve("file/x", none, none));
    DO(execve("none/x", none, none));
    DO(execve("private", none, none));
    DO(execve("pipe", none, none));
    DO(execve("garbage", none, none));
    DO(execve("void-program", none, none));
    DO(execve("elf", none, none));
    DO(execve("loop", none, none));
    DO(execve("dangling", none, none));
    DO(execve(name, none, none));
    DO(syscall(SYS_execve, NULL, none, none));
    DO(execve(SELF, LIST("name", LOW), none));
    DO(syscall(SYS_execve, SELF, 8, none));
    DO(syscall(SYS_execve, SELF, none, 8));
    DO(execve("/", none, none));
    DO(execve(SELF "/", none, none));
    DO(dup(0));
    DO(close(3));
}

void programs_run(void) {
    arrives();
    amounts();
    stays();
    scripts();
    refusals();
}
