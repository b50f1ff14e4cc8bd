/* SPDX-License-Identifier: MIT */
/* Memory of one size that is used again: what is made and given back with each open or wait. The
 * spare ones hang together by their first words. */
#pragma once
#include <stdlib.h>

struct spares {
    void *first;
    unsigned count;
};

/* How many are kept of each; 0 where every use after the end is to be seen. */
extern unsigned spares_most;

/* Not cleared; NULL: no memory. */
static inline void *spare_take(struct spares *s, size_t size) {
    void **spare = s->first;
    if (!spare)
        return malloc(size);
    s->first = *spare;
    s->count--;
    return spare;
}

static inline void spare_give(struct spares *s, void *spare) {
    if (s->count >= spares_most) {
        free(spare);
        return;
    }
    *(void **)spare = s->first;
    s->first = spare;
    s->count++;
}
