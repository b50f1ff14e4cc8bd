/* SPDX-License-Identifier: MIT */
/*
 * The archive's format. A member is a header of 110 bytes, its name with a NUL and its contents,
 * the last two filled up to multiples of 4 from the archive's beginning. Behind the magic number
 * the header has fields of 8 hexadecimal digits.
 */
#include "services/bootfs/archive.h"

#include "abi/memory.h"

#define MAGIC  "070701"
#define HEADER 110u
#define DIGITS 8u

/* A name may have more than one NUL, so that what is behind it begins with a page. */
#define NAME_ROOM (FILE_PATH_MAX + 1 + PAGE_SIZE)

enum field { MODE = 1, USER, GROUP, LINKS, TIME, SIZE, NAME_SIZE = 11, CHECK, FIELDS };

static bool digit(char c, uint32_t *value) {
    if (c >= '0' && c <= '9')
        *value = (uint32_t)(c - '0');
    else if (c >= 'a' && c <= 'f')
        *value = (uint32_t)(c - 'a') + 10;
    else if (c >= 'A' && c <= 'F')
        *value = (uint32_t)(c - 'A') + 10;
    else
        return false;
    return true;
}

static bool fields_read(const char *header, uint32_t *field) {
    const char *at = header + strlen(MAGIC);
    for (unsigned f = 0; f < FIELDS; f++) {
        field[f] = 0;
        for (unsigned i = 0; i < DIGITS; i++) {
            uint32_t value;
            if (!digit(*at++, &value))
                return false;
            field[f] = field[f] << 4 | value;
        }
    }
    return true;
}

/* Takes `length` bytes and what fills them up; false: they are not there. */
static bool take(const struct archive *a, size_t *at, size_t length, struct text *out) {
    size_t left = a->bytes.length - *at, fill;
    if (length > left)
        return false;
    *out = (struct text){a->bytes.at + *at, length};
    *at += length;
    fill = -*at & 3;
    *at += fill < left - length ? fill : left - length;
    return true;
}

static bool zeros(const struct archive *a, size_t at) {
    while (at < a->bytes.length)
        if (a->bytes.at[at++])
            return false;
    return true;
}

static bool is(struct text t, const char *s) {
    return t.length == strlen(s) && !memcmp(t.at, s, t.length);
}

static const char *component_problem(struct text name) {
    if (!name.length)
        return "an empty part in its name";
    if (name.length > FILE_NAME_MAX)
        return "a part of its name is longer than 255 bytes";
    if (is(name, ".") || is(name, ".."))
        return "`.' or `..' in its name";
    return NULL;
}

/* Takes what archivers put in front off, and looks at each part of the name. */
static const char *path_take(struct text *path) {
    if (is(*path, ".") || is(*path, "./"))
        path->length = 0;
    if (path->length > 2 && path->at[0] == '.' && path->at[1] == '/')
        *path = (struct text){path->at + 2, path->length - 2};
    for (size_t at = 0; at < path->length;) {
        const char *start = path->at + at;
        const char *slash = memchr(start, '/', path->length - at);
        struct text name = {start, slash ? (size_t)(slash - start) : path->length - at};
        const char *problem = component_problem(name);
        if (problem)
            return problem;
        at += name.length + 1;
        if (slash && at == path->length)
            return "a `/' at the end of its name";
    }
    return NULL;
}

static const char *type_problem(const struct member *m, uint32_t links) {
    if (links > 1 && (m->mode & FILE_TYPE) != FILE_TYPE_DIRECTORY)
        return "a second name of a file";
    switch (m->mode & FILE_TYPE) {
    case FILE_TYPE_DIRECTORY:
        return m->data.length ? "a directory with contents" : NULL;
    case FILE_TYPE_SYMLINK:
        if (!m->data.length || m->data.length > FILE_PATH_MAX)
            return "a symbolic link whose text is empty or too long";
        return memchr(m->data.at, 0, m->data.length) ? "a NUL in a symbolic link" : NULL;
    case FILE_TYPE_REGULAR:
        return NULL;
    default:
        return "neither a file nor a directory nor a symbolic link";
    }
}

static const char *member_problem(struct member *m, const uint32_t *field) {
    const char *problem = path_take(&m->path);
    if (problem)
        return problem;
    if (m->mode & ~(FILE_TYPE | FILE_PERMISSIONS))
        return "unknown bits in its mode";
    if (field[CHECK])
        return "a check sum, which this format has not";
    return type_problem(m, field[LINKS]);
}

static const char *name_take(struct text *name) {
    size_t room = name->length;
    name->length = strnlen(name->at, room);
    if (!name->length || name->length > FILE_PATH_MAX)
        return "a name of no bytes or too many";
    for (size_t at = name->length; at < room; at++)
        if (name->at[at])
            return "a name that does not end where it should";
    return name->length < room ? NULL : "a name that does not end where it should";
}

const char *archive_next(struct archive *a, struct member *out, bool *end) {
    uint32_t field[FIELDS];
    struct text name;
    struct member m;
    size_t at = a->next;
    *end = false;
    if (a->bytes.length - at < HEADER || memcmp(a->bytes.at + at, MAGIC, strlen(MAGIC)))
        return "no header";
    if (!fields_read(a->bytes.at + at, field))
        return "a number with a character that is no digit";
    at += HEADER;
    if (field[NAME_SIZE] < 2 || field[NAME_SIZE] > NAME_ROOM)
        return "a name of no bytes or too many";
    if (!take(a, &at, field[NAME_SIZE], &name))
        return "a name that is cut off";
    const char *problem = name_take(&name);
    if (problem)
        return problem;
    m = (struct member){.path = name,
                        .mode = field[MODE],
                        .user = field[USER],
                        .group = field[GROUP],
                        .seconds = field[TIME]};
    if (!take(a, &at, field[SIZE], &m.data))
        return "contents that are cut off";
    if (is(name, "TRAILER!!!")) {
        *end = true;
        return m.data.length || !zeros(a, at) ? "something behind its end" : NULL;
    }
    problem = member_problem(&m, field);
    if (problem)
        return problem;
    a->next = at;
    *out = m;
    return NULL;
}
