/* SPDX-License-Identifier: MIT */
/*
 * The generator. Kinds of arguments come from abi/syscall.def: a handle is mostly of the right
 * type, an address mostly points at something, a number is mostly small or near a limit; each can
 * be anything. What ends the process itself is drawn seldom, else nothing would get far.
 */
#include "tests/kernel/hostile/generate.h"

#include <stdbool.h>

#include "abi/memory.h"
#include "lib/sys/syscall.h"
#include "lib/sys/thread.h"

#define OBJECT_ANY   OBJECT_NONE
#define BANK         8u /* handles kept of each type */
#define BUFFER_BYTES 65536u
#define SELDOM       64u
#define STACK_BYTES  8192u
#define STACKS       8u

enum kind { ABSENT, HANDLE, NUMBER, ADDRESS, SIZE };

struct argument {
    uint8_t kind, type;
};

static const struct argument rows[SYSCALL_COUNT][6] = {
#define H(wanted, right, name)                                                                     \
    { HANDLE, OBJECT_##wanted }
#define V(name)                                                                                    \
    { NUMBER, 0 }
#define A(name)                                                                                    \
    { ADDRESS, 0 }
#define S(name)                                                                                    \
    { SIZE, 0 }
#define _                                                                                          \
    { ABSENT, 0 }
#define SYSCALL(n, name, a1, a2, a3, a4, a5, a6, ...) [n] = {a1, a2, a3, a4, a5, a6},
#include "abi/syscall.def"
#undef SYSCALL
#undef H
#undef V
#undef A
#undef S
#undef _
};

static handle_t bank[OBJECT_TYPES][BANK];
static char buffer[BUFFER_BYTES] __attribute__((aligned(4096)));
static char stacks[STACKS][STACK_BYTES] __attribute__((aligned(16)));

/* xorshift64*, Vigna 2016. */
uint64_t draw(struct generator *g) {
    g->state ^= g->state >> 12;
    g->state ^= g->state << 25;
    g->state ^= g->state >> 27;
    return g->state * 0x2545f4914f6cdd1dull;
}

static uint64_t below(struct generator *g, uint64_t n) {
    return (draw(g) >> 20) % n;
}

static handle_t draw_handle(struct generator *g, unsigned type) {
    uint64_t r = below(g, 32);
    if (r == 0)
        return draw(g) >> below(g, 64);
    if (r < 4 || type == OBJECT_ANY)
        type = 1 + (unsigned)below(g, OBJECT_TYPES - 1);
    if (type == OBJECT_PROCESS && r < 12)
        return HANDLE_PROCESS;
    if (type == OBJECT_THREAD && r < 12)
        return HANDLE_THREAD;
    handle_t h = bank[type][below(g, BANK)];
    return r == 31 ? h + (1ull << HANDLE_INDEX_BITS) : h;
}

static uint64_t draw_address(struct generator *g) {
    uint64_t at = (uint64_t)buffer + below(g, BUFFER_BYTES);
    switch (below(g, 16)) {
    case 0:
        return at | (PAGE_SIZE - 1); /* the last byte of a page */
    case 1:
        return (uint64_t)buffer + BUFFER_BYTES - below(g, 64);
    case 2:
        return (uint64_t)generate + below(g, 64); /* not writable */
    case 3:
        return (uint64_t)g->block + below(g, 2 * PAGE_SIZE);
    case 4:
        return 0x0000800000000000ull - below(g, 2 * PAGE_SIZE);
    case 5:
        return 0xffff800000000000ull + (draw(g) >> below(g, 48));
    case 6:
        return below(g, 0x20000);
    case 7:
        return draw(g);
    case 8:
        return 0x300000000000ull + below(g, 64) * PAGE_SIZE; /* for mappings */
    default:
        return at & -8ull;
    }
}

static uint64_t draw_size(struct generator *g) {
    switch (below(g, 12)) {
    case 0:
        return draw(g);
    case 1:
        return ~0ull - below(g, 2 * PAGE_SIZE);
    case 2:
        return 1ull << below(g, 64);
    case 3:
    case 4:
        return below(g, 64);
    case 5:
        return 1 + below(g, 3 * PAGE_SIZE);
    default:
        return (1 + below(g, 32)) * PAGE_SIZE;
    }
}

static uint64_t soon(struct generator *g) {
    return below(g, 16) ? clock_nanoseconds() + below(g, 200000) : draw(g) >> below(g, 64);
}

static uint64_t draw_number(struct generator *g) {
    switch (below(g, 12)) {
    case 0:
        return draw(g);
    case 1:
        return 1ull << below(g, 64);
    case 2:
        return ~0ull - below(g, 4);
    case 3:
        return draw_address(g);
    case 4:
        return soon(g);
    case 5:
    case 6:
        return below(g, 64) * PAGE_SIZE;
    case 7:
        return draw_handle(g, OBJECT_ANY);
    default:
        return below(g, 1u << (1 + below(g, 10)));
    }
}

static uint64_t draw_argument(struct generator *g, struct argument a) {
    switch (a.kind) {
    case HANDLE:
        return draw_handle(g, a.type);
    case ADDRESS:
        return draw_address(g);
    case SIZE:
        return draw_size(g);
    case NUMBER:
        return draw_number(g);
    default:
        return draw(g);
    }
}

static uint64_t draw_op(struct generator *g) {
    uint64_t op = draw(g) & OP_CODE;
    op |= below(g, 3) ? 0 : OP_READ_WINDOW;
    op |= below(g, 3) ? 0 : OP_WRITE_WINDOW;
    op |= below(g, 24) ? OP_DEADLINE : 0;
    op |= below(g, 3) ? 0 : OP_HANDLES(below(g, 6));
    op |= below(g, 2) ? 0 : OP_ACCEPT(below(g, 6));
    return below(g, 64) ? op : op ^ 1ull << below(g, 64);
}

static struct window draw_window(struct generator *g) {
    return below(g, 4) ? (struct window){(uint64_t)buffer + below(g, PAGE_SIZE), below(g, 8192)}
                       : (struct window){draw_address(g), draw_size(g)};
}

/* What goes with a message stands in the thread's block. */
static void draw_block(struct generator *g) {
    struct thread_block *b = g->block;
    b->deadline = soon(g);
    b->read = draw_window(g);
    b->write = draw_window(g);
    b->buffer = draw_window(g);
    b->forward_session = draw_handle(g, OBJECT_SESSION);
    for (unsigned i = 0; i < MESSAGE_HANDLES; i++)
        b->send[i] =
            (struct handle_send){.handle = draw_handle(g, OBJECT_ANY),
                                 .rights = (uint16_t)draw(g),
                                 .flags = (uint16_t)(below(g, 32) ? below(g, 2) : draw(g))};
}

static bool is_message(uint64_t number) {
    return number <= SYSCALL_forward || number == SYSCALL_reply;
}

static void draw_message(struct generator *g, struct wild_call *c) {
    draw_block(g);
    c->a0 = draw_handle(g, c->number == SYSCALL_call ? OBJECT_SESSION : OBJECT_REPLY);
    if (c->number == SYSCALL_reply_wait && !below(g, 3))
        c->a0 = HANDLE_NONE;
    c->m.op = draw_op(g);
    c->a8 = draw_handle(g, c->number == SYSCALL_forward ? OBJECT_SESSION : OBJECT_ENDPOINT);
}

/* Calls that would end or stop this very process: seldom, and not twice the same way. */
static bool is_deadly(const struct wild_call *c) {
    switch (c->number) {
    case SYSCALL_process_exit:
    case SYSCALL_thread_exit:
        return true;
    case SYSCALL_process_kill:
    case SYSCALL_process_filter:
    case SYSCALL_process_become:
    case SYSCALL_thread_suspend:
        return c->a0 <= HANDLE_THREAD;
    case SYSCALL_handle_close:
    case SYSCALL_handle_revoke:
        return true; /* in moderation */
    case SYSCALL_thread_start:
        return c->m.op != (uint64_t)hostile_thread;
    }
    return false;
}

/* The few arguments that would make nearly all calls of their kind fail, wait for ever or win. */
static void adapt(struct generator *g, struct wild_call *c) {
    switch (c->number) {
    case SYSCALL_signal_wait:
    case SYSCALL_futex_wait:
        c->m.word[0] = soon(g);
        break;
    case SYSCALL_thread_create:
        if (c->m.word[0] < 256)
            c->m.word[0] %= HOSTILE_PRIORITY;
        break;
    case SYSCALL_thread_start:
        if (below(g, SELDOM))
            c->m.op = (uint64_t)hostile_thread;
        if (below(g, SELDOM))
            c->m.word[0] = (uint64_t)stacks[below(g, STACKS)] + STACK_BYTES - 8;
        break;
    case SYSCALL_thread_schedule:
        c->number = SYSCALL_thread_info; /* see docs/threat-model.md: it could take all time */
        break;
    }
}

static void draw_call(struct generator *g, struct wild_call *c) {
    uint64_t r = below(g, 128);
    c->number = below(g, SYSCALL_COUNT);
    c->a0 = c->a8 = draw(g);
    for (unsigned i = 0; i < MESSAGE_WORDS; i++)
        c->m.word[i] = draw(g);
    if (r < 40)
        c->number = (uint64_t[]){SYSCALL_call,    SYSCALL_reply_wait,   SYSCALL_reply,
                                 SYSCALL_forward, SYSCALL_forward_wait, SYSCALL_park}[below(g, 6)];
    if (is_message(c->number)) {
        draw_message(g, c);
        return;
    }
    const struct argument *a = rows[c->number];
    c->a0 = draw_argument(g, a[0]);
    c->m.op = draw_argument(g, a[1]);
    for (unsigned i = 2; i < 6; i++)
        c->m.word[i - 2] = draw_argument(g, a[i]);
    adapt(g, c);
    if (r == 127)
        c->number = SYSCALL_COUNT + below(g, 128 - SYSCALL_COUNT);
    if (r == 126 && !below(g, SELDOM))
        c->number = draw(g) - SYSCALL_BASE;
}

void generate(struct generator *g, struct wild_call *c) {
    do
        draw_call(g, c);
    while (is_deadly(c) && below(g, c->number == SYSCALL_handle_close ? 4 : SELDOM));
}

void remember_handle(struct generator *g, handle_t h) {
    uint64_t what, identity;
    err_t e = sys_handle_info((struct any_cap){h}, &what, &identity);
    unsigned type = what & 0xffff;
    if (err_ok(e) && type && type < OBJECT_TYPES)
        bank[type][below(g, BANK)] = h;
}

void remember(struct generator *g, const struct wild_call *c, uint64_t status) {
    if (STATUS_CODE(status) != ERR_OK)
        return;
    if (!is_message(c->number)) {
        remember_handle(g, c->m.badge);
        return;
    }
    remember_handle(g, c->m.reply.h);
    for (unsigned i = 0; i < g->block->received_count && i < MESSAGE_HANDLES; i++)
        remember_handle(g, g->block->received[i].handle);
}
