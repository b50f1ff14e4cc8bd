/* SPDX-License-Identifier: MIT */
/* SOURCES: lib/file/lookup.c lib/file/client.c */
/* RUNS: 100000 */
/*
 * A client that looks a name up with a server that answers whatever it likes: bytes of the input
 * are the error, the words and the data of each answer. Nothing outside the client's buffers may be
 * touched, and the search ends.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/file/lookup.h"

static const uint8_t *input;
static size_t left;
static unsigned calls;

/* More than forty links through every branch of a search may take. */
#define CALLS_MAX 200000u

static void take(void *to, size_t size) {
    size_t n = size < left ? size : left;
    memcpy(to, input, n);
    input += n;
    left -= n;
}

err_t file_call(struct session_cap s, struct file_call *c) {
    uint8_t head[2] = {0, ERR_NOT_FOUND};
    (void)s;
    if (++calls > CALLS_MAX)
        abort();
    take(head, sizeof head);
    for (unsigned i = 0; i < MESSAGE_WORDS; i++)
        if (head[0] >> i & 1)
            take(&c->word[i], head[0] & 64 ? sizeof c->word[i] : 1);
    uint8_t size = 0;
    take(&size, 1);
    if (c->to)
        take(c->to, size < c->size ? size : c->size);
    return (err_t){.code = head[1] % 40};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct lookup l;
    char name[256];
    struct session_cap out;
    uint8_t length = 0;
    input = data;
    left = size;
    calls = 0;
    take(&length, 1);
    memset(name, '/', sizeof name);
    take(name, length);
    const struct lookup_base directory = {.session = {2}, .path = text_of("/some/where")};
    const struct lookup_base *const base[2] = {&directory, length & 2 ? &directory : NULL};
    const struct text names[2] = {{name, length / 2}, {name + length / 2, length - length / 2}};
    err_t e = length & 1 ? lookup_start(&l, (struct session_cap){1}, base[1], names[0], 0)
                         : lookup_start_two(&l, (struct session_cap){1}, base, names, 0);
    if (err_ok(e) && err_ok(lookup_open(&l, &out))) {
        static char path[FILE_PATH_MAX + 1];
        size_t size = 0;
        (void)lookup_path(&l, path, &size);
    }
    return 0;
}
