/* SPDX-License-Identifier: MIT */
/* SOURCES: tests/file/host/host.c tests/file/host/ramfs.c tests/file/host/pages.c
   tests/file/conformance.c tests/file/check.c tests/file/names.c tests/file/symlinks.c
   tests/file/opening.c tests/file/data.c tests/file/attributes.c tests/file/change.c
   tests/file/rename.c tests/file/entries.c tests/file/prepared.c tests/file/newc.c lib/file/serve.c
   lib/file/locks.c lib/file/waits.c lib/file/polls.c lib/file/names.c lib/file/walk.c
   lib/file/badges.c lib/file/answer.c lib/file/client.c services/ramfs/inode.c
   services/ramfs/placed.c services/ramfs/directory.c services/ramfs/store.c */
/* The conformance suite of the file protocol against the RAM disk. */
#include <string.h>

#include "services/ramfs/inode.h"
#include "tap.h"
#include "tests/file/conformance.h"
#include "tests/file/host/host.h"
#include "tests/file/host/ramfs.h"
#include "tests/file/prepared.h"
#include "tests/file/suite.h"

static void report(void *context, const char *name, const char *message) {
    const char *broken = host_ramfs_broken();
    (void)context;
    if (broken)
        printf("# broken: %s\n", broken);
    check(!broken);
    if (message)
        printf("# %s\n", message);
    check(!message);
    tap_test(name);
}

/* What one request left in the library's record does not get into the answer to the next. */
static void test_stale(struct session_cap root) {
    struct file_name n = {.path = text_of("f"), .flags = FILE_CREATE | FILE_FOR_WRITE};
    struct session_cap s;
    check(err_ok(file_open(root, &n, &s, NULL)));
    struct host_call c = {.badge = 12345, .account = HOST_ACCOUNT, .op = FILE_READ};
    check(err_is(host_serve(&c), ERR_REVOKED) && c.opened[0].h == HANDLE_NONE);
    for (unsigned i = 0; i < MESSAGE_WORDS; i++)
        check(!c.word[i]);
    c = (struct host_call){.badge = 12345, .op = FILE_STAT, .word = {[5] = 77}};
    check(err_is(host_serve(&c), ERR_REVOKED) && c.word[5] == 77);
    host_close(NULL, s);
    check(err_ok(file_remove(root, &n, NULL)));
    tap_test("ramfs: a badge of nothing");
}

/* No page of the caller's data was there when its call came. */
static void test_absent(struct session_cap root) {
    char got[8192], data[8192];
    struct file_name n = {.path = text_of("f"),
                          .flags = FILE_CREATE | FILE_FOR_WRITE | FILE_FOR_READ};
    struct session_cap s;
    size_t done = 0;
    memset(data, 'd', sizeof data);
    struct host_call c = {.rights = FILE_RIGHTS,
                          .op = FILE_OPEN,
                          .word = {FILE_CREATE, 1},
                          .data = {"f", 1},
                          .absent = true};
    check(err_is(host_serve(&c), ERR_BAD_WINDOW));
    check(err_ok(file_open(root, &n, &s, NULL)));
    for (size_t size = 100; size <= sizeof data; size += 1000) {
        c = (struct host_call){.badge = s.h ? host_file((unsigned)s.h)->badged.badge : 0,
                               .rights = FILE_RIGHTS,
                               .op = FILE_WRITE,
                               .word = {0, size},
                               .data = {data, size},
                               .absent = true};
        check(err_ok(host_serve(&c)) && c.word[0] == size);
        check(err_ok(file_read(s, 0, got, size, &done)) && !memcmp(got, data, size));
    }
    host_close(NULL, s);
    check(err_ok(file_remove(root, &n, NULL)));
    tap_test("ramfs: data that is fetched");
}

/* A file that can be opened but not be cut: no session is made. */
static void test_no_truncation(struct session_cap root) {
    struct file_name n = {.path = text_of("f"), .flags = FILE_CREATE | FILE_FOR_WRITE};
    struct session_cap s, t;
    unsigned sessions = host_sessions();
    check(err_ok(file_open(root, &n, &s, NULL)));
    struct node *f = host_file((unsigned)s.h)->node;
    const struct node_ops *usual = f->ops;
    struct node_ops ops = *usual;
    ops.set = NULL;
    f->ops = &ops;
    n.flags |= FILE_TRUNCATE;
    check(err_is(file_open(root, &n, &t, NULL), ERR_READ_ONLY));
    check(host_sessions() == sessions + 1 && !host_ramfs_broken());
    f->ops = usual;
    host_close(NULL, s);
    check(err_ok(file_remove(root, &n, NULL)));
    tap_test("ramfs: a file that cannot be cut");
}

/* The cases that change nothing, on a tree that is made through the protocol. */
static void test_prepared(struct conformance *c) {
    struct file_name n = {.path = text_of("tree"), .mode = FILE_TYPE_DIRECTORY | 0755};
    struct conformance only = *c;
    only.only = "prepared";
    check(err_ok(file_make(c->root, &n, (struct text){0}, NULL)));
    n.flags = FILE_DIRECTORY;
    check(err_ok(file_open(c->root, &n, &only.prepared, NULL)));
    check(err_ok(prepared_make(only.prepared)));
    conformance_run(&only);
    empty(only.prepared);
    host_close(NULL, only.prepared);
    check(err_ok(file_remove(c->root, &n, NULL)));
}

int main(int count, char **argument) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    struct conformance c = {.root = host_ramfs_start(1ull << 30),
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
    test_prepared(&c);
    test_stale(c.root);
    test_absent(c.root);
    test_no_truncation(c.root);
    check(!host_ramfs_broken());
    check(ramfs.used == used && ramfs.files == 1 && host_sessions() == 1);
    tap_test("ramfs: nothing is left of the suite");
    return tap_done();
}
