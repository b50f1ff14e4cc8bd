/* SPDX-License-Identifier: MIT */
/*
 * Whether memory of the program is there, before the library uses it: each page is touched, and
 * what faults there is no end of the program (signal_fixup in signal_fault.c). What another thread
 * unmaps afterwards, while the call goes on, is a fault of the program all the same.
 */
#include <string.h>

#include "lib/posix/posix.h"
#include "lib/posix/touch.h"

static bool each_page(uint64_t address, uint64_t length, bool (*touch)(uint64_t at)) {
    if (!length)
        return true;
    if (!user_range(address, length))
        return false;
    uint64_t last = (address + length - 1) & -(uint64_t)PAGE_SIZE;
    bool there = touch(address);
    for (uint64_t at = (address & -(uint64_t)PAGE_SIZE) + PAGE_SIZE; there && at <= last;
         at += PAGE_SIZE)
        there = touch(at);
    return there;
}

bool user_readable(uint64_t address, uint64_t length) {
    return each_page(address, length, touch_to_read);
}

bool user_writable(uint64_t address, uint64_t length) {
    return each_page(address, length, touch_to_write);
}

bool user_text(uint64_t address, size_t most, size_t *length) {
    size_t done = 0, part;
    do {
        if (!user_readable(address + done, 1))
            return false;
        size_t page = PAGE_SIZE - (address + done) % PAGE_SIZE;
        part = page < most - done ? page : most - done;
        size_t found = strnlen((const char *)address + done, part);
        done += found;
        if (found < part)
            break;
    } while (done < most);
    *length = done;
    return true;
}
