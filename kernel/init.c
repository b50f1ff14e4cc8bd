/* SPDX-License-Identifier: MIT */
/*
 * Makes the first process out of the boot file "init": its program, stack, thread, handles and boot
 * page (abi/boot.h). Runs once; whatever fails here is a mistake of the image, the machine or its
 * size, and is told to the person in front of it.
 */
#include "init.h"

#include "abi/boot.h"
#include "arch/cpu.h"
#include "boot/elf.h"
#include "boot/files.h"
#include "cpu.h"
#include "device.h"
#include "log.h"
#include "memory.h"
#include "process.h"
#include "syscall.h"
#include "test_call.h"
#include "trace.h"

#define STACK_BYTES   (256ul << 10)
#define INIT_PRIORITY 128
/* Windows in which each thing gets a random place; what is next to it stays unmapped. */
#define WINDOW_BYTES   (1ul << 44)
#define WINDOW_PROGRAM 0x200000000000ul
#define WINDOW_STACK   0x400000000000ul
#define WINDOW_BOOT    0x600000000000ul

#define MODULE_RIGHTS                                                                              \
    (RIGHT_DUPLICATE | RIGHT_SEND | RIGHT_REVOKE | RIGHT_INFO | RIGHT_MEMORY_READ |                \
     RIGHT_MEMORY_EXECUTE | RIGHT_MEMORY_CLONE)

static void need(err_t e, const char *what) {
    if (!err_ok(e))
        boot_fail("no room for %s (error %u)", what, e.code);
}

static vaddr_t random_place(vaddr_t window) {
    return window + arch_random() % (WINDOW_BYTES / PAGE_BYTES) * PAGE_BYTES;
}

static struct memory *new_memory(struct pool *pool, uint64_t bytes, const char *what) {
    struct memory *m;
    need(memory_create_anonymous(pool, round_up(bytes ? bytes : 1, PAGE_BYTES), &m), what);
    return m;
}

static void fill(struct memory *m, uint64_t offset, const uint8_t *from, uint64_t bytes) {
    while (bytes) {
        uint64_t within = offset % PAGE_BYTES, n = min_u64(bytes, PAGE_BYTES - within);
        uint8_t *page = memory_page(m, offset - within);
        if (!page)
            boot_fail("too little memory for the boot files");
        memcpy(page + within, from, n);
        offset += n, from += n, bytes -= n;
    }
}

static void map(struct process *p, struct memory *m, vaddr_t at, uint64_t bytes, uint32_t access) {
    const struct mapping like = {.node.key = at,
                                 .end = at + bytes,
                                 .space = p->space,
                                 .memory = m,
                                 .flags = access | MAP_PRIVATE_COPY,
                                 .allowed = access};
    need(space_is_free(p->space, at, at + bytes) ? OK : ERROR(OVERLAP), "init");
    need(mapping_create(&like) ? OK : ERROR(NO_MEMORY), "init");
}

/* Returns the entry. */
static vaddr_t load_program(struct process *p, struct bytes image) {
    struct elf_plan plan;
    const char *problem = elf_plan(image, ELF_MACHINE, USER_START, WINDOW_BYTES, &plan);
    if (problem)
        boot_fail("the boot file init cannot run: %s", problem);
    vaddr_t base = plan.relocatable ? random_place(WINDOW_PROGRAM) : 0;
    for (size_t i = 0; i < plan.count; i++) {
        struct elf_segment *s = &plan.segments[i];
        struct memory *m = new_memory(p->object.pool, s->end - s->start, "init");
        fill(m, s->address - s->start, image.start + s->offset, s->size);
        map(p, m, base + s->start, s->end - s->start, s->access);
    }
    return base + plan.entry;
}

static handle_t give(struct process *p, struct object *o, uint16_t rights) {
    need(slot_reserve(&p->slots, 1), "handles");
    struct slot *s = slot_take(&p->slots);
    slot_install(s, o, rights, 0, NULL);
    return slot_handle(s);
}

static handle_t give_all(struct process *p, struct object *o) {
    return give(p, o, object_types[o->type].rights);
}

/* A module that is one file in whole pages of its own becomes the memory object as it is. */
static bool adopt(const struct boot_info *boot, const struct boot_file *f, struct memory *m) {
    uint64_t whole = round_up(f->size, PAGE_BYTES);
    for (size_t i = 0; i < boot->module_count; i++)
        if (boot->modules[i].start == f->start && f->start % PAGE_BYTES == 0) {
            memset((uint8_t *)phys_to_virt(f->start) + f->size, 0, whole - f->size);
            need(memory_adopt(m, f->start, whole), f->name);
            return true;
        }
    return false;
}

static void give_files(struct process *p, struct boot_info *boot, struct boot_page *page) {
    for (size_t i = 0; i < boot->file_count; i++) {
        const struct boot_file *f = &boot->files[i];
        struct boot_module_entry *entry = &page->modules[i];
        struct memory *m = new_memory(p->object.pool, f->size, f->name);
        if (!adopt(boot, f, m))
            fill(m, 0, phys_to_virt(f->start), f->size);
        memcpy(entry->name, f->name, sizeof(entry->name));
        entry->memory = give(p, &m->object, MODULE_RIGHTS);
        entry->size = f->size;
    }
    page->module_count = (uint32_t)boot->file_count;
}

/* Gives back what was copied out of archives. */
static void free_modules(const struct boot_info *boot) {
    for (size_t i = 0; i < boot->module_count; i++) {
        paddr_t at = boot->modules[i].start & -PAGE_BYTES;
        for (; at < boot->modules[i].start + boot->modules[i].size; at += PAGE_BYTES)
            if (frame_of(at) && frame_of(at)->kind == FRAME_RESERVED)
                frame_free(at);
    }
}

static void give_authority(struct process *p, struct pool *root, struct boot_page *page) {
    struct memory *device;
    struct irq *irqs;
    struct ports *ports;
    struct trace *trace;
    need(memory_create_device(root, 0, DIRECT_MAP_BYTES, &device), "device memory");
    need(irq_create_root(root, &irqs), "interrupts");
    need(ports_create_root(root, &ports), "ports");
    need(trace_create_root(root, &trace), "trace");
    page->pool = give_all(p, &root->object);
    page->device = give_all(p, &device->object);
    page->irqs = give_all(p, &irqs->object);
    page->ports = give_all(p, &ports->object);
    page->trace = give_all(p, &trace->object);
}

static void describe_machine(const struct boot_info *boot, struct boot_page *page) {
    page->magic = BOOT_PAGE_MAGIC;
    page->memory_total = memory_map_bytes(&boot->ram);
    page->rsdp = boot->rsdp;
    page->entry_tsc = boot->entry_ticks;
    page->cpu_count = cpu_count;
    page->flags = kernel_boot_flags;
    page->framebuffer = boot->framebuffer;
    for (size_t i = 0; i < array_size(page->random_seed); i++)
        page->random_seed[i] = arch_random();
    memcpy(page->command_line, boot->command_line, sizeof(page->command_line));
}

/* The thread goes the way of every other: thread_create, then what thread_start does. */
static void start_thread(struct process *p, vaddr_t block, vaddr_t ip, vaddr_t sp, vaddr_t page) {
    struct thread *t;
    need(thread_create(p, block, INIT_PRIORITY, &t), "init's thread");

    uint64_t arguments[9] = {0, ip, sp, page};
    struct call_args call = {.slot = {&t->self}, .a = arguments};
    need(sys_thread_start(t, &call), "init's thread");
}

void init_start(struct boot_info *boot, struct pool *root) {
    struct process *p;
    _Static_assert(sizeof(struct boot_page) <= PAGE_BYTES, "one page");
    const struct boot_file *file = boot_file_find(boot, "init");
    if (!file)
        boot_fail("there is no boot file named init");
    need(process_create(root, SCHED_PRIORITIES - 1, &p), "init");
    vaddr_t entry = load_program(p, (struct bytes){phys_to_virt(file->start), file->size});

    struct memory *memory = new_memory(root, PAGE_BYTES, "the boot page");
    struct boot_page *page = memory_page(memory, 0);
    if (!page)
        boot_fail("no room for the boot page");
    give_authority(p, root, page);
    give_files(p, boot, page);
    describe_machine(boot, page);
    free_modules(boot);

    vaddr_t address = random_place(WINDOW_BOOT), stack = random_place(WINDOW_STACK);
    map(p, memory, address, PAGE_BYTES, MEMORY_READ);
    map(p, new_memory(root, STACK_BYTES, "init's stack"), stack, STACK_BYTES,
        MEMORY_READ | MEMORY_WRITE);
    start_thread(p, address + 2 * PAGE_BYTES, entry, stack + STACK_BYTES, address);
}
