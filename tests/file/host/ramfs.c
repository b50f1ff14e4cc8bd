/* SPDX-License-Identifier: MIT */
#include "tests/file/host/ramfs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/file/locks.h"

#define PAGE   4096u
#define INODES 8192u      /* that the check can tell apart; a power of two */
#define SLOW   (1u << 20) /* bytes of a file whose every page is looked at */

int64_t ramfs_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * 1000000000ll + now.tv_nsec;
}

struct session_cap host_ramfs_start(uint64_t limit) {
    if (!err_ok(ramfs_start(limit)))
        abort();
    file_server_start(&host_server, &ramfs.root->node);
    locks_start(&host_server);
    return host_session(FILE_BADGE_ROOT, FILE_RIGHTS, HOST_ACCOUNT);
}

/* ---- what is known of each inode ---- */

static struct seen {
    struct inode *inode;
    uint32_t names, opens, subdirectories;
} table[INODES];
static struct seen *known[INODES]; /* those in use; `files` of them */
static uint64_t used, files;
static const char *broken;

static void must(bool right, const char *what) {
    if (!right && !broken)
        broken = what;
}

static struct seen *seen_of(struct inode *i) {
    size_t at = (i->node.id * 0x9e3779b97f4a7c15ull >> 40) % INODES;
    while (table[at].inode && table[at].inode != i)
        at = (at + 1) % INODES;
    return &table[at];
}

static void inode_see(struct inode *i);

static void buckets_check(const struct directory *d) {
    uint32_t count = 0;
    must(!d->entries == !d->bucket && !d->entries == !d->buckets, "buckets without entries");
    must(!(d->buckets & (d->buckets - 1)), "a number of buckets that is no power of two");
    for (uint32_t b = 0; b < d->buckets; b++)
        for (struct entry *e = d->bucket[b]; e && count <= d->entries; e = e->chain) {
            must((e->hash & (d->buckets - 1)) == b, "an entry in the wrong bucket");
            count++;
        }
    must(count == d->entries, "another number of entries in the buckets");
    used += d->buckets * sizeof *d->bucket;
}

static void directory_check(struct inode *i) {
    struct directory *d = &i->directory;
    struct entry *before = NULL;
    uint32_t count = 0;
    bool hint = !d->hint;
    buckets_check(d);
    for (struct entry *e = d->first; e && !broken; before = e, e = e->next) {
        must(e->previous == before, "an entry's way back");
        must(!before || before->cookie < e->cookie, "cookies that do not grow");
        must(e->cookie >= 2 && e->cookie < 2 + d->next_cookie, "a cookie out of range");
        must(directory_find(d, (struct text){e->name, e->length}) == e, "a name not found");
        must(e->length && !memchr(e->name, '/', e->length) && !memchr(e->name, 0, e->length),
             "a name that cannot be");
        hint = hint || d->hint == e;
        count++;
        used += sizeof *e + e->length;
        inode_see(e->inode);
        seen_of(e->inode)->names++;
        if (node_is(&e->inode->node, FILE_TYPE_DIRECTORY)) {
            seen_of(i)->subdirectories++;
            must(e->inode->directory.parent == i, "a directory's parent");
        }
    }
    must(d->last == before && count == d->entries, "the list's end");
    must(hint, "a hint that is gone");
}

static uint64_t pages_check(const struct store *s) {
    uint64_t there = 0;
    for (uint64_t w = 0; w < s->words; w++)
        there += (uint64_t)__builtin_popcountll(s->present[w]) + (s->present[w] ? 2 : 0);
    must(!s->small && !s->room, "a large file with a small file's bytes");
    must(s->words * 64 * PAGE >= s->size, "pages without a bit");
    must(s->pages.room >= s->size, "a file without pages");
    uint64_t end = (s->size + PAGE - 1) / PAGE;
    must(end % 64 == 0 || !(s->present[end / 64] >> end % 64), "a page behind the end");
    for (uint64_t w = (end + 63) / 64; w < s->words; w++)
        must(!s->present[w], "pages behind the end");
    if (s->size % PAGE && s->present[s->size / PAGE / 64] >> s->size / PAGE % 64 & 1)
        for (uint64_t at = s->size; at % PAGE; at++)
            must(!s->pages.at[at], "bytes behind the end of a large file");
    return there * PAGE + s->words * sizeof *s->present;
}

static void store_check(const struct store *s) {
    uint64_t due = s->room;
    if (s->present)
        due = pages_check(s);
    else
        must(s->room >= s->size && !s->pages.room && !s->words, "a small file without room");
    for (uint64_t at = s->size; !s->present && at < s->room; at++)
        must(!s->small[at], "bytes behind the end of a small file");
    must(due == s->used, "what a file uses");
    used += s->used;
}

static void inode_see(struct inode *i) {
    struct seen *s = seen_of(i);
    if (s->inode)
        return;
    *s = (struct seen){.inode = i};
    used += sizeof *i;
    known[files++] = s;
    must(files < INODES / 2, "more files than the check can hold");
    if (node_is(&i->node, FILE_TYPE_DIRECTORY))
        directory_check(i);
    else if (node_is(&i->node, FILE_TYPE_SYMLINK))
        used += i->text.length;
    else
        store_check(&i->store);
}

/* Each open file once, however many sessions it has. */
static void opens_see(void) {
    static uint64_t counted[HOST_SESSIONS_MAX];
    unsigned count = 0, left = host_sessions();
    for (unsigned place = 1; place < HOST_SESSIONS_MAX && left; place++) {
        struct file *f = host_file(place);
        unsigned at = 0;
        if (!f)
            continue;
        left--;
        while (at < count && counted[at] != f->badged.badge)
            at++;
        if (at < count)
            continue;
        counted[count++] = f->badged.badge;
        if (!f->node->ops->stat)
            continue; /* an owner of locks */
        inode_see(inode_of(f->node));
        seen_of(inode_of(f->node))->opens++;
    }
}

static void counts_check(const struct seen *s) {
    const struct inode *i = s->inode;
    bool root = i == ramfs.root, directory = node_is(&i->node, FILE_TYPE_DIRECTORY);
    uint32_t links = s->names;
    if (directory)
        links = root || s->names ? 2 + s->subdirectories : 0;
    must(i->links == links, "a count of links");
    must(!directory || s->names <= 1, "a directory with two names");
    must(!directory || root || !i->directory.parent == !s->names,
         "the parent of a removed directory");
    /* One of the root is the start's, and one the server's. */
    must(i->node.references == s->names + s->opens + (root ? 2u : 0u), "a count of references");
}

const char *host_ramfs_broken(void) {
    while (files)
        known[--files]->inode = NULL;
    used = 0;
    broken = NULL;
    inode_see(ramfs.root);
    opens_see();
    for (uint64_t at = 0; at < files; at++)
        counts_check(known[at]);
    must(used == ramfs.used, "what is used");
    must(files == ramfs.files, "the number of files");
    must(ramfs.used <= ramfs.limit, "more used than there is");
    return broken;
}

/* ---- digest ---- */

static uint64_t mix(uint64_t h, uint64_t x) {
    h = (h ^ x) * 0x9e3779b97f4a7c15ull;
    return h ^ h >> 29;
}

static uint64_t bytes_of(const char *at, uint64_t length) {
    uint64_t h = length;
    for (uint64_t i = 0; i < length; i++)
        h = mix(h, (uint8_t)at[i]);
    return h;
}

static uint64_t store_digest(const struct store *s) {
    uint64_t h = s->size;
    if (!s->present)
        return mix(h, bytes_of(s->small, s->size));
    for (uint64_t at = 0; at < s->size && at < SLOW; at += PAGE) {
        uint64_t part = s->size - at < PAGE ? s->size - at : PAGE;
        bool there = s->present[at / PAGE / 64] >> at / PAGE % 64 & 1;
        h = mix(h, there ? bytes_of(s->pages.at + at, part) : part);
    }
    return h;
}

static uint64_t inode_digest(const struct inode *i) {
    uint64_t h = mix(mix(mix(i->node.id, i->node.mode), i->node.user), i->node.group);
    h = mix(h, i->links);
    if (node_is(&i->node, FILE_TYPE_SYMLINK))
        return mix(h, bytes_of(i->text.at, i->text.length));
    if (!node_is(&i->node, FILE_TYPE_DIRECTORY))
        return mix(h, store_digest(&i->store));
    for (const struct entry *e = i->directory.first; e; e = e->next)
        h = mix(mix(h, bytes_of(e->name, e->length)), inode_digest(e->inode));
    return h;
}

uint64_t host_ramfs_digest(void) {
    return inode_digest(ramfs.root);
}
