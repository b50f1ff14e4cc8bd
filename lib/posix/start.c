/* SPDX-License-Identifier: MIT */
/*
 * The handles that the program was started with become its namespace and its descriptors; after
 * exec they come from the program before.
 */
#include "lib/posix/start.h"

#include <fcntl.h>

#include "lib/bare/bare.h"
#include "lib/posix/linux.h"
#include "lib/posix/process.h"
#include "lib/posix/state.h"
#include "lib/sys/program.h"

#define STANDARD 3u /* descriptors 0, 1 and 2 */

static uint32_t access_of(uint32_t flags) {
    if (flags & FILE_FOR_READ && flags & FILE_FOR_WRITE)
        return O_RDWR;
    return flags & FILE_FOR_WRITE ? O_WRONLY : O_RDONLY;
}

/* A server that does not tell is asked each time what may be done. */
void description_adopt(struct description *d, struct session_cap session) {
    struct file_found found = {.mode = 0};
    struct file_stat stat;
    uint32_t flags = FILE_FOR_READ | FILE_FOR_WRITE;
    (void)file_flags(session, 0, 0, &flags);
    (void)file_stat(session, &(struct file_name){.flags = 0}, &stat, &found);
    d->base.session = session;
    d->mode = found.mode;
    d->flags = access_of(flags);
    if (!description_is(d, FILE_TYPE_FIFO) && !description_is(d, FILE_TYPE_SOCKET))
        d->flags |= LARGE; /* those are not opened */
    socket_adopt(d);
    timer_adopt(d);
}

static void descriptor_begin(long fd, handle_t handle) {
    struct description *d = description_make();
    if (!d)
        return;
    if (handle == HANDLE_NONE) {
        d->log = true;
        d->mode = FILE_TYPE_CHARACTER | 0620;
        d->flags = O_RDWR;
    } else {
        description_adopt(d, (struct session_cap){handle});
    }
    descriptor_fill(fd, d, false);
}

static void descriptors_begin(uint32_t count) {
    for (uint32_t i = START_DESCRIPTORS; i < count; i++)
        if (start_page->handles[i] != HANDLE_NONE)
            descriptor_begin(i - START_DESCRIPTORS, start_page->handles[i]);
    for (uint32_t i = count > START_DESCRIPTORS ? count - START_DESCRIPTORS : 0; i < STANDARD; i++)
        descriptor_begin(i, HANDLE_NONE);
}

/* The extended state is the old program's: a new one begins with its control words as at first. */
static void control_words_set(void) {
    const uint32_t mxcsr = 0x1f80;
    __asm__ volatile("fninit\n\tldmxcsr %0" : : "m"(mxcsr));
}

static void handles_take(uint32_t count) {
    if (count > START_SPACE)
        posix_space.h = start_page->handles[START_SPACE];
    if (count > START_PIPES)
        posix_pipes.h = start_page->handles[START_PIPES];
    if (count > START_POWER)
        posix_power.h = start_page->handles[START_POWER];
    if (count > START_AUTHORITY)
        posix_authority.h = start_page->handles[START_AUTHORITY];
    if (count > START_PROC && start_page->handles[START_PROC] != HANDLE_NONE)
        proc_begin();
}

/* Upcalls are masked meanwhile, as in a call. */
uint64_t *bare_started(void) {
    uint32_t count = start_page ? start_page->handle_count : 0;
    if (count > START_HANDLES)
        count = START_HANDLES;
    bool first = count <= START_STATE || start_page->handles[START_STATE] == HANDLE_NONE;
    handles_take(count);
    signals_begin();
    if (first) {
        descriptors_begin(count);
        title_from_page();
    } else {
        control_words_set();
        state_restore();
        title_from_vector((const uint64_t *)EXEC_VECTOR_AT);
    }
    signals_unmask();
    return first ? NULL : (uint64_t *)EXEC_VECTOR_AT;
}
