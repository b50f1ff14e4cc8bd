/* SPDX-License-Identifier: MIT */
/*
 * The information that a multiboot2 loader leaves: a size and a list of tags, each 8-aligned with
 * type and size in front (Multiboot2 Specification 2.0, section 3). The UEFI memory map is
 * preferred to the one derived from it, and the root pointer comes from UEFI's own
 * table, since the loader's copy of it lies in memory that will be reused.
 */
#include "boot/loader.h"

enum tag_type {
    TAG_COMMAND_LINE = 1,
    TAG_MODULE = 3,
    TAG_MEMORY_MAP = 6,
    TAG_FRAMEBUFFER = 8,
    TAG_EFI64_SYSTEM_TABLE = 12,
    TAG_EFI_MEMORY_MAP = 17,
};

/* The next tag of `type` after *offset. */
static bool tag_next(struct bytes info, uint32_t type, uint64_t *offset, struct bytes *tag) {
    uint32_t head[2];
    while (bytes_get(info, *offset, head, sizeof(head)) && head[1] >= sizeof(head)) {
        *tag = (struct bytes){bytes_at(info, *offset, head[1]), head[1]};
        *offset += round_up(head[1], 8);
        if (!tag->start)
            return false;
        if (head[0] == type)
            return true;
    }
    return false;
}

static bool tag_find(struct bytes info, uint32_t type, struct bytes *tag) {
    uint64_t offset = 8;
    return tag_next(info, type, &offset, tag);
}

/* UEFI 2.10, table 7.10: loader, boot services and conventional memory are free after the start. */
static bool efi_type_is_ram(uint32_t type) {
    return type >= 1 && type <= 7 && type != 5 && type != 6;
}

/* One pass over the entries of a map: the RAM, or all else. */
static bool map_pass(struct bytes tag, bool efi, bool ram, struct memory_map *out) {
    uint32_t step;
    if (!bytes_get(tag, 8, &step, sizeof(step)) || step < (efi ? 40 : 24))
        return false;
    for (uint64_t at = 16; bytes_at(tag, at, step); at += step) {
        uint64_t start, length;
        uint32_t type;
        bytes_get(tag, at + (efi ? 8 : 0), &start, sizeof(start));
        bytes_get(tag, at + (efi ? 24 : 8), &length, sizeof(length));
        bytes_get(tag, at + (efi ? 0 : 16), &type, sizeof(type));
        if (efi)
            length =
                length > DIRECT_MAP_BYTES / PAGE_BYTES ? DIRECT_MAP_BYTES : length * PAGE_BYTES;
        bool is_ram = efi ? efi_type_is_ram(type) : type == 1;
        if (is_ram == ram && !memory_map_firmware(out, start, length, ram) && !ram)
            return false;
    }
    return true;
}

static const char *parse_memory(struct bytes info, struct boot_info *out) {
    struct bytes tag;
    bool efi = tag_find(info, TAG_EFI_MEMORY_MAP, &tag);
    if (!efi && !tag_find(info, TAG_MEMORY_MAP, &tag))
        return "the boot loader gave no memory map";
    if (!map_pass(tag, efi, true, &out->ram) || !map_pass(tag, efi, false, &out->ram))
        return "the boot loader's memory map is damaged or too fragmented";
    return NULL;
}

static const char *parse_modules(struct bytes info, struct boot_info *out) {
    struct bytes tag;
    for (uint64_t offset = 8; tag_next(info, TAG_MODULE, &offset, &tag);) {
        uint32_t range[2];
        char line[64];
        if (!bytes_get(tag, 8, range, sizeof(range)) || range[1] < range[0])
            return "a boot module's place is damaged";
        bytes_text(tag, 16, line, sizeof(line));
        if (!boot_add_module(out, range[0], range[1] - range[0], line))
            return "there are too many boot modules";
    }
    return NULL;
}

/* Section 3.6.12: colour information follows for type 1, direct colour; type 2 is EGA text. */
static void parse_framebuffer(struct bytes info, struct boot_info *out) {
    struct bytes tag;
    struct boot_framebuffer *f = &out->framebuffer;
    uint8_t kind[2], colour[6];
    if (!tag_find(info, TAG_FRAMEBUFFER, &tag) || !bytes_get(tag, 28, kind, sizeof(kind)))
        return;
    out->text_screen = kind[1] == 2;
    if (kind[1] != 1 || !bytes_get(tag, 32, colour, sizeof(colour)))
        return;
    bytes_get(tag, 8, &f->address, sizeof(f->address));
    bytes_get(tag, 16, &f->pitch, sizeof(f->pitch));
    bytes_get(tag, 20, &f->width, sizeof(f->width));
    bytes_get(tag, 24, &f->height, sizeof(f->height));
    f->bits_per_pixel = kind[0];
    memcpy(&f->red_shift, colour, sizeof(colour));
}

const char *multiboot2_parse(struct bytes memory, paddr_t at, struct boot_info *out) {
    uint32_t size;
    struct bytes info, tag;
    uint64_t system_table;
    if (!bytes_get(memory, at, &size, sizeof(size)) || !bytes_at(memory, at, size))
        return "the boot loader's information is outside memory";
    out->loader = "multiboot2";
    info = (struct bytes){memory.start + at, size};
    if (tag_find(info, TAG_COMMAND_LINE, &tag))
        bytes_text(tag, 8, out->command_line, sizeof(out->command_line));
    parse_framebuffer(info, out);
    if (!tag_find(info, TAG_EFI64_SYSTEM_TABLE, &tag))
        out->rsdp = rsdp_search(memory);
    else if (bytes_get(tag, 8, &system_table, sizeof(system_table)))
        out->rsdp = rsdp_from_efi(memory, system_table);
    const char *problem = parse_memory(info, out);
    return problem ? problem : parse_modules(info, out);
}
