/* SPDX-License-Identifier: MIT */
/*
 * Our side: the first process of the image that is shipped. A system-call filter is in force in it
 * and so in its partners, as it is in programs.
 */
#include "abi/trace.h"
#include "tests/bench/anonymos/local.h"

static void filter_set(void) {
    struct syscall_filter f = {.priority = ~0ull};
    for (unsigned i = 0; i < SYSCALL_WORDS; i++)
        f.native[i] = ~0ull;
    for (unsigned i = 0; i < FOREIGN_WORDS; i++)
        f.foreign[i] = ~0ull;
    f.native[SYSCALL_memory_physical / 64] &= ~(1ull << SYSCALL_memory_physical % 64);
    need(sys_process_filter(SELF_PROCESS, &f), "process_filter");
}

/* Through the ports of ACPI's sleep register in the emulator; see services/init/monitor.c. */
static void machine_off(void) {
    sys_ports_write((struct ports_cap){boot_page->ports}, 0x604, 2, 0x2000);
}

uint64_t program_main(void *argument) {
    uint64_t start = ticks();
    if (!argument || !boot_page)
        return 1;
    filter_set();
    measure_boot("boot_to_init", start - boot_page->entry_tsc);
    measure_all(message_operations, message_operation_count);
    measure_all(server_operations, server_operation_count);
    measure_all(common_operations, common_operation_count);
    measure_all(object_operations, object_operation_count);
    platform_print("bench done\n");
    machine_off();
    return 0;
}
