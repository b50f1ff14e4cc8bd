/* SPDX-License-Identifier: MIT */
/* SOURCES: services/proc/ends.c */
/* RUNS: 100000 */
/*
 * The table of `proc` and a model of it, driven by the bytes of the input: an operation, who does
 * it, and what it says. After each the two must agree.
 */
#include "proc_model.h"
#include "services/proc/ends.h"

static const uint8_t *input;
static size_t left;

static uint8_t take(void) {
    return left ? left--, *input++ : 0;
}

/* Some process that is there. */
static struct model *some(uint8_t byte) {
    uint32_t start = model_count > 24 ? model_count - 24 : 0, n = model_count - start;
    for (uint32_t i = 0; i < n; i++)
        if (model[start + (byte + i) % n].there)
            return &model[start + (byte + i) % n];
    return model_of(1);
}

static struct model *some_alive(uint8_t byte) {
    struct model *m = some(byte);
    return m->state == PROCESS_ENDED ? model_of(1) : m;
}

/* A number of a process, or near one, or nonsense. */
static uint32_t some_number(uint8_t byte) {
    if (byte >= 0xf0)
        return byte & 3;
    return some(byte)->number + (byte >= 0xe0);
}

static void wait_some(struct model *m, uint8_t how, uint8_t number) {
    struct query q = {how % 3, some_number(number), PROC_WAIT_ENDED};
    q.options = how / 3 & PROC_WAIT_ALL;
    if (!(q.options & (PROC_WAIT_STOPPED | PROC_WAIT_ENDED | PROC_WAIT_CONTINUED)))
        q.options |= PROC_WAIT_ENDED;
    callers_gone = how > 240;
    both_wait(m, &q);
    callers_gone = false;
}

static void step(uint8_t op, struct model *m, uint8_t a, uint8_t b) {
    static const uint32_t signals[] = {0, 15, PROC_SIGKILL, PROC_SIGCONT, PROC_SIGTSTP, 64};
    switch (op % 12) {
    case 0:
    case 1:
    case 2:
        both_fork(m, a % 3, b > 230);
        break;
    case 3:
    case 4:
        callers_gone = b > 220;
        if (m->number != 1) {
            struct end end = end_of(a & 3, b & 1 ? PROC_END_BY_SIGNAL | a : a);
            must(end.how >= PROC_EXITED && end.how <= PROC_DUMPED && end.code < 256);
            both_end(m, end.how, end.code);
        }
        callers_gone = false;
        break;
    case 5:
    case 6:
        wait_some(m, a, b);
        break;
    case 7:
        both_kill(m, a & 1 ? some_number(b) : -(int64_t)some_number(b), signals[a / 2 % 6]);
        break;
    case 8:
        both_group(m, some_number(a), some_number(b));
        break;
    case 9:
        both_session(m);
        break;
    case 10:
        both_stop(m, a & 2 ? PROC_SIGSTOP : PROC_SIGTTIN, a & 1 ? m->sequence : b);
        break;
    default:
        both_interrupt(b);
        m->flags = m->real->child_flags = a & PROC_CHILDREN_ALL;
        m->executed = m->real->executed |= a > 128;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    input = data;
    left = size < 4096 ? size : 4096;
    model_start();
    while (left) {
        uint8_t op = take(), who = take(), a = take();
        step(op, some_alive(who), a, take());
        model_check();
    }
    return 0;
}
