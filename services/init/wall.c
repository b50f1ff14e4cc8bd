/* SPDX-License-Identifier: MIT */
/* It is asked for once: so the times of all programs are of one clock, which never goes back. */
#include "services/init/wall.h"

#include "abi/rtc.h"
#include "lib/sys/message.h"
#include "lib/sys/print.h"
#include "lib/sys/thread.h"
#include "services/init/first.h"

#define SECOND 1000000000ull
#define LATEST (1ull << 62) /* so that all sums of times fit; in the year 2116 */

static int64_t offset; /* written by one thread at a time, before or after the other asks */

int64_t wall_offset(void) {
    return __atomic_load_n(&offset, __ATOMIC_RELAXED);
}

bool wall_ask(void) {
    struct message m = {.op = RTC_OFFSET | OP_DEADLINE};
    if (wall_offset())
        return true;
    thread_block()->deadline = clock_nanoseconds() + WALL_SECONDS * SECOND;
    err_t e = session_ask(first_servers[FIRST_RTC].session, &m);
    if (err_ok(e) && (!m.word[0] || m.word[0] >= LATEST))
        e = ERROR(CORRUPT);
    if (!err_ok(e)) {
        print("init: the time is not known: %s\n", error_text(e));
        return false;
    }
    __atomic_store_n(&offset, (int64_t)m.word[0], __ATOMIC_RELAXED);
    return true;
}
