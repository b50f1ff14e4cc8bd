/* SPDX-License-Identifier: MIT */
/*
 * A server that takes over the endpoint of one that ended. The sessions that are left are of files
 * that nobody knows any more, but for those that last; they must not come to mean others.
 */
#include "lib/file/badges.h"
#include "lib/sys/syscall.h"

#define SESSIONS_AT_ONCE 64u

err_t sessions_each(struct endpoint_cap endpoint, void (*each)(void *context, uint64_t badge),
                    void *context) {
    struct session_info left[SESSIONS_AT_ONCE];
    uint64_t after = 0, count;
    for (;;) {
        err_t e = sys_endpoint_sessions(endpoint, after, left, SESSIONS_AT_ONCE, &count);
        if (!err_ok(e) || !count)
            return e;
        for (uint64_t i = 0; i < count; i++)
            each(context, left[i].badge);
        after = left[count - 1].identity;
    }
}

static void generation_pass(void *context, uint64_t badge) {
    struct badges *t = context;
    uint32_t generation = (uint32_t)(badge >> 32);
    if (generation > t->generation)
        t->generation = generation;
}

err_t badges_succeed(struct badges *t, struct endpoint_cap endpoint) {
    return sessions_each(endpoint, generation_pass, t);
}
