/* SPDX-License-Identifier: MIT */
/* audit: whether a log is as the server of /logs/audit gave it out. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/chain/verify.h"

#define LOG       "/logs/audit"
#define LOG_BYTES (4u << 20) /* a log is much smaller */

/* The whole file; false: it cannot be read. */
static bool file_read(int fd, char *to, size_t *length) {
    ssize_t n = 1;
    *length = 0;
    while (n > 0 && *length < LOG_BYTES) {
        n = read(fd, to + *length, LOG_BYTES - *length);
        if (n > 0)
            *length += (size_t)n;
    }
    if (!n)
        return true;
    if (n > 0)
        errno = EFBIG;
    return false;
}

static int verdict_say(const char *path, const struct chain_verdict *v) {
    if (v->fault == CHAIN_RIGHT) {
        printf("%s: %llu records: %s\n", path, (unsigned long long)v->records,
               chain_fault_text(v->fault));
        return 0;
    }
    if (v->source && v->number)
        printf("%s: line %zu: record %llu of %s: %s\n", path, v->line,
               (unsigned long long)v->number, audit_source_name(v->source),
               chain_fault_text(v->fault));
    else
        printf("%s: line %zu: %s\n", path, v->line, chain_fault_text(v->fault));
    return 1;
}

static int verify(const char *path) {
    struct chain_verdict v;
    size_t length = 0;
    int fd = strcmp(path, "-") != 0 ? open(path, O_RDONLY | O_CLOEXEC) : 0;
    char *log = malloc(LOG_BYTES);
    if (fd < 0 || !log || !file_read(fd, log, &length)) {
        fprintf(stderr, "audit: %s: %s\n", path, strerror(errno));
        free(log);
        return 2;
    }
    chain_verify(log, length, &v);
    free(log);
    return verdict_say(path, &v);
}

int main(int argc, char **argv) {
    if (argc < 2 || argc > 3 || strcmp(argv[1], "verify") != 0) {
        fprintf(stderr, "usage: audit verify [FILE]\n");
        return 2;
    }
    return verify(argc == 3 ? argv[2] : LOG);
}
