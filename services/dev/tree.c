/* SPDX-License-Identifier: MIT */
/* Numbers and manners of the devices are those of Linux (Documentation/admin-guide/devices.txt,
 * drivers/char/mem.c). */
#include "services/dev/tree.h"

#include "lib/file/catalog.h"
#include "services/dev/random.h"

#define MAJOR 1ull /* of all of them */
#define PIECE 4096u

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

enum { FULL, NULL_DEVICE, RANDOM, URANDOM, ZERO, DEVICES };

static struct node nodes[DEVICES];
static const struct device {
    uint8_t minor;
    const struct node_ops *ops;
} devices[DEVICES] = {[FULL] = {7, &full_ops},
                      [NULL_DEVICE] = {3, &null_ops},
                      [RANDOM] = {8, &random_ops},
                      [URANDOM] = {9, &urandom_ops},
                      [ZERO] = {5, &zero_ops}};
static const struct catalog_entry entries[DEVICES] = {[FULL] = {"full", &nodes[FULL]},
                                                      [NULL_DEVICE] = {"null", &nodes[NULL_DEVICE]},
                                                      [RANDOM] = {"random", &nodes[RANDOM]},
                                                      [URANDOM] = {"urandom", &nodes[URANDOM]},
                                                      [ZERO] = {"zero", &nodes[ZERO]}};
static const struct node_ops root_ops = {CATALOG_OPS};
static struct catalog root = {.entries = entries, .count = DEVICES};

struct node *device_lasting(uint8_t number) {
    for (unsigned i = 0; i < DEVICES; i++)
        if (devices[i].minor == number)
            return &nodes[i];
    return NULL;
}

/* A node's identity is 1 for the root, and above that of a device its minor number. */
struct node *devices_start(void) {
    for (unsigned i = 0; i < DEVICES; i++)
        nodes[i] = (struct node){.ops = devices[i].ops,
                                 .id = 1u + devices[i].minor,
                                 .mode = FILE_TYPE_CHARACTER | 0666,
                                 .references = 1,
                                 .lasting = devices[i].minor};
    return catalog_start(&root, &root_ops, 1);
}
