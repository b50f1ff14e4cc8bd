/* SPDX-License-Identifier: MIT */
/* FILE_STAT, FILE_SET, FILE_SPACE and FILE_MAKE. */
#include <string.h>

#include "tests/file/suite.h"

static void stat_fields(void) {
    struct file_name n = {
        .path = text_of("d"), .mode = FILE_TYPE_DIRECTORY | 01751, .user = 7, .group = 8};
    is(file_make(here, &n, (struct text){0}, &found), OK);
    struct file_stat d = stat_of(here, "d");
    expect(found.id == d.id && found.mode == d.mode && found.size == d.size);
    expect((d.mode & FILE_TYPE) == FILE_TYPE_DIRECTORY);
    file_with("d/f", "123456");
    struct file_stat f = stat_of(here, "d/f");
    expect(f.size == 6 && f.links == 1 && f.id != d.id && !f.device && f.blocks >= 1);
    expect(found.id == f.id && found.mode == f.mode && found.size == 6);
    if (suite->features & HAS_MODES)
        expect(d.mode == (FILE_TYPE_DIRECTORY | 01751) && d.user == 7 && d.group == 8);
    if (suite->features & HAS_TIMES)
        expect(f.modified > 0 && f.changed >= d.changed && f.accessed > 0);
    struct session_cap s = open_here("d/f", 0);
    expect(stat_of(s, "").id == f.id && found.size == 6);
    shut(s);
    expect(stat_of(here, "d/f").id == f.id); /* the same again */
}

static void set_each(void) {
    file_with("f", "123456");
    struct file_stat was = stat_of(here, "f");
    is(set_name(here, "f", 0, (struct file_set){.fields = FILE_SET_MODE, .mode = 0177777}), OK);
    struct file_stat st = stat_of(here, "f");
    expect(st.mode == (FILE_TYPE_REGULAR | 07777));
    is(set_name(here, "f", 0, (struct file_set){.fields = FILE_SET_MODE}), OK);
    expect(stat_of(here, "f").mode == FILE_TYPE_REGULAR);
    is(set_name(here, "f", 0, (struct file_set){.fields = FILE_SET_USER, .user = 5, .group = 6}),
       OK);
    st = stat_of(here, "f");
    expect(st.user == 5 && st.group == was.group);
    is(set_name(here, "f", 0, (struct file_set){.fields = FILE_SET_GROUP, .user = 9, .group = 6}),
       OK);
    st = stat_of(here, "f");
    expect(st.user == 5 && st.group == 6 && st.size == 6);
    expect(st.id == was.id && st.links == 1);
    struct file_set all = {.fields = FILE_SET_ALL,
                           .mode = 0123,
                           .user = UINT32_MAX,
                           .group = UINT32_MAX - 1,
                           .size = 3,
                           .accessed = 1,
                           .modified = -1};
    is(set_name(here, "f", 0, all), OK);
    st = stat_of(here, "f");
    expect(st.mode == (FILE_TYPE_REGULAR | 0123) && st.user == UINT32_MAX && st.size == 3);
    expect(st.group == UINT32_MAX - 1);
    if (suite->features & HAS_TIMES)
        expect(st.accessed == 1 && st.modified == -1 && st.changed >= was.changed);
    expect(file_is("f", "123"));
}

static void set_refused(void) {
    struct file_set size = {.fields = FILE_SET_SIZE}, odd = {.fields = FILE_SET_ALL + 1};
    char data[1 + sizeof odd] = "f";
    file_with("f", "text");
    is(make(here, "d", DIRECTORY), OK);
    is(set_name(here, "d", 0, size), IS_DIRECTORY);
    is(set_name(here, "", 0, size), IS_DIRECTORY);
    is(set_name(here, "f", 0, odd), BAD_ARGUMENT);
    odd.fields = UINT32_MAX;
    is(set_name(here, "f", 0, odd), BAD_ARGUMENT);
    if (suite->features & HAS_FIFOS) {
        is(make(here, "p", FIFO), OK);
        is(set_name(here, "p", 0, size), BAD_ARGUMENT);
    }
    for (size_t length = 1; length < sizeof data; length++) {
        struct file_call c = {.op = FILE_SET, .word = {0, 1}, .data = {data, length}};
        is(file_call(here, &c), BAD_WINDOW);
    }
    expect(file_is("f", "text"));
}

static void times(void) {
    struct session_cap s = open_here("f", FILE_CREATE | FILE_FOR_READ | FILE_FOR_WRITE);
    struct file_set old = {
        .fields = FILE_SET_ACCESSED | FILE_SET_MODIFIED, .accessed = 1000, .modified = 2000};
    struct file_stat st, before = stat_of(s, "");
    char byte;
    size_t done;
    is(set_name(s, "", 0, old), OK);
    st = stat_of(s, "");
    expect(st.accessed == 1000 && st.modified == 2000 && st.changed >= before.changed);
    write_all(s, 0, "x", 0); /* nothing */
    expect(stat_of(s, "").modified == 2000);
    write_all(s, 0, "x", 1);
    st = stat_of(s, "");
    expect(st.modified >= before.modified && st.changed >= st.modified && st.accessed == 1000);
    is(set_name(s, "", 0, old), OK);
    is(file_read(s, 0, &byte, 1, &done), OK);
    expect(stat_of(s, "").modified == 2000);
    is(resize(s, 10), OK);
    expect(stat_of(s, "").modified >= before.modified);
    /* A directory's change with its names. */
    is(make(here, "d", DIRECTORY), OK);
    is(set_name(here, "d", 0, old), OK);
    file_with("d/f", "");
    expect(stat_of(here, "d").modified >= before.modified);
    is(set_name(here, "d", 0, old), OK);
    is(remove_name(here, "d/f", 0), OK);
    expect(stat_of(here, "d").modified >= before.modified);
    is(set_name(here, "d", 0, old), OK);
    is(set_name(here, "f", 0, old), OK);
    expect(stat_of(here, "d").modified == 2000);
    shut(s);
}

/* Every operation on a name answers with the file that it was about. */
static void answers(void) {
    bool fits = true;
    file_with("f", "text");
    uint64_t id = stat_of(here, "f").id;
    fits = fits && found.id == id && found.size == 4;
    is(set_name(here, "f", 0, (struct file_set){.fields = FILE_SET_SIZE, .size = 3}), OK);
    fits = fits && found.id == id && found.size == 3;
    if (suite->features & HAS_LINKS) {
        is(link_name(here, "f", "g", 0), OK);
        fits = fits && found.id == id && found.size == 3;
        is(remove_name(here, "g", 0), OK);
    }
    if (suite->features & HAS_RENAME) {
        is(rename_name(here, "f", "g", 0), OK);
        fits = fits && found.id == id && (found.mode & FILE_TYPE) == FILE_TYPE_REGULAR;
        is(rename_name(here, "g", "f", 0), OK);
    }
    is(remove_name(here, "f", 0), OK);
    expect(fits && found.id == id && found.size == 3);
}

static void small_windows(void) {
    file_with("f", "");
    struct session_cap s = open_here("f", FILE_FOR_READ);
    struct file_stat st;
    struct file_space space;
    for (size_t size = 0; size < sizeof st; size += 8) {
        struct file_call c = {.op = FILE_STAT, .to = &st, .size = size};
        is(file_call(s, &c), BAD_WINDOW);
    }
    if (!(suite->features & HAS_SPACE)) {
        is(file_space(s, &space), UNSUPPORTED);
    } else {
        struct file_call c = {.op = FILE_SPACE, .to = &space, .size = sizeof space - 1};
        is(file_call(s, &c), BAD_WINDOW);
    }
    shut(s);
}

static void space(void) {
    struct file_space a = {0}, b = {0}, again = {0};
    static char bytes[WINDOWS_MAX];
    is(file_space(here, &a), OK);
    expect(a.total >= a.available && a.available && a.files && a.files_available);
    struct session_cap s = open_here("f", FILE_CREATE | FILE_FOR_WRITE);
    memset(bytes, 1, sizeof bytes);
    write_all(s, 0, bytes, sizeof bytes);
    is(file_space(s, &b), OK);
    expect(b.total == a.total && b.available + sizeof bytes <= a.available);
    expect(b.files == a.files + 1);
    shut(s);
    is(remove_name(here, "f", 0), OK);
    is(file_space(here, &again), OK);
    expect(again.available == a.available && again.files == a.files);
    /* It fits into the words of the answer, behind the first. */
    struct file_call c = {.op = FILE_SPACE};
    is(file_call(here, &c), OK);
    expect(!memcmp(&c.word[1], &again, sizeof again));
}

static void made(void) {
    static const uint32_t bad[] = {0,    FILE_TYPE_BLOCK | 0600, FILE_TYPE_CHARACTER, FILE_TYPE,
                                   0644, DIRECTORY | 1u << 16,   DIRECTORY | 1u << 31};
    is(make(here, "d", DIRECTORY), OK);
    file_with("f", "text");
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        suite_round("mode", bad[i], 0);
        is(make(here, "bad", bad[i]), BAD_ARGUMENT);
        expect(!exists("bad"));
    }
    is(make(here, "d", DIRECTORY), EXISTS);
    is(make(here, "f", DIRECTORY), EXISTS);
    is(make(here, "d/", DIRECTORY), EXISTS);
    is(make(here, "d/.", DIRECTORY), EXISTS);
    is(make(here, "", DIRECTORY), EXISTS);
    is(make(here, ".", DIRECTORY), EXISTS);
    is(make(here, "d/..", DIRECTORY), EXISTS);
    is(make(here, "e//", DIRECTORY), OK);
    is(remove_name(here, "e/", FILE_DIRECTORY), OK);
    if (suite->features & HAS_FIFOS) {
        is(make(here, "p", FIFO), OK);
        is(make(here, "s", FILE_TYPE_SOCKET | 0600), OK);
        is(make(here, "p", FIFO), EXISTS);
        is(make(here, "q/", FIFO), NOT_FOUND);
        expect((stat_of(here, "p").mode & FILE_TYPE) == FILE_TYPE_FIFO);
        expect((stat_of(here, "s").mode & FILE_TYPE) == FILE_TYPE_SOCKET);
        is(remove_name(here, "s", 0), OK);
    }
    expect(file_is("f", "text"));
}

const struct suite_case suite_attributes[] = {
    {"attributes: stat", stat_fields, HAS_CHANGES},
    {"attributes: set", set_each, HAS_CHANGES | HAS_MODES},
    {"attributes: set what cannot be", set_refused, HAS_CHANGES},
    {"attributes: times", times, HAS_CHANGES | HAS_TIMES},
    {"attributes: answers", answers, HAS_CHANGES},
    {"attributes: small windows", small_windows, HAS_CHANGES},
    {"attributes: space", space, HAS_CHANGES | HAS_SPACE},
    {"attributes: what can be made", made, HAS_CHANGES},
    {0},
};
