/* SPDX-License-Identifier: MIT */
/* Numbers and manners of the devices are those of Linux (Documentation/admin-guide/devices.txt,
 * drivers/char/mem.c). */
#include "services/dev/tree.h"

#include <string.h>

#include "services/dev/random.h"

#define MAJOR        1ull /* of all of them */
#define FIRST_COOKIE 2u   /* see file_entry_add */
#define PIECE        4096u

err_t device_open(struct file *f) {
    f->fixed = true;
    return OK;
}

err_t device_sync(struct node *n) {
    (void)n;
    return ERROR(BAD_ARGUMENT);
}

err_t device_drop(struct file *f, struct file_request *r, uint64_t offset, size_t count) {
    (void)f;
    (void)offset;
    r->done = count;
    return OK;
}

/* The minor number of a device is also its node's number. */
static void device_stat(struct node *n, struct file_stat *s) {
    s->device = MAJOR << 32 | n->lasting;
}

/* ---- null, zero, full ---- */

static err_t null_read(struct file *f, struct file_request *r, uint64_t offset, size_t count) {
    (void)f;
    (void)r;
    (void)offset;
    (void)count;
    return OK;
}

static err_t zero_read(struct file *f, struct file_request *r, uint64_t offset, size_t count) {
    static const char zeros[PIECE];
    err_t e = OK;
    (void)f;
    (void)offset;
    for (size_t part; count && err_ok(e); count -= part) {
        part = count < PIECE ? count : PIECE;
        e = file_emit(r, zeros, part);
    }
    return e;
}

/* Any number of bytes can be had at once; a message moves no more than these. */
static uint32_t zero_poll(struct file *f, uint64_t *bytes) {
    (void)f;
    *bytes = WINDOWS_MAX;
    return FILE_READABLE | FILE_WRITABLE;
}

static err_t full_write(struct file *f, struct file_request *r, uint64_t offset, size_t count) {
    (void)f;
    (void)r;
    (void)offset;
    (void)count;
    return ERROR(NO_SPACE);
}

static const struct node_ops null_ops = {.open = device_open,
                                         .stat = device_stat,
                                         .sync = device_sync,
                                         .read = null_read,
                                         .write = device_drop};
static const struct node_ops zero_ops = {.open = device_open,
                                         .stat = device_stat,
                                         .sync = device_sync,
                                         .read = zero_read,
                                         .write = device_drop,
                                         .poll = zero_poll};
static const struct node_ops full_ops = {.open = device_open,
                                         .stat = device_stat,
                                         .sync = device_sync,
                                         .read = zero_read,
                                         .write = full_write,
                                         .poll = zero_poll};
static const struct node_ops random_ops = {.open = device_open,
                                           .stat = device_stat,
                                           .sync = device_sync,
                                           .read = random_read,
                                           .write = random_write,
                                           .poll = random_poll,
                                           .settled = random_settled};
static const struct node_ops urandom_ops = {.open = device_open,
                                            .stat = device_stat,
                                            .sync = device_sync,
                                            .read = random_read,
                                            .write = random_write,
                                            .poll = zero_poll,
                                            .settled = random_settled};

/* ---- the directory ---- */

static struct node root;
static struct device {
    const char *name;
    uint8_t minor;
    const struct node_ops *ops;
    struct node node;
} devices[] = {{"full", 7, &full_ops, {0}},
               {"null", 3, &null_ops, {0}},
               {"random", 8, &random_ops, {0}},
               {"urandom", 9, &urandom_ops, {0}},
               {"zero", 5, &zero_ops, {0}}};

#define DEVICES (sizeof devices / sizeof *devices)

static err_t root_look_up(struct node *directory, struct text name, struct node **out) {
    (void)directory;
    for (struct device *d = devices; d < devices + DEVICES; d++)
        if (strlen(d->name) == name.length && !memcmp(d->name, name.at, name.length)) {
            node_hold(&d->node);
            *out = &d->node;
            return OK;
        }
    return ERROR(NOT_FOUND);
}

static struct node *root_parent(struct node *directory) {
    (void)directory;
    return NULL;
}

static err_t root_entries(struct node *directory, struct file_request *r, uint64_t cookie) {
    (void)directory;
    for (uint64_t i = cookie - FIRST_COOKIE; i < DEVICES; i++)
        if (!file_entry_add(r, text_of(devices[i].name), devices[i].node.mode, devices[i].node.id,
                            i + FIRST_COOKIE + 1))
            break;
    return OK;
}

static const struct node_ops root_ops = {
    .look_up = root_look_up, .parent = root_parent, .entries = root_entries};

struct node *device_lasting(uint8_t number) {
    for (struct device *d = devices; d < devices + DEVICES; d++)
        if (d->minor == number)
            return &d->node;
    return NULL;
}

/* A node's identity is 1 for the root, and above that of a device its minor number. */
struct node *devices_start(void) {
    root = (struct node){
        .ops = &root_ops, .id = 1, .mode = FILE_TYPE_DIRECTORY | 0755, .references = 1};
    for (struct device *d = devices; d < devices + DEVICES; d++)
        d->node = (struct node){.ops = d->ops,
                                .id = 1u + d->minor,
                                .mode = FILE_TYPE_CHARACTER | 0666,
                                .references = 1,
                                .lasting = d->minor};
    return &root;
}
