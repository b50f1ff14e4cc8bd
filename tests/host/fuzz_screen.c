/* SPDX-License-Identifier: MIT */
/* SOURCES: drivers/screen/vt.c drivers/screen/vt_sequence.c drivers/screen/vt_mode.c
   drivers/screen/cells.c drivers/screen/utf8.c drivers/screen/width.c drivers/screen/paint.c
   drivers/screen/glyphs.c drivers/screen/view.c */
/* RUNS: 12000 */
/*
 * Any bytes on screens of any size: nothing outside its memory is touched, what is left can be gone
 * on with, and what was drawn bit by bit is what is there.
 */
#include "screen_host.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct glass g;
    if (size < 3)
        return 0;
    uint32_t columns = 1 + data[0] % 40, rows = 1 + data[1] % 12;
    glass_start(&g, columns, rows, data[2] % 4);
    data += 3;
    size -= 3;
    for (size_t at = 0; at < size;) {
        size_t count = 1 + data[at] % 64;
        count = count < size - at ? count : size - at;
        vt_write(g.vt, data + at, count);
        g.vt->answered = 0;
        if (data[at] % 7 == 0)
            view_move(&g.view, data[at] % 5 - 2);
        if (data[at] % 3 == 0)
            view_draw(&g.view);
        at += count;
    }
    uint64_t gone = g.vt->cells.gone;
    g.vt->cells.gone = gone + 1; /* begins anew at 0 if it is not sound */
    if (!vt_start(g.vt, MEMORY, columns, rows) || g.vt->cells.gone != gone + 1)
        abort();
    g.vt->cells.gone = gone;
    view_draw(&g.view);
    if (!glass_right(&g))
        abort();
    glass_end(&g);
    return 0;
}
