/* SPDX-License-Identifier: MIT */
/*
 * Reads the ACPI tables that say which CPUs and interrupt controllers there are. Every table is
 * taken only with a right length and checksum; every record only inside its table.
 */
#include "boot/acpi.h"

#include "boot/bytes.h"

#define HEADER_BYTES 36u
#define RSDP_V1      20u
#define RSDP_V2      36u
#define MADT_RECORDS 44u
#define MADT_LEGACY  1u /* flags: PC-AT compatible */

/* MADT records (ACPI 6.5, table 5.21). */
enum { LOCAL_APIC = 0, IO_APIC = 1, OVERRIDE = 2, LOCAL_X2APIC = 9 };
#define CPU_ENABLED 1u

static uint32_t u32(struct bytes b, uint64_t at) {
    uint32_t v = 0;
    bytes_get(b, at, &v, sizeof(v));
    return v;
}

static uint64_t u64(struct bytes b, uint64_t at) {
    uint64_t v = 0;
    bytes_get(b, at, &v, sizeof(v));
    return v;
}

static bool checksum_ok(struct bytes b) {
    uint8_t sum = 0;
    for (uint64_t i = 0; i < b.length; i++)
        sum = (uint8_t)(sum + b.start[i]);
    return !sum;
}

/* The whole table at an address, checked; length 0: there is none. */
static struct bytes table_at(acpi_view view, void *context, paddr_t address) {
    struct bytes none = {NULL, 0};
    struct bytes t = {view(context, address, HEADER_BYTES), HEADER_BYTES};
    if (!t.start)
        return none;
    t.length = u32(t, 4);
    if (t.length < HEADER_BYTES || t.length > ACPI_TABLE_MAX)
        return none;
    t.start = view(context, address, t.length);
    return t.start && checksum_ok(t) ? t : none;
}

static bool named(struct bytes t, const char *name) {
    return t.length && !memcmp(t.start, name, 4);
}

/* The table of tables and the size of its entries. */
static const char *root_table(acpi_view view, void *context, paddr_t rsdp, struct bytes *out,
                              unsigned *entry) {
    struct bytes r = {view(context, rsdp, RSDP_V1), RSDP_V1};
    if (!r.start || memcmp(r.start, "RSD PTR ", 8) || !checksum_ok(r))
        return "the ACPI root pointer is damaged";
    paddr_t address = u32(r, 16);
    *entry = 4;
    if (r.start[15] >= 2) {
        r = (struct bytes){view(context, rsdp, RSDP_V2), RSDP_V2};
        if (!r.start || !checksum_ok(r))
            return "the extended ACPI root pointer is damaged";
        if (u64(r, 24)) {
            address = u64(r, 24);
            *entry = 8;
        }
    }
    *out = table_at(view, context, address);
    if (!named(*out, *entry == 8 ? "XSDT" : "RSDT"))
        return "the ACPI root table is missing or damaged";
    return NULL;
}

static void add_cpu(struct acpi_machine *m, uint32_t id, uint32_t flags) {
    if (!(flags & CPU_ENABLED))
        return;
    for (unsigned i = 0; i < m->cpu_count; i++)
        if (m->apic_ids[i] == id)
            return; /* told twice */
    if (m->cpu_count == ACPI_CPUS)
        m->left_out++;
    else
        m->apic_ids[m->cpu_count++] = id;
}

static void add_io_apic(struct acpi_machine *m, paddr_t address, uint32_t first_line) {
    if (m->io_apic_count == ACPI_IO_APICS) {
        m->left_out++;
        return;
    }
    m->io_apics[m->io_apic_count].address = address;
    m->io_apics[m->io_apic_count++].first_line = first_line;
}

/* Flags: ACPI 6.5, table 5.26. 0: as the bus has it, which for ISA is high and edge. */
static void add_override(struct acpi_machine *m, struct bytes r) {
    uint32_t flags = u32(r, 6) >> 16;
    if (m->override_count == ACPI_OVERRIDES) {
        m->left_out++;
        return;
    }
    m->overrides[m->override_count++] = (struct acpi_override){
        .source = r.start[3],
        .line = u32(r, 4),
        .polarity_known = flags & 3,
        .low = (flags & 3) == 3,
        .trigger_known = flags & 12,
        .level = (flags & 12) == 12,
    };
}

static void read_record(struct acpi_machine *m, struct bytes r) {
    if (r.start[0] == LOCAL_APIC && r.length >= 8)
        add_cpu(m, r.start[3], u32(r, 4));
    else if (r.start[0] == LOCAL_X2APIC && r.length >= 16)
        add_cpu(m, u32(r, 4), u32(r, 8));
    else if (r.start[0] == IO_APIC && r.length >= 12)
        add_io_apic(m, u32(r, 4), u32(r, 8));
    else if (r.start[0] == OVERRIDE && r.length >= 10)
        add_override(m, r);
}

static const char *read_madt(struct acpi_machine *m, struct bytes t) {
    if (t.length < MADT_RECORDS)
        return "the ACPI interrupt table is too short";
    m->legacy_controllers = u32(t, 40) & MADT_LEGACY;
    for (uint64_t at = MADT_RECORDS; at < t.length;) {
        const uint8_t *r = bytes_at(t, at, 2);
        if (!r || r[1] < 2 || !bytes_at(t, at, r[1]))
            return "the ACPI interrupt table is damaged";
        read_record(m, (struct bytes){r, r[1]});
        at += r[1];
    }
    return NULL;
}

const char *acpi_read(acpi_view view, void *context, paddr_t rsdp, struct acpi_machine *out) {
    struct bytes root;
    unsigned entry;
    memset(out, 0, sizeof(*out));
    const char *problem = root_table(view, context, rsdp, &root, &entry);
    if (problem)
        return problem;
    uint64_t n = min_u64((root.length - HEADER_BYTES) / entry, ACPI_TABLES);
    for (uint64_t i = 0; i < n; i++) {
        uint64_t at = HEADER_BYTES + i * entry;
        struct bytes t = table_at(view, context, entry == 8 ? u64(root, at) : u32(root, at));
        if (named(t, "APIC"))
            return read_madt(out, t);
    }
    return "there is no ACPI interrupt table";
}
