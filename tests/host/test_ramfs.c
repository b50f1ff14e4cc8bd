/* SPDX-License-Identifier: MIT */
/* SOURCES: tests/file/host.c tests/file/host_pages.c tests/file/conformance.c tests/file/names.c
   tests/file/symlinks.c tests/file/opening.c tests/file/data.c tests/file/attributes.c
   tests/file/change.c tests/file/rename.c tests/file/entries.c
   lib/file/serve.c lib/file/names.c lib/file/walk.c lib/file/open.c lib/file/answer.c
   lib/file/client.c services/ramfs/inode.c services/ramfs/directory.c services/ramfs/store.c */
/* The conformance suite of the file protocol against the RAM disk. */
#include <stdlib.h>
#include <time.h>

#include "services/ramfs/inode.h"
#include "tap.h"
#include "tests/file/conformance.h"
#include "tests/file/host.h"

int64_t ramfs_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * 1000000000ll + now.tv_nsec;
}

static void report(void *context, const char *name, const char *message) {
    (void)context;
    if (message)
        printf("# %s\n", message);
    check(!message);
    tap_test(name);
}

int main(int count, char **argument) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (!err_ok(ramfs_start(1ull << 30)) ||
        !err_ok(file_server_start(&host_server, &ramfs.root->node)))
        return 1;
    struct conformance c = {.root = host_session(FILE_BADGE_ROOT, FILE_RIGHTS, HOST_ACCOUNT),
                            .features = HAS_ALL,
                            .size_max = STORE_SIZE_MAX,
                            .open_max = FILE_OPEN_MAX,
                            .many = 100000,
                            .only = count > 1 ? argument[1] : NULL,
                            .narrow = host_narrow,
                            .close = host_close,
                            .report = report};
    uint64_t used = ramfs.used;
    conformance_run(&c);
    check(ramfs.used == used && ramfs.files == 1 && host_sessions() == 1);
    tap_test("ramfs: nothing is left of the suite");
    return tap_done();
}
