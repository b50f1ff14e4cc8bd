/* SPDX-License-Identifier: MIT */
/* musl in a program without files: runs the tests and exits with their number. */
#include <stdio.h>

#include "lib/sys/program.h"
#include "lib/sys/syscall.h"
#include "tests/userland/libc/check.h"

static bool failed;

void check_failed(const char *file, int line, const char *what) {
    __atomic_store_n(&failed, true, __ATOMIC_RELAXED);
    printf("# %s:%d: %s\n", file, line, what);
}

unsigned long pool_used(void) {
    struct pool_info info = {0};
    CHECK(err_ok(sys_pool_info(program_pool, &info)));
    return info.used;
}

static int run_all(const struct test *tests) {
    int n = 0;
    for (; tests[n].name; n++) {
        failed = false;
        tests[n].run();
        printf("%s - %s\n", failed ? "not ok" : "ok", tests[n].name);
    }
    return n;
}

int main(void) {
    return run_all(memory_tests) + run_all(text_tests) + run_all(thread_tests) +
           run_all(machine_tests);
}
