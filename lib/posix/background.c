/* SPDX-License-Identifier: MIT */
/*
 * A terminal answers BUSY to a process in the background, which does about it what Linux does for
 * it (docs/man/5/tty.md): stops with its group by a signal and tries again, or fails, or insists.
 */
#include <errno.h>
#include <signal.h>

#include "lib/posix/process.h"

static bool orphaned(void) {
    uint64_t word[MESSAGE_WORDS] = {0};
    return err_ok(proc_ask(PROC_GET, word)) && word[5] & PROC_ORPHANED;
}

long background(int signal, bool *insist) {
    *insist = false;
    if (signal_ignored_or_blocked(signal)) {
        *insist = signal == SIGTTOU;
        return *insist ? 0 : -EIO;
    }
    return orphaned() ? -EIO : signal_group(signal);
}
