/* SPDX-License-Identifier: MIT */
#include "tests/file/newc.h"

#include <stdio.h>
#include <string.h>

static void put(struct newc *a, const void *bytes, size_t length) {
    if (length > a->size - a->length) {
        a->full = true;
        return;
    }
    memcpy(a->at + a->length, bytes, length);
    a->length += length;
}

static void fill_up(struct newc *a) {
    put(a, "\0\0\0", -a->length & 3);
}

void newc_add(struct newc *a, const struct newc_member *m) {
    char header[128];
    size_t name = strlen(m->name) + 1;
    size_t more = m->align ? -(a->length + 110 + name) % m->align : 0;
    snprintf(header, sizeof header, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x",
             0u, m->mode, m->user, m->group, m->links, m->seconds, (unsigned)m->length, 0u, 0u, 0u,
             0u, (unsigned)(name + more), 0u);
    put(a, header, 110);
    put(a, m->name, name);
    while (more--)
        put(a, "", 1);
    fill_up(a);
    put(a, m->data, m->length);
    fill_up(a);
}

void newc_end(struct newc *a) {
    newc_add(a, &(struct newc_member){.name = "TRAILER!!!", .data = "", .links = 1});
}
