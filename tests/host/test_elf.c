/* SPDX-License-Identifier: MIT */
/* SOURCES: kernel/boot/elf.c kernel/lib/text.c */
/* A good program, and one change after the other that must be refused. */
#include <stdlib.h>
#include <string.h>

#include "boot/elf.h"
#include "tap.h"

#define FIRST 0x10000ul
#define END   0x100000000ul

struct image {
    uint8_t identity[16];
    uint16_t type, machine;
    uint32_t version;
    uint64_t entry, segments, sections;
    uint32_t flags;
    uint16_t size, segment_size, segment_count, rest[3];
    struct {
        uint32_t type, flags;
        uint64_t offset, address, physical, file_size, memory_size, align;
    } segment[2];
    uint8_t text[256];
};

static const struct image good = {
    .identity = {0x7f, 'E', 'L', 'F', 2, 1, 1},
    .type = 2,
    .machine = 62,
    .entry = 0x400010,
    .segments = 64,
    .segment_size = 56,
    .segment_count = 2,
    .segment = {{1, 5, 0, 0x400000, 0, sizeof(struct image), sizeof(struct image), 4096},
                {1, 6, 0x20, 0x401020, 0, 0x40, 0x2000, 4096}},
};
static struct image image;
static struct elf_plan plan;

static const char *refusal(void) {
    /* In its own allocation, so that a step outside is seen. */
    uint8_t *copy = malloc(sizeof(image));
    memcpy(copy, &image, sizeof(image));
    const char *problem = elf_plan((struct bytes){copy, sizeof(image)}, 62, FIRST, END, &plan);
    free(copy);
    return problem;
}

#define REFUSES(change)                                                                            \
    do {                                                                                           \
        image = good;                                                                              \
        change;                                                                                    \
        check(refusal() != NULL);                                                                  \
    } while (0)

static void test_good(void) {
    image = good;
    check(!refusal());
    check(plan.count == 2 && plan.entry == 0x400010 && !plan.relocatable);
    check(plan.segments[0].access == (MEMORY_READ | MEMORY_EXECUTE));
    check(plan.segments[1].access == (MEMORY_READ | MEMORY_WRITE));
    check(plan.segments[1].start == 0x401000 && plan.segments[1].end == 0x404000);
    check(plan.segments[1].address == 0x401020 && plan.segments[1].size == 0x40);
    image.type = 3;
    image.segment[0].address = 0;
    image.segment[1].address = 0x1020;
    image.entry = 16;
    check(!refusal() && plan.relocatable && plan.segments[1].end == 0x4000);
    tap_test("elf: fixed and relocatable programs are planned");
}

static void test_refused(void) {
    REFUSES(image.identity[0] = 0);
    REFUSES(image.identity[4] = 1);
    REFUSES(image.identity[5] = 2);
    REFUSES(image.machine = 183);
    REFUSES(image.type = 1);
    REFUSES(image.segment_size = 32);
    REFUSES(image.segments = sizeof(image) - 8);
    REFUSES(image.segments = UINT64_MAX - 3);
    REFUSES(image.segment_count = 5000);
    REFUSES(image.entry = 0x401100);
    REFUSES(image.entry = 0);
    tap_test("elf: bad headers are refused");
    REFUSES(image.segment[0].flags = 7);
    REFUSES(image.segment[0].type = 3);
    REFUSES(image.segment[0].offset = 1);
    REFUSES(image.segment[0].offset = UINT64_MAX);
    REFUSES(image.segment[0].memory_size = 1);
    REFUSES(image.segment[1].address = 0x400800);
    REFUSES(image.segment[1].address = 0x300000);
    REFUSES(image.segment[1].address = END - 0x1000);
    REFUSES(image.segment[1].memory_size = UINT64_MAX - 0x401000);
    REFUSES(image.segment[0].address = 0xf000);
    REFUSES(image.segment[0].address = UINT64_MAX - 10);
    tap_test("elf: segments that cannot be are refused");
}

int main(void) {
    test_good();
    test_refused();
    return tap_done();
}
