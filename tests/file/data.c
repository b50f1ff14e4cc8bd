/* SPDX-License-Identifier: MIT */
/* Contents: reading, writing, offsets, sizes. */
#include <string.h>

#include "tests/file/suite.h"

#define BOTH (FILE_CREATE | FILE_FOR_READ | FILE_FOR_WRITE)
#define PAGE 4096u

/* What the file should have. */
#define MODEL_MAX (4 * WINDOWS_MAX)
static uint8_t model[MODEL_MAX];
static size_t model_size;

static void model_write(uint64_t seed, size_t at, size_t count) {
    if (at > model_size && count)
        memset(model + model_size, 0, at - model_size);
    for (size_t i = 0; i < count; i++)
        model[at + i] = pattern(seed, at + i);
    if (count && at + count > model_size)
        model_size = at + count;
}

/* In pieces of `part`, and what is behind the end. */
static void compare(struct session_cap s, size_t part) {
    uint8_t byte;
    size_t done = 1;
    expect(stat_of(s, "").size == model_size);
    for (size_t at = 0; at < model_size; at += part) {
        size_t count = model_size - at < part ? model_size - at : part;
        if (!read_is(s, at, model + at, count)) {
            suite_round("read at", at, count);
            expect(!"what was written");
            return;
        }
    }
    is(file_read(s, model_size, &byte, 1, &done), OK);
    expect(!done);
}

static const size_t size_list[] = {0, 1, 31, 32, 33, 39, 40, 41, 4095, 4096, 4097, 65535, 65536};
static const size_t offset_list[] = {0,    1,    39,   63,    64,    65,   4056,
                                     4095, 4096, 4097, 12287, 65535, 65537};
#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* A new file for each, so that each is also the write that makes the file grow. */
static void sizes_and_offsets(void) {
    for (unsigned o = 0; o < COUNT(offset_list); o++)
        for (unsigned i = 0; i < COUNT(size_list); i++) {
            struct session_cap s = open_here("f", BOTH | FILE_TRUNCATE);
            suite_round("offset and size", offset_list[o], size_list[i]);
            model_size = 0;
            model_write(o, offset_list[o], size_list[i]);
            write_all(s, offset_list[o], model + offset_list[o], size_list[i]);
            compare(s, 65536);
            compare(s, 1000);
            shut(s);
        }
}

static void overwrites(void) {
    struct session_cap s = open_here("f", BOTH);
    model_size = 0;
    for (unsigned round = 0; round < 3; round++)
        for (unsigned o = 0; o < COUNT(offset_list); o++)
            for (unsigned i = 0; i < COUNT(size_list); i++) {
                suite_round("offset and size", offset_list[o], size_list[i]);
                model_write(round * 100 + o * 13 + i, offset_list[o], size_list[i]);
                write_all(s, offset_list[o], model + offset_list[o], size_list[i]);
                expect(read_is(s, offset_list[o], model + offset_list[o], size_list[i]));
            }
    compare(s, 4093);
    compare(s, 40);
    compare(s, 41);
    shut(s);
}

/* Holes, and reads of all sizes across their edges: with a window and in words. */
static void holes(void) {
    struct session_cap s = open_here("f", BOTH);
    model_size = 0;
    for (size_t at = 100; at < MODEL_MAX - 10000; at += 9 * PAGE + 1000) {
        model_write(at, at, 3000);
        write_all(s, at, model + at, 3000);
    }
    is(resize(s, MODEL_MAX - 1), OK);
    memset(model + model_size, 0, MODEL_MAX - 1 - model_size);
    model_size = MODEL_MAX - 1;
    compare(s, 40);
    compare(s, 41);
    compare(s, 65536);
    for (size_t page = PAGE; page < MODEL_MAX - PAGE; page += PAGE)
        for (size_t before = 1; before < 40; before += 13) {
            suite_round("page and bytes before it", page, before);
            expect(read_is(s, page - before, model + page - before, 40));
            expect(read_is(s, page - before, model + page - before, 5000 - before));
        }
    if (suite->features & HAS_SPARSE)
        expect(stat_of(s, "").blocks * 512 < MODEL_MAX / 2);
    shut(s);
}

/* Bytes that were cut off do not come back. */
static void cut_and_grow(void) {
    static const size_t to[] = {0,    1,    63,   64,   100,   4000, 4095,
                                4096, 4097, 8191, 9999, 10000, 40000};
    for (unsigned first = 0; first < 3; first++)
        for (unsigned i = 0; i < COUNT(to); i++) {
            static const size_t length[] = {60, 4096, 50000};
            struct session_cap s = open_here("f", BOTH | FILE_TRUNCATE);
            suite_round("length and cut", length[first], to[i]);
            model_size = 0;
            model_write(i, 0, length[first]);
            write_all(s, 0, model, model_size);
            is(resize(s, to[i]), OK);
            if (to[i] > model_size)
                memset(model + model_size, 0, to[i] - model_size);
            model_size = to[i];
            compare(s, 5000);
            is(resize(s, 60000), OK);
            memset(model + model_size, 0, 60000 - model_size);
            model_size = 60000;
            compare(s, 5000);
            model_write(i, to[i] + 1, 50); /* behind the cut, without growing first */
            is(resize(s, to[i]), OK);
            model_size = to[i];
            model_write(i, to[i] + 7, 50);
            write_all(s, to[i] + 7, model + to[i] + 7, 50);
            compare(s, 5000);
            shut(s);
        }
}

static void many_truncations(void) {
    uint64_t random = 1;
    struct session_cap s = open_here("f", BOTH);
    model_size = 0;
    for (unsigned i = 0; i < 300; i++) {
        random = random * 6364136223846793005ull + 1442695040888963407ull;
        size_t at = (random >> 33) % 70000, count = (random >> 13) % 9000;
        suite_round("step", i, 0);
        if (random >> 62) {
            model_write(i, at, count);
            write_all(s, at, model + at, count);
        } else {
            is(resize(s, at), OK);
            if (at > model_size)
                memset(model + model_size, 0, at - model_size);
            model_size = at;
        }
        if (i % 10 == 0)
            compare(s, 65536);
    }
    compare(s, 65536);
    shut(s);
}

static void current(void) {
    struct session_cap s = open_here("f", BOTH), t = open_here("f", FILE_FOR_READ);
    uint64_t at = 99;
    write_all(s, FILE_CURRENT, "abcdef", 6);
    write_all(s, FILE_CURRENT, "ghi", 3);
    expect(read_is(t, FILE_CURRENT, "abc", 3) && read_is(t, FILE_CURRENT, "def", 3));
    expect(read_is(t, 0, "abcdefghi", 9)); /* does not move it */
    expect(read_is(t, FILE_CURRENT, "ghi", 3) && read_is(t, FILE_CURRENT, "", 0));
    is(file_seek(t, 0, FILE_SEEK_HERE, &at), OK);
    expect(at == 9);
    write_all(s, 0, "A", 1);
    is(file_seek(s, 0, FILE_SEEK_HERE, &at), OK);
    expect(at == 9);
    /* A second session of the same opened file has the same offset. */
    struct session_cap again = narrow(t, FILE_RIGHTS);
    is(file_seek(again, 4, FILE_SEEK_START, &at), OK);
    expect(read_is(t, FILE_CURRENT, "ef", 2) && read_is(again, FILE_CURRENT, "gh", 2));
    shut(again);
    expect(read_is(t, FILE_CURRENT, "i", 1));
    shut(t);
    shut(s);
}

static void seek(void) {
    struct session_cap s = open_here("f", BOTH);
    uint64_t at = 0;
    size_t done = 1;
    char byte;
    write_all(s, 0, "0123456789", 10);
    is(file_seek(s, 3, FILE_SEEK_START, &at), OK);
    expect(at == 3 && read_is(s, FILE_CURRENT, "34", 2));
    is(file_seek(s, -4, FILE_SEEK_HERE, &at), OK);
    expect(at == 1);
    is(file_seek(s, -3, FILE_SEEK_END, &at), OK);
    expect(at == 7 && read_is(s, FILE_CURRENT, "789", 3));
    is(file_seek(s, -11, FILE_SEEK_END, &at), BAD_ARGUMENT);
    is(file_seek(s, -11, FILE_SEEK_HERE, &at), BAD_ARGUMENT);
    is(file_seek(s, -1, FILE_SEEK_START, &at), BAD_ARGUMENT);
    is(file_seek(s, 0, (enum file_seek)3, &at), BAD_ARGUMENT);
    is(file_seek(s, 0, FILE_SEEK_HERE, &at), OK);
    expect(at == 10); /* where it was */
    is(file_seek(s, INT64_MAX, FILE_SEEK_START, &at), OK);
    expect(at == INT64_MAX);
    is(file_read(s, FILE_CURRENT, &byte, 1, &done), OK);
    expect(!done);
    is(file_seek(s, 1, FILE_SEEK_HERE, &at), BAD_ARGUMENT);
    is(file_seek(s, INT64_MAX, FILE_SEEK_END, &at), BAD_ARGUMENT);
    is(file_seek(s, 20, FILE_SEEK_START, &at), OK);
    write_all(s, FILE_CURRENT, "x", 1);
    expect(read_is(s, 8, "89\0\0\0\0\0\0\0\0\0\0x", 13));
    shut(s);
}

static void append(void) {
    struct session_cap s = open_here("f", BOTH | FILE_APPEND), t = open_here("f", FILE_FOR_WRITE);
    uint64_t at = 0;
    uint32_t flags = 0;
    write_all(s, FILE_CURRENT, "one", 3);
    write_all(t, 3, "two", 3);
    write_all(s, 0, "three", 5); /* the offset does not matter */
    expect(read_is(s, 0, "onetwothree", 11));
    expect(read_is(s, FILE_CURRENT, "two", 3));
    write_all(s, FILE_CURRENT, "", 0); /* goes nowhere */
    is(file_seek(s, 0, FILE_SEEK_HERE, &at), OK);
    expect(at == 6);
    write_all(s, FILE_CURRENT, "!", 1);
    is(file_seek(s, 0, FILE_SEEK_HERE, &at), OK);
    expect(at == 12);
    is(file_flags(s, 0, FILE_APPEND, &flags), OK);
    expect(flags == (FILE_FOR_READ | FILE_FOR_WRITE));
    write_all(s, 0, "O", 1);
    is(file_flags(s, FILE_APPEND | FILE_NONBLOCK, FILE_APPEND, &flags), OK);
    expect(flags == (FILE_FOR_READ | FILE_FOR_WRITE | FILE_APPEND));
    write_all(s, 0, "?", 1);
    expect(read_is(s, 0, "Onetwothree!?", 13));
    is(file_flags(s, 0, FILE_FOR_WRITE, &flags), BAD_ARGUMENT);
    is(file_flags(s, 0, FILE_APPEND | FILE_CREATE, &flags), BAD_ARGUMENT);
    is(file_flags(s, 0, 0, &flags), OK);
    expect(flags == (FILE_FOR_READ | FILE_FOR_WRITE | FILE_APPEND));
    shut(s);
    shut(t);
}

static void largest(void) {
    uint64_t max = suite->size_max;
    struct session_cap s = open_here("f", BOTH);
    size_t done = 1;
    char byte = 'x';
    if (max) {
        is(resize(s, max), OK);
        expect(stat_of(s, "").size == max);
        write_all(s, max - 3, "end", 3);
        expect(read_is(s, max - 5, "\0\0end", 5));
        is(resize(s, max + 1), FILE_TOO_BIG);
        is(resize(s, UINT64_MAX), FILE_TOO_BIG);
        expect(stat_of(s, "").size == max);
        is(file_write(s, max, &byte, 1, &done), FILE_TOO_BIG);
        is(file_write(s, UINT64_MAX - 1, &byte, 1, &done), FILE_TOO_BIG);
        is(file_write(s, INT64_MAX, &byte, 1, &done), FILE_TOO_BIG);
        is(file_write(s, max - 2, "ABCD", 4, &done), OK); /* what fits */
        expect(done == 2 && read_is(s, max - 3, "eAB", 3));
        is(file_write(s, max + 1, &byte, 0, &done), OK);
        expect(!done);
        is(resize(s, 1), OK);
        expect(read_is(s, 0, "", 1));
    }
    is(file_read(s, UINT64_MAX - 1, &byte, 1, &done), OK);
    expect(!done);
    shut(s);
}

static void directories(void) {
    struct session_cap d = open_here("", FILE_FOR_READ), only = open_here("", 0);
    struct session_cap two[] = {d, only, here, suite->root};
    char data[100] = {0};
    size_t done;
    for (unsigned i = 0; i < COUNT(two); i++) {
        suite_round("session", i, 0);
        is(file_read(two[i], 0, data, 1, &done), IS_DIRECTORY);
        is(file_read(two[i], FILE_CURRENT, data, 100, &done), IS_DIRECTORY);
        is(file_write(two[i], 0, data, 1, &done), IS_DIRECTORY);
        is(file_write(two[i], 0, data, 100, &done), IS_DIRECTORY);
    }
    shut(d);
    shut(only);
}

/* Data and windows that do not fit each other. */
static void windows(void) {
    struct session_cap s = open_here("f", BOTH);
    static char bytes[100], got[100];
    for (unsigned i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)('0' + i);
    struct file_call c = {.op = FILE_WRITE, .word = {0, 101}, .data = {bytes, 100}};
    is(file_call(s, &c), BAD_WINDOW);
    c = (struct file_call){.op = FILE_WRITE, .word = {0, 33}};
    is(file_call(s, &c), BAD_WINDOW);
    c = (struct file_call){.op = FILE_WRITE, .word = {0, UINT64_MAX}, .data = {bytes, 100}};
    is(file_call(s, &c), BAD_WINDOW);
    expect(stat_of(s, "").size == 0);
    c = (struct file_call){.op = FILE_WRITE, .word = {0, 90}, .data = {bytes, 100}};
    is(file_call(s, &c), OK);
    expect(c.word[0] == 90 && stat_of(s, "").size == 90);
    c = (struct file_call){.op = FILE_READ, .word = {10, 50}, .to = got, .size = 20};
    is(file_call(s, &c), OK);
    expect(c.word[0] == 20 && !memcmp(got, bytes + 10, 20) && !got[20]);
    c = (struct file_call){.op = FILE_READ, .word = {10, 15}, .to = got, .size = 100};
    is(file_call(s, &c), OK);
    expect(c.word[0] == 15);
    c = (struct file_call){.op = FILE_READ, .word = {10, UINT64_MAX}, .to = got, .size = 100};
    is(file_call(s, &c), OK);
    expect(c.word[0] == 80 && !memcmp(got, bytes + 10, 80));
    c = (struct file_call){.op = FILE_READ, .word = {10, 60}}; /* in words */
    is(file_call(s, &c), OK);
    expect(c.word[0] == FILE_READ_WORDS && !memcmp(&c.word[1], bytes + 10, FILE_READ_WORDS));
    c = (struct file_call){.op = FILE_READ, .word = {87, 60}};
    is(file_call(s, &c), OK);
    expect(c.word[0] == 3 && !memcmp(&c.word[1], bytes + 87, 3));
    shut(s);
}

/* What the files of these servers have may change: it is not given away. */
static void not_mapped(void) {
    struct session_cap s = open_here("f", BOTH);
    struct memory_cap memory;
    uint64_t bytes;
    is(file_map(s, &memory, &bytes), UNSUPPORTED);
    is(file_map(here, &memory, &bytes), NO_RIGHT);
    shut(s);
}

static void unknown(void) {
    struct session_cap s = open_here("f", BOTH);
    for (unsigned op = FILE_OPS; op < FILE_OPS + 300; op += 23) {
        struct file_call c = {.op = (enum file_op)op};
        is(file_call(s, &c), UNSUPPORTED);
        is(file_call(here, &c), UNSUPPORTED);
    }
    struct file_call none = {.op = (enum file_op)0};
    is(file_call(s, &none), UNSUPPORTED);
    is(file_sync(s), OK);
    is(file_sync(here), OK);
    shut(s);
}

/* A removed file lives as long as it is open; then its room is free again. */
static void unlinked(void) {
    struct session_cap s = open_here("f", BOTH);
    struct file_space before = {0}, after = {0};
    static char bytes[WINDOWS_MAX];
    bool space = suite->features & HAS_SPACE;
    write_all(s, 0, "text", 4);
    is(remove_name(here, "f", 0), OK);
    expect(!exists("f") && stat_of(s, "").links == 0);
    file_with("f", "another");
    expect(read_is(s, 0, "text", 4));
    expect(stat_of(s, "").id != stat_of(here, "f").id);
    memset(bytes, 'u', sizeof bytes);
    if (space)
        is(file_space(here, &before), OK);
    write_all(s, 4, bytes, sizeof bytes);
    expect(read_is(s, 4, bytes, sizeof bytes));
    is(resize(s, 100000), OK);
    if (space) {
        is(file_space(here, &after), OK);
        expect(after.available + sizeof bytes <= before.available);
        expect(after.files == before.files);
    }
    shut(s);
    if (space) {
        is(file_space(here, &after), OK);
        expect(after.available >= before.available && after.files == before.files - 1);
    }
    expect(file_is("f", "another"));
}

const struct suite_case suite_data[] = {
    {"data: sizes and offsets", sizes_and_offsets, HAS_CHANGES},
    {"data: overwritten", overwrites, HAS_CHANGES},
    {"data: holes", holes, HAS_CHANGES},
    {"data: cut and grown", cut_and_grow, HAS_CHANGES},
    {"data: cut and grown at random", many_truncations, HAS_CHANGES},
    {"data: the session's offset", current, HAS_CHANGES},
    {"data: seek", seek, HAS_CHANGES},
    {"data: append", append, HAS_CHANGES},
    {"data: the largest file", largest, HAS_CHANGES | HAS_SPARSE},
    {"data: of directories", directories, HAS_CHANGES},
    {"data: windows", windows, HAS_CHANGES},
    {"data: files that can change are not mapped", not_mapped, HAS_CHANGES},
    {"data: operations that there are not", unknown, HAS_CHANGES},
    {"data: of a removed file", unlinked, HAS_CHANGES | HAS_UNLINKED},
    {0},
};
