/* SPDX-License-Identifier: MIT */
/*
 * The laws of namespaces (abi/ns.h, lib/file/lookup.h): what is mounted where, unions, links and
 * `..` across mounts, and that one namespace does not see what happens in another.
 */
#include "tests/userland/files/names.h"

#include <stdio.h>

#include "lib/file/lookup.h"
#include "lib/file/space.h"
#include "lib/sys/message.h"
#include "lib/sys/syscall.h"

static struct session_cap files, space;
static bool failed;

#define CHECK(x)                                                                                   \
    do {                                                                                           \
        if (!(x)) {                                                                                \
            failed = true;                                                                         \
            printf("# %s:%d: %s\n", __FILE__, __LINE__, #x);                                       \
        }                                                                                          \
    } while (0)

static struct file_name name_of(const char *path, uint32_t flags, uint32_t mode) {
    return (struct file_name){.path = text_of(path), .flags = flags, .mode = mode};
}

/* In the RAM disk itself. */
static void directory(const char *path) {
    struct file_name n = name_of(path, 0, FILE_TYPE_DIRECTORY | 0755);
    CHECK(err_ok(file_make(files, &n, (struct text){0}, NULL)));
}

static void link_to(const char *path, const char *text) {
    struct file_name n = name_of(path, 0, FILE_TYPE_SYMLINK | 0777);
    CHECK(err_ok(file_make(files, &n, text_of(text), NULL)));
}

static void file_with(const char *path, const char *text) {
    struct file_name n = name_of(path, FILE_CREATE | FILE_FOR_WRITE, 0644);
    struct session_cap s;
    size_t done = 0;
    CHECK(err_ok(file_open(files, &n, &s, NULL)));
    CHECK(err_ok(file_write(s, 0, text, strlen(text), &done)) && done == strlen(text));
    sys_handle_close(ANY(s));
}

/* Through a namespace, as a program would. */
static err_t open_in(struct session_cap in, const char *path, uint32_t flags,
                     struct session_cap *out) {
    static struct lookup l;
    err_t e = lookup_start(&l, in, NULL, text_of(path), flags);
    l.name.mode = 0644;
    return err_ok(e) ? lookup_open(&l, out) : e;
}

static bool reads(struct session_cap in, const char *path, const char *text) {
    char buffer[64];
    size_t done = 0;
    struct session_cap s;
    err_t e = open_in(in, path, FILE_FOR_READ, &s);
    if (!err_ok(e))
        return false;
    e = file_read(s, 0, buffer, sizeof buffer, &done);
    sys_handle_close(ANY(s));
    return err_ok(e) && done == strlen(text) && !memcmp(buffer, text, done);
}

static err_t opens(struct session_cap in, const char *path) {
    struct session_cap s;
    err_t e = open_in(in, path, 0, &s);
    if (err_ok(e))
        sys_handle_close(ANY(s));
    return e;
}

/* Mounts a directory of the RAM disk. */
static uint32_t mount(struct session_cap in, const char *from, const char *place, uint32_t flags) {
    struct file_name n = name_of(from, 0, 0);
    struct session_cap s;
    uint32_t number = 0;
    CHECK(err_ok(file_open(files, &n, &s, NULL)));
    CHECK(err_ok(space_mount(in, text_of(place), text_of(from), s, flags, &number)));
    CHECK(number);
    sys_handle_close(ANY(s));
    return number;
}

static void nothing_mounted(void) {
    CHECK(err_is(opens(space, "/"), ERR_NOT_FOUND));
    CHECK(err_is(opens(space, "/a/b"), ERR_NOT_FOUND));
    CHECK(err_is(space_unmount(space, text_of("/"), 0), ERR_NOT_FOUND));
}

static void innermost_mount(void) {
    directory("root");
    directory("root/dev");
    directory("dev");
    file_with("root/dev/covered", "covered");
    file_with("root/plain", "plain");
    file_with("dev/null", "device");
    mount(space, "root", "/", NS_REPLACE);
    CHECK(reads(space, "/dev/covered", "covered"));
    uint32_t number = mount(space, "dev", "/dev", NS_REPLACE);
    CHECK(reads(space, "/dev/null", "device") && reads(space, "//dev/./null", "device"));
    CHECK(reads(space, "/plain", "plain"));
    CHECK(err_is(opens(space, "/dev/covered"), ERR_NOT_FOUND));
    CHECK(err_is(space_unmount(space, text_of("/dev"), number + 1000), ERR_NOT_FOUND));
    CHECK(err_ok(space_unmount(space, text_of("/dev/"), number)));
    CHECK(reads(space, "/dev/covered", "covered"));
    mount(space, "dev", "/dev", NS_REPLACE);
}

static void parents(void) {
    CHECK(reads(space, "/dev/../plain", "plain"));
    CHECK(reads(space, "/dev/../dev/null", "device"));
    CHECK(reads(space, "/../../plain", "plain"));
    CHECK(err_is(opens(space, "/plain/../plain"), ERR_NOT_DIRECTORY));
    CHECK(err_is(opens(space, "/none/../plain"), ERR_NOT_FOUND));
}

static void links(void) {
    link_to("root/to-null", "dev/null");
    link_to("dev/up", "../plain");
    link_to("dev/absolute", "/plain");
    link_to("root/directory", "/dev");
    link_to("dev/loop", "loop");
    CHECK(reads(space, "/to-null", "device"));
    CHECK(reads(space, "/dev/up", "plain"));
    CHECK(reads(space, "/dev/absolute", "plain"));
    CHECK(reads(space, "/directory/null", "device"));
    CHECK(reads(space, "/directory/../plain", "plain"));
    CHECK(err_is(opens(space, "/dev/loop"), ERR_TOO_MANY_LINKS));
}

static void unions(void) {
    directory("bin1");
    directory("bin2");
    file_with("bin1/one", "1.one");
    file_with("bin1/both", "1.both");
    file_with("bin2/two", "2.two");
    file_with("bin2/both", "2.both");
    mount(space, "bin1", "/bin", NS_REPLACE);
    uint32_t second = mount(space, "bin2", "/bin", NS_AFTER | NS_CREATE);
    CHECK(reads(space, "/bin/one", "1.one") && reads(space, "/bin/two", "2.two"));
    CHECK(reads(space, "/bin/both", "1.both"));
    struct session_cap s = {HANDLE_NONE};
    CHECK(err_ok(open_in(space, "/bin/new", FILE_CREATE | FILE_FOR_WRITE, &s)));
    sys_handle_close(ANY(s));
    CHECK(reads(space, "/bin/new", ""));
    struct file_stat stat;
    struct file_name made = name_of("bin2/new", 0, 0);
    CHECK(err_ok(file_stat(files, &made, &stat, NULL)));
    CHECK(err_is(open_in(space, "/bin/one", FILE_CREATE | FILE_EXCLUSIVE, &s), ERR_EXISTS));
    CHECK(err_ok(space_unmount(space, text_of("/bin"), second)));
    CHECK(err_is(opens(space, "/bin/two"), ERR_NOT_FOUND));
    mount(space, "bin2", "/bin", NS_BEFORE);
    CHECK(reads(space, "/bin/both", "2.both"));
    CHECK(err_is(open_in(space, "/bin/newer", FILE_CREATE | FILE_FOR_WRITE, &s), ERR_NOT_FOUND));
}

static void copies(void) {
    struct session_cap child, empty;
    directory("private");
    file_with("private/mine", "mine");
    CHECK(err_ok(space_copy(space, &child)));
    CHECK(reads(child, "/plain", "plain") && reads(child, "/dev/null", "device"));
    mount(child, "private", "/tmp", NS_REPLACE);
    CHECK(reads(child, "/tmp/mine", "mine"));
    CHECK(err_is(opens(space, "/tmp/mine"), ERR_NOT_FOUND));
    mount(space, "private", "/house", NS_REPLACE);
    CHECK(err_is(opens(child, "/house/mine"), ERR_NOT_FOUND));
    CHECK(err_ok(space_unmount(child, text_of("/"), 0)));
    CHECK(reads(space, "/plain", "plain") && err_is(opens(child, "/plain"), ERR_NOT_FOUND));
    CHECK(err_ok(space_empty(child, &empty)));
    CHECK(err_is(opens(empty, "/dev/null"), ERR_NOT_FOUND));
    sys_handle_close(ANY(child));
    sys_handle_close(ANY(empty));
    CHECK(reads(space, "/house/mine", "mine"));
}

/* The other operations on names, through mounts, and what they answer about the way. */
static void operations(void) {
    struct file_found found;
    struct file_stat stat;
    struct session_cap in;
    struct file_name made = name_of("/job/made", 0, FILE_TYPE_DIRECTORY | 0755);
    struct file_name file = name_of("/job/file", FILE_CREATE, 0644);
    struct file_name gone = name_of("/job/file", 0, 0), root = name_of("/", 0, 0);
    CHECK(err_ok(space_copy(space, &in)));
    directory("job");
    directory("other");
    mount(in, "job", "/job", NS_REPLACE);
    mount(in, "other", "/other", NS_REPLACE);
    CHECK(err_ok(file_make(in, &made, (struct text){0}, &found)));
    CHECK((found.mode & FILE_TYPE) == FILE_TYPE_DIRECTORY && found.mount & NS_NUMBER);
    CHECK(err_is(file_make(in, &made, (struct text){0}, &found), ERR_EXISTS));
    struct session_cap s;
    CHECK(err_ok(file_open(in, &file, &s, &found)));
    sys_handle_close(ANY(s));
    CHECK(err_ok(file_rename(in, &gone, text_of("/job/made/moved"), &found)));
    CHECK(err_is(file_rename(in, &gone, text_of("/job/x"), &found), ERR_NOT_FOUND));
    CHECK(found.used == strlen("/job/file"));
    gone.path = text_of("/job/made/moved");
    CHECK(err_is(file_rename(in, &gone, text_of("/other/x"), &found), ERR_OTHER_SERVER));
    CHECK(err_is(file_rename(in, &gone, text_of("/job/none/x"), &found), ERR_NOT_FOUND));
    CHECK(found.used == strlen("/job/made/moved/job/none"));
    CHECK(err_ok(file_link(in, &gone, text_of("/job/second"), &found)));
    struct file_set set = {.fields = FILE_SET_MODE, .mode = 0600};
    CHECK(err_ok(file_set(in, &gone, &set, &found)) && (found.mode & 0777) == 0600);
    CHECK(err_ok(file_remove(in, &gone, &found)));
    made.flags = FILE_DIRECTORY;
    CHECK(err_ok(file_remove(in, &made, &found)));
    CHECK(err_ok(file_stat(in, &root, &stat, &found)));
    CHECK(found.mount & NS_BELOW && !(found.mount & NS_UNION));
    mount(in, "other", "/", NS_AFTER);
    CHECK(err_ok(file_stat(in, &root, &stat, &found)) && found.mount & NS_UNION);
    struct file_name below = name_of("/job", 0, 0);
    CHECK(err_ok(file_stat(in, &below, &stat, &found)));
    CHECK(!(found.mount & (NS_UNION | NS_BELOW)));
    sys_handle_close(ANY(in));
}

/* In a union what is made goes into one branch, and what is in another is not made again. */
static void made_in_unions(void) {
    struct file_found found;
    struct file_stat stat;
    struct session_cap in;
    struct file_name n = name_of("/u/both", 0, FILE_TYPE_DIRECTORY | 0755);
    CHECK(err_ok(space_copy(space, &in)));
    mount(in, "bin1", "/u", NS_REPLACE);
    mount(in, "bin2", "/u", NS_AFTER | NS_CREATE);
    CHECK(err_is(file_make(in, &n, (struct text){0}, &found), ERR_EXISTS));
    n.path = text_of("/u/fresh");
    CHECK(err_is(file_make(in, &n, (struct text){0}, &found), ERR_NOT_FOUND) && found.branch == 1);
    n.branch = 1;
    CHECK(err_is(file_make(in, &n, (struct text){0}, &found), ERR_NOT_FOUND) &&
          found.branch == NS_BRANCH_CREATE);
    n.branch = NS_BRANCH_CREATE;
    CHECK(err_ok(file_make(in, &n, (struct text){0}, &found)));
    struct file_name there = name_of("bin2/fresh", 0, 0);
    CHECK(err_ok(file_stat(files, &there, &stat, NULL)));
    sys_handle_close(ANY(in));
}

/* Who takes no session gets none, and none is left behind: more often than an account may have. */
static void not_taken(void) {
    struct session_cap in;
    for (unsigned i = 0; i < 4200; i++) {
        struct message m = {.op = NS_COPY};
        err_t e = session_call(space, &m);
        if (err_ok(e) && (uint16_t)m.op != ERR_TOO_MANY_HANDLES) {
            CHECK((uint16_t)m.op == ERR_TOO_MANY_HANDLES);
            break;
        }
    }
    CHECK(err_ok(space_copy(space, &in)));
    sys_handle_close(ANY(in));
}

/* A session that may not mount, and one to a directory that may not be written. */
static void rights(void) {
    struct any_cap weak = {HANDLE_NONE}, read_only = {HANDLE_NONE};
    struct session_cap s;
    struct file_name n = name_of("private", 0, 0);
    uint32_t number;
    CHECK(err_ok(sys_handle_duplicate(ANY(space), RIGHTS_ALL & ~NS_RIGHT_MOUNT, 0, &weak.h)));
    CHECK(err_is(space_unmount((struct session_cap){weak.h}, text_of("/"), 0), ERR_NO_RIGHT));
    CHECK(reads((struct session_cap){weak.h}, "/plain", "plain"));
    sys_handle_close(weak);
    CHECK(err_ok(file_open(files, &n, &s, NULL)));
    CHECK(err_ok(sys_handle_duplicate(ANY(s), RIGHTS_ALL & ~(FILE_RIGHT_WRITE | FILE_RIGHT_CHANGE),
                                      0, &read_only.h)));
    CHECK(err_ok(space_mount(space, text_of("/frozen"), text_of("private"),
                             (struct session_cap){read_only.h}, NS_REPLACE, &number)));
    sys_handle_close(read_only);
    sys_handle_close(ANY(s));
    CHECK(reads(space, "/frozen/mine", "mine"));
    CHECK(err_is(open_in(space, "/frozen/mine", FILE_FOR_WRITE, &s), ERR_NO_RIGHT));
    CHECK(err_is(open_in(space, "/frozen/new", FILE_CREATE, &s), ERR_NO_RIGHT));
}

/* What was opened through a mount goes with the session that was mounted. */
static void revoked(void) {
    struct session_cap root, opened;
    struct file_name n = name_of("private", 0, 0);
    uint32_t number;
    char c;
    size_t done;
    CHECK(err_ok(file_open(files, &n, &root, NULL)));
    CHECK(err_ok(
        space_mount(space, text_of("/lent"), text_of("private"), root, NS_REPLACE, &number)));
    CHECK(err_ok(open_in(space, "/lent/mine", FILE_FOR_READ, &opened)));
    CHECK(err_ok(file_read(opened, 0, &c, 1, &done)) && c == 'm');
    CHECK(err_ok(sys_handle_revoke(ANY(root))));
    CHECK(!err_ok(file_read(opened, 0, &c, 1, &done)));
    CHECK(!err_ok(opens(space, "/lent/mine")));
    CHECK(err_ok(space_unmount(space, text_of("/lent"), 0)));
    sys_handle_close(ANY(root));
    sys_handle_close(ANY(opened));
}

static void listing(void) {
    static char text[2048];
    size_t length = 0, done = 0;
    struct session_cap empty;
    uint32_t number;
    CHECK(err_ok(space_empty(space, &empty)));
    CHECK(err_ok(space_mount(empty, text_of("/"), text_of("root"), files, NS_REPLACE, &number)));
    CHECK(err_ok(space_mount(empty, text_of("/a/b"), text_of("x"), files, NS_REPLACE, &number)));
    CHECK(err_ok(
        space_mount(empty, text_of("/a/b"), text_of("y"), files, NS_AFTER | NS_CREATE, &number)));
    do {
        CHECK(err_ok(space_list(empty, length, text + length, 7, &done)));
        length += done;
    } while (done);
    CHECK(!strcmp(text, "mount root /\nmount x /a/b\nmount -a -c y /a/b\n"));
    sys_handle_close(ANY(empty));
}

static void limits(void) {
    struct session_cap empty;
    char path[FILE_PATH_MAX];
    uint32_t number, n = 0;
    err_t e = OK;
    CHECK(err_ok(space_empty(space, &empty)));
    while (err_ok(e) && n <= NS_MOUNTS_MAX) {
        snprintf(path, sizeof path, "/m/%u", n);
        e = space_mount(empty, text_of(path), text_of("x"), files, NS_REPLACE, &number);
        n += err_ok(e);
    }
    CHECK(err_is(e, ERR_LIMIT) && n == NS_MOUNTS_MAX);
    CHECK(err_ok(space_mount(empty, text_of("/m/7"), text_of("y"), files, NS_REPLACE, &number)));
    CHECK(err_ok(space_unmount(empty, text_of("/m/7"), 0)));
    for (unsigned i = 0; i < 65; i++)
        memcpy(path + 2 * i, "/d", 3);
    CHECK(err_is(space_mount(empty, text_of(path), text_of("x"), files, NS_REPLACE, &number),
                 ERR_LIMIT));
    path[128] = 0;
    CHECK(err_ok(space_mount(empty, text_of(path), text_of("x"), files, NS_REPLACE, &number)));
    CHECK(err_is(space_mount(empty, text_of("/a\nb"), text_of("x"), files, 0, &number),
                 ERR_BAD_ARGUMENT));
    CHECK(err_is(
        space_mount(empty, text_of("/a"), text_of("x"), files, NS_BEFORE | NS_AFTER, &number),
        ERR_BAD_ARGUMENT));
    sys_handle_close(ANY(empty));
}

int names_run(struct session_cap f, struct session_cap s) {
    static const struct {
        const char *name;
        void (*run)(void);
    } tests[] = {
        {"nothing-mounted", nothing_mounted},
        {"innermost-mount", innermost_mount},
        {"parents", parents},
        {"links", links},
        {"unions", unions},
        {"copies", copies},
        {"operations", operations},
        {"made-in-unions", made_in_unions},
        {"not-taken", not_taken},
        {"rights", rights},
        {"revoked", revoked},
        {"listing", listing},
        {"limits", limits},
    };
    int n = 0;
    files = f;
    space = s;
    for (; n < (int)(sizeof tests / sizeof *tests); n++) {
        failed = false;
        tests[n].run();
        printf("%s - names.%s\n", failed ? "not ok" : "ok", tests[n].name);
    }
    return n;
}
