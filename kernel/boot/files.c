/* SPDX-License-Identifier: MIT */
/*
 * Boot modules and the archives among them. The format is cpio's "newc": 110 bytes of header, of
 * which all but the magic are 8-digit hexadecimal fields, then name and contents, each padded to 4
 * bytes; the member "TRAILER!!!" ends the archive (cpio(5)).
 */
#include "boot/files.h"

#define HEADER      110u
#define FIELD_MODE  1u
#define FIELD_SIZE  6u
#define FIELD_NAME  11u
#define MODE_FORMAT 0170000u
#define MODE_FILE   0100000u

/* Field `n` of the header; false: a digit is not one. */
static bool field(const uint8_t *header, unsigned n, uint64_t *value) {
    *value = 0;
    for (unsigned i = 6 + 8 * n; i < 14 + 8 * n; i++) {
        uint8_t c = header[i], lower = c | 0x20;
        if (c >= '0' && c <= '9')
            *value = *value << 4 | (c - '0');
        else if (lower >= 'a' && lower <= 'f')
            *value = *value << 4 | (lower - 'a' + 10u);
        else
            return false;
    }
    return true;
}

bool cpio_is(struct bytes archive) {
    const uint8_t *magic = bytes_at(archive, 0, 6);
    return magic && memcmp(magic, "070701", 6) == 0;
}

const char *cpio_next(struct bytes archive, uint64_t *offset, struct cpio_member *out) {
    uint64_t mode, name_size;
    const uint8_t *header = bytes_at(archive, *offset, HEADER);
    if (!header || memcmp(header, "070701", 6) || !field(header, FIELD_MODE, &mode) ||
        !field(header, FIELD_SIZE, &out->size) || !field(header, FIELD_NAME, &name_size))
        return "an archive's member is damaged or cut off";
    const char *name = (const char *)bytes_at(archive, *offset + HEADER, name_size);
    if (!name || name_size < 2 || name[name_size - 1])
        return "an archive's member has a damaged name";
    if (name[0] == '.' && name[1] == '/')
        name += 2, name_size -= 2;
    if (name_size > sizeof(out->name))
        return "an archive's member has a name of more than 47 bytes";
    text_copy(out->name, sizeof(out->name), name, name_size);
    out->regular = (mode & MODE_FORMAT) == MODE_FILE;
    out->end = strcmp(out->name, "TRAILER!!!") == 0;
    out->offset = round_up((const uint8_t *)name + name_size - archive.start, 4);
    if (!bytes_at(archive, out->offset, out->size))
        return "an archive's member is cut off";
    *offset = round_up(out->offset + out->size, 4);
    return NULL;
}

static const char *add_file(struct boot_info *boot, paddr_t start, uint64_t size,
                            const char *name) {
    if (boot->file_count == BOOT_MODULES)
        return "there are too many boot files";
    if (boot_file_find(boot, name))
        return "two boot files have the same name";
    struct boot_file *f = &boot->files[boot->file_count++];
    f->start = start;
    f->size = size;
    text_copy(f->name, sizeof(f->name), name, sizeof(f->name));
    return NULL;
}

static const char *add_archive(struct boot_info *boot, paddr_t start, struct bytes archive) {
    struct cpio_member m;
    for (uint64_t offset = 0;;) {
        const char *problem = cpio_next(archive, &offset, &m);
        if (!problem && m.end)
            return NULL;
        if (!problem && m.regular)
            problem = add_file(boot, start + m.offset, m.size, m.name);
        if (problem)
            return problem;
    }
}

const char *boot_files(struct bytes memory, struct boot_info *boot) {
    for (size_t i = 0; i < boot->module_count; i++) {
        const struct boot_file *m = &boot->modules[i];
        struct bytes content = {bytes_at(memory, m->start, m->size), m->size};
        if (!content.start)
            return "a boot module is outside memory";
        const char *problem = cpio_is(content) ? add_archive(boot, m->start, content)
                                               : add_file(boot, m->start, m->size, m->name);
        if (problem)
            return problem;
    }
    return NULL;
}

const struct boot_file *boot_file_find(const struct boot_info *boot, const char *name) {
    for (size_t i = 0; i < boot->file_count; i++)
        if (strcmp(boot->files[i].name, name) == 0)
            return &boot->files[i];
    return NULL;
}
