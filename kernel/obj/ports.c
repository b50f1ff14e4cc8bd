/* SPDX-License-Identifier: MIT */
/*
 * I/O port ranges. The root covers all ports; a slice lies within its range and is derived from
 * the handle it was made with. Every byte that an access touches is in the range. The ports of the
 * kernel's own devices are in the root but refuse access.
 */
#include "arch/irq.h"
#include "device.h"
#include "process.h"
#include "syscall.h"

static struct ports *ports_of(const struct slot *s) {
    return container_of(s->object, struct ports, object);
}

static bool within(const struct ports *p, uint64_t first, uint64_t count) {
    return first >= p->first && count <= p->count && first - p->first <= p->count - count;
}

static err_t create(struct pool *pool, uint32_t first, uint32_t count, struct ports **out) {
    struct object *o;
    err_t e = object_create(pool, OBJECT_PORTS, &o);

    if (!err_ok(e))
        return e;
    *out = container_of(o, struct ports, object);
    (*out)->first = first;
    (*out)->count = count;
    return OK;
}

err_t ports_create_root(struct pool *pool, struct ports **out) {
    return create(pool, 0, ARCH_PORTS, out);
}

err_t sys_ports_slice(struct thread *t, struct call_args *c) {
    struct pool *pool = container_of(c->slot[1]->object, struct pool, object);
    uint64_t first = c->a[2], count = c->a[3];
    struct ports *slice;
    struct slot *s;
    err_t e;

    if (!count || !within(ports_of(c->slot[0]), first, count))
        return ERROR_ARG(BAD_ARGUMENT, 3);
    e = slot_reserve(&t->process->slots, 1);
    if (err_ok(e))
        e = create(pool, (uint32_t)first, (uint32_t)count, &slice);
    if (!err_ok(e))
        return e;
    s = slot_take(&t->process->slots);
    slot_install(s, &slice->object, c->slot[0]->rights, 0, c->slot[0]);
    c->r[0] = slot_handle(s);
    return OK;
}

static err_t access_check(const struct ports *p, uint64_t port, uint64_t width) {
    if (width != 1 && width != 2 && width != 4)
        return ERROR_ARG(BAD_ARGUMENT, 3);
    if (!within(p, port, width))
        return ERROR_ARG(BAD_ARGUMENT, 2);
    if (arch_port_reserved((uint32_t)port, (unsigned)width))
        return ERROR_ARG(BUSY, 2);
    return OK;
}

err_t sys_ports_read(struct thread *t, struct call_args *c) {
    err_t e = access_check(ports_of(c->slot[0]), c->a[1], c->a[2]);
    uint32_t value;
    (void)t;

    if (!err_ok(e))
        return e;
    if (!arch_port_read((uint32_t)c->a[1], (unsigned)c->a[2], &value))
        return ERROR(UNSUPPORTED);
    c->r[0] = value;
    return OK;
}

err_t sys_ports_write(struct thread *t, struct call_args *c) {
    err_t e = access_check(ports_of(c->slot[0]), c->a[1], c->a[2]);
    (void)t;

    if (!err_ok(e))
        return e;
    if (c->a[3] >> 8 * c->a[2])
        return ERROR_ARG(BAD_ARGUMENT, 4);
    if (!arch_port_write((uint32_t)c->a[1], (unsigned)c->a[2], (uint32_t)c->a[3]))
        return ERROR(UNSUPPORTED);
    return OK;
}
