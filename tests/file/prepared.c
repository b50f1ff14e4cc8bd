/* SPDX-License-Identifier: MIT */
/* The prepared tree and the cases on it. */
#include "tests/file/prepared.h"

#include <stdio.h>
#include <string.h>

#include "lib/file/client.h"
#include "tests/file/suite.h"

#define SEED 11u

static char big[PREPARED_BIG];

const char *prepared_big(void) {
    for (size_t i = 0; i < sizeof big; i++)
        big[i] = (char)pattern(SEED, i);
    return big;
}

static struct newc_member file_member(const char *name, const char *data, size_t length) {
    return (struct newc_member){
        .name = name, .mode = REGULAR, .data = data, .length = length, .links = 1};
}

static struct newc_member directory_member(const char *name) {
    return (struct newc_member){.name = name, .mode = DIRECTORY, .data = "", .links = 2};
}

static struct newc_member link_member(const char *name, const char *text) {
    return (struct newc_member){.name = name,
                                .mode = FILE_TYPE_SYMLINK | 0777,
                                .data = text,
                                .length = strlen(text),
                                .links = 1};
}

/* Each member, directories before what is in them. */
static void prepared_each(void (*each)(void *context, const struct newc_member *m), void *context) {
    const struct newc_member some[] = {
        file_member("file", "text", 4),
        file_member("empty", "", 0),
        file_member("big", prepared_big(), sizeof big),
        {.name = "mapped",
         .mode = REGULAR,
         .data = prepared_big(),
         .length = sizeof big,
         .links = 1,
         .align = PREPARED_ALIGN},
        directory_member("directory"),
        directory_member("directory/inner"),
        file_member("directory/inner/deep", "deep", 4),
        link_member("directory/up", "../file"),
        link_member("link", "directory"),
        directory_member("many"),
        file_member("file.x", "", 0),
        file_member("directory.x", "", 0),
    };
    for (size_t i = 0; i < sizeof some / sizeof some[0]; i++)
        each(context, &some[i]);
    for (unsigned i = 0; i < PREPARED_MANY; i++) {
        char name[32];
        snprintf(name, sizeof name, "many/n%u", i);
        const struct newc_member m = file_member(name, "", 0);
        each(context, &m);
    }
}

static void add_member(void *context, const struct newc_member *m) {
    newc_add(context, m);
}

void prepared_archive(struct newc *a) {
    prepared_each(add_member, a);
    newc_end(a);
}

/* ---- through the protocol ---- */

struct making {
    struct session_cap directory;
    err_t e;
};

static err_t make_file(struct session_cap d, const struct newc_member *m) {
    struct file_name n = {
        .path = text_of(m->name), .flags = FILE_CREATE | FILE_FOR_WRITE, .mode = 0644};
    struct session_cap s;
    size_t done = 0;
    err_t e = file_open(d, &n, &s, NULL);
    if (!err_ok(e))
        return e;
    e = file_write(s, 0, m->data, m->length, &done);
    suite->close(suite->context, s);
    return err_ok(e) && done != m->length ? ERROR(NO_SPACE) : e;
}

static void make_member(void *context, const struct newc_member *m) {
    struct making *make = context;
    struct file_name n = {.path = text_of(m->name), .mode = m->mode};
    if (!err_ok(make->e))
        return;
    if ((m->mode & FILE_TYPE) == FILE_TYPE_REGULAR)
        make->e = make_file(make->directory, m);
    else
        make->e = file_make(make->directory, &n, (struct text){m->data, m->length}, NULL);
}

err_t prepared_make(struct session_cap directory) {
    struct making m = {.directory = directory, .e = OK};
    prepared_each(make_member, &m);
    return m.e;
}

/* ---- cases ---- */

static void names(void) {
    static const struct {
        const char *name;
        enum err_code due;
        size_t used;
    } c[] = {
        {"", ERR_OK, 0},
        {"file", ERR_OK, 0},
        {"./directory//inner/.", ERR_OK, 0},
        {"directory/../file", ERR_OK, 0},
        {"directory/inner/deep", ERR_OK, 0},
        {"directory.x", ERR_OK, 0},
        {"many/n299", ERR_OK, 0},
        {"fil", ERR_NOT_FOUND, 3},
        {"file.", ERR_NOT_FOUND, 5},
        {"inner", ERR_NOT_FOUND, 5},
        {"deep", ERR_NOT_FOUND, 4},
        {"directory/inner/none/x", ERR_NOT_FOUND, 20},
        {"many/n300", ERR_NOT_FOUND, 9},
        {"file/", ERR_NOT_DIRECTORY, 0},
        {"file/x", ERR_NOT_DIRECTORY, 0},
        {"link", ERR_SYMLINK, 4},
        {"directory/up/x", ERR_SYMLINK, 12},
        {"..", ERR_ABOVE_ROOT, 2},
        {"directory/../../x", ERR_ABOVE_ROOT, 15},
    };
    struct file_stat st;
    for (unsigned i = 0; i < sizeof c / sizeof c[0]; i++) {
        suite_round("name", i, 0);
        is_code(stat_name(here, c[i].name, 0, &st), c[i].due);
        expect(!c[i].used || found.used == c[i].used);
    }
}

static void contents(void) {
    struct session_cap s = open_here("big", FILE_FOR_READ);
    static const size_t part[] = {1, 40, 41, 4096, 4097, PREPARED_BIG};
    static char got[PREPARED_BIG + 1];
    size_t done = 0;
    for (unsigned i = 0; i < sizeof part / sizeof part[0]; i++)
        for (size_t at = 0; at < PREPARED_BIG; at += part[i] + 997) {
            size_t size = part[i] < PREPARED_BIG - at ? part[i] : PREPARED_BIG - at;
            suite_round("part and offset", part[i], at);
            expect(read_is(s, at, prepared_big() + at, size));
        }
    is(file_read(s, PREPARED_BIG - 10, got, sizeof got, &done), OK);
    expect(done == 10);
    is(file_read(s, PREPARED_BIG, got, sizeof got, &done), OK);
    expect(!done);
    is(file_read(s, UINT64_MAX - 1, got, sizeof got, &done), OK);
    expect(!done);
    expect(file_is("file", "text") && file_is("empty", "") &&
           file_is("directory/inner/deep", "deep"));
    shut(s);
}

static void offsets(void) {
    struct session_cap s = open_here("file", FILE_FOR_READ);
    uint64_t at = 0;
    expect(read_is(s, FILE_CURRENT, "te", 2) && read_is(s, FILE_CURRENT, "xt", 2));
    expect(read_is(s, FILE_CURRENT, "", 0));
    is(file_seek(s, -3, FILE_SEEK_END, &at), OK);
    expect(at == 1 && read_is(s, FILE_CURRENT, "ext", 3));
    is(file_seek(s, 100, FILE_SEEK_START, &at), OK);
    expect(at == 100 && read_is(s, FILE_CURRENT, "", 0));
    is(file_seek(s, -1, FILE_SEEK_START, &at), BAD_ARGUMENT);
    shut(s);
}

static unsigned seen[PREPARED_MANY], seen_others;

static bool see(const struct file_entry *e, struct text name) {
    unsigned n = number_of(name);
    if (e->type == FILE_TYPE_REGULAR >> 12 && n < PREPARED_MANY)
        seen[n]++;
    else
        seen_others++;
    return true;
}

/* Names of a directory that is in the middle of others: no more, and all of them once. */
static void entries(void) {
    static const size_t window[] = {280, 500, 4096, WINDOWS_MAX};
    struct session_cap s = open_here("many", FILE_FOR_READ | FILE_DIRECTORY);
    for (unsigned i = 0; i < 2 * (sizeof window / sizeof window[0]); i++) {
        uint64_t at = 0;
        memset(seen, 0, sizeof seen);
        seen_others = 0;
        suite_round("window and kind of cookie", window[i / 2], i % 2);
        entries_each(s, i % 2 ? 0 : FILE_CURRENT, window[i / 2], see);
        for (unsigned n = 0; n < PREPARED_MANY; n++)
            expect(seen[n] == 1);
        expect(!seen_others);
        is(file_seek(s, 0, FILE_SEEK_START, &at), OK);
    }
    shut(s);
}

static uint64_t types[16];

static bool see_type(const struct file_entry *e, struct text name) {
    (void)name;
    types[e->type & 15]++;
    return true;
}

static void entry_types(void) {
    char byte[4096];
    size_t done = 1;
    struct session_cap s = open_here("", FILE_FOR_READ | FILE_DIRECTORY);
    memset(types, 0, sizeof types);
    entries_each(s, 0, 4096, see_type);
    expect(types[FILE_TYPE_DIRECTORY >> 12] == 2 && types[FILE_TYPE_SYMLINK >> 12] == 1);
    expect(types[FILE_TYPE_REGULAR >> 12] == 6);
    is(file_entries(s, UINT64_MAX - 1, byte, sizeof byte, &done), OK);
    expect(!done);
    is(file_entries(s, 0, byte, 100, &done), BAD_WINDOW);
    is(file_read(s, 0, byte, 10, &done), IS_DIRECTORY);
    shut(s);
}

static void attributes(void) {
    struct file_stat st = stat_of(here, "big");
    expect(st.size == PREPARED_BIG && st.mode == REGULAR && st.links == 1);
    expect(st.blocks >= (PREPARED_BIG + 511) / 512);
    expect(found.id == st.id && found.size == st.size && found.mode == st.mode);
    st = stat_of(here, "directory");
    expect((st.mode & FILE_TYPE) == FILE_TYPE_DIRECTORY);
    expect(!(suite->features & HAS_DIRECTORY_LINKS) || st.links == 3);
    st = stat_of(here, "link");
    expect((st.mode & FILE_TYPE) == FILE_TYPE_SYMLINK && st.size == strlen("directory"));
    expect(stat_of(here, "file").id != stat_of(here, "empty").id);
}

static void links(void) {
    char got[64];
    size_t length = 0;
    struct file_name n = {.path = text_of("directory/up")};
    is(file_read_link(here, &n, got, sizeof got, &length, &found), OK);
    expect(length == strlen("../file") && !memcmp(got, "../file", length));
    n.path = text_of("file");
    is(file_read_link(here, &n, got, sizeof got, &length, &found), BAD_ARGUMENT);
    is(open_close(here, "link", FILE_NO_FOLLOW), OK);
    is(open_close(here, "link", FILE_NO_FOLLOW | FILE_FOR_READ), SYMLINK);
}

static void opening(void) {
    char byte = 0;
    size_t done = 0;
    struct session_cap directory = open_here("directory", 0), s;
    expect(stat_of(directory, "inner/deep").size == 4);
    is(open_close(directory, "..", 0), ABOVE_ROOT);
    struct session_cap weak = narrow(directory, FILE_RIGHT_WALK);
    is(open_close(weak, "inner/deep", FILE_FOR_READ), NO_RIGHT);
    is(open_try(weak, "inner/deep", 0, &s), OK);
    is(file_read(s, 0, &byte, 1, &done), NO_RIGHT);
    is(open_close(here, "file", FILE_DIRECTORY), NOT_DIRECTORY);
    is(open_close(here, "directory", FILE_FOR_WRITE), IS_DIRECTORY);
    is(open_close(here, "file", FILE_CREATE | FILE_EXCLUSIVE), EXISTS);
    is(open_close(here, "file", FILE_CREATE | FILE_FOR_READ), OK);
    shut(s);
    shut(weak);
    shut(directory);
}

/* All that changes something, on a server that cannot. */
static void read_only(void) {
    struct session_cap s = open_here("file", FILE_FOR_READ);
    struct file_set mode = {.fields = FILE_SET_MODE, .mode = 0600};
    is(open_close(here, "file", FILE_FOR_WRITE), READ_ONLY);
    is(open_close(here, "file", FILE_FOR_READ | FILE_FOR_WRITE | FILE_APPEND), READ_ONLY);
    is(open_close(here, "file", FILE_FOR_READ | FILE_TRUNCATE), READ_ONLY);
    is(open_close(here, "new", FILE_CREATE), READ_ONLY);
    is(make(here, "new", DIRECTORY), READ_ONLY);
    is(make(here, "file", DIRECTORY), EXISTS);
    is(make_symlink(here, "new", "text"), READ_ONLY);
    is(remove_name(here, "file", 0), READ_ONLY);
    is(remove_name(here, "many", FILE_DIRECTORY), READ_ONLY);
    is(rename_name(here, "file", "new", 0), READ_ONLY);
    is(rename_name(here, "none", "new", 0), NOT_FOUND);
    is(link_name(here, "file", "new", 0), READ_ONLY);
    is(set_name(here, "file", 0, mode), READ_ONLY);
    is(resize(s, 0), NO_RIGHT); /* not opened to write */
    size_t done = 0;
    is(file_write(s, 0, "x", 1, &done), NO_RIGHT);
    is(file_sync(s), OK);
    expect(file_is("file", "text") && !exists("new"));
    shut(s);
}

const struct suite_case suite_prepared[] = {
    {"prepared: names", names, 0},
    {"prepared: contents", contents, 0},
    {"prepared: offsets", offsets, 0},
    {"prepared: entries", entries, 0},
    {"prepared: types of entries", entry_types, 0},
    {"prepared: attributes", attributes, 0},
    {"prepared: symbolic links", links, 0},
    {"prepared: opening", opening, 0},
    {"prepared: what changes something", read_only, IS_READ_ONLY},
    {0},
};
