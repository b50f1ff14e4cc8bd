/* SPDX-License-Identifier: MIT */
/* SOURCES: tests/file/host/host.c tests/file/host/pages.c tests/file/host/ramfs.c
   lib/file/serve.c lib/file/locks.c lib/file/waits.c lib/file/polls.c lib/file/names.c
   lib/file/walk.c lib/file/badges.c lib/file/answer.c lib/file/client.c services/ramfs/inode.c
   services/ramfs/placed.c services/ramfs/directory.c services/ramfs/store.c FLAGS:
   -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc */
/*
 * A RAM disk that has no room. Each operation is tried again and again, with a little more each
 * time, until it succeeds: of the disk's bytes, of the allocations that go well, of pages, of
 * sessions. Every refusal leaves the tree as it was, and in the end every byte is back.
 */
#include <stdlib.h>
#include <string.h>

#include "tap.h"
#include "tests/file/host/pages.h"
#include "tests/file/host/ramfs.h"

static struct session_cap root;

/* ---- allocations that fail ---- */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *at, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *at, size_t size);

static bool counting, refused;
static unsigned allowed, refusals;

static bool refuse(void) {
    if (!counting || allowed-- > 0)
        return false;
    allowed = 0;
    refusals++;
    return refused = true;
}

void *__wrap_malloc(size_t size) {
    return refuse() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size) {
    return refuse() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *at, size_t size) {
    return refuse() ? NULL : __real_realloc(at, size);
}

/* ---- operations ---- */

static struct session_cap opened[80];
static unsigned opens;
static char data[WINDOWS_MAX];

static err_t open_name(const char *name, uint32_t flags) {
    struct file_name n = {.path = text_of(name), .flags = flags, .mode = 0644};
    err_t e = file_open(root, &n, &opened[opens], NULL);
    opens += err_ok(e);
    return e;
}

static err_t make(const char *name, uint32_t mode, struct text text) {
    struct file_name n = {.path = text_of(name), .mode = mode};
    return file_make(root, &n, text, NULL);
}

static err_t rename_to(const char *from, const char *to) {
    struct file_name n = {.path = text_of(from)};
    return file_rename(root, &n, text_of(to), NULL);
}

/* To the file that was opened last. All or nothing is not asked for: but what is said is true. */
static size_t written;
static err_t write_at(uint64_t offset, size_t size) {
    written = 0;
    return file_write(opened[opens - 1], offset, data, size, &written);
}

static err_t resize(uint64_t size) {
    struct file_name n = {.path = text_of("")};
    struct file_set set = {.fields = FILE_SET_SIZE, .size = size};
    return file_set(opened[opens - 1], &n, &set, NULL);
}

#define WRITABLE (FILE_CREATE | FILE_FOR_READ | FILE_FOR_WRITE)

static void nothing(void) {
}
static void a_file(void) {
    check(err_ok(open_name("f", WRITABLE)));
}
static void a_small_file(void) {
    a_file();
    check(err_ok(write_at(0, 64)));
}
static void a_large_file(void) {
    a_file();
    check(err_ok(write_at(0, 20000)));
}
static void a_hole(void) {
    a_file();
    check(err_ok(resize(300000)));
}
static void eight_names(void) { /* the table of names grows with the ninth */
    for (char name[] = "0"; name[0] < '8'; name[0]++)
        check(err_ok(make(name, FILE_TYPE_DIRECTORY, (struct text){0})));
    check(err_ok(make("0/x", FILE_TYPE_FIFO, (struct text){0})));
}
static void open_files(void) { /* the table of open files grows with the 65th */
    while (opens < 64)
        a_file();
}

static err_t create(void) {
    return open_name("new", WRITABLE);
}
static err_t create_cut(void) {
    return open_name("f", WRITABLE | FILE_TRUNCATE);
}
static err_t open_again(void) {
    return open_name("f", FILE_FOR_READ);
}
static err_t make_directory(void) {
    return make("new", FILE_TYPE_DIRECTORY | 0700, (struct text){0});
}
static err_t make_fifo(void) {
    return make("7/new", FILE_TYPE_FIFO, (struct text){0});
}
static err_t make_link(void) {
    return make("new", FILE_TYPE_SYMLINK, (struct text){data, 3000});
}
static err_t link_file(void) {
    struct file_name n = {.path = text_of("0/x")};
    return file_link(root, &n, text_of("new"), NULL);
}
static err_t rename_here(void) {
    return rename_to("1", "a name that is longer than the old one");
}
static err_t rename_there(void) {
    return rename_to("0/x", "7/y");
}
static err_t write_bytes(void) {
    return write_at(0, 10);
}
static err_t write_words(void) {
    return write_at(50, 30);
}
static err_t write_more(void) {
    return write_at(60, 2000);
}
static err_t become_large(void) {
    return write_at(60, 10000);
}
static err_t write_large(void) {
    return write_at(0, 50000);
}
static err_t write_far(void) {
    return write_at(400000, 9000);
}
static err_t write_inside(void) {
    return write_at(100000, 9000);
}
static err_t resize_small(void) {
    return resize(2000);
}
static err_t resize_large(void) {
    return resize(100000);
}
static err_t resize_huge(void) {
    return resize(1ull << 32);
}

static const struct trial {
    const char *name;
    void (*prepare)(void);
    err_t (*run)(void);
    size_t bytes; /* that it writes */
    bool of_data;
} trials[] = {
    {"create", nothing, create, 0, false},
    {"create the ninth", eight_names, create, 0, false},
    {"create what is there", a_large_file, create_cut, 0, false},
    {"open", a_file, open_again, 0, false},
    {"open the 65th", open_files, open_again, 0, false},
    {"create and open the 65th", open_files, create, 0, false},
    {"make a directory", nothing, make_directory, 0, false},
    {"make the ninth directory", eight_names, make_directory, 0, false},
    {"make a FIFO", eight_names, make_fifo, 0, false},
    {"make a symbolic link", nothing, make_link, 0, false},
    {"make the ninth symbolic link", eight_names, make_link, 0, false},
    {"link", eight_names, link_file, 0, false},
    {"rename", eight_names, rename_here, 0, false},
    {"rename into an empty directory", eight_names, rename_there, 0, false},
    {"write to an empty file", a_file, write_bytes, 10, true},
    {"write a large file", a_file, write_large, 50000, true},
    {"write across what there is room for", a_small_file, write_words, 30, true},
    {"write more", a_small_file, write_more, 2000, true},
    {"write a small file large", a_small_file, become_large, 10000, true},
    {"write a large file larger", a_large_file, write_large, 50000, true},
    {"write beyond the end", a_large_file, write_far, 9000, true},
    {"write beyond the end of a small file", a_small_file, write_far, 9000, true},
    {"write into a hole", a_hole, write_inside, 9000, true},
    {"resize", a_file, resize_small, 0, true},
    {"resize a small file large", a_small_file, resize_large, 0, true},
    {"resize a large file larger", a_large_file, resize_large, 0, true},
    {"resize far", a_large_file, resize_huge, 0, true},
};

/* ---- rounds ---- */

static void remove_all(void) {
    static const char *const names[] = {"f", "new", "0/x", "7/new", "7/y"};
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct file_name n = {.path = text_of(names[i])};
        file_remove(root, &n, NULL);
    }
    struct file_name n = {.flags = FILE_DIRECTORY};
    for (char name[] = "0"; name[0] < '8'; name[0]++) {
        n.path = text_of(name);
        file_remove(root, &n, NULL);
    }
    n.path = text_of("new");
    file_remove(root, &n, NULL);
    n.path = text_of("a name that is longer than the old one");
    file_remove(root, &n, NULL);
}

/* How much is allowed in a round. */
#define MUCH (1ull << 36)

enum scarce { BYTES, ALLOCATIONS, PAGES, SESSIONS };

static void arm(enum scarce what, uint64_t amount) {
    refused = false;
    if (what == BYTES)
        ramfs.limit = ramfs.used + amount;
    else if (what == PAGES)
        host_pages_limit = amount;
    else if (what == SESSIONS)
        host_no_sessions = !amount;
    allowed = (unsigned)amount;
    counting = what == ALLOCATIONS;
}

static void disarm(uint64_t limit) {
    counting = host_no_sessions = false;
    host_pages_limit = UINT64_MAX;
    ramfs.limit = limit;
}

/* Whether it succeeded with this much. */
static bool round_of(const struct trial *t, enum scarce what, uint64_t amount) {
    uint64_t limit = ramfs.limit, before = ramfs.used;
    t->prepare();
    uint64_t tree = host_ramfs_digest(), used = ramfs.used, mapped = host_pages_mapped;
    unsigned sessions = host_sessions();
    written = 0;
    arm(what, amount);
    err_t e = t->run();
    disarm(limit);
    const char *broken = host_ramfs_broken();
    if (broken)
        printf("# %s, %d, %lu: %s\n", t->name, what, (unsigned long)amount, broken);
    check(!broken);
    if (!err_ok(e)) {
        check(err_is(e, ERR_NO_SPACE) || err_is(e, ERR_NO_MEMORY));
        check(host_ramfs_digest() == tree && host_sessions() == sessions);
        /* A file's bitmap stays while the file does, a table of names that grew until it is empty.
         */
        check(ramfs.used - used <= (t->of_data ? 200000 : 64));
        check(host_pages_mapped <= mapped + 500000);
    } else {
        check(!t->bytes || (written && written <= t->bytes));
    }
    while (opens)
        host_close(NULL, opened[--opens]);
    remove_all();
    check(ramfs.used == before && ramfs.files == 1 && !host_pages_mapped);
    return err_ok(e) && !refused && written == t->bytes;
}

/* More and more of it until all is done. */
static void rounds(const struct trial *t, enum scarce what, uint64_t step) {
    uint64_t amount = 0;
    while (!round_of(t, what, amount) && amount < MUCH)
        amount += step + amount / 8;
    check(amount < MUCH);
}

static void test_trials(enum scarce what, uint64_t step, const char *name) {
    for (unsigned i = 0; i < sizeof trials / sizeof trials[0]; i++) {
        unsigned bad = tap_bad;
        rounds(&trials[i], what, step);
        if (tap_bad > bad)
            printf("# in: %s\n", trials[i].name);
    }
    tap_test(name);
}

/* Filled to the last byte by one kind of thing after the other. */
static void test_fill(void) {
    uint64_t limit = ramfs.limit, used = ramfs.used;
    ramfs.limit = 200000;
    unsigned made = 0;
    err_t e = OK;
    char name[16];
    for (; err_ok(e); made += err_ok(e)) {
        snprintf(name, sizeof name, "%u", made);
        e = make(name, made % 2 ? FILE_TYPE_FIFO : FILE_TYPE_REGULAR, (struct text){0});
    }
    check(err_is(e, ERR_NO_SPACE) && made > 500);
    check(!host_ramfs_broken());
    struct file_space space = {0};
    check(err_ok(file_space(root, &space)) && space.total == 200000 && space.available < 400);
    check(space.files == made + 1);
    for (unsigned i = 0; i < made; i++) {
        struct file_name n = {.path = text_of(name)};
        snprintf(name, sizeof name, "%u", i);
        n.path = text_of(name);
        check(err_ok(file_remove(root, &n, NULL)));
    }
    a_file();
    do {
        e = file_write(opened[0], FILE_CURRENT, data, 5000, &written);
    } while (err_ok(e));
    check(err_is(e, ERR_NO_SPACE) && !host_ramfs_broken());
    uint64_t size = 0;
    check(err_ok(file_seek(opened[0], 0, FILE_SEEK_END, &size)) && size > 180000);
    check(err_is(make("x", FILE_TYPE_DIRECTORY, (struct text){data, 0}), ERR_NO_SPACE) ||
          ramfs.limit - ramfs.used < PAGES * 4096);
    host_close(NULL, opened[--opens]);
    remove_all();
    struct file_name n = {.path = text_of("x"), .flags = FILE_DIRECTORY};
    file_remove(root, &n, NULL);
    check(ramfs.used == used && !host_ramfs_broken());
    ramfs.limit = limit;
    tap_test("ramfs full: filled and emptied");
}

/* A caller's window that ends early: what was written before counts, nothing else stays. */
static void test_window(void) {
    static const size_t at[] = {0, 50, 4000, 4096, 9000, 30000};
    for (unsigned start = 0; start < 3; start++)
        for (unsigned i = 0; i < sizeof at / sizeof at[0]; i++) {
            static void (*const prepare[])(void) = {a_file, a_small_file, a_large_file};
            prepare[start]();
            uint64_t badge = host_file((unsigned)opened[0].h)->badged.badge;
            struct host_call c = {.badge = badge,
                                  .rights = FILE_RIGHTS,
                                  .op = FILE_WRITE,
                                  .word = {at[i], 20000},
                                  .data = {data, 20000},
                                  .there = 9000};
            uint64_t size = 0;
            check(err_ok(host_serve(&c)) && c.word[0] <= 9000 && c.word[0] > 0);
            check(!host_ramfs_broken());
            check(err_ok(file_seek(opened[0], 0, FILE_SEEK_END, &size)));
            check(size == at[i] + c.word[0] || (start == 2 && size == 20000) ||
                  (start == 1 && size == 64));
            host_close(NULL, opened[--opens]);
            remove_all();
        }
    tap_test("ramfs full: a window that ends early");
}

int main(void) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    root = host_ramfs_start(64ull << 20);
    memset(data, 'd', sizeof data);
    opens = 0;
    a_file(); /* what the library keeps for ever is there from now on */
    host_close(NULL, opened[--opens]);
    remove_all();
    test_trials(BYTES, 8, "ramfs full: no bytes");
    test_trials(ALLOCATIONS, 1, "ramfs full: no allocations");
    check(refusals > 20); /* it is our malloc that they call */
    test_trials(PAGES, 4096, "ramfs full: no pages");
    test_trials(SESSIONS, 1, "ramfs full: no sessions");
    test_fill();
    test_window();
    return tap_done();
}
