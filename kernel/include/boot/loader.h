/* SPDX-License-Identifier: MIT */
/*
 * What boot loaders and firmware leave in memory. `memory` is physical memory from address 0 on, as
 * far as it can be read; addresses beyond it count as bad data.
 */
#pragma once
#include "arch/boot.h"
#include "boot/bytes.h"

#define MULTIBOOT2_MAGIC 0x36d76289u /* in EAX at the entry */
#define PVH_MAGIC        0x336ec578u /* first word of the start information */

/* Fill ram, modules, command_line, rsdp (PVH, and UEFI through multiboot2), framebuffer. */
const char *multiboot2_parse(struct bytes memory, paddr_t info, struct boot_info *out);
const char *pvh_parse(struct bytes memory, paddr_t info, struct boot_info *out);

/* ACPI root pointer: in the BIOS area, or from the UEFI system table; 0: none. */
paddr_t rsdp_search(struct bytes memory);
paddr_t rsdp_from_efi(struct bytes memory, paddr_t system_table);

/* Adds a module with the name that its command line says; false: no room. */
bool boot_add_module(struct boot_info *out, paddr_t start, uint64_t size, const char *command_line);
