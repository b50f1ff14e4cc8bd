/* SPDX-License-Identifier: MIT */
/*
 * The driver of the screen: a terminal on the frame buffer that the boot loader gave, with the
 * keyboard. Started with its endpoint, the memory of the frame buffer, memory in which the text is
 * kept for the driver that follows, and a session of the keyboard's driver; and as arguments what
 * struct boot_framebuffer says of the pixels, in its order. It serves one file, like a serial line:
 * what is written stands on the screen, what is read was typed, or answers what was written.
 */
#include <stdio.h>
#include <stdlib.h>

#include "abi/serial.h"
#include "abi/tty.h"
#include "drivers/screen/glyphs.h"
#include "drivers/screen/listen.h"
#include "drivers/screen/typed.h"
#include "drivers/screen/view.h"
#include "lib/file/loop.h"
#include "lib/file/waits.h"
#include "lib/sys/mem.h"
#include "lib/sys/print.h"
#include "lib/sys/program.h"
#include "lib/sys/room.h"
#include "lib/sys/syscall.h"
#include "lib/sys/thread.h"

#define KEYS_BIT  1u /* of the signal */
#define DRAW_BIT  2u
#define TYPED     1024u
#define PIECE     4096u
#define INTERVAL  16000000ull /* nanoseconds between two pictures */
#define ARGUMENTS 11          /* and the name */

static struct file_server server;
static struct node line;
static struct file_queue reads;
static struct signal_cap work;
static struct timer_cap timer;
static struct frame frame;
static struct vt *vt;
static struct view view;
static uint8_t typed[TYPED]; /* not read yet */
static size_t typed_count;
static uint64_t drawn_at;
static bool drawing; /* at the time that the timer is set for */

/* ---- pictures ---- */

static void draw(void) {
    view_draw(&view);
    drawn_at = clock_nanoseconds();
    drawing = false;
}

/* At once, or when enough time has gone since the last one. */
static void draw_soon(void) {
    uint64_t now = clock_nanoseconds();
    if (drawing)
        return;
    drawing = now < drawn_at + INTERVAL && err_ok(sys_timer_set(timer, drawn_at + INTERVAL, 0));
    if (!drawing)
        draw();
}

/* ---- what is typed ---- */

static void type(const uint8_t *bytes, size_t count) {
    if (count > TYPED - typed_count)
        return; /* nobody reads: what has no room is lost, as at Linux' console */
    memcpy(typed + typed_count, bytes, count);
    typed_count += count;
    file_wake(&server, &reads);
    file_changed(&line, FILE_READABLE);
}

static void take_answers(void) {
    type(vt->answer, vt->answered);
    vt->answered = 0;
}

/* Shift and the keys for pages move the view. */
static bool moves_view(const struct keyboard_event *e) {
    bool page = e->key == KEY_PAGE_UP || e->key == KEY_PAGE_DOWN;
    if (!page || !(e->modifiers & KEYBOARD_SHIFT) || e->action == KEYBOARD_UP)
        return false;
    int64_t half = vt->cells.rows / 2;
    view_move(&view, e->key == KEY_PAGE_UP ? half : -half);
    return true;
}

static void take_keys(void) {
    struct keyboard_event events[16];
    uint8_t bytes[TYPED_MOST];
    size_t count;
    while ((count = listen_take(events, sizeof events / sizeof *events)))
        for (size_t i = 0; i < count; i++) {
            if (moves_view(&events[i]))
                continue;
            size_t length = typed_put(&events[i], vt->application, bytes);
            if (length)
                view_home(&view);
            type(bytes, length);
        }
    draw_soon();
}

static void raised(struct file_server *s, uint64_t bits) {
    (void)s;
    if (bits & KEYS_BIT)
        take_keys();
    if (bits & DRAW_BIT && drawing)
        draw();
}

/* ---- the file ---- */

static uint8_t piece[PIECE]; /* of a write, until its answer has gone out */

static err_t line_open(struct file *f) {
    f->positioned = false;
    return OK;
}

static err_t line_read(struct file *f, struct file_request *r, uint64_t offset, size_t wanted) {
    (void)f;
    (void)offset;
    if (!wanted)
        return OK;
    if (!typed_count || file_behind(r, &reads))
        return file_wait(r, &reads);
    return file_emit(r, typed, typed_count < wanted ? typed_count : wanted);
}

static err_t line_write(struct file *f, struct file_request *r, uint64_t offset, size_t wanted) {
    size_t count = wanted < PIECE ? wanted : PIECE;
    (void)f;
    (void)offset;
    err_t e = file_take(r, 0, piece, count);
    if (err_ok(e))
        r->done = count;
    return e;
}

static void line_settled(struct file *f, struct file_request *r, bool answered) {
    (void)f;
    if (!answered || !r->done)
        return;
    if (r->op == FILE_READ) {
        typed_count -= r->done;
        memmove(typed, typed + r->done, typed_count);
    } else if (r->op == FILE_WRITE) {
        vt_write(vt, piece, r->done);
        take_answers();
        draw_soon();
    }
}

static uint32_t line_poll(struct file *f, uint64_t *bytes) {
    (void)f;
    *bytes = typed_count;
    return FILE_WRITABLE | (typed_count ? FILE_READABLE : 0);
}

static err_t line_other(struct file *f, struct file_request *r) {
    const struct tty_size size = {
        .rows = (uint16_t)vt->cells.rows,
        .columns = (uint16_t)vt->cells.columns,
        .x_pixels = (uint16_t)(vt->cells.columns * GLYPH_WIDTH),
        .y_pixels = (uint16_t)(vt->cells.rows * GLYPH_HEIGHT),
    };
    (void)f;
    if (r->op == SERIAL_DRAIN)
        draw();
    else if (r->op == SERIAL_STATE)
        r->answer[0] = typed_count;
    else if (r->op == SERIAL_SIZE)
        memcpy(&r->answer[0], &size, sizeof size);
    else
        return ERROR(UNSUPPORTED);
    return OK;
}

static const struct node_ops line_ops = {
    .open = line_open,
    .read = line_read,
    .write = line_write,
    .poll = line_poll,
    .other = line_other,
    .settled = line_settled,
};

/* ---- start ---- */

/* False: this driver cannot show such pixels. */
static bool frame_told(char **argument, uint8_t *base, size_t size) {
    uint32_t n[ARGUMENTS];
    for (unsigned i = 0; i < ARGUMENTS; i++)
        n[i] = (uint32_t)strtoul(argument[i], NULL, 10);
    frame = (struct frame){.base = base + n[0],
                           .pitch = n[1],
                           .width = n[2],
                           .height = n[3],
                           .bytes = (n[4] + 7) / 8,
                           .red = {(uint8_t)n[5], (uint8_t)n[6]},
                           .green = {(uint8_t)n[7], (uint8_t)n[8]},
                           .blue = {(uint8_t)n[9], (uint8_t)n[10]}};
    return n[0] < size && frame_start(&frame, size - n[0]);
}

static err_t map(handle_t memory, uint32_t flags, uint64_t *at, uint64_t *size) {
    struct memory_info info;
    struct memory_cap m = {memory};
    err_t e = sys_memory_info(m, &info);
    *size = info.size;
    return err_ok(e) ? room_map(m, 0, info.size, MEMORY_READ | MEMORY_WRITE | flags, at) : e;
}

static uint32_t smaller(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

static err_t picture_start(char **arguments) {
    uint64_t pixels, pixels_size, kept, kept_size;
    err_t e = map(start_page->handles[1], MAP_WRITE_COMBINE, &pixels, &pixels_size);
    if (err_ok(e))
        e = map(start_page->handles[2], 0, &kept, &kept_size);
    if (!err_ok(e))
        return e;
    if (!frame_told(arguments, (uint8_t *)pixels, pixels_size))
        return ERROR(UNSUPPORTED);
    uint32_t columns = smaller(frame.width / GLYPH_WIDTH, COLUMNS_MOST);
    uint32_t rows = smaller(frame.height / GLYPH_HEIGHT, ROWS_MOST);
    vt = (struct vt *)kept;
    struct cell *cells = calloc((size_t)columns * rows, sizeof *cells);
    if (!cells || !vt_start(vt, kept_size, columns, rows))
        return ERROR(NO_MEMORY);
    view_start(&view, &frame, vt, cells);
    draw();
    return OK;
}

static err_t start(struct endpoint_cap endpoint, char **arguments) {
    err_t e = picture_start(arguments);
    if (err_ok(e))
        e = sys_signal_create(program_pool, &work);
    if (err_ok(e))
        e = sys_endpoint_bind(endpoint, work);
    if (err_ok(e))
        e = sys_timer_create(program_pool, work, DRAW_BIT, &timer);
    struct session_cap keyboard = {start_page->handles[3]};
    return err_ok(e) ? listen_start(keyboard, work, KEYS_BIT) : e;
}

int main(int argc, char **argv) {
    if (start_page->handle_count != 4 || argc != ARGUMENTS + 1) {
        fprintf(stderr, "screen: usage: screen NUMBERS of the frame buffer, with an endpoint, it, "
                        "memory and the keyboard\n");
        return 1;
    }
    struct endpoint_cap endpoint = {start_page->handles[0]};
    line = (struct node){.ops = &line_ops, .id = 1, .mode = FILE_TYPE_CHARACTER | 0600};
    err_t e = start(endpoint, argv + 1);
    if (!err_ok(e)) {
        fprintf(stderr, "screen: %s\n", error_text(e));
        return 1;
    }
    file_server_start(&server, &line);
    server.raised = raised;
    file_server_loop(&server, endpoint);
}
