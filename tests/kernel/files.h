/* SPDX-License-Identifier: MIT */
/* The test files, in the order in which they run: what others build on comes first. */
#pragma once
#include "tests/kernel/test.h"

#define TEST_FILES(FILE)                                                                           \
    FILE(life)                                                                                     \
    FILE(life_ipc)                                                                                 \
    FILE(handles)                                                                                  \
    FILE(rights)                                                                                   \
    FILE(messages)                                                                                 \
    FILE(order)                                                                                    \
    FILE(transfer)                                                                                 \
    FILE(access)                                                                                   \
    FILE(pager)                                                                                    \
    FILE(pager_ends)                                                                               \
    FILE(endings)                                                                                  \
    FILE(notices)                                                                                  \
    FILE(memory)                                                                                   \
    FILE(copies)                                                                                   \
    FILE(futex)                                                                                    \
    FILE(schedule)                                                                                 \
    FILE(upcall)                                                                                   \
    FILE(process)                                                                                  \
    FILE(dry)                                                                                      \
    FILE(stress)                                                                                   \
    FILE(paths)                                                                                    \
    FILE(loops)                                                                                    \
    FILE(pools)                                                                                    \
    FILE(budget)                                                                                   \
    FILE(hostile)

#define FILE(name)                                                                                 \
    extern const struct test tests_##name[];                                                       \
    extern const size_t tests_##name##_count;
TEST_FILES(FILE)
#undef FILE

/* At the end of a test file, before its table. */
#define TESTS(name) const size_t tests_##name##_count = sizeof tests_##name / sizeof *tests_##name
