/* SPDX-License-Identifier: MIT */
/*
 * Interrupts. The root object, a range, covers all; lines and message vectors are carved out of it
 * and are derived from the handle used. One raise is let through until it is acknowledged: a level
 * line is masked when it is raised, since it would come again at once; an edge or message only if
 * it is raised again, so that no device can flood the processor. Edges that come while masked are
 * lost, so acknowledging then raises the signal once more and the driver looks at its device again.
 * A new line is masked until it is bound to a signal.
 */
#include "arch/irq.h"
#include "device.h"
#include "process.h"
#include "signal.h"
#include "syscall.h"
#include "trace.h"

static struct irq *irq_of(const struct slot *s) {
    return container_of(s->object, struct irq, object);
}

static void mask(struct irq *i) {
    i->masked = true;
    arch_irq_mask(i);
}

static void unmask(struct irq *i) {
    i->masked = false;
    arch_irq_unmask(i);
}

void irq_raised(struct irq *i) {
    trace(TRACE_INTERRUPTS, interrupt, i->line, 0);
    if (i->masked)
        return;
    if (i->level || i->raised)
        mask(i);
    if (i->raised)
        return; /* the signal was raised and nobody looked yet */
    i->raised = true;
    signal_binding_raise(&i->binding);
}

bool irq_destroy(struct object *o) {
    struct irq *i = container_of(o, struct irq, object);

    if (!i->range)
        arch_irq_detach(i);
    signal_binding_clear(&i->binding);
    return true;
}

err_t irq_create_root(struct pool *pool, struct irq **out) {
    struct object *o;
    err_t e = object_create(pool, OBJECT_IRQ, &o);

    if (!err_ok(e))
        return e;
    *out = container_of(o, struct irq, object);
    (*out)->range = true;
    return OK;
}

/* Takes the line or a vector; *message: what the device must write. */
static err_t attach(struct irq *i, uint64_t line, uint64_t mode, uint64_t *message) {
    uint64_t address;
    uint32_t data;
    err_t e;

    i->masked = true;
    i->message = line == IRQ_MESSAGE;
    i->level = mode & IRQ_LEVEL;
    i->low = mode & IRQ_LOW;
    *message = 0;
    if (!i->message) {
        i->line = (uint32_t)line;
        return arch_irq_attach(i, i->line, i->level, i->low);
    }
    e = arch_irq_attach_message(i, &address, &data);
    if (err_ok(e))
        *message = address | (uint64_t)data << 32;
    return e;
}

err_t sys_irq_create(struct thread *t, struct call_args *c) {
    uint64_t line = c->a[2], mode = c->a[3], message;
    struct object *o;
    struct slot *s;
    err_t e;

    if (!irq_of(c->slot[0])->range)
        return ERROR_ARG(BAD_ARGUMENT, 1);
    if (line != IRQ_MESSAGE && line > UINT32_MAX)
        return ERROR_ARG(BAD_ARGUMENT, 3);
    if (mode & ~(uint64_t)(IRQ_LEVEL | IRQ_LOW) || (line == IRQ_MESSAGE && mode))
        return ERROR_ARG(BAD_ARGUMENT, 4);
    e = slot_reserve(&t->process->slots, 1);
    if (err_ok(e))
        e = object_create(container_of(c->slot[1]->object, struct pool, object), OBJECT_IRQ, &o);
    if (!err_ok(e))
        return e;
    e = attach(container_of(o, struct irq, object), line, mode, &message);
    if (!err_ok(e)) {
        object_free(o);
        return err_is(e, ERR_BAD_ARGUMENT) ? ERROR_ARG(BAD_ARGUMENT, 3) : e;
    }
    s = slot_take(&t->process->slots);
    slot_install(s, o, object_types[OBJECT_IRQ].rights, 0, c->slot[0]);
    c->r[0] = slot_handle(s);
    c->r[1] = message;
    return OK;
}

err_t sys_irq_bind(struct thread *t, struct call_args *c) {
    struct irq *i = irq_of(c->slot[0]);
    uint64_t bits = c->a[2] & c->slot[1]->badge;
    (void)t;

    if (i->range)
        return ERROR_ARG(BAD_ARGUMENT, 1);
    if (!bits)
        return ERROR_ARG(BAD_ARGUMENT, 3);
    signal_binding_set(&i->binding, container_of(c->slot[1]->object, struct signal, object), bits);
    if (i->masked && !i->raised)
        unmask(i);
    return OK;
}

err_t sys_irq_acknowledge(struct thread *t, struct call_args *c) {
    struct irq *i = irq_of(c->slot[0]);
    (void)t;

    if (i->range)
        return ERROR_ARG(BAD_ARGUMENT, 1);
    if (!i->raised)
        return OK;
    i->raised = false;
    if (!i->masked)
        return OK;
    unmask(i);
    if (!i->level)
        signal_binding_raise(&i->binding);
    return OK;
}
