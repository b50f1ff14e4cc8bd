/* SPDX-License-Identifier: MIT */
#include "services/tty/clock.h"

#include "lib/sys/program.h"
#include "lib/sys/syscall.h"
#include "lib/sys/thread.h"

static struct timer_cap timer;

err_t clock_start(struct signal_cap signal, uint64_t bits) {
    return sys_timer_create(program_pool, signal, bits, &timer);
}

void clock_alarm(uint64_t deadline) {
    sys_timer_set(timer, deadline, 0);
}

uint64_t clock_now(void) {
    return clock_nanoseconds();
}
