/* SPDX-License-Identifier: MIT */
/*
 * The keyboard has one reader at a time, who gets each event once: what a person types is for one
 * program, and a second one cannot listen. What happens while there is none is kept for the next,
 * so that nothing is lost while a driver is started again. Whoever likes can follow the mouse.
 */
#include "drivers/keyboard/files.h"

#include <stdio.h>
#include <string.h>

#include "lib/file/catalog.h"
#include "lib/file/waits.h"
#include "lib/sys/thread.h"

#define EVENTS 256u /* that wait for the keyboard's reader */
#define PLACES 64u  /* of the mouse, for those who are slow */
#define LINE   49u  /* bytes of one, as Plan 9's mouse(3) has it */

enum { ID_ROOT = 1, ID_KEYBOARD, ID_CONTROL, ID_MOUSE };

struct place {
    uint32_t x, y, buttons;
    uint64_t milliseconds;
};

static struct file_server *server;
static struct keys *keys;
static struct file_queue key_reads, mouse_reads;
static struct node keyboard, control, mouse;

static struct keyboard_event events[EVENTS];
static size_t event_head, event_tail; /* positions count up for ever */
static const struct file *reader;     /* NULL: nobody has the keyboard */

static struct place places[PLACES];
static uint64_t place_count;

static err_t stream_open(struct file *f) {
    f->positioned = false;
    return OK;
}

/* ---- kbd ---- */

static err_t keyboard_open(struct file *f) {
    if (f->flags & FILE_FOR_WRITE)
        return ERROR(READ_ONLY);
    if (f->flags & FILE_FOR_READ && reader)
        return ERROR(BUSY);
    if (f->flags & FILE_FOR_READ)
        reader = f;
    return stream_open(f);
}

static void keyboard_close(struct file *f) {
    if (reader == f)
        reader = NULL;
}

static err_t keyboard_read(struct file *f, struct file_request *r, uint64_t offset, size_t wanted) {
    size_t count = event_head - event_tail, first = EVENTS - event_tail % EVENTS;
    (void)f;
    (void)offset;
    if (wanted < sizeof *events)
        return wanted ? ERROR(BAD_ARGUMENT) : OK;
    if (!count || file_behind(r, &key_reads))
        return file_wait(r, &key_reads);
    count = count < first ? count : first;
    count = count < wanted / sizeof *events ? count : wanted / sizeof *events;
    return file_emit(r, &events[event_tail % EVENTS], count * sizeof *events);
}

static void keyboard_settled(struct file *f, struct file_request *r, bool answered) {
    (void)f;
    if (r->op == FILE_READ && answered)
        event_tail += r->done / sizeof *events;
}

static uint32_t keyboard_poll(struct file *f, uint64_t *bytes) {
    (void)f;
    *bytes = (event_head - event_tail) * sizeof *events;
    return *bytes ? FILE_READABLE : 0;
}

void files_key(const struct keyboard_event *e) {
    if (event_head - event_tail == EVENTS)
        return;
    events[event_head++ % EVENTS] = *e;
    file_wake(server, &key_reads);
    file_changed(&keyboard, FILE_READABLE);
}

/* ---- kbdctl ---- */

static err_t control_read(struct file *f, struct file_request *r, uint64_t offset, size_t count) {
    static char text[16];
    (void)f;
    size_t length = (size_t)snprintf(text, sizeof text, "%s\n", keys->layout->name);
    if (offset >= length)
        return OK;
    length -= offset;
    return file_emit(r, text + offset, count < length ? count : length);
}

/* A layout's name in one piece; a newline may be behind it. */
static err_t control_write(struct file *f, struct file_request *r, uint64_t offset, size_t count) {
    char name[16];
    (void)f;
    (void)offset;
    if (!count || count > sizeof name)
        return count ? ERROR(BAD_ARGUMENT) : OK;
    err_t e = file_take(r, 0, name, count);
    if (!err_ok(e))
        return e;
    const struct layout *l = layout_find(name, name[count - 1] == '\n' ? count - 1 : count);
    if (!l)
        return ERROR(BAD_ARGUMENT);
    keys->layout = l;
    r->done = count;
    return OK;
}

/* ---- mouse ---- */

/* Its reader's next place is its offset. */
static err_t mouse_open(struct file *f) {
    if (f->flags & FILE_FOR_WRITE)
        return ERROR(READ_ONLY);
    f->offset = place_count;
    return stream_open(f);
}

/* Who was too slow goes on with the oldest that is there. */
static uint64_t mouse_next(const struct file *f) {
    return place_count - f->offset > PLACES ? place_count - PLACES : f->offset;
}

static err_t mouse_read(struct file *f, struct file_request *r, uint64_t offset, size_t wanted) {
    static char text[LINE + 1];
    uint64_t next = mouse_next(f);
    (void)offset;
    if (!wanted)
        return OK;
    if (next == place_count)
        return file_wait(r, &mouse_reads);
    const struct place *p = &places[next % PLACES];
    snprintf(text, sizeof text, "m%11u %11u %11u %11llu ", p->x, p->y, p->buttons,
             (unsigned long long)p->milliseconds % 100000000000u);
    return file_emit(r, text, wanted < LINE ? wanted : LINE);
}

static void mouse_settled(struct file *f, struct file_request *r, bool answered) {
    if (r->op == FILE_READ && answered && r->done)
        f->offset = mouse_next(f) + 1;
}

static uint32_t mouse_poll(struct file *f, uint64_t *bytes) {
    *bytes = mouse_next(f) == place_count ? 0 : LINE;
    return *bytes ? FILE_READABLE : 0;
}

void files_mouse(const struct mouse *m) {
    places[place_count++ % PLACES] =
        (struct place){m->x, m->y, m->buttons, clock_nanoseconds() / 1000000};
    file_wake(server, &mouse_reads);
    file_changed(&mouse, FILE_READABLE);
}

/* ---- the directory ---- */

static const struct node_ops keyboard_ops = {.open = keyboard_open,
                                             .close = keyboard_close,
                                             .read = keyboard_read,
                                             .poll = keyboard_poll,
                                             .settled = keyboard_settled};
static const struct node_ops control_ops = {.read = control_read, .write = control_write};
static const struct node_ops mouse_ops = {
    .open = mouse_open, .read = mouse_read, .poll = mouse_poll, .settled = mouse_settled};
static const struct node_ops root_ops = {CATALOG_OPS};

static const struct catalog_entry entries[] = {
    {"kbd", &keyboard}, {"kbdctl", &control}, {"mouse", &mouse}};
static struct catalog root = {.entries = entries, .count = sizeof entries / sizeof *entries};

static struct node node_with(const struct node_ops *ops, uint64_t id, uint32_t mode) {
    return (struct node){.ops = ops, .id = id, .mode = mode, .references = 1};
}

struct node *files_start(struct file_server *s, struct keys *k) {
    server = s;
    keys = k;
    keyboard = node_with(&keyboard_ops, ID_KEYBOARD, FILE_TYPE_CHARACTER | 0600);
    control = node_with(&control_ops, ID_CONTROL, FILE_TYPE_CHARACTER | 0644);
    mouse = node_with(&mouse_ops, ID_MOUSE, FILE_TYPE_CHARACTER | 0444);
    return catalog_start(&root, &root_ops, ID_ROOT);
}
