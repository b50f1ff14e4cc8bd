/* SPDX-License-Identifier: MIT */
/* SOURCES: tests/file/host/host.c tests/file/host/pages.c tests/file/host/ramfs.c
   lib/file/serve.c lib/file/locks.c lib/file/waits.c lib/file/polls.c lib/file/names.c
   lib/file/walk.c lib/file/badges.c lib/file/answer.c lib/file/client.c services/ramfs/inode.c
   services/ramfs/placed.c services/ramfs/directory.c services/ramfs/store.c RUNS: 6000 */
/*
 * The input is a sequence of requests to the RAM disk, with nothing checked about them. After some
 * of them and at the end the whole tree must hold together; when all sessions are closed and all
 * names removed, nothing may be left.
 *
 * A request: operation, session, rights and shape, bytes of data, of which word 0 follows as 8
 * bytes, of the first name and of the second, 2 bytes of branch; then the data. Names are mapped to
 * few characters, so that they meet.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/file/host/pages.h"
#include "tests/file/host/ramfs.h"

#define SESSIONS 16u
#define LIMIT    (192u << 10) /* bytes of the disk */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct input {
    const uint8_t *at;
    size_t left;
} input;

static uint64_t take(unsigned bytes) {
    uint64_t value = 0;
    for (unsigned i = 0; i < bytes && input.left; i++, input.left--)
        value |= (uint64_t)*input.at++ << 8 * i;
    return value;
}

static struct session_cap session[SESSIONS];

/* The session's badge, if `which` is one; else the root, or a badge of nothing. */
static uint64_t badge_of(unsigned which) {
    struct file *f = which < SESSIONS ? host_file((unsigned)session[which].h) : NULL;
    if (f)
        return f->badged.badge;
    return which & 0x80 ? FILE_BADGE_ROOT : which * 0x100000001ull;
}

static void keep(unsigned which, struct session_cap s) {
    if (session[which].h != HANDLE_NONE)
        host_close(NULL, session[which]);
    session[which] = s;
}

/* Plain letters for most bytes. */
static size_t take_data(char *to, size_t count, bool plain) {
    static const char letters[] = "abcde/./..abc/de";
    if (count > input.left)
        count = input.left;
    for (size_t i = 0; i < count; i++)
        to[i] = plain ? letters[input.at[i] % 16] : (char)input.at[i];
    input.at += count;
    input.left -= count;
    return count;
}

static void request(void) {
    static char data[WINDOWS_MAX], answer[WINDOWS_MAX];
    static const size_t windows[] = {0, 8, 40, 288, 4096, 5000, 20000, WINDOWS_MAX};
    struct host_call c = {.account = 1, .op = take(1) % (FILE_OPS + 2)};
    unsigned which = (unsigned)take(1), shape = (unsigned)take(1);
    size_t length = (size_t)take(2);
    bool name = c.op >= FILE_OPEN && c.op <= FILE_NAMES_END;
    c.badge = badge_of(which);
    c.rights = shape & 0x80 ? FILE_RIGHTS : (uint32_t)(take(1) & 15) << 8;
    c.size = windows[shape & 7];
    c.to = answer;
    c.absent = (shape & 0x18) == 0x18;
    c.word[0] = take(8);
    if (name) {
        c.word[1] = take(2) | take(2) << 16 | take(2) << 32;
        if (shape & 0x40) { /* lengths that fit */
            size_t first = c.word[1] & 15, second = c.word[1] >> 16 & 15;
            c.word[1] = first | second << 16;
            length = first + second + (c.op == FILE_SET ? sizeof(struct file_set) : 0);
        }
        c.word[5] = 99;
    } else {
        c.word[1] = take(4);
        if (c.op == FILE_WRITE && shape & 0x40)
            length = c.word[1] % (sizeof data + 1);
    }
    length %= sizeof data - c.size + 1;
    memset(data, 'w', length);
    size_t given = take_data(data, length < 64 || name ? length : 64, name && c.op != FILE_SET);
    c.data = (struct text){data, name ? given : length};
    if (!(shape & 0x20) && length > 3)
        c.there = length / 2;
    err_t e = host_serve(&c);
    if (c.opened[0].h != HANDLE_NONE) {
        if ((c.op != FILE_OPEN && c.op != FILE_OWNER) || !err_ok(e))
            abort();
        keep(which % SESSIONS, c.opened[0]);
    }
    if (name && c.word[5] != 99)
        abort();
    if ((shape & 0x27) == 1)
        keep(which % SESSIONS, (struct session_cap){HANDLE_NONE});
}

static void check(void) {
    const char *broken = host_ramfs_broken();
    if (!broken)
        return;
    fprintf(stderr, "broken: %s\n", broken);
    abort();
}

/* Through requests, so that it is they that give everything back. */
static void remove_all(void) {
    while (ramfs.root->directory.first) {
        char path[FILE_PATH_MAX];
        size_t length = 0;
        struct inode *i = ramfs.root;
        while (node_is(&i->node, FILE_TYPE_DIRECTORY) && i->directory.first) {
            const struct entry *e = i->directory.first;
            if (length + e->length + 1 > sizeof path)
                abort();
            path[length] = '/';
            memcpy(path + length + 1, e->name, e->length);
            length += e->length + 1u;
            i = e->inode;
        }
        struct host_call c = {
            .rights = FILE_RIGHTS,
            .op = FILE_REMOVE,
            .word = {node_is(&i->node, FILE_TYPE_DIRECTORY) ? FILE_DIRECTORY : 0, length},
            .data = {path, length}};
        if (!err_ok(host_serve(&c)))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static bool started;
    if (!started)
        host_ramfs_start(LIMIT);
    started = true;
    uint64_t used = ramfs.used;
    input = (struct input){data, size};
    for (unsigned i = 1; input.left; i++) {
        request();
        if (i % 16 == 0)
            check();
    }
    check();
    for (unsigned i = 0; i < SESSIONS; i++)
        keep(i, (struct session_cap){HANDLE_NONE});
    remove_all();
    check();
    if (ramfs.used != used || ramfs.files != 1 || host_sessions() != 1 || host_pages_mapped)
        abort();
    ramfs.next_id = 1;
    return 0;
}
