/* SPDX-License-Identifier: MIT */
/* What init was given, as text. Each function stands for one monitor command. */
#include "services/init/report.h"

#include "lib/sys/print.h"
#include "lib/sys/syscall.h"
#include "lib/sys/thread.h"

static const char *const type_names[OBJECT_TYPES] = {
    [OBJECT_NONE] = "none",       [OBJECT_POOL] = "pool",      [OBJECT_PROCESS] = "process",
    [OBJECT_THREAD] = "thread",   [OBJECT_MEMORY] = "memory",  [OBJECT_ENDPOINT] = "endpoint",
    [OBJECT_SESSION] = "session", [OBJECT_REPLY] = "reply",    [OBJECT_SIGNAL] = "signal",
    [OBJECT_TIMER] = "timer",     [OBJECT_IRQ] = "interrupts", [OBJECT_PORTS] = "ports",
    [OBJECT_TRACE] = "trace",
};

void report_memory(const struct boot_page *boot) {
    struct pool_info info;
    err_t e = sys_pool_info((struct pool_cap){boot->pool}, &info);
    print("memory: %lu MiB of RAM\n", boot->memory_total >> 20);
    if (err_ok(e))
        print("pool: limit %lu KiB, used %lu KiB, quarantined %lu KiB\n", info.limit >> 10,
              info.used >> 10, info.quarantined >> 10);
}

void report_cpus(const struct boot_page *boot) {
    const struct thread_block *b = thread_block();
    uint64_t khz = b->tsc_mult ? (1000000ull << 32) / b->tsc_mult : 0;
    print("cpus: %u, counter %lu kHz\n", boot->cpu_count, khz);
}

void report_modules(const struct boot_page *boot) {
    print("modules: %u\n", boot->module_count);
    for (unsigned i = 0; i < boot->module_count && i < BOOT_MODULES; i++)
        print("  %-16s %lu bytes, handle %lx\n", boot->modules[i].name, boot->modules[i].size,
              boot->modules[i].memory);
}

static void report_handle(const char *name, handle_t h) {
    uint64_t what, identity;
    err_t e = sys_handle_info((struct any_cap){h}, &what, &identity);
    if (!err_ok(e)) {
        print("  %-8s %lx: %s\n", name, h, error_text(e));
        return;
    }
    unsigned type = what & 0xffff;
    print("  %-8s %lx: %s, rights %04x\n", name, h,
          type < OBJECT_TYPES ? type_names[type] : "unknown", (unsigned)(what >> 16) & 0xffff);
}

void report_handles(const struct boot_page *boot) {
    print("handles:\n");
    report_handle("process", HANDLE_PROCESS);
    report_handle("thread", HANDLE_THREAD);
    report_handle("pool", boot->pool);
    report_handle("device", boot->device);
    report_handle("irqs", boot->irqs);
    report_handle("ports", boot->ports);
    report_handle("trace", boot->trace);
    for (unsigned i = 0; i < boot->module_count && i < BOOT_MODULES; i++)
        report_handle(boot->modules[i].name, boot->modules[i].memory);
}

void report_machine(const struct boot_page *boot) {
    const struct boot_framebuffer *f = &boot->framebuffer;
    print("boot: command line `%s', root pointer %lx\n", boot->command_line, boot->rsdp);
    print("boot: %lu instructions or ticks since the kernel's entry\n",
          ticks_read() - boot->entry_tsc);
    if (f->address)
        print("screen: %ux%u, %u bits, at %lx\n", f->width, f->height, f->bits_per_pixel,
              f->address);
    else
        print("screen: none\n");
}
