/* SPDX-License-Identifier: MIT */
/* brk(2): memory that begins behind the program's own and grows and shrinks at its end. */
#include <sys/mman.h>

#include "lib/bare/bare.h"
#include "lib/bare/lock.h"
#include "lib/linux/linux.h"
#include "lib/posix/linux_place.h"
#include "lib/sys/room.h"

static uint64_t first, now;
LOCK(lock);

void break_begin(uint64_t end) {
    first = now = page_round(end);
}

static bool change(uint64_t wanted) {
    uint64_t old = page_round(now), new = page_round(wanted);
    if (new > old)
        return bare_mmap(old, new - old, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1) > 0;
    return new == old || !bare_munmap(new, old - new);
}

/* brk(end): the end as it is then, which is the old one if it cannot be changed. */
long linux_brk(struct upcall_frame *frame, const long *a) {
    uint64_t wanted = (uint64_t)a[0];
    (void)frame;
    lock_take(&lock);
    if (wanted >= first && wanted < LINUX_END && change(wanted))
        now = wanted;
    long end = (long)now;
    lock_give(&lock);
    return end;
}
