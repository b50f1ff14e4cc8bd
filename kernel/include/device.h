/* SPDX-License-Identifier: MIT */
/* Interrupt and I/O port objects. The root of each covers everything and belongs to init. */
#pragma once
#include "object.h"
#include "pool.h"

struct irq {
    struct object object;
    bool range; /* the root: lines are carved out of it */
    bool level, low, message;
    bool raised;   /* and not yet acknowledged */
    bool masked;   /* by us: until acknowledged, or until first bound */
    uint32_t line; /* global system interrupt, or for messages the vector */
    struct signal_binding binding;
};

struct ports {
    struct object object;
    uint32_t first, count;
};

bool irq_destroy(struct object *o);
err_t irq_create_root(struct pool *pool, struct irq **out);
err_t ports_create_root(struct pool *pool, struct ports **out);
/* Called by the architecture with the vector's registered irq, interrupts off, kernel lock held. */
void irq_raised(struct irq *i);
