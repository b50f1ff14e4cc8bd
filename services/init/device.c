/* SPDX-License-Identifier: MIT */
#include "services/init/device.h"

#include "abi/memory.h"
#include "lib/sys/mem.h"
#include "lib/sys/program.h"
#include "lib/sys/room.h"
#include "lib/sys/syscall.h"
#include "services/init/first.h"

#define MIB        (1ull << 20)
#define TEXT_BYTES (4 * MIB) /* that the screen's text is kept in */
#define LAYOUT     "us"      /* of the keyboard, if nobody says another one */

/* ---- ports and interrupts ---- */

static err_t ports_give(const struct program_room *room, struct start_page *page, uint64_t first,
                        uint64_t count, struct ports_cap *ports) {
    err_t e = OK;
    if (ports->h == HANDLE_NONE)
        e = sys_ports_slice((struct ports_cap){boot_page->ports}, program_pool, first, count,
                            ports);
    return err_ok(e) ? handle_add(room, page, ANY(*ports), RIGHT_PORTS_READ | RIGHT_PORTS_WRITE)
                     : e;
}

static err_t irq_give(const struct program_room *room, struct start_page *page, uint64_t line,
                      struct irq_cap *irq) {
    uint64_t message;
    err_t e = OK;
    if (irq->h == HANDLE_NONE)
        e = sys_irq_create((struct irq_cap){boot_page->irqs}, program_pool, line, 0, irq, &message);
    return err_ok(e) ? handle_add(room, page, ANY(*irq), RIGHT_IRQ_BIND) : e;
}

/* The first serial port of a PC. */
err_t device_serial(const struct program_room *room, struct start_page *page) {
    static struct ports_cap ports;
    static struct irq_cap irq;
    err_t e = ports_give(room, page, 0x3f8, 8, &ports);
    return err_ok(e) ? irq_give(room, page, 4, &irq) : e;
}

/* The clock of a PC. */
err_t device_clock(const struct program_room *room, struct start_page *page) {
    static struct ports_cap ports;
    return ports_give(room, page, 0x70, 2, &ports);
}

/* ---- the keyboard ---- */

static const char *layout_option(void) {
    return option_find(boot_page->command_line, "keyboard=");
}

bool device_has_keyboard(void) {
    return device_has_screen() || layout_option();
}

static bool layout_add(struct start_page *page) {
    char name[16];
    size_t n = 0;
    const char *option = layout_option();
    for (; option && option[n] && option[n] != ' ' && n + 1 < sizeof name; n++)
        name[n] = option[n];
    name[n] = 0;
    return argument_add(page, n ? name : LAYOUT);
}

/* Its controller, and how large the screen is, on which the mouse moves. */
err_t device_keyboard(const struct program_room *room, struct start_page *page) {
    static struct ports_cap data, control;
    static struct irq_cap keyboard, mouse;
    err_t e = layout_add(page) ? OK : ERROR(LIMIT);
    if (err_ok(e))
        e = number_add(page, boot_page->framebuffer.width);
    if (err_ok(e))
        e = number_add(page, boot_page->framebuffer.height);
    if (err_ok(e))
        e = ports_give(room, page, 0x60, 1, &data);
    if (err_ok(e))
        e = ports_give(room, page, 0x64, 1, &control);
    if (err_ok(e))
        e = irq_give(room, page, 1, &keyboard);
    return err_ok(e) ? irq_give(room, page, 12, &mouse) : e;
}

/* ---- the screen ---- */

bool device_has_screen(void) {
    const struct boot_framebuffer *f = &boot_page->framebuffer;
    return f->address && f->pitch && f->height;
}

/* Where its pixels begin in the first of the pages that they lie in. */
static uint64_t pixels_offset(void) {
    return boot_page->framebuffer.address % PAGE_SIZE;
}

/* The pages of the frame buffer, and memory that stays when the driver ends. */
static err_t screen_make(struct memory_cap *pixels, struct memory_cap *text) {
    const struct boot_framebuffer *f = &boot_page->framebuffer;
    uint64_t bytes = page_round(pixels_offset() + (uint64_t)f->pitch * f->height);
    err_t e = OK;
    if (pixels->h == HANDLE_NONE)
        e = sys_memory_clone((struct memory_cap){boot_page->device}, program_pool,
                             f->address - pixels_offset(), bytes, pixels);
    if (err_ok(e) && text->h == HANDLE_NONE)
        e = sys_memory_create(program_pool, TEXT_BYTES, MEMORY_READ | MEMORY_WRITE, text);
    return e;
}

static err_t form_add(struct start_page *page) {
    const struct boot_framebuffer *f = &boot_page->framebuffer;
    const uint64_t form[] = {pixels_offset(),   f->pitch,      f->width,    f->height,
                             f->bits_per_pixel, f->red_shift,  f->red_bits, f->green_shift,
                             f->green_bits,     f->blue_shift, f->blue_bits};
    err_t e = OK;
    for (unsigned i = 0; i < sizeof form / sizeof *form && err_ok(e); i++)
        e = number_add(page, form[i]);
    return e;
}

err_t device_screen(const struct program_room *room, struct start_page *page) {
    static struct memory_cap pixels, text;
    const uint64_t rights = RIGHT_MEMORY_READ | RIGHT_MEMORY_WRITE | RIGHT_INFO;
    err_t e = screen_make(&pixels, &text);
    if (err_ok(e))
        e = form_add(page);
    if (err_ok(e))
        e = handle_add(room, page, ANY(pixels), rights);
    if (err_ok(e))
        e = handle_add(room, page, ANY(text), rights);
    return err_ok(e)
               ? handle_add(room, page, ANY(first_servers[FIRST_KEYBOARD].session), RIGHTS_ALL)
               : e;
}
