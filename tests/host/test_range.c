/* SPDX-License-Identifier: MIT */
/* Address ranges of lib/bare: never two at once over the same address, holes used again and joined.
 */
#include "lib/bare/range.c"
#include "tap.h"

#define PAGE   4096ull
#define OWNED  300
#define ROUNDS 200000

static struct { uint64_t start, bytes; } owned[OWNED];

static void forget_all(void) {
    hole_count = 0;
    next_new = RANGE_START;
}

static void holes_are_used_again(void) {
    forget_all();
    uint64_t a = range_take(PAGE), b = range_take(4 * PAGE), c = range_take(PAGE);
    check(a == RANGE_START && b == a + PAGE && c == b + 4 * PAGE);
    range_give(b, 4 * PAGE);
    check(range_take(5 * PAGE) == c + PAGE);
    check(range_take(PAGE) == b && range_take(3 * PAGE) == b + PAGE && !hole_count);
    tap_test("holes are used again");
}

static void neighbours_are_joined(void) {
    forget_all();
    uint64_t a = range_take(PAGE), b = range_take(PAGE), c = range_take(PAGE);
    range_take(PAGE);
    range_give(a, PAGE);
    range_give(c, PAGE);
    range_give(b, PAGE);
    check(hole_count == 1 && range_take(3 * PAGE) == a);
    range_give(a, 4 * PAGE);
    check(!hole_count && next_new == RANGE_START);
    tap_test("neighbours are joined");
}

static bool is_apart(uint64_t start, uint64_t bytes) {
    for (unsigned i = 0; i < OWNED; i++)
        if (owned[i].bytes && start < owned[i].start + owned[i].bytes &&
            owned[i].start < start + bytes)
            return false;
    return true;
}

/* Also with more holes than the table has room for. */
static void no_range_is_taken_twice(void) {
    uint64_t state = 1;
    forget_all();
    for (unsigned i = 0; i < ROUNDS; i++) {
        unsigned k = (unsigned)random_below(&state, OWNED);
        if (owned[k].bytes) {
            range_give(owned[k].start, owned[k].bytes);
            owned[k].bytes = 0;
        } else {
            uint64_t bytes = (1 + random_below(&state, 64)) * PAGE, start = range_take(bytes);
            check(start >= RANGE_START && start <= RANGE_END - bytes && is_apart(start, bytes));
            owned[k].start = start;
            owned[k].bytes = bytes;
        }
    }
    check(next_new - RANGE_START < 1000 * OWNED * PAGE);
    tap_test("no range is taken twice");
}

static void bounds_are_kept(void) {
    forget_all();
    check(!range_take(RANGE_END - RANGE_START + 1) && !range_take(UINT64_MAX));
    next_new = RANGE_END - PAGE;
    check(range_take(2 * PAGE) == RANGE_START);
    range_give(RANGE_START - PAGE, PAGE);
    range_give(RANGE_END, PAGE);
    range_give(RANGE_END - PAGE, 2 * PAGE);
    check(!hole_count);
    tap_test("bounds are kept");
}

int main(void) {
    holes_are_used_again();
    neighbours_are_joined();
    no_range_is_taken_twice();
    bounds_are_kept();
    return tap_done();
}
