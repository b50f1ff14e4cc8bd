/* SPDX-License-Identifier: MIT */
/* Finds the ACPI root pointer and names boot modules: what all loaders have in common. */
#include "boot/loader.h"

/* ACPI 6.5, section 5.2.5.3: the first 20 bytes sum to 0. */
static bool rsdp_is(struct bytes memory, paddr_t at) {
    const uint8_t *p = bytes_at(memory, at, 20);
    uint8_t sum = 0;
    if (!p || memcmp(p, "RSD PTR ", 8))
        return false;
    for (int i = 0; i < 20; i++)
        sum += p[i];
    return sum == 0;
}

/* ACPI 6.5, section 5.2.5.1: the first KiB of the extended BIOS data area, then 0xe0000..0xfffff.
 */
paddr_t rsdp_search(struct bytes memory) {
    uint16_t segment = 0;
    bytes_get(memory, 0x40e, &segment, sizeof(segment));
    for (paddr_t at = segment * 16; at < segment * 16 + 1024ul; at += 16)
        if (rsdp_is(memory, at))
            return at;
    for (paddr_t at = 0xe0000; at < 0x100000; at += 16)
        if (rsdp_is(memory, at))
            return at;
    return 0;
}

/* UEFI 2.10, section 4.3: signature, 104: number of configuration tables, 112: where they are; each
 * is a GUID and an address. */
paddr_t rsdp_from_efi(struct bytes memory, paddr_t table) {
    static const uint8_t guid[16] = {0x71, 0xe8, 0x68, 0x88, 0xf1, 0xe4, 0xd3, 0x11,
                                     0xbc, 0x22, 0x00, 0x80, 0xc7, 0x3c, 0x88, 0x81};
    const uint8_t *signature = bytes_at(memory, table, 120);
    uint64_t count, entries, address, here[3];
    if (!signature || memcmp(signature, "IBI SYST", 8))
        return 0;
    bytes_get(memory, table + 104, &count, sizeof(count));
    bytes_get(memory, table + 112, &entries, sizeof(entries));
    for (; count && bytes_get(memory, entries, here, sizeof(here)); count--, entries += 24) {
        address = here[2];
        if (memcmp(here, guid, sizeof(guid)) == 0 && rsdp_is(memory, address))
            return address;
    }
    return 0;
}

/* The name is the last part of the first word. A nameless module is taken for init. */
bool boot_add_module(struct boot_info *out, paddr_t start, uint64_t size, const char *line) {
    size_t begin = 0, end = 0;
    if (out->module_count == BOOT_MODULES)
        return false;
    for (; line[end] && line[end] != ' '; end++)
        if (line[end] == '/')
            begin = end + 1;
    struct boot_file *m = &out->modules[out->module_count++];
    m->start = start;
    m->size = size;
    text_copy(m->name, sizeof(m->name), line + begin, end - begin);
    if (!m->name[0])
        text_copy(m->name, sizeof(m->name), "init", 4);
    return true;
}
