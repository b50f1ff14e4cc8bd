/* SPDX-License-Identifier: MIT */
/*
 * Device interrupts: lines through the I/O APICs (82093AA data sheet, section 3), messages, and I/O
 * port access. All
 * interrupts go to the first CPU. Lines are masked in the controller; a message cannot
 * be stopped here, so the object that it belongs to ignores it while it is masked.
 */
#include "arch/irq.h"

#include "arch/pagetable.h"
#include "boot/acpi.h"
#include "device.h"
#include "log.h"
#include "machine/instr.h"
#include "machine/port.h"
#include <cpu.h>

#define LINES   256
#define VECTORS (VECTOR_SHOOTDOWN - VECTOR_DEVICES)

#define REDIRECTION     0x10 /* register of line 0, two words each */
#define VERSION         1
#define LINE_LOW        (1u << 13)
#define LINE_LEVEL      (1u << 15)
#define LINE_MASKED     (1u << 16)
#define LEGACY_LINES    16
#define MESSAGE_ADDRESS 0xfee00000u /* | APIC id << 12: SDM vol. 3A 10.11.1 */

static struct {
    volatile uint32_t *registers;
    uint32_t first, count; /* lines */
} controllers[ACPI_IO_APICS];
static unsigned controller_count;

static struct acpi_override overrides[ACPI_OVERRIDES];
static unsigned override_count;

static struct irq *vectors[VECTORS];
static uint8_t line_vectors[LINES]; /* 0: free */

static void controller_write(unsigned c, uint32_t reg, uint32_t value) {
    controllers[c].registers[0] = reg;
    controllers[c].registers[4] = value;
}

static uint32_t controller_read(unsigned c, uint32_t reg) {
    controllers[c].registers[0] = reg;
    return controllers[c].registers[4];
}

/* The two legacy controllers: to vectors that nobody uses, and masked (8259A data sheet). */
static void legacy_mask(void) {
    static const uint8_t setup[] = {0x11, VECTOR_LEGACY, 4, 1, 0xff};
    static const uint8_t setup2[] = {0x11, VECTOR_LEGACY + 8, 2, 1, 0xff};
    for (unsigned i = 0; i < sizeof(setup); i++) {
        out8(i ? 0x21 : 0x20, setup[i]);
        out8(i ? 0xa1 : 0xa0, setup2[i]);
    }
}

void io_apic_init(const struct acpi_machine *m) {
    if (m->legacy_controllers)
        legacy_mask();
    for (unsigned i = 0; i < m->override_count; i++)
        overrides[override_count++] = m->overrides[i];
    for (unsigned i = 0; i < m->io_apic_count; i++) {
        unsigned c = controller_count;
        void *at = boot_map_device(m->io_apics[i].address, 32, PT_UNCACHED);
        if (!at)
            continue;
        controllers[c].registers = at;
        controllers[c].first = m->io_apics[i].first_line;
        controllers[c].count = (controller_read(c, VERSION) >> 16 & 0xff) + 1;
        controller_count++;
        for (uint32_t n = 0; n < controllers[c].count; n++)
            controller_write(c, REDIRECTION + 2 * n, LINE_MASKED);
    }
}

/* Writes the redirection entry of a line; false: no controller has it. */
static bool line_write(uint32_t line, uint32_t value) {
    for (unsigned c = 0; c < controller_count; c++) {
        uint32_t n = line - controllers[c].first;
        if (line < controllers[c].first || n >= controllers[c].count)
            continue;
        controller_write(c, REDIRECTION + 2 * n + 1, cpus[0].arch.apic_id << 24);
        controller_write(c, REDIRECTION + 2 * n, value);
        return true;
    }
    return false;
}

static uint32_t line_value(const struct irq *i, uint8_t vector) {
    return vector | (i->level ? LINE_LEVEL : 0) | (i->low ? LINE_LOW : 0);
}

static uint8_t vector_take(struct irq *irq) {
    for (unsigned v = 0; v < VECTORS; v++)
        if (!vectors[v]) {
            vectors[v] = irq;
            return (uint8_t)(VECTOR_DEVICES + v);
        }
    return 0;
}

static uint8_t vector_of(const struct irq *i) {
    return i->message ? (uint8_t)i->line : line_vectors[i->line];
}

/* Lines below 16 mean what devices of the ISA bus mean: firmware says where they go and how. */
static void legacy_line(struct irq *i) {
    for (unsigned n = 0; n < override_count; n++) {
        if (overrides[n].source != i->line)
            continue;
        i->line = overrides[n].line;
        if (overrides[n].polarity_known)
            i->low = overrides[n].low;
        if (overrides[n].trigger_known)
            i->level = overrides[n].level;
        return;
    }
}

err_t arch_irq_attach(struct irq *i, uint32_t line, bool level, bool low) {
    i->line = line;
    i->level = level;
    i->low = low;
    i->message = false;
    if (line < LEGACY_LINES)
        legacy_line(i);
    if (i->line < LINES && line_vectors[i->line])
        return ERROR(BUSY); /* and its holder keeps its interrupts */
    if (i->line >= LINES || !line_write(i->line, LINE_MASKED))
        return ERROR(BAD_ARGUMENT);
    uint8_t vector = vector_take(i);
    if (!vector)
        return ERROR(LIMIT);
    line_vectors[i->line] = vector;
    return OK;
}

err_t arch_irq_attach_message(struct irq *i, uint64_t *address, uint32_t *data) {
    uint8_t vector = vector_take(i);
    if (!vector)
        return ERROR(LIMIT);
    i->message = true;
    i->level = false;
    i->line = vector;
    *address = MESSAGE_ADDRESS | cpus[0].arch.apic_id << 12;
    *data = vector;
    return OK;
}

void arch_irq_detach(struct irq *i) {
    uint8_t vector = vector_of(i);
    if (!i->message) {
        line_write(i->line, LINE_MASKED);
        line_vectors[i->line] = 0;
    }
    vectors[vector - VECTOR_DEVICES] = NULL;
}

void arch_irq_mask(struct irq *i) {
    if (!i->message)
        line_write(i->line, line_value(i, vector_of(i)) | LINE_MASKED);
}

void arch_irq_unmask(struct irq *i) {
    if (!i->message)
        line_write(i->line, line_value(i, vector_of(i)));
}

void io_apic_vector(unsigned vector) {
    if (vector < VECTOR_DEVICES)
        return; /* a spurious one of the legacy controllers: not to be ended */
    struct irq *i = vectors[(vector - VECTOR_DEVICES) % VECTORS];
    if (i)
        irq_raised(i);
    apic_end();
}

bool arch_port_read(uint32_t port, unsigned width, uint32_t *value) {
    uint16_t p = (uint16_t)port;
    *value = width == 1 ? in8(p) : width == 2 ? in16(p) : in32(p);
    return true;
}

bool arch_port_write(uint32_t port, unsigned width, uint32_t value) {
    if (width == 1)
        out8((uint16_t)port, (uint8_t)value);
    else if (width == 2)
        out16((uint16_t)port, (uint16_t)value);
    else
        out32((uint16_t)port, value);
    return true;
}
