/* SPDX-License-Identifier: MIT */
/* The RAM disk: a file system in memory, which init starts for each place that needs one. */
#include <time.h>

#include "lib/bare/bare.h"
#include "lib/file/loop.h"
#include "services/ramfs/inode.h"

int64_t ramfs_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * 1000000000ll + now.tv_nsec;
}
