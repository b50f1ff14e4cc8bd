/* SPDX-License-Identifier: MIT */
/*
 * File servers and namespaces: the suite of tests/file through a session of `ramfs`, what of it
 * changes nothing through one of `bootfs`, then names through `ns`. Exits with the number of tests.
 */
#include <stdio.h>

#include "lib/sys/program.h"
#include "lib/sys/syscall.h"
#include "tests/file/conformance.h"
#include "tests/userland/files/names.h"
#include "tests/userland/servers.h"

static int results;

static void report(void *context, const char *name, const char *message) {
    (void)context;
    if (message)
        printf("# %s\n", message);
    printf("%s - file.%s\n", message ? "not ok" : "ok", name);
    results++;
}

static struct session_cap narrow(void *context, struct session_cap s, uint32_t rights) {
    struct any_cap child = {HANDLE_NONE};
    (void)context;
    sys_handle_duplicate(ANY(s), RIGHTS_ALL & ~(uint64_t)(FILE_RIGHTS & ~rights), 0, &child.h);
    return (struct session_cap){child.h};
}

static void shut(void *context, struct session_cap s) {
    (void)context;
    sys_handle_close(ANY(s));
}

int main(void) {
    struct session_cap files = {start_page->handles[GIVEN_FILES]};
    const struct conformance suite = {.root = files,
                                      .features = HAS_ALL,
                                      .size_max = 1ull << 36,
                                      .many = 2000,
                                      .narrow = narrow,
                                      .close = shut,
                                      .report = report};
    const struct conformance tree = {.prepared = {start_page->handles[GIVEN_TREE]},
                                     .features = IS_READ_ONLY | HAS_ALL,
                                     .only = "prepared",
                                     .narrow = narrow,
                                     .close = shut,
                                     .report = report};
    conformance_run(&suite);
    conformance_run(&tree);
    return results + names_run(files, (struct session_cap){start_page->handles[GIVEN_SPACE]});
}
