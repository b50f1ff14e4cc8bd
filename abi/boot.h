/* SPDX-License-Identifier: MIT */
/*
 * What the kernel gives to the first process. `init` starts with a0 = address of a read-only page
 * with struct boot_page; the handles named there are the only ones it has beside HANDLE_PROCESS.
 */
#pragma once
#include <stdint.h>

#include "handle.h"

#define BOOT_PAGE_MAGIC 0x31746f6f62736f61ull /* "aosboot1" */
#define BOOT_MODULES    32

struct boot_module_entry {
    char name[48];   /* NUL-terminated, the module's command line up to the first space */
    handle_t memory; /* read-only, size rounded up to pages */
    uint32_t reserved;
    uint64_t size; /* bytes */
};

struct boot_framebuffer {
    uint64_t address; /* physical; reachable through `device`; 0: none */
    uint32_t pitch, width, height, bits_per_pixel;
    uint8_t red_shift, red_bits, green_shift, green_bits, blue_shift, blue_bits;
    uint8_t reserved[2];
};

struct boot_page {
    uint64_t magic;
    handle_t pool;   /* root pool: all memory */
    handle_t device; /* device memory: every physical address that is not RAM */
    handle_t irqs;   /* every interrupt */
    handle_t ports;  /* every I/O port */
    handle_t trace;  /* kernel events and log */
    uint32_t module_count;
    uint64_t memory_total; /* bytes of RAM */
    uint64_t rsdp;         /* physical address of the ACPI root pointer, 0: none */
    uint64_t entry_tsc;    /* time stamp counter at the kernel's first instruction */
    uint64_t random_seed[4];
    uint32_t cpu_count;
    uint32_t flags; /* BOOT_TEST */
    struct boot_framebuffer framebuffer;
    struct boot_module_entry modules[BOOT_MODULES];
    char command_line[512];
};

#define BOOT_TEST 1u /* a kernel built with test calls */
