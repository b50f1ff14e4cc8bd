/* SPDX-License-Identifier: MIT */
/*
 * The driver of the real-time clock: started with its endpoint and the clock's two ports. It serves
 * a directory with one file, `time`, whose text is what the clock says when it is read from the
 * beginning, and tells whoever asks when the monotonic clock began (abi/rtc.h).
 */
#include "abi/rtc.h"

#include <stdio.h>
#include <time.h>

#include "drivers/rtc/cmos.h"
#include "lib/file/catalog.h"
#include "lib/file/loop.h"
#include "lib/sys/print.h"
#include "lib/sys/program.h"
#include "lib/sys/syscall.h"
#include "lib/sys/thread.h"

#define INDEX   0x70u /* its highest bit keeps interrupts that cannot be masked away: never set */
#define DATA    0x71u
#define NOTHING 0xffu /* what is read where no device answers */
#define SECOND  1000000000ll
#define TEXT    24u

static struct ports_cap ports;
static struct node now;

/* ---- the device ---- */

uint8_t cmos_register(unsigned which) {
    uint64_t value = NOTHING;
    if (err_ok(sys_ports_write(ports, INDEX, 1, which)))
        sys_ports_read(ports, DATA, 1, &value);
    return (uint8_t)value;
}

void cmos_pause(void) {
    const struct timespec pause = {.tv_nsec = CMOS_PAUSE};
    nanosleep(&pause, NULL);
}

/* What is wrong with the device is for the log; a client hears that there is no time. */
static err_t seconds_now(int64_t *seconds) {
    static bool told;
    err_t e = cmos_time(seconds);
    if (!err_ok(e) && !told)
        print("rtc: the clock tells no time: %s\n", error_text(e));
    told = !err_ok(e);
    return err_ok(e) ? OK : ERROR(CORRUPT);
}

/* ---- the file ---- */

static err_t time_open(struct file *f) {
    return f->flags & FILE_FOR_WRITE ? ERROR(READ_ONLY) : OK;
}

/* Read in pieces it is the time of the first: what the file's state has, 0 if nothing yet. */
static err_t time_read(struct file *f, struct file_request *r, uint64_t offset, size_t count) {
    static char text[TEXT];
    int64_t seconds = (int64_t)(intptr_t)f->state;
    err_t e = !offset || !seconds ? seconds_now(&seconds) : OK;
    if (!err_ok(e))
        return e;
    f->state = (void *)(intptr_t)seconds;
    size_t length = (size_t)snprintf(text, sizeof text, "%lld\n", (long long)seconds);
    if (offset >= length)
        return OK;
    length -= offset;
    return file_emit(r, text + offset, count < length ? count : length);
}

/* Half a second more than it says: nobody knows how long it has said so. */
static err_t clock_other(struct file *f, struct file_request *r) {
    int64_t seconds;
    (void)f;
    if (r->op != RTC_OFFSET)
        return ERROR(UNSUPPORTED);
    err_t e = seconds_now(&seconds);
    if (err_ok(e))
        r->answer[0] = (uint64_t)(seconds * SECOND + SECOND / 2 - (int64_t)clock_nanoseconds());
    return e;
}

static const struct node_ops time_ops = {
    .open = time_open, .read = time_read, .other = clock_other};

/* ---- the directory ---- */

static const struct node_ops root_ops = {CATALOG_OPS, .other = clock_other};
static const struct catalog_entry entries[] = {{"time", &now}};
static struct catalog root = {.entries = entries, .count = 1};

int main(void) {
    static struct file_server server;
    if (start_page->handle_count != 2) {
        fprintf(stderr, "rtc: usage: rtc, with an endpoint and ports\n");
        return 1;
    }
    ports = (struct ports_cap){start_page->handles[1]};
    now =
        (struct node){.ops = &time_ops, .id = 2, .mode = FILE_TYPE_REGULAR | 0444, .references = 1};
    file_server_start(&server, catalog_start(&root, &root_ops, 1));
    file_server_loop(&server, (struct endpoint_cap){start_page->handles[0]});
}
