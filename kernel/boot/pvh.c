/* SPDX-License-Identifier: MIT */
/*
 * The start information of the PVH boot protocol (Xen, public/arch-x86/hvm/start_info.h), by which
 * emulators start a kernel directly. Version 1 is needed for its memory map.
 */
#include "boot/loader.h"

struct start_info {
    uint32_t magic, version, flags, module_count;
    uint64_t modules, command_line, rsdp, memory_map;
    uint32_t memory_map_count, reserved;
};

struct start_module {
    uint64_t start, size, command_line, reserved;
};

struct start_range {
    uint64_t start, size;
    uint32_t type, reserved; /* type 1: RAM */
};

static bool map_pass(struct bytes memory, const struct start_info *s, bool ram,
                     struct memory_map *out) {
    struct start_range r;
    for (uint32_t i = 0; i < s->memory_map_count; i++) {
        if (!bytes_get(memory, s->memory_map, &r, sizeof(r)) ||
            !bytes_get(memory, s->memory_map + i * sizeof(r), &r, sizeof(r)))
            return false;
        if ((r.type == 1) == ram && !memory_map_firmware(out, r.start, r.size, ram) && !ram)
            return false;
    }
    return true;
}

static const char *parse_modules(struct bytes memory, const struct start_info *s,
                                 struct boot_info *out) {
    struct start_module m;
    char line[64] = "";
    for (uint32_t i = 0; i < s->module_count; i++) {
        if (!bytes_get(memory, s->modules, &m, sizeof(m)) ||
            !bytes_get(memory, s->modules + i * sizeof(m), &m, sizeof(m)))
            return "the list of boot modules is outside memory";
        if (m.command_line)
            bytes_text(memory, m.command_line, line, sizeof(line));
        if (!boot_add_module(out, m.start, m.size, line))
            return "there are too many boot modules";
    }
    return NULL;
}

const char *pvh_parse(struct bytes memory, paddr_t info, struct boot_info *out) {
    struct start_info s;
    if (!bytes_get(memory, info, &s, sizeof(s)) || s.magic != PVH_MAGIC)
        return "the start information is outside memory or damaged";
    if (s.version < 1)
        return "the start information is too old: it has no memory map";
    out->loader = "PVH";
    out->text_screen = true;
    out->rsdp = s.rsdp;
    if (s.command_line)
        bytes_text(memory, s.command_line, out->command_line, sizeof(out->command_line));
    if (!map_pass(memory, &s, true, &out->ram) || !map_pass(memory, &s, false, &out->ram))
        return "the memory map is damaged or too fragmented";
    return parse_modules(memory, &s, out);
}
