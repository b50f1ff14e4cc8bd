/* SPDX-License-Identifier: MIT */
/* FLAGS: -D_GNU_SOURCE */
/* SOURCES: tests/file/host/host.c tests/file/conformance.c tests/file/check.c tests/file/names.c
   tests/file/symlinks.c tests/file/opening.c tests/file/data.c tests/file/attributes.c
   tests/file/change.c tests/file/rename.c tests/file/entries.c tests/file/prepared.c
   tests/file/newc.c lib/file/serve.c lib/file/locks.c lib/file/waits.c lib/file/polls.c
   lib/file/names.c lib/file/walk.c lib/file/badges.c lib/file/answer.c lib/file/client.c
   services/bootfs/archive.c services/bootfs/tree.c services/bootfs/files.c */
/* The conformance suite of the file protocol, as far as it is read-only, against bootfs. */
#include <stdlib.h>
#include <string.h>

#include "services/bootfs/files.h"
#include "tap.h"
#include "tests/file/conformance.h"
#include "tests/file/host/host.h"
#include "tests/file/prepared.h"

/* There is no memory to send along. */
err_t bootfs_memory(struct text data, handle_t *out) {
    (void)data, (void)out;
    return ERROR(UNSUPPORTED);
}

static void report(void *context, const char *name, const char *message) {
    (void)context;
    if (message)
        printf("# %s\n", message);
    check(!message);
    tap_test(name);
}

/* One reference is the tree's own; the root has one of the library as well. */
static void test_references(struct node *root) {
    const struct entry *all = entry_of(root);
    for (uint32_t i = 0; i < all->span; i++)
        check(all[i].node.references == (i ? 1u : 2u));
    check(host_sessions() == 1);
    tap_test("bootfs: nothing is left of the suite");
}

static void test_space(struct session_cap root, size_t bytes, uint32_t files) {
    struct file_name n = {.path = text_of("directory")};
    struct file_space space;
    struct session_cap s;
    check(err_ok(file_open(root, &n, &s, NULL)));
    check(err_ok(file_space(s, &space)));
    check(space.total == bytes && !space.available);
    check(space.files == files && !space.files_available);
    host_close(NULL, s);
    tap_test("bootfs: space");
}

/* Whatever cookie a client makes up, it sees the directory's own entries and no others. */
static void test_cookies(struct session_cap root) {
    struct file_name n = {.flags = FILE_FOR_READ | FILE_DIRECTORY};
    struct session_cap s;
    struct file_entry e;
    struct file_stat stat;
    static char buffer[4096];
    check(err_ok(file_open(root, &n, &s, NULL)));
    for (uint64_t cookie = 2; cookie < PREPARED_MANY + 50; cookie++) {
        size_t done = 0;
        check(err_ok(file_entries(s, cookie, buffer, sizeof buffer, &done)));
        for (size_t at = 0; at < done; at += e.length) {
            memcpy(&e, buffer + at, sizeof e);
            n.path = (struct text){buffer + at + sizeof e, e.name_length};
            n.flags = FILE_NO_FOLLOW;
            check(err_ok(file_stat(root, &n, &stat, NULL)) && stat.id == e.id);
        }
    }
    host_close(NULL, s);
    tap_test("bootfs: cookies that nobody gave");
}

/* Contents are sent from where they are: what is emitted lies in the archive. */
static void test_in_place(struct session_cap root, const struct newc *archive) {
    struct file_name n = {.path = text_of("big"), .flags = FILE_FOR_READ};
    struct session_cap s;
    static char got[PREPARED_BIG], again[PREPARED_BIG];
    size_t done = 0;
    check(err_ok(file_open(root, &n, &s, NULL)));
    check(err_ok(file_read(s, 0, got, sizeof got, &done)) && done == PREPARED_BIG);
    char *place = memmem(archive->at, archive->length, got, sizeof got);
    check(place);
    if (place) {
        place[77] ^= 1;
        check(err_ok(file_read(s, 0, again, sizeof again, &done)));
        check(again[77] == (got[77] ^ 1));
        place[77] ^= 1;
    }
    host_close(NULL, s);
    tap_test("bootfs: contents are served in place");
}

int main(void) {
    struct newc archive = {.at = malloc(PREPARED_ROOM), .size = PREPARED_ROOM};
    struct node *root = NULL;
    size_t at = 0;
    prepared_archive(&archive);
    check(!archive.full);
    /* Not a byte more than there is. */
    char *exact = realloc(archive.at, archive.length);
    archive.at = exact;
    const char *problem = bootfs_start((struct text){exact, archive.length}, &root, &at);
    if (problem) {
        printf("# %s, at byte %zu\n1..0\n", problem, at);
        return 1;
    }
    file_server_start(&host_server, root);
    struct conformance c = {.prepared = host_session(FILE_BADGE_ROOT, FILE_RIGHTS, HOST_ACCOUNT),
                            .features =
                                IS_READ_ONLY | HAS_SYMLINKS | HAS_DIRECTORY_LINKS | HAS_SPACE,
                            .narrow = host_narrow,
                            .close = host_close,
                            .report = report};
    conformance_run(&c);
    test_space(c.prepared, archive.length, entry_of(root)->span);
    test_cookies(c.prepared);
    test_in_place(c.prepared, &archive);
    test_references(root);
    return tap_done();
}
