/* SPDX-License-Identifier: MIT */
/* What servers answer is text for a terminal only after a look at each byte. */
#include "services/init/files.h"

#include <string.h>

#include "abi/ns.h"
#include "lib/file/lookup.h"
#include "lib/file/space.h"
#include "lib/file/union.h"
#include "lib/sys/print.h"
#include "lib/sys/syscall.h"
#include "services/init/supervise.h"

static void complain(const char *command, const char *path, err_t e) {
    print("%s: %s: %s\n", command, path, error_text(e));
}

/* Prints bytes; those that a terminal might obey are shown as `?'. */
static void print_bytes(const char *bytes, size_t length) {
    char piece[128];
    while (length) {
        size_t n = length < sizeof piece ? length : sizeof piece;
        for (size_t i = 0; i < n; i++) {
            char c = bytes[i];
            bool plain = c == '\n' || c == '\t' || (c >= ' ' && c < 0x7f);
            piece[i] = plain ? c : '?';
        }
        print_to(piece, n);
        bytes += n;
        length -= n;
    }
}

static err_t open_path(const char *path, uint32_t flags, struct session_cap *out,
                       struct file_found *found) {
    static struct lookup l; /* the monitor is one thread */
    err_t e = lookup_start(&l, supervise_space(), NULL, text_of(path), flags);
    if (err_ok(e))
        e = lookup_open(&l, out);
    *found = l.found;
    return e;
}

/* ---- ls ---- */

/* With the size of a file, but of one in a later branch of a union, which the session has not. */
static void print_entry(struct session_cap directory, const struct file_entry *e,
                        struct text name) {
    struct file_name n = {.path = name, .flags = FILE_NO_FOLLOW};
    struct file_stat stat = {0};
    uint32_t type = (uint32_t)e->type << 12;
    const char *behind = "";
    if (type == FILE_TYPE_DIRECTORY)
        behind = "/";
    else if (type == FILE_TYPE_SYMLINK)
        behind = "@";
    if (type == FILE_TYPE_REGULAR && err_ok(file_stat(directory, &n, &stat, NULL)))
        print("%10lu  ", stat.size);
    else
        print("%10s  ", "-");
    print_bytes(name.at, name.length);
    print("%s\n", behind);
}

static bool is_dots(struct text name) {
    return name.at[0] == '.' && (name.length == 1 || (name.length == 2 && name.at[1] == '.'));
}

/* What one answer has; CORRUPT: that is no list of entries. */
static err_t print_entries(struct session_cap directory, const char *buffer, size_t size) {
    struct file_entry e;
    for (size_t at = 0; at < size; at += e.length) {
        if (size - at < sizeof e)
            return ERROR(CORRUPT);
        memcpy(&e, buffer + at, sizeof e);
        if (!e.name_length || e.length < sizeof e + e.name_length || e.length > size - at)
            return ERROR(CORRUPT);
        struct text name = {buffer + at + sizeof e, e.name_length};
        if (!is_dots(name))
            print_entry(directory, &e, name);
    }
    return OK;
}

/* Where the last of some entries, which were looked at, says to go on. */
static uint64_t next_cookie(const char *buffer, size_t size) {
    struct file_entry e;
    size_t at = 0;
    do {
        memcpy(&e, buffer + at, sizeof e);
        at += e.length;
    } while (at < size);
    return e.next;
}

static err_t list_directory(struct session_cap directory, const char *path, bool is_union) {
    static char buffer[4096];
    struct session_cap space = supervise_space();
    uint64_t cookie = 0;
    for (;;) {
        size_t done = 0;
        err_t e = is_union ? union_entries(space, text_of(path), directory, cookie, buffer,
                                           sizeof buffer, &done)
                           : file_entries(directory, cookie, buffer, sizeof buffer, &done);
        if (err_ok(e) && done)
            e = print_entries(directory, buffer, done);
        if (!err_ok(e) || !done)
            return e;
        cookie = next_cookie(buffer, done);
    }
}

void files_list(const char *path) {
    struct session_cap s;
    struct file_found found;
    path = *path ? path : "/";
    err_t e = open_path(path, FILE_FOR_READ, &s, &found);
    if (!err_ok(e)) {
        complain("ls", path, e);
        return;
    }
    if ((found.mode & FILE_TYPE) == FILE_TYPE_DIRECTORY)
        e = list_directory(s, path, found.mount & NS_UNION);
    else
        print("%10lu  %s\n", found.size, path);
    sys_handle_close(ANY(s));
    if (!err_ok(e))
        complain("ls", path, e);
}

/* ---- cat ---- */

static err_t print_file(struct session_cap s) {
    static char buffer[4096];
    size_t done = 0;
    char last = '\n';
    err_t e;
    while (err_ok(e = file_read(s, FILE_CURRENT, buffer, sizeof buffer, &done)) && done) {
        print_bytes(buffer, done);
        last = buffer[done - 1];
    }
    if (last != '\n')
        print("\n");
    return e;
}

void files_print(const char *path) {
    struct session_cap s;
    struct file_found found;
    err_t e = open_path(path, FILE_FOR_READ, &s, &found);
    if (err_ok(e)) {
        e = print_file(s);
        sys_handle_close(ANY(s));
    }
    if (!err_ok(e))
        complain("cat", path, e);
}

/* ---- mounts ---- */

void files_mounts(void) {
    char buffer[512];
    uint64_t at = 0;
    size_t done = 0;
    err_t e;
    while (err_ok(e = space_list(supervise_space(), at, buffer, sizeof buffer, &done)) && done) {
        print_bytes(buffer, done);
        at += done;
    }
    if (!err_ok(e))
        complain("mounts", "/", e);
}
