/* SPDX-License-Identifier: MIT */
/*
 * From the loader to kernel_main: reads what the loader left, then builds the kernel's page
 * tables. In these no page is both writable and executable, the kernel's text and constants
 * have no alias, and the direct map holds RAM and nothing else until boot_map_device adds to it.
 * The table pages are one run that is counted out beforehand, so that building cannot fail.
 */
#include "machine/boot.h"
#include "arch/console.h"
#include "boot/loader.h"
#include "log.h"
#include "machine/instr.h"
#include "machine/offsets.h"
#include "machine/pagetable.h"
#include "screen.h"

#define EARLY_BYTES  (4ul << 30) /* reached by boot.S's tables */
#define LOW_BYTES    (1ul << 20) /* firmware may still write here: never handed out */
#define MEMORY_LEAST (48ul << 20)
#define SPARE_TABLES 32 /* for boot_map_device */
#define VGA_TEXT     0xb8000ul
#define VGA_BYTES    0x8000ul
#define KERNEL_FLAGS (PT_PRESENT | PT_GLOBAL | PT_ACCESSED | PT_DIRTY)

struct boot_info boot_info;
paddr_t kernel_table, boot_low_page;

static struct {
    uint16_t low;
    uint16_t segment;
    uint16_t kind;
    uint16_t middle;
    uint32_t high, reserved;
} fault_gates[32];

static paddr_t next_table, tables_end;
static struct memory_map direct; /* what the direct map holds */
static bool huge_pages;

void arch_boot_halt(void) {
    for (;;)
        __asm__ volatile("cli; hlt");
}

void boot_fault_report(const uint64_t *frame, vaddr_t address) {
    boot_fail("processor exception at start: %lx %lx %lx, address %lx", frame[0], frame[1],
              frame[2], address);
}

/* Until arch_init, every exception ends in boot_fault_report (SDM vol. 3A 6.14.1: gates). */
static void catch_faults(void) {
    uint64_t to = (uint64_t)boot_fault;
    struct {
        uint16_t limit;
        uint64_t base;
    } __attribute__((packed)) table = {sizeof(fault_gates) - 1, (uint64_t)fault_gates};
    for (size_t i = 0; i < array_size(fault_gates); i++) {
        fault_gates[i].low = (uint16_t)to;
        fault_gates[i].segment = KERNEL_CODE;
        fault_gates[i].kind = 0x8e00;
        fault_gates[i].middle = (uint16_t)(to >> 16);
        fault_gates[i].high = (uint32_t)(to >> 32);
    }
    __asm__ volatile("lidt %0" ::"m"(table));
}

static paddr_t image_address(const char *symbol) {
    return (vaddr_t)symbol - KERNEL_BASE;
}

/* The entry that maps `va` with pages of 1 << shift bytes; NULL: a bigger page does, or no tables.
 */
static uint64_t *entry_for(vaddr_t va, unsigned shift) {
    uint64_t *e = (uint64_t *)phys_to_virt(kernel_table) + (va >> 39 & 511);
    for (unsigned s = 30; s >= shift; s -= 9) {
        if (*e & PT_BIG)
            return NULL;
        if (!*e) {
            if (next_table == tables_end)
                return NULL;
            *e = next_table | PT_PRESENT | PT_WRITE;
            next_table += PAGE_BYTES;
        }
        e = pt_entry_of(*e, va, s);
    }
    return e;
}

/* Maps with the biggest pages that fit. What is mapped already stays. */
static bool map(vaddr_t va, paddr_t pa, uint64_t bytes, uint64_t flags) {
    while (bytes) {
        unsigned shift = huge_pages ? 30 : 21;
        while (shift > PAGE_SHIFT && ((va | pa) & ((1ul << shift) - 1) || bytes >> shift == 0))
            shift -= 9;
        uint64_t *e = entry_for(va, shift);
        if (!e && next_table == tables_end)
            return false;
        if (e && !*e)
            *e = pa | flags | (shift > PAGE_SHIFT ? PT_BIG : 0);
        va += 1ul << shift;
        pa += 1ul << shift;
        bytes -= 1ul << shift;
    }
    return true;
}

/* Table pages that the maps can need: per range two edges of a directory and a table each, and, per
 * GiB without huge pages, one directory; one more level above for each 512 GiB. */
static uint64_t tables_needed(void) {
    uint64_t n = 1 + 2 + (image_address(kernel_image_end) >> 21) + 1 + SPARE_TABLES;
    for (size_t i = 0; i < direct.count; i++) {
        uint64_t bytes = direct.ranges[i].end - direct.ranges[i].start;
        n += 4 + (huge_pages ? 0 : (bytes >> 30) + 1) + (bytes >> 39) + 2;
    }
    return n;
}

static void map_image(const char *start, const char *end, uint64_t flags) {
    map((vaddr_t)start, image_address(start), (uint64_t)(end - start), flags | KERNEL_FLAGS);
}

static void build_tables(void) {
    paddr_t text = image_address(kernel_text_start), constants = image_address(kernel_rodata_end);
    huge_pages = cpuid(0x80000000, 0).a > 0x80000000 && cpuid(0x80000001, 0).d >> 26 & 1;
    direct = boot_info.ram;
    if (!memory_map_remove(&direct, text, constants))
        boot_fail("the memory map is too fragmented");
    uint64_t bytes = tables_needed() * PAGE_BYTES;
    next_table = memory_map_place(&boot_info.ram, &boot_info.reserved, bytes, EARLY_BYTES);
    if (!next_table || !memory_map_add(&boot_info.reserved, next_table, next_table + bytes))
        boot_fail("there is no room for page tables");
    memset(phys_to_virt(next_table), 0, bytes);
    tables_end = next_table + bytes;
    kernel_table = next_table;
    next_table += PAGE_BYTES;

    map_image(kernel_text_start, kernel_text_end, 0);
    map_image(kernel_text_end, kernel_rodata_end, PT_NO_EXECUTE);
    map_image(kernel_rodata_end, boot_stack_guard, PT_NO_EXECUTE | PT_WRITE);
    map_image(boot_stack_guard + PAGE_BYTES, kernel_image_end, PT_NO_EXECUTE | PT_WRITE);
    for (size_t i = 0; i < direct.count; i++) {
        struct memory_range *r = &direct.ranges[i];
        map((vaddr_t)phys_to_virt(r->start), r->start, r->end - r->start,
            KERNEL_FLAGS | PT_NO_EXECUTE | PT_WRITE);
    }
}

void *boot_map_device(paddr_t address, uint64_t bytes, uint64_t caching) {
    paddr_t start = address & -PAGE_BYTES;
    if (address >= DIRECT_MAP_BYTES || bytes > DIRECT_MAP_BYTES - address)
        return NULL;
    uint64_t length = round_up(address + bytes, PAGE_BYTES) - start;
    bool done = map((vaddr_t)phys_to_virt(start), start, length,
                    KERNEL_FLAGS | PT_NO_EXECUTE | PT_WRITE | caching);
    return done ? phys_to_virt(address) : NULL;
}

static void reserve(paddr_t start, uint64_t bytes) {
    if (!memory_map_add(&boot_info.reserved, start & -PAGE_BYTES,
                        round_up(start + bytes, PAGE_BYTES)))
        boot_fail("there are too many separate boot modules");
}

/* The kernel until the early tables are given up, the modules, and low memory. */
static void reserve_parts(void) {
    paddr_t start = image_address(kernel_text_start);
    boot_info.kernel_start = start;
    boot_info.kernel_end = image_address(kernel_image_end);
    reserve(start, image_address(kernel_early_end) - start);
    for (size_t i = 0; i < boot_info.module_count; i++) {
        struct boot_file *m = &boot_info.modules[i];
        if (!m->size || !memory_map_contains(&boot_info.ram, m->start & -PAGE_BYTES,
                                             round_up(m->start + m->size, PAGE_BYTES)))
            boot_fail("the boot module %s is empty or not in memory", m->name);
        reserve(m->start, m->size);
    }
    boot_low_page = memory_map_place(&boot_info.ram, &boot_info.reserved, PAGE_BYTES, LOW_BYTES);
    for (size_t i = 0; i < boot_info.ram.count; i++) {
        struct memory_range *r = &boot_info.ram.ranges[i];
        if (r->start < LOW_BYTES)
            reserve(r->start, min_u64(r->end, LOW_BYTES) - r->start);
    }
}

/* The early tables reach the screen if it is below 4 GiB; the final ones get it after that. */
static void show_screen(void) {
    const struct boot_framebuffer *f = &boot_info.framebuffer;
    uint64_t bytes = (uint64_t)f->pitch * f->height;
    if (f->address && f->bits_per_pixel == 32) {
        void *base = kernel_table ? boot_map_device(f->address, bytes, PT_WRITE_THROUGH)
                     : f->address + bytes < EARLY_BYTES ? phys_to_virt(f->address)
                                                        : NULL;
        screen_init(base, f);
    } else if (boot_info.text_screen) {
        screen_init(kernel_table ? boot_map_device(VGA_TEXT, VGA_BYTES, PT_UNCACHED)
                                 : phys_to_virt(VGA_TEXT),
                    NULL);
    }
}

static const char *read_loader(uint32_t magic, paddr_t info) {
    struct bytes memory = {phys_to_virt(0), EARLY_BYTES};
    boot_info.text_screen = true;
    if (magic == MULTIBOOT2_MAGIC)
        return multiboot2_parse(memory, info, &boot_info);
    if (magic == PVH_MAGIC)
        return pvh_parse(memory, info, &boot_info);
    return "it was started neither by multiboot2 nor by PVH";
}

void boot_main(uint32_t magic, uint32_t info, uint64_t ticks) {
    arch_serial_init();
    catch_faults();
    boot_info.entry_ticks = ticks;
    const char *problem = read_loader(magic, info);
    show_screen();
    if (problem)
        boot_fail("%s", problem);
    features_check(boot_info.command_line);
    features_enable();
    uint64_t ram = memory_map_bytes(&boot_info.ram);
    if (ram < MEMORY_LEAST)
        boot_fail("%lu MiB of memory are too little; %lu MiB are needed", ram >> 20,
                  MEMORY_LEAST >> 20);
    reserve_parts();
    build_tables();
    write_cr3(kernel_table);
    memory_map_remove(&boot_info.reserved, boot_info.kernel_end, image_address(kernel_early_end));
    show_screen();
    kernel_main(&boot_info);
}
