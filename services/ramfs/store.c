/* SPDX-License-Identifier: MIT */
#include "services/ramfs/store.h"

#include <stdlib.h>
#include <string.h>

#include "abi/memory.h"
#include "services/ramfs/inode.h"

static const char zeros[PAGE_SIZE];

static uint64_t pages_of(uint64_t bytes) {
    return (bytes + PAGE_SIZE - 1) / PAGE_SIZE;
}

static bool present(const struct store *s, uint64_t page) {
    return s->present[page / 64] >> page % 64 & 1;
}

static bool large(const struct store *s) {
    return s->present != NULL;
}

/* ---- small files ---- */

static err_t small_grow(struct store *s, uint64_t size) {
    uint32_t room = s->room ? s->room : 64;
    while (room < size)
        room *= 2;
    if (room == s->room)
        return OK;
    err_t e = ramfs_take(room - s->room);
    if (!err_ok(e))
        return e;
    char *grown = realloc(s->small, room);
    if (!grown) {
        ramfs_give(room - s->room);
        return ERROR(NO_SPACE);
    }
    memset(grown + s->room, 0, room - s->room);
    s->used += room - s->room;
    s->kept += room - s->room;
    s->small = grown;
    s->room = room;
    return OK;
}

/* ---- large files ---- */

/* Room in the bitmap for a file of `size` bytes. */
static err_t bitmap_grow(struct store *s, uint64_t size) {
    uint64_t words = s->words ? s->words : 1;
    while (words * 64 * PAGE_SIZE < size)
        words *= 2;
    uint64_t more = (words - s->words) * sizeof *s->present;
    if (!more)
        return OK;
    err_t e = ramfs_take(more);
    if (!err_ok(e))
        return e;
    uint64_t *grown = realloc(s->present, words * sizeof *grown);
    if (!grown) {
        ramfs_give(more);
        return ERROR(NO_SPACE);
    }
    memset(grown + s->words, 0, more);
    s->present = grown;
    s->words = words;
    s->used += more;
    return OK;
}

/* What a page costs: itself and, for the first of 64, what the kernel needs to keep track of them:
 * a leaf of the object's pages and a page table, which many share if the file has no holes. */
static uint64_t cost_of(const struct store *s, uint64_t page) {
    uint64_t others = s->present[page / 64] & ~(1ull << page % 64);
    return others ? PAGE_SIZE : 3 * PAGE_SIZE;
}

/* Allows a page to be touched. */
static err_t page_take(struct store *s, uint64_t page) {
    uint64_t cost = cost_of(s, page);
    if (present(s, page))
        return OK;
    err_t e = ramfs_take(cost);
    if (!err_ok(e))
        return e;
    s->present[page / 64] |= 1ull << page % 64;
    s->used += cost;
    s->kept += PAGE_SIZE;
    return OK;
}

static err_t large_grow(struct store *s, uint64_t size) {
    err_t e = bitmap_grow(s, size);
    if (!err_ok(e))
        return e;
    return pages_of(size) > pages_of(s->size) || !s->pages.room ? pages_resize(&s->pages, size)
                                                                : OK;
}

/* What is beyond `size` becomes absent, and zero in the page that stays in part. */
static void large_cut(struct store *s, uint64_t size) {
    uint64_t first = pages_of(size);
    for (uint64_t page = first; page < pages_of(s->size); page++) {
        if (!s->present[page / 64])
            page |= 63; /* on to the next word */
        if (!present(s, page))
            continue;
        s->present[page / 64] &= ~(1ull << page % 64);
        s->used -= cost_of(s, page);
        s->kept -= PAGE_SIZE;
        ramfs_give(cost_of(s, page));
    }
    if (size % PAGE_SIZE && present(s, size / PAGE_SIZE))
        memset(s->pages.at + size, 0, PAGE_SIZE - size % PAGE_SIZE);
    pages_resize(&s->pages, size); /* smaller: cannot fail */
}

/* A small file gets pages. Its bytes are the first page. */
static err_t become_large(struct store *s, uint64_t size) {
    struct store new = {.size = s->size};
    err_t e = large_grow(&new, size);
    if (err_ok(e) && s->size)
        e = page_take(&new, 0);
    if (!err_ok(e)) {
        store_free(&new);
        return e;
    }
    if (s->size)
        memcpy(new.pages.at, s->small, s->size);
    free(s->small);
    ramfs_give(s->used);
    *s = new;
    return OK;
}

/* ---- any file ---- */

/* Room for `size` bytes, of which those that are not there yet read as zeros. */
static err_t store_grow(struct store *s, uint64_t size) {
    if (size > STORE_SIZE_MAX)
        return ERROR(FILE_TOO_BIG);
    if (large(s))
        return large_grow(s, size);
    return size <= STORE_SMALL ? small_grow(s, size) : become_large(s, size);
}

err_t store_resize(struct store *s, uint64_t size) {
    if (!size) {
        store_free(s);
        return OK;
    }
    err_t e = size > s->size ? store_grow(s, size) : OK;
    if (!err_ok(e))
        return e;
    if (size < s->size && large(s))
        large_cut(s, size);
    else if (size < s->size)
        memset(s->small + size, 0, s->size - size);
    s->size = size;
    return OK;
}

/* Copies what goes into one page. */
static err_t write_page(struct store *s, struct file_request *r, uint64_t offset, size_t count) {
    char *to = large(s) ? s->pages.at + offset : s->small + offset;
    err_t e = large(s) ? page_take(s, offset / PAGE_SIZE) : OK;
    return err_ok(e) ? file_take(r, r->done, to, count) : e;
}

err_t store_write(struct store *s, struct file_request *r, uint64_t offset, size_t count) {
    uint64_t size = s->size;
    if (!count)
        return OK;
    if (offset >= STORE_SIZE_MAX)
        return ERROR(FILE_TOO_BIG);
    if (count > STORE_SIZE_MAX - offset)
        count = STORE_SIZE_MAX - offset;
    err_t e = store_grow(s, offset + count > size ? offset + count : size);
    if (!err_ok(e))
        return e;
    while (err_ok(e) && r->done < count) {
        uint64_t at = offset + r->done;
        size_t part = PAGE_SIZE - at % PAGE_SIZE;
        if (part > count - r->done)
            part = count - r->done;
        e = write_page(s, r, at, part);
        if (err_ok(e))
            r->done += part;
    }
    if (offset + count > size)
        s->size = offset + count;
    if (r->done < count) /* nothing stays behind the last byte that was written */
        store_resize(s, r->done && offset + r->done > size ? offset + r->done : size);
    return e;
}

/* How many bytes from `offset` on, at most `count`, are all in present pages, or all in absent
 * ones. */
static size_t run_length(const struct store *s, uint64_t offset, size_t count, bool there) {
    size_t n = 0;
    while (n < count && present(s, (offset + n) / PAGE_SIZE) == there)
        n += PAGE_SIZE - (offset + n) % PAGE_SIZE;
    return n < count ? n : count;
}

err_t store_read(const struct store *s, struct file_request *r, uint64_t offset, size_t count) {
    err_t e = OK;
    if (offset >= s->size)
        return OK;
    if (count > s->size - offset)
        count = s->size - offset;
    if (!large(s))
        return file_emit(r, s->small + offset, count);
    while (err_ok(e) && count) {
        bool there = present(s, offset / PAGE_SIZE);
        size_t part = run_length(s, offset, count, there);
        if (!there && part > sizeof zeros)
            part = sizeof zeros;
        e = file_emit(r, there ? s->pages.at + offset : zeros, part);
        offset += part;
        count -= part;
    }
    return e;
}

void store_free(struct store *s) {
    pages_free(&s->pages);
    free(s->present);
    free(s->small);
    ramfs_give(s->used);
    *s = (struct store){0};
}
