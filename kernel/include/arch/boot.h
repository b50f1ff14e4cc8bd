/* SPDX-License-Identifier: MIT */
/* Port contract: what the port's boot code hands to kernel_main. All addresses are physical. */
#pragma once
#include "abi/boot.h"
#include "boot/memory_map.h"
#include "types.h"

struct boot_file {
    paddr_t start;
    uint64_t size; /* bytes */
    char name[48];
};

struct boot_info {
    const char *loader;         /* "PVH", "multiboot2" */
    struct memory_map ram;      /* all usable RAM */
    struct memory_map reserved; /* what must not be handed out: kernel, tables, modules */
    struct boot_file modules[BOOT_MODULES]; /* as loaded */
    size_t module_count;
    struct boot_file files[BOOT_MODULES]; /* what the modules hold; see boot/files.h */
    size_t file_count;
    char command_line[512];
    paddr_t rsdp; /* ACPI root pointer, 0: none found */
    struct boot_framebuffer framebuffer;
    bool text_screen; /* there may be a VGA text screen */
    uint64_t entry_ticks;
    paddr_t kernel_start, kernel_end;
};

/* The order of boot is kernel/main.c. */
_Noreturn void kernel_main(struct boot_info *boot);
/* Stops this CPU for good; usable from the first instruction on. */
_Noreturn void arch_boot_halt(void);
/* e_machine of programs that this machine runs. */
#define ELF_MACHINE MACHINE_ELF
