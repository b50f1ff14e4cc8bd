/* SPDX-License-Identifier: MIT */
/* Unicode 15.0, EastAsianWidth.txt (W and F) and the blocks of combining marks, in ranges. */
#include "drivers/screen/width.h"

#include <stdbool.h>
#include <stddef.h>

struct range {
    uint32_t first, last;
};

static const struct range marks[] = {
    {0x300, 0x36f},   {0x483, 0x489},   {0x591, 0x5bd},   {0x610, 0x61a},   {0x64b, 0x65f},
    {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x200b, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x2064},
    {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}, {0xfeff, 0xfeff}, {0xe0100, 0xe01ef}};
static const struct range wide[] = {
    {0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0xa4cf},  {0xa960, 0xa97c}, {0xac00, 0xd7a3},
    {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},  {0xffe0, 0xffe6}, {0x1f300, 0x1f64f},
    {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd}};

static bool within(const struct range *r, size_t count, uint32_t c) {
    size_t low = 0;
    while (low < count) {
        size_t middle = (low + count) / 2;
        if (c > r[middle].last)
            low = middle + 1;
        else if (c < r[middle].first)
            count = middle;
        else
            return true;
    }
    return false;
}

unsigned width_of(uint32_t c) {
    if (c < marks[0].first)
        return c < 0x80 || c >= 0xa0; /* the controls between have none */
    if (within(marks, sizeof marks / sizeof *marks, c))
        return 0;
    return within(wide, sizeof wide / sizeof *wide, c) ? 2 : 1;
}
