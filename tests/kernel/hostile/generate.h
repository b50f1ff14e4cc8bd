/* SPDX-License-Identifier: MIT */
/* Pseudo-random system calls with arguments that get somewhere. */
#pragma once
#include "lib/sys/message.h"
#include "tests/kernel/hostile/control.h"

/* What one thread draws from; handles that calls gave are shared by all. */
struct generator {
    uint64_t state;
    struct thread_block *block;
};

struct wild_call {
    uint64_t number;
    uint64_t a0, a8;
    struct message m; /* a1: m.op, a2 to a7: m.word */
};

uint64_t draw(struct generator *g);
void generate(struct generator *g, struct wild_call *c);
/* Keeps the handles that a call gave. */
void remember(struct generator *g, const struct wild_call *c, uint64_t status);
void remember_handle(struct generator *g, handle_t h);
/* Where threads that it starts begin; in main.c. */
void hostile_thread(void *argument);
