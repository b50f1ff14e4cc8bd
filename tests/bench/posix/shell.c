/* SPDX-License-Identifier: MIT */
/*
 * The shell runs a script of 500 lines, which forks 300 times: loops, a pipeline whose text comes
 * back, programs, redirections, subshells.
 */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/posix/posix.h"

#define SCRIPT "/tmp/script"
#define BLOCKS 50u

static const char block[] = "n=$((n + 7))\n"
                            "set -- one two three $n\n"
                            "for word in \"$@\"; do text=\"$word ${text%% *}\"; done\n"
                            "line=$(echo \"$text\" | tail -c 20)\n"
                            "case $line in *three*) found=yes ;; *) found=no ;; esac\n"
                            "expr \"$n\" + 1 >/tmp/out\n"
                            "read value </tmp/out\n"
                            "if [ \"$value\" -gt \"$n\" ]; then sum=$((sum + 1)); fi\n"
                            "(cd /tmp && test -f out) || exit 1\n"
                            "/bin/true && text=$found\n";

static void script_begin(void) {
    FILE *f = fopen(SCRIPT, "w");
    must(f != NULL, SCRIPT);
    for (unsigned i = 0; i < BLOCKS; i++)
        fputs(block, f);
    fprintf(f, "[ \"$sum\" = %u ]\n", BLOCKS);
    must(!fclose(f), SCRIPT);
}

static void script_run(unsigned count) {
    while (count--) {
        int status;
        pid_t child = fork();
        if (child == 0) {
            execl("/bin/sh", "sh", SCRIPT, (char *)NULL);
            _exit(127);
        }
        must(child > 0 && waitpid(child, &status, 0) == child && status == 0, SCRIPT);
    }
}

static void script_end(void) {
    unlink(SCRIPT);
    unlink("/tmp/out");
}

/* clang-format off */
static const struct operation table[] = {
    {.name = "shell_script", .run = script_run, .begin = script_begin, .end = script_end, .each = true, .singles = 5},
};
/* clang-format on */
const struct operations shell_operations = {table, sizeof table / sizeof *table};
