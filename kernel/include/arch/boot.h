/* SPDX-License-Identifier: MIT */
/* Port contract: what the port's boot code hands to kernel_main. All addresses are physical. */
#pragma once
#include "abi/boot.h"
#include "frame.h"
#include "types.h"

#define BOOT_RANGES 128

struct boot_file {
    paddr_t start;
    uint64_t size; /* bytes */
    char name[48];
};

struct boot_info {
    const char *loader; /* "PVH", "multiboot2" */
    struct memory_range ram[BOOT_RANGES];
    size_t ram_count;
    struct boot_file files[BOOT_MODULES];
    size_t file_count;
    char command_line[512];
    paddr_t rsdp; /* 0: search */
    struct boot_framebuffer framebuffer;
    uint64_t entry_ticks;
    paddr_t kernel_start, kernel_end;
};

/* The order of boot is kernel/main.c. */
_Noreturn void kernel_main(struct boot_info *boot);
