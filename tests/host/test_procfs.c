/* SPDX-License-Identifier: MIT */
/* SOURCES: tests/file/host/host.c lib/file/serve.c lib/file/locks.c lib/file/waits.c
   lib/file/polls.c lib/file/names.c lib/file/walk.c lib/file/badges.c lib/file/answer.c
   lib/file/client.c services/procfs/tree.c services/procfs/format.c services/procfs/machine.c
   services/procfs/snapshot.c */
/* The tree of /proc, and who sees what of it. */
#include "procfs_host.h"
#include "services/procfs/snapshot.h"

static void self_is_the_caller(void) {
    char text[64];
    begin();
    check(err_ok(link_of("self", text, sizeof text)) && !strcmp(text, "3"));
    host_process = INSIDE;
    check(err_ok(link_of("self", text, sizeof text)) && !strcmp(text, "7"));
    host_process = 99;
    check(err_is(link_of("self", text, sizeof text), ERR_NOT_FOUND));
    check(err_is(link_of("stat", text, sizeof text), ERR_BAD_ARGUMENT));
    tap_test("procfs: self is the caller");
}

/* The names of a directory, each with a blank behind it, read `size` bytes at a time; each must be
 * there by name with the identity and type that the entry says. */
static bool list(struct session_cap s, size_t size, char *to, size_t room) {
    static char buffer[4096];
    struct file_entry e;
    struct file_stat stat;
    size_t done = 0;
    bool good = true;
    *to = 0;
    while (good && err_ok(file_entries(s, FILE_CURRENT, buffer, size, &done)) && done)
        for (size_t at = 0; at < done; at += e.length) {
            memcpy(&e, buffer + at, sizeof e);
            struct file_name n = {.path = {buffer + at + sizeof e, e.name_length},
                                  .flags = FILE_NO_FOLLOW};
            if (strlen(to) + e.name_length + 2 > room)
                return false;
            strncat(to, n.path.at, n.path.length);
            strcat(to, " ");
            if (*n.path.at != '.' && (!err_ok(file_stat(s, &n, &stat, NULL)) || stat.id != e.id ||
                                      stat.mode >> 12 != e.type))
                good = false;
        }
    return good;
}

#define ONCE ". .. cpuinfo loadavg meminfo stat uptime version self "

static void the_directory(void) {
    static char names[8192], expected[8192] = ONCE;
    struct session_cap s;
    begin();
    for (size_t size = 300; size <= 4096; size += 949) {
        check(err_ok(open_as(root, "", FILE_FOR_READ | FILE_DIRECTORY, &s)));
        check(list(s, size, names, sizeof names) && !strcmp(names, ONCE "1 3 7 "));
        host_close(NULL, s);
    }
    for (unsigned i = 0; i < MANY; i++) {
        processes[i] = process_of(i ? 4000000 + i * 11 : 1, "x");
        snprintf(expected + strlen(expected), 16, "%u ", processes[i].number);
    }
    process_count = MANY;
    for (size_t size = 300; size <= 4096; size += 949) {
        check(err_ok(open_as(root, "", FILE_FOR_READ | FILE_DIRECTORY, &s)));
        check(list(s, size, names, sizeof names) && !strcmp(names, expected));
        host_close(NULL, s);
    }
    check(err_ok(open_as(root, "4000011", FILE_FOR_READ | FILE_DIRECTORY, &s)));
    check(list(s, 4096, names, sizeof names));
    check(!strcmp(names, ". .. cmdline comm stat statm status "));
    host_close(NULL, s);
    tap_test("procfs: directories");
}

static void cookies(void) {
    static char buffer[4096];
    struct session_cap s, of;
    size_t done = 0;
    begin();
    check(err_ok(open_as(root, "", FILE_FOR_READ | FILE_DIRECTORY, &s)));
    check(err_ok(open_as(root, "7", FILE_FOR_READ | FILE_DIRECTORY, &of)));
    /* Whatever cookie a client makes up. */
    for (uint64_t cookie = 1; cookie && cookie < 1ull << 63; cookie *= 3) {
        check(err_ok(file_entries(s, cookie, buffer, sizeof buffer, &done)));
        check(cookie < 71 || !done);
        check(err_ok(file_entries(of, cookie, buffer, sizeof buffer, &done)));
        check(cookie < 7 || !done);
    }
    check(err_ok(file_entries(s, UINT64_MAX - 1, buffer, sizeof buffer, &done)) && !done);
    host_close(NULL, s);
    host_close(NULL, of);
    tap_test("procfs: cookies that are none");
}

static void names_that_are_none(void) {
    static const char *const names[] = {
        "0",        "03",  "3x",     "x3",  "4294967299", "9",   "-3",
        "99999999", "all", "1/none", "1/3", "selfish",    "sel", "12345678901234567890"};
    char text[64];
    struct session_cap s;
    begin();
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        check(err_is(text_read(names[i], text, sizeof text), ERR_NOT_FOUND));
    check(err_is(text_read("stat/x", text, sizeof text), ERR_NOT_DIRECTORY));
    check(err_is(text_read("self/stat", text, sizeof text), ERR_SYMLINK));
    check(err_is(text_read("7", text, sizeof text), ERR_IS_DIRECTORY));
    check(err_is(open_as(root, "7/stat", FILE_FOR_WRITE, &s), ERR_NO_RIGHT));
    check(err_is(open_as(root, "new", FILE_FOR_READ | FILE_CREATE, &s), ERR_NO_RIGHT));
    check(err_is(file_remove(root, &(struct file_name){.path = text_of("stat")}, NULL),
                 ERR_NO_RIGHT));
    tap_test("procfs: names that are none, and changes");
}

/* Inside a domain nothing is there that is outside; whoever is not known sees no process. */
static void who_sees_what(void) {
    static char names[256];
    char text[2048];
    struct session_cap s, kept;
    size_t done = 0;
    begin();
    check(err_ok(open_as(root, "3/stat", FILE_FOR_READ, &kept)));
    host_process = INSIDE;
    check(err_ok(open_as(root, "", FILE_FOR_READ | FILE_DIRECTORY, &s)));
    check(list(s, 4096, names, sizeof names) && !strcmp(names, ONCE "7 "));
    host_close(NULL, s);
    check(err_is(text_read("3/stat", text, sizeof text), ERR_NOT_FOUND));
    check(err_ok(text_read("7/stat", text, sizeof text)));
    /* What another one opened is begun again for who reads it. */
    check(err_is(file_read(kept, 0, text, sizeof text, &done), ERR_NOT_FOUND));
    host_process = 99;
    check(err_ok(open_as(root, "", FILE_FOR_READ | FILE_DIRECTORY, &s)));
    check(list(s, 4096, names, sizeof names) && !strcmp(names, ONCE));
    host_close(NULL, s);
    check(err_is(text_read("7/stat", text, sizeof text), ERR_NOT_FOUND));
    check(err_ok(text_read("uptime", text, sizeof text)));
    host_close(NULL, kept);
    tap_test("procfs: who sees what");
}

static void processes_go(void) {
    char text[2048];
    struct session_cap s, directory, file;
    size_t done = 0;
    begin();
    check(err_ok(open_as(root, "7", FILE_FOR_READ | FILE_DIRECTORY, &directory)));
    check(err_ok(open_as(root, "7/comm", FILE_FOR_READ, &file)));
    check(err_ok(file_read(file, FILE_CURRENT, text, 2, &done)) && done == 2);
    process_count = 2;
    check(err_is(open_as(directory, "stat", FILE_FOR_READ, &s), ERR_NOT_FOUND));
    check(err_is(open_as(root, "7/stat", FILE_FOR_READ, &s), ERR_NOT_FOUND));
    check(err_is(file_entries(directory, 2, text, sizeof text, &done), ERR_NOT_FOUND));
    /* What was begun is one text to its end; it cannot be begun again. */
    check(err_ok(file_read(file, FILE_CURRENT, text, 99, &done)) && done == 4);
    check(!memcmp(text, "eep\n", 4));
    check(err_ok(file_read(file, FILE_CURRENT, text, 99, &done)) && !done);
    check(err_is(file_read(file, 0, text, 99, &done), ERR_NOT_FOUND));
    host_close(NULL, directory);
    host_close(NULL, file);
    tap_test("procfs: processes that are gone");
}

static void one_text(void) {
    char text[64];
    struct session_cap s;
    size_t done = 0;
    begin();
    machine.now = 5 * SECOND;
    check(err_ok(open_as(root, "uptime", FILE_FOR_READ, &s)));
    machine.now = 66 * SECOND;
    check(err_ok(file_read(s, FILE_CURRENT, text, 1, &done)) && *text == '6');
    machine.now = 777 * SECOND;
    check(err_ok(file_read(s, FILE_CURRENT, text, 4, &done)) && !memcmp(text, "6.00", 4));
    check(err_ok(file_read(s, UINT64_MAX - 1, text, 4, &done)) && !done);
    check(err_ok(file_read(s, 0, text, 4, &done)) && !memcmp(text, "777.", 4));
    host_close(NULL, s);
    tap_test("procfs: who reads in pieces reads one text");
}

static void proc_is_gone(void) {
    char text[64];
    struct session_cap s;
    size_t done = 0;
    begin();
    check(err_ok(open_as(root, "", FILE_FOR_READ | FILE_DIRECTORY, &s)));
    proc_gone = true;
    check(err_is(text_read("7/stat", text, sizeof text), ERR_TIMED_OUT));
    check(err_is(text_read("uptime", text, sizeof text), ERR_TIMED_OUT));
    check(err_is(link_of("self", text, sizeof text), ERR_TIMED_OUT));
    char buffer[4096];
    check(err_is(file_entries(s, 64, buffer, sizeof buffer, &done), ERR_TIMED_OUT));
    host_close(NULL, s);
    tap_test("procfs: without proc");
}

/* Two accounts; one that has too many keeps nobody else out. */
static void opens_are_bounded(void) {
    static struct session_cap open[SNAPSHOTS_ACCOUNT], more[SNAPSHOTS];
    struct session_cap s, other;
    unsigned count = 0;
    begin();
    other = host_session(FILE_BADGE_ROOT, FILE_RIGHT_READ | FILE_RIGHT_WALK, HOST_ACCOUNT + 1);
    for (unsigned i = 0; i < SNAPSHOTS_ACCOUNT; i++)
        check(err_ok(open_as(root, i % 2 ? "7" : "7/stat", FILE_FOR_READ, &open[i])));
    check(err_is(open_as(root, "7/stat", FILE_FOR_READ, &s), ERR_LIMIT));
    check(err_is(open_as(root, "7", FILE_FOR_READ, &s), ERR_LIMIT));
    while (err_ok(open_as(other, "uptime", FILE_FOR_READ, &more[count])))
        count++;
    check(count == SNAPSHOTS - SNAPSHOTS_ACCOUNT);
    host_close(NULL, open[5]);
    check(err_ok(open_as(root, "7/comm", FILE_FOR_READ, &open[5])));
    while (count)
        host_close(NULL, more[--count]);
    for (unsigned i = 0; i < SNAPSHOTS_ACCOUNT; i++)
        host_close(NULL, open[i]);
    host_close(NULL, other);
    check(!host_server.open.count);
    /* An open that fails takes none. */
    proc_gone = true;
    for (unsigned i = 0; i < 2 * SNAPSHOTS; i++)
        check(err_is(open_as(root, "uptime", FILE_FOR_READ, &s), ERR_TIMED_OUT));
    proc_gone = false;
    check(err_ok(open_as(root, "uptime", FILE_FOR_READ, &s)));
    host_close(NULL, s);
    tap_test("procfs: open files are bounded");
}

int main(void) {
    self_is_the_caller();
    the_directory();
    cookies();
    names_that_are_none();
    who_sees_what();
    processes_go();
    one_text();
    proc_is_gone();
    opens_are_bounded();
    return tap_done();
}
