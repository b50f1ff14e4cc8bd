/* SPDX-License-Identifier: MIT */
/* What boot.S and boot.c offer to the rest of the port. */
#pragma once
#include "arch/boot.h"
#include "types.h"

extern struct boot_info boot_info;
extern paddr_t kernel_table;  /* PML4 of the kernel: image and direct map, no user half */
extern paddr_t boot_low_page; /* a reserved page of RAM below 1 MiB, for starting CPUs; 0: none */
extern char boot_stack_top[]; /* of the first CPU; a page without mapping is below the stack */
extern char kernel_text_start[], kernel_text_end[], kernel_rodata_end[]; /* page aligned */
extern char kernel_image_end[], kernel_early_end[], boot_stack_guard[];

/*
 * Makes firmware tables or device registers readable and writable in the direct map, without
 * execution; what is already mapped stays as it is. `caching`: 0, PT_UNCACHED or PT_WRITE_THROUGH.
 * Before the first process only, as it may add to kernel_table. NULL: out of tables or of range.
 */
void *boot_map_device(paddr_t address, uint64_t bytes, uint64_t caching);

/* boot_fail unless this CPU has what the kernel needs and `unsafe=1` or no Meltdown. */
void features_check(const char *command_line);
/* Turns the needed features on; on every CPU. */
void features_enable(void);

/* Called by boot.S. */
_Noreturn void boot_main(uint32_t magic, uint32_t info, uint64_t ticks);
_Noreturn void boot_fault_report(const uint64_t *frame, vaddr_t address);
void boot_fault(void);
