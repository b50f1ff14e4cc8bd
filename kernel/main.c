/* SPDX-License-Identifier: MIT */
/*
 * The order of boot. Everything is set up on the first CPU, with interrupts off and, once there
 * are other CPUs, the kernel lock held; then the first process runs and this CPU with it.
 */
#include "arch/boot.h"
#include "arch/cpu.h"
#include "boot/files.h"
#include "boot/options.h"
#include "cpu.h"
#include "frame.h"
#include "futex.h"
#include "init.h"
#include "log.h"
#include "pool.h"

/* Pages of modules become memory of the boot files or free: either way they are charged. */
static uint64_t module_bytes(const struct boot_info *boot) {
    uint64_t bytes = 0;
    for (size_t i = 0; i < boot->module_count; i++) {
        const struct boot_file *m = &boot->modules[i];
        bytes += round_up(m->start + m->size, PAGE_BYTES) - (m->start & -PAGE_BYTES);
    }
    return bytes;
}

void kernel_main(struct boot_info *boot) {
    struct pool *root;
    log_options(boot->command_line);
    log_info("anonymOS kernel, started by %s, %lu MiB of memory", boot->loader,
             memory_map_bytes(&boot->ram) >> 20);
    log_info("kernel_main");
    __stack_chk_guard = arch_random() & ~0xfful; /* a NUL ends what a string copy can overwrite */

    const char *problem = boot_files((struct bytes){phys_to_virt(0), DIRECT_MAP_BYTES}, boot);
    if (problem)
        boot_fail("%s", problem);
    frame_init(boot->ram.ranges, boot->ram.count, boot->reserved.ranges, boot->reserved.count);
    arch_init(boot);
    futex_init();
    kernel_lock();
    arch_start_cpus((unsigned)option_number(boot->command_line, "cpus", CPUS_MAX));
    for (unsigned i = 0; i < cpu_count; i++)
        sched_init(&cpus[i].queue, i);
    uint64_t bytes = frame_free_count() * PAGE_BYTES + module_bytes(boot);
    if (!err_ok(pool_create_root(bytes, &root)))
        boot_fail("no room for the root pool");
    init_start(boot, root);
    log_info("systemIdleLoop");
    arch_enter();
}
