/* SPDX-License-Identifier: MIT */
/*
 * File servers and namespaces: the suite of tests/file through a session of `ramfs`, what of it
 * changes nothing through one of `bootfs`, then names through `ns`. Exits with the number of tests.
 */
#include <stdio.h>
#include <string.h>

#include "lib/file/client.h"
#include "lib/sys/program.h"
#include "lib/sys/room.h"
#include "lib/sys/syscall.h"
#include "tests/file/conformance.h"
#include "tests/file/prepared.h"
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

/* ---- files as memory ---- */

static err_t tree_map(const char *name, uint32_t flags, struct memory_cap *memory,
                      uint64_t *bytes) {
    const struct session_cap tree = {start_page->handles[GIVEN_TREE]};
    const struct file_name n = {.path = text_of(name), .flags = flags};
    struct session_cap file;
    err_t e = file_open(tree, &n, &file, NULL);
    if (!err_ok(e))
        return e;
    e = file_map(file, memory, bytes);
    sys_handle_close(ANY(file));
    return e;
}

/* What is mapped is the file, for ever, and cannot be written to. */
static const char *mapped(void) {
    struct memory_cap memory, again, copy;
    uint64_t bytes = 0, at;
    if (!err_ok(tree_map("mapped", FILE_FOR_READ, &memory, &bytes)) || bytes != PREPARED_BIG)
        return "it cannot be mapped";
    if (!err_ok(room_map(memory, 0, page_round(bytes), MEMORY_READ, &at)) ||
        memcmp((const char *)at, prepared_big(), PREPARED_BIG) != 0)
        return "it is not the file";
    if (!err_is(room_map(memory, 0, PAGE_SIZE, MEMORY_READ | MEMORY_WRITE, &at), ERR_NO_RIGHT))
        return "it can be written to";
    if (!err_ok(sys_memory_clone(memory, program_pool, 0, PAGE_SIZE, &copy)) ||
        !err_ok(room_map(copy, 0, PAGE_SIZE, MEMORY_READ | MEMORY_WRITE, &at)))
        return "it has no copy that can be written to";
    memset((void *)at, 0, PAGE_SIZE);
    if (!err_ok(tree_map("mapped", FILE_FOR_READ, &again, &bytes)) ||
        !err_ok(room_map(again, 0, page_round(bytes), MEMORY_READ, &at)) ||
        memcmp((const char *)at, prepared_big(), PREPARED_BIG) != 0)
        return "it is another file the second time";
    return NULL;
}

static const char *not_mapped(void) {
    struct memory_cap memory;
    uint64_t bytes;
    if (!err_is(tree_map("mapped", 0, &memory, &bytes), ERR_NO_RIGHT))
        return "it need not be opened to be read";
    if (!err_is(tree_map("big", FILE_FOR_READ, &memory, &bytes), ERR_UNSUPPORTED))
        return "one that begins with no page is mapped";
    return NULL;
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
    report(NULL, "map: the archive's", mapped());
    report(NULL, "map: what is refused", not_mapped());
    return results + names_run(files, (struct session_cap){start_page->handles[GIVEN_SPACE]});
}
