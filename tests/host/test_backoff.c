/* SPDX-License-Identifier: MIT */
/* SOURCES: services/init/backoff.c */
/* How long init waits before it starts a server again. */
#include "services/init/backoff.h"
#include "tap.h"

#define MS 1000000ull

static void test_doubles(void) {
    static const uint64_t due[] = {10, 20, 40, 80, 160, 320, 640, 1280, 2560, 5120, 10000, 10000};
    struct backoff b = {0};
    for (unsigned i = 0; i < sizeof due / sizeof due[0]; i++) {
        check(backoff_next(&b, 0) == due[i] * MS);
        check(b.failures == i + 1);
    }
    tap_test("backoff: 10 ms, doubled up to 10 s");
}

static void test_health(void) {
    struct backoff b = {0};
    for (unsigned i = 0; i < 5; i++)
        backoff_next(&b, 1);
    check(backoff_next(&b, BACKOFF_HEALTH - 1) == 320 * MS && b.failures == 6);
    check(backoff_next(&b, BACKOFF_HEALTH) == 10 * MS && b.failures == 1);
    check(backoff_next(&b, 0) == 20 * MS);
    check(backoff_next(&b, UINT64_MAX) == 10 * MS);
    tap_test("backoff: from the beginning after a minute of health");
}

static void test_long(void) {
    struct backoff b = {0};
    for (unsigned i = 0; i < 100000; i++)
        check(backoff_next(&b, 0) <= BACKOFF_MOST);
    b.failures = UINT32_MAX;
    check(backoff_next(&b, 0) == BACKOFF_MOST && b.failures == UINT32_MAX);
    tap_test("backoff: never more than the limit");
}

int main(void) {
    test_doubles();
    test_health();
    test_long();
    return tap_done();
}
