/* SPDX-License-Identifier: MIT */
/* SOURCES: kernel/obj/irq.c kernel/obj/ports.c kernel/arch/x86_64/ports.c kernel/obj/signal.c
 * kernel/obj/timer.c kernel/obj/futex.c kernel/lib/tree.c */
/*
 * Interrupt objects on a simulated line: nothing lost, nothing flooded. Port ranges: no access
 * leaves its range or reaches the kernel's own devices.
 */
#include "arch/irq.h"
#include "device.h"
#include "trace.h"
#include "waits.h"

const struct object_type_info object_types[OBJECT_TYPES];
static struct slot slots[8];
static unsigned slots_used, room = 1000;
static bool masked = true, attached;
static uint32_t last_port;

err_t slot_reserve(struct slot_table *table, unsigned count) {
    (void)table;
    return count <= room ? OK : ERROR(NO_MEMORY);
}
struct slot *slot_take(struct slot_table *table) {
    (void)table;
    return &slots[slots_used++ % 8];
}
void slot_install(struct slot *s, struct object *o, uint16_t rights, uint64_t badge,
                  struct slot *parent) {
    *s = (struct slot){.object = o, .rights = rights, .badge = badge, .parent = parent};
}
handle_t slot_handle(const struct slot *s) {
    return (uintptr_t)s;
}
void object_free(struct object *o) {
    free(o);
}
void trace_write(enum trace_event event, uint64_t a, uint64_t b) {
    (void)event, (void)a, (void)b;
}
err_t arch_irq_attach(struct irq *i, uint32_t line, bool level, bool low) {
    (void)i, (void)level, (void)low;
    attached = line < 24;
    return attached ? OK : ERROR_ARG(BAD_ARGUMENT, 3);
}
err_t arch_irq_attach_message(struct irq *i, uint64_t *address, uint32_t *data) {
    (void)i;
    attached = true;
    *address = 0xfee00000;
    *data = 0x41;
    return OK;
}
void arch_irq_detach(struct irq *i) {
    (void)i;
    attached = false;
}
void arch_irq_mask(struct irq *i) {
    (void)i;
    masked = true;
}
void arch_irq_unmask(struct irq *i) {
    (void)i;
    masked = false;
}
bool arch_port_read(uint32_t port, unsigned width, uint32_t *value) {
    last_port = port;
    *value = width;
    return true;
}
bool arch_port_write(uint32_t port, unsigned width, uint32_t value) {
    (void)width, (void)value;
    last_port = port;
    return true;
}

static struct slot pool_slot = {.object = &pool.object}, root_slot, signal_slot;
static struct signal the_signal;

static err_t irq_make(uint64_t line, uint64_t mode, struct slot **out, uint64_t *message) {
    struct call_args c = {.slot = {&root_slot, &pool_slot}};
    err_t e = invoke(irq_create, threads, &c, 0, 0, line, mode);
    *out = (struct slot *)c.r[0];
    *message = c.r[1];
    return e;
}

static struct irq *irq_bound(uint64_t line, uint64_t mode, struct slot **slot) {
    uint64_t message;
    struct call_args c;

    masked = true;
    check(err_ok(irq_make(line, mode, slot, &message)));
    check((*slot)->parent == &root_slot);
    c = (struct call_args){.slot = {*slot, &signal_slot}};
    check(masked);
    check(err_is(invoke(irq_bind, threads, &c, 0, 0, 8), ERR_BAD_ARGUMENT)); /* not its badge */
    check(err_ok(invoke(irq_bind, threads, &c, 0, 0, 3)));
    check(!masked);
    return (struct irq *)(*slot)->object;
}

static bool taken(void) {
    bool raised = the_signal.bits == 1;
    the_signal.bits = 0;
    return raised;
}

static void acknowledge(struct slot *s) {
    struct call_args c = {.slot = {s}};
    check(err_ok(invoke(irq_acknowledge, threads, &c, 0)));
}

static void irq_end(struct irq *i) {
    irq_destroy(&i->object);
    check(!attached && !the_signal.bindings);
    free(i);
}

static void test_level(void) {
    struct slot *s;
    struct irq *i = irq_bound(9, IRQ_LEVEL | IRQ_LOW, &s);

    acknowledge(s); /* harmless */
    check(!masked);
    irq_raised(i);
    check(taken() && masked);
    acknowledge(s);
    check(!taken() && !masked);
    irq_raised(i);
    check(taken() && masked);
    irq_end(i);
    tap_test("a level line is masked from its raise to the acknowledge");
}

static void test_edge(uint64_t line) {
    struct slot *s;
    struct irq *i = irq_bound(line, 0, &s);

    for (unsigned n = 0; n < 3; n++) {
        irq_raised(i);
        check(taken() && !masked);
        acknowledge(s);
        check(!taken() && !masked);
    }
    irq_raised(i);
    check(taken());
    for (unsigned n = 0; n < 1000; n++) {
        irq_raised(i); /* a storm */
        check(masked && !taken());
    }
    acknowledge(s);
    check(!masked && taken()); /* look again: an edge may have come while masked */
    irq_raised(i);
    check(taken() && !masked);
    irq_end(i);
}

static void test_refusals(void) {
    struct slot *s;
    uint64_t message;
    struct call_args c = {.slot = {&root_slot, &signal_slot}};

    check(err_is(irq_make(24, 0, &s, &message), ERR_BAD_ARGUMENT));
    check(err_is(irq_make(1ull << 32, 0, &s, &message), ERR_BAD_ARGUMENT));
    check(err_is(irq_make(1, 4, &s, &message), ERR_BAD_ARGUMENT));
    check(err_is(irq_make(IRQ_MESSAGE, IRQ_LEVEL, &s, &message), ERR_BAD_ARGUMENT));
    check(err_is(invoke(irq_bind, threads, &c, 0, 0, 1), ERR_BAD_ARGUMENT));
    check(err_is(invoke(irq_acknowledge, threads, &c, 0), ERR_BAD_ARGUMENT));
    room = 0;
    check(err_is(irq_make(1, 0, &s, &message), ERR_NO_MEMORY) && !attached);
    room = 1000;
    check(err_ok(irq_make(IRQ_MESSAGE, 0, &s, &message)) &&
          message == (0xfee00000 | 0x41ull << 32));
    c.slot[0] = s;
    check(err_is(invoke(irq_create, threads, &c, 0, 0, 1, 0), ERR_BAD_ARGUMENT)); /* not a range */
    irq_end((struct irq *)s->object);
    tap_test("wrong lines, modes and objects are refused");
}

static err_t port_read(struct slot *s, uint64_t port, uint64_t width) {
    struct call_args c = {.slot = {s}};
    return invoke(ports_read, threads, &c, 0, port, width);
}

static err_t port_write(struct slot *s, uint64_t port, uint64_t width, uint64_t value) {
    struct call_args c = {.slot = {s}};
    return invoke(ports_write, threads, &c, 0, port, width, value);
}

static err_t slice(struct slot *from, uint64_t first, uint64_t count, struct slot **out) {
    struct call_args c = {.slot = {from, &pool_slot}};
    err_t e = invoke(ports_slice, threads, &c, 0, 0, first, count);
    *out = (struct slot *)c.r[0];
    return e;
}

static void test_ports(void) {
    struct ports *root;
    struct slot root_ports = {0}, *s, *inner;

    check(err_ok(ports_create_root(&pool, &root)));
    root_ports.object = &root->object;
    check(err_ok(slice(&root_ports, 0x3f8, 8, &s)));
    for (uint64_t port = 0; port < 0x10010; port++)
        for (uint64_t width = 1; width <= 4; width *= 2) {
            bool inside = port >= 0x3f8 && port + width <= 0x400;
            last_port = 0;
            check(err_ok(port_read(s, port, width)) == inside);
            check(err_ok(port_write(s, port, width, 1)) == inside);
            check(last_port == (inside ? port : 0));
        }
    check(err_is(port_read(s, 0x3f8, 3), ERR_BAD_ARGUMENT) &&
          err_is(port_read(s, 0x3f8, 0), ERR_BAD_ARGUMENT));
    check(err_is(port_write(s, 0x3f8, 1, 256), ERR_BAD_ARGUMENT));
    check(err_is(port_read(s, 0x3f8 + (1ull << 32), 1), ERR_BAD_ARGUMENT));
    check(err_is(slice(s, 0x3f7, 2, &inner), ERR_BAD_ARGUMENT));
    check(err_is(slice(s, 0x3ff, 2, &inner), ERR_BAD_ARGUMENT));
    check(err_is(slice(s, 0x3f8, 0, &inner), ERR_BAD_ARGUMENT));
    check(err_is(slice(s, 0x3f9, UINT64_MAX, &inner), ERR_BAD_ARGUMENT));
    check(err_ok(slice(s, 0x3ff, 1, &inner)) &&
          err_is(port_read(inner, 0x3fe, 1), ERR_BAD_ARGUMENT));
    check(err_is(port_read(&root_ports, 0x21, 1), ERR_BUSY) &&
          err_is(port_write(&root_ports, 0x1e, 4, 0), ERR_BUSY));
    check(err_is(port_write(&root_ports, 0x4d1, 1, 0), ERR_BUSY) &&
          err_ok(port_read(&root_ports, 0xffff, 1)));
    check(err_is(port_read(&root_ports, 0xffff, 2), ERR_BAD_ARGUMENT));
    free(inner->object);
    free(s->object);
    free(root);
    tap_test("every byte of a port access lies in its range, and none in the kernel's devices");
}

int main(void) {
    struct irq *root;

    waits_init();
    list_init(&the_signal.waiters);
    signal_slot = (struct slot){.object = &the_signal.object, .badge = 1};
    check(err_ok(irq_create_root(&pool, &root)));
    root_slot.object = &root->object;
    test_level();
    test_edge(9);
    tap_test("an edge is masked by a storm, and looked at again after the acknowledge");
    test_edge(IRQ_MESSAGE);
    tap_test("so is a message");
    test_refusals();
    irq_destroy(&root->object);
    free(root);
    test_ports();
    return tap_done();
}
