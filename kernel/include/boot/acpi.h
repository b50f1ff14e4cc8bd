/* SPDX-License-Identifier: MIT */
/*
 * What ACPI tables say about CPUs and interrupt controllers (ACPI 6.5, section 5.2: RSDP, RSDT,
 * XSDT, MADT); nothing else of ACPI is read. A pure function over foreign bytes, as the other boot
 * parsers.
 */
#pragma once
#include "types.h"

#define ACPI_CPUS      64
#define ACPI_IO_APICS  8
#define ACPI_OVERRIDES 16
#define ACPI_TABLE_MAX 65536u /* bytes; longer ones are refused */
#define ACPI_TABLES    256u   /* more are not looked at */

/* An ISA interrupt that is not the global line of the same number, active high, edge. */
struct acpi_override {
    uint8_t source;
    uint32_t line;
    bool polarity_known, low, trigger_known, level;
};

struct acpi_machine {
    uint32_t apic_ids[ACPI_CPUS]; /* CPUs that are ready for use */
    unsigned cpu_count;
    struct {
        paddr_t address;
        uint32_t first_line;
    } io_apics[ACPI_IO_APICS];
    unsigned io_apic_count;
    struct acpi_override overrides[ACPI_OVERRIDES];
    unsigned override_count;
    bool legacy_controllers; /* two 8259 that must be masked */
    unsigned left_out;       /* records that there was no room for */
};

/* `length` readable bytes of physical memory, or NULL. What it gave stays valid. */
typedef const void *(*acpi_view)(void *context, paddr_t address, uint64_t length);

/* NULL, or what is wrong. */
const char *acpi_read(acpi_view view, void *context, paddr_t rsdp, struct acpi_machine *out);
