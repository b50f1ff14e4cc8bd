/* SPDX-License-Identifier: MIT */
/* Tests of a C library: what must hold, and the lists of tests. */
#pragma once
#include <stdbool.h>

struct test {
    const char *name;
    void (*run)(void);
};

/* Each ends with an entry without a name. */
extern const struct test memory_tests[], text_tests[], thread_tests[], machine_tests[];

/* Something that must hold did not: tells where, and the test has failed. Any thread may call it.
 */
void check_failed(const char *file, int line, const char *what);

#define CHECK(holds)                                                                               \
    do {                                                                                           \
        if (!(holds))                                                                              \
            check_failed(__FILE__, __LINE__, #holds);                                              \
    } while (0)

/* Bytes that this program's pool has used; pages included. */
unsigned long pool_used(void);
