/* SPDX-License-Identifier: MIT */
/* One thread puts handles into a ring, the other takes them out. */
#include "services/proc/killer.h"

#include <pthread.h>

#include "abi/proc.h"
#include "lib/sys/syscall.h"
#include "services/proc/table.h"

static struct process_cap ring[PROCESSES_MAX];
static uint32_t put, taken; /* how many so far */

static void *killer(void *nothing) {
    for (;;) {
        uint32_t seen = __atomic_load_n(&put, __ATOMIC_ACQUIRE);
        if (seen == taken) {
            sys_futex_wait(&put, seen, DEADLINE_NONE, FUTEX_ALL);
            continue;
        }
        sys_process_kill(ring[taken % PROCESSES_MAX], PROC_SIGKILL);
        __atomic_store_n(&taken, taken + 1, __ATOMIC_RELEASE);
    }
    return nothing;
}

int killer_start(void) {
    pthread_t thread;
    return pthread_create(&thread, NULL, killer, NULL);
}

void killer_take(struct process_cap process) {
    uint64_t woken;
    if (put - __atomic_load_n(&taken, __ATOMIC_ACQUIRE) == PROCESSES_MAX) {
        sys_process_kill(process, PROC_SIGKILL);
        return;
    }
    ring[put % PROCESSES_MAX] = process;
    __atomic_store_n(&put, put + 1, __ATOMIC_RELEASE);
    sys_futex_wake(&put, 1, FUTEX_ALL, &woken);
}
