/* SPDX-License-Identifier: MIT */
/* SOURCES: kernel/boot/memory_map.c kernel/boot/multiboot2.c kernel/boot/pvh.c kernel/boot/loader.c
 * kernel/boot/files.c kernel/boot/options.c kernel/lib/text.c */
/*
 * What boot loaders leave, written by hand into a small physical memory; memory maps against a
 * model with one flag a page.
 */
#include <stdlib.h>
#include <string.h>

#include "boot/files.h"
#include "boot/loader.h"
#include "boot/options.h"
#include "tap.h"

#define PAGES 64
uintptr_t host_ram;

static bool same(const struct memory_map *m, const bool *model) {
    bool seen[PAGES] = {0};
    for (size_t i = 0; i < m->count; i++) {
        if (m->ranges[i].start >= m->ranges[i].end ||
            (i && m->ranges[i].start <= m->ranges[i - 1].end))
            return false;
        for (paddr_t at = m->ranges[i].start; at < m->ranges[i].end; at += PAGE_BYTES)
            seen[at / PAGE_BYTES] = true;
    }
    return memcmp(seen, model, sizeof(seen)) == 0;
}

static void test_memory_map(void) {
    uint64_t state = 1;
    for (int round = 0; round < 300; round++) {
        struct memory_map map = {.count = 0}, taken = {.count = 0};
        bool model[PAGES] = {0}, taken_model[PAGES] = {0};
        for (int step = 0; step < 40; step++) {
            uint64_t a = random_below(&state, PAGES), b = a + random_below(&state, PAGES + 1 - a);
            bool add = random_below(&state, 2);
            if (add)
                check(memory_map_add(&map, a * PAGE_BYTES, b * PAGE_BYTES));
            else
                check(memory_map_remove(&map, a * PAGE_BYTES, b * PAGE_BYTES));
            for (uint64_t i = a; i < b; i++)
                model[i] = add;
            check(same(&map, model));
        }
        for (int i = 0; i < 4; i++) {
            uint64_t at = random_below(&state, PAGES);
            memory_map_add(&taken, at * PAGE_BYTES, (at + 1) * PAGE_BYTES);
            taken_model[at] = true;
        }
        uint64_t want = 1 + random_below(&state, 6), limit = random_below(&state, PAGES + 1), at;
        for (at = 0; at < PAGES; at++) {
            uint64_t n = 0;
            while (n < want && at + n < limit && model[at + n] && !taken_model[at + n])
                n++;
            if (n == want)
                break;
        }
        uint64_t place =
            memory_map_place(&map, &taken, want * PAGE_BYTES, limit * PAGE_BYTES) / PAGE_BYTES;
        check(at == PAGES ? place == 0 : place == at);
    }
    tap_test("memory map: add, remove, place against a model");
}

static void test_firmware_ranges(void) {
    struct memory_map m = {.count = 0};
    memory_map_firmware(&m, 0, 0x9fc00, true);
    check(m.count == 1 && m.ranges[0].start == 0x1000 && m.ranges[0].end == 0x9f000);
    memory_map_firmware(&m, 0x100100, 0x5000, true);
    check(m.count == 2 && m.ranges[1].start == 0x101000 && m.ranges[1].end == 0x105000);
    memory_map_firmware(&m, 0x103fff, 2, false);
    check(m.count == 2 && m.ranges[1].end == 0x103000);
    memory_map_firmware(&m, UINT64_MAX - 10, UINT64_MAX, true);
    memory_map_firmware(&m, 0x200000, UINT64_MAX, true);
    check(m.count == 3 && m.ranges[2].end == DIRECT_MAP_BYTES);
    check(memory_map_contains(&m, 0x101000, 0x103000));
    check(!memory_map_contains(&m, 0x101000, 0x104000));
    tap_test("memory map: firmware ranges are rounded, clipped and ordered");

    m.count = 0;
    for (paddr_t i = 0; i < BOOT_RANGES; i++)
        check(memory_map_add(&m, i * 0x2000, i * 0x2000 + 0x1000));
    check(!memory_map_add(&m, 0x1000000, 0x1001000) && m.count == BOOT_RANGES);
    check(memory_map_add(&m, 0x1000, 0x2000) && m.count == BOOT_RANGES - 1);
    check(!memory_map_remove(&m, 0x1000, 0x1000) || m.count == BOOT_RANGES - 1);
    tap_test("memory map: a full map refuses and stays");
}

static uint8_t ram[0x4000];
static const struct bytes memory = {ram, sizeof(ram)};
static struct boot_info info;
static uint32_t end; /* of the multiboot2 information being written */

static void put(const void *data, size_t n) {
    memcpy(ram + end, data, n);
    end += n;
}
static void put_tag(uint32_t type, const void *data, uint32_t n) {
    uint32_t head[2] = {type, 8 + n};
    put(head, sizeof(head));
    put(data, n);
    end = (end + 7) & ~7u;
}
static void begin(void) {
    memset(ram, 0, sizeof(ram));
    memset(&info, 0, sizeof(info));
    end = 0x1008;
}
static const char *parse(void) {
    put_tag(0, "", 0);
    uint32_t size = end - 0x1000;
    memcpy(ram + 0x1000, &size, sizeof(size));
    return multiboot2_parse(memory, 0x1000, &info);
}

static void put_map(void) {
    struct {
        uint32_t step, version;
        struct {
            uint64_t start, size;
            uint32_t type, zero;
        } entry[4];
    } map = {24,
             0,
             {{0x100000, 0x700000, 1, 0},
              {0, 0x9f000, 1, 0},
              {0x200000, 0x1000, 2, 0},
              {0x800000, 0x100000, 1, 0}}};
    put_tag(6, &map, sizeof(map));
}

static void test_multiboot2(void) {
    begin();
    put_tag(1, "log=debug autorun=x", 20);
    struct {
        uint32_t start, end;
        char line[16];
    } module = {0x400000, 0x400123, "/boot/init a b"};
    put_tag(3, &module, sizeof(module));
    put_map();
    struct {
        uint64_t address;
        uint32_t pitch, width, height;
        uint8_t depth, kind, reserved[2], colour[6];
    } __attribute__((packed))
    screen = {0xfd000000, 4096, 1024, 768, 32, 1, {0}, {16, 8, 8, 8, 0, 8}};
    put_tag(8, &screen, sizeof(screen));
    const char *problem = parse();
    check(!problem);
    check(!strcmp(info.command_line, "log=debug autorun=x"));
    check(info.module_count == 1 && !strcmp(info.modules[0].name, "init"));
    check(info.modules[0].start == 0x400000 && info.modules[0].size == 0x123);
    check(info.ram.count == 3 && info.ram.ranges[0].start == 0x1000);
    check(info.ram.ranges[1].end == 0x200000 && info.ram.ranges[2].end == 0x900000);
    check(info.framebuffer.address == 0xfd000000 && info.framebuffer.width == 1024);
    check(info.framebuffer.red_shift == 16 && info.framebuffer.blue_bits == 8 && !info.text_screen);
    tap_test("multiboot2: command line, module, memory, framebuffer");

    begin();
    check(parse() != NULL);
    begin();
    put_map();
    for (int i = 0; i < BOOT_MODULES + 1; i++)
        put_tag(3, &module, sizeof(module));
    check(parse() != NULL);
    check(multiboot2_parse(memory, sizeof(ram) - 2, &info) != NULL);
    check(multiboot2_parse(memory, 1ull << 40, &info) != NULL);
    tap_test("multiboot2: no map, too many modules and bad places are refused");
}

static void test_efi(void) {
    static const uint8_t guid[16] = {0x71, 0xe8, 0x68, 0x88, 0xf1, 0xe4, 0xd3, 0x11,
                                     0xbc, 0x22, 0x00, 0x80, 0xc7, 0x3c, 0x88, 0x81};
    begin();
    struct {
        uint32_t step, version;
        struct {
            uint32_t type, pad;
            uint64_t physical, virtual, pages, attributes, extra;
        } entry[3];
    } map = {48,
             1,
             {{7, 0, 0x100000, 0, 0x100, 0, 0},
              {4, 0, 0x200000, 0, 0x10, 0, 0},
              {9, 0, 0x210000, 0, 0x10, 0, 0}}};
    uint64_t table = 0x2000, count = 1, entries = 0x2100, root = 0x3000;
    put_map(); /* must lose */
    put_tag(17, &map, sizeof(map));
    put_tag(12, &table, sizeof(table));
    memcpy(ram + table, "IBI SYST", 8);
    memcpy(ram + table + 104, &count, 8);
    memcpy(ram + table + 112, &entries, 8);
    memcpy(ram + entries, guid, 16);
    memcpy(ram + entries + 16, &root, 8);
    memcpy(ram + root, "RSD PTR ", 8);
    for (int i = 0; i < 8; i++)
        ram[root + 8] -= ram[root + i];
    check(!parse());
    check(info.rsdp == root);
    check(info.ram.count == 1 && info.ram.ranges[0].end == 0x210000);
    ram[root + 9] = 1;
    check(rsdp_from_efi(memory, table) == 0);
    tap_test("multiboot2 under UEFI: its memory map and root pointer are used");
}

static void test_pvh(void) {
    begin();
    uint64_t modules[4] = {0x400000, 1000, 0, 0};
    uint64_t map[6] = {0x100000, 0x800000, 1, 0xc0000000, 0x1000, 2};
    struct {
        uint32_t magic, version, flags, count;
        uint64_t modules, line, rsdp, map;
        uint32_t map_count, zero;
    } start = {PVH_MAGIC, 1, 0, 1, 0x1100, 0x1200, 0xf5000, 0x1300, 2, 0};
    memcpy(ram + 0x1000, &start, sizeof(start));
    memcpy(ram + 0x1100, modules, sizeof(modules));
    memcpy(ram + 0x1200, "cpus=2", 7);
    memcpy(ram + 0x1300, map, sizeof(map));
    check(!pvh_parse(memory, 0x1000, &info));
    check(info.ram.count == 1 && info.rsdp == 0xf5000 && !strcmp(info.command_line, "cpus=2"));
    check(info.module_count == 1 && !strcmp(info.modules[0].name, "init"));
    ram[0x1004] = 0;
    check(pvh_parse(memory, 0x1000, &info) != NULL);
    check(pvh_parse(memory, 0x3ff0, &info) != NULL);
    tap_test("PVH: start information, and refusals");
}

static uint64_t put_member(uint64_t at, const char *name, const char *content, unsigned mode) {
    uint64_t size = strlen(content), name_size = strlen(name) + 1;
    at += (uint64_t)sprintf((char *)ram + at,
                            "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", 1, mode,
                            0, 0, 1, 0, (unsigned)size, 0, 0, 0, 0, (unsigned)name_size, 0);
    memcpy(ram + at, name, name_size);
    at = (at + name_size + 3) & ~3ull;
    memcpy(ram + at, content, size);
    return (at + size + 3) & ~3ull;
}

static void test_archive(void) {
    begin();
    uint64_t at = put_member(0x1000, "./init", "program", 0100755);
    at = put_member(at, "lib", "", 040755);
    at = put_member(at, "hello", "hello, world", 0100644);
    uint64_t last = at;
    at = put_member(at, "TRAILER!!!", "", 0);
    boot_add_module(&info, 0x1000, at - 0x1000, "bundle");
    boot_add_module(&info, 0x200, 100, "/boot/plain x");
    check(!boot_files(memory, &info));
    check(info.file_count == 3 && !boot_file_find(&info, "lib"));
    const struct boot_file *init = boot_file_find(&info, "init"),
                           *hello = boot_file_find(&info, "hello");
    check(init && init->size == 7 && !memcmp(ram + init->start, "program", 7));
    check(hello && hello->size == 12 && !memcmp(ram + hello->start, "hello, world", 12));
    check(boot_file_find(&info, "plain") && boot_file_find(&info, "plain")->start == 0x200);
    tap_test("bundle: files of an archive and of a plain module");

    info.file_count = 0;
    info.modules[0].size = last - 0x1000; /* no trailer */
    check(boot_files(memory, &info) != NULL);
    info.file_count = 0;
    info.modules[0].size = 5;
    check(!boot_files(memory, &info) && info.file_count == 2); /* too short to be an archive */
    info.file_count = 0;
    info.modules[0].size = at - 0x1000;
    ram[0x1000 + 6 + 8 * 6] = 'f'; /* the size of the first member */
    check(boot_files(memory, &info) != NULL);
    info.file_count = 0;
    ram[0x1000 + 6 + 8 * 6] = 'x';
    check(boot_files(memory, &info) != NULL);
    info.file_count = 0;
    info.modules[0].start = sizeof(ram);
    check(boot_files(memory, &info) != NULL);
    tap_test("bundle: damage is refused");
}

static void test_options(void) {
    char value[6];
    const char *line = "log=warn  catalog=1 log=debugging cpus=12 bad=1x quiet";
    check(option_find(line, "log", value, sizeof(value)) && !strcmp(value, "debug"));
    check(!option_find(line, "quiet", value, sizeof(value)));
    check(!option_find(line, "cpu", value, sizeof(value)));
    check(option_number(line, "cpus", 1) == 12 && option_number(line, "bad", 7) == 7);
    check(option_number("", "x", 3) == 3);
    tap_test("options: words of the command line");
}

int main(void) {
    test_memory_map();
    test_firmware_ranges();
    test_multiboot2();
    test_efi();
    test_pvh();
    test_archive();
    test_options();
    return tap_done();
}
