/* SPDX-License-Identifier: MIT */
/*
 * Whether memory of the program is there, before the library uses it: each page is touched, and
 * what faults there is no end of the program (signal_fixup in signal_fault.c). What another thread
 * unmaps afterwards, while the call goes on, is a fault of the program all the same.
 */
#include "lib/posix/posix.h"
#include "lib/posix/touch.h"

bool user_pages(uint64_t address, uint64_t length, bool (*touch)(uint64_t at)) {
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

bool user_text(uint64_t address, size_t most, size_t *length) {
    if (!user_range(address, 1))
        return false;
    uint64_t room = USER_END - address;
    return touch_text(address, most < room ? most : room, length);
}
