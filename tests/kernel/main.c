/* SPDX-License-Identifier: MIT */
/*
 * The first process of the test bundle: runs the tests whose names begin with what `test=` on the
 * kernel's command line says, tells the results as TAP and turns the machine off.
 */
#include "tests/kernel/files.h"
#include "tests/kernel/harness.h"

static const struct {
    const struct test *tests;
    const size_t *count;
} files[] = {
#define FILE(name) {tests_##name, &tests_##name##_count},
    TEST_FILES(FILE)
#undef FILE
};

#define FILES (sizeof files / sizeof *files)

/* As services/init/monitor.c. */
static void machine_off(void) {
    struct ports_cap ports = {boot_page->ports};
    sys_ports_write(ports, 0x604, 2, 0x2000);
    sys_ports_write(ports, 0xb004, 2, 0x2000);
    sys_ports_write(ports, 0x4004, 2, 0x3400);
}

static unsigned count_wanted(void) {
    unsigned n = 0;
    for (size_t i = 0; i < FILES; i++)
        for (size_t j = 0; j < *files[i].count; j++)
            n += harness_wants(files[i].tests[j].name);
    return n;
}

static void run_file(const struct test *tests, size_t count, unsigned *number) {
    for (size_t i = 0; i < count; i++) {
        if (!harness_wants(tests[i].name))
            continue;
        uint64_t begun = clock_nanoseconds();
        bool passed = harness_run(&tests[i]);
        uint64_t ms = (clock_nanoseconds() - begun) / 1000000;
        print("%s %u - %s\n", passed ? "ok" : "not ok", ++*number, tests[i].name);
        if (ms >= 500)
            print("# %s took %lu ms\n", tests[i].name, ms);
    }
}

uint64_t program_main(void *argument) {
    unsigned number = 0;
    (void)argument;
    if (!boot_page)
        return 1;
    harness_open();
    print("\n1..%u\n", count_wanted());
    for (size_t i = 0; i < FILES; i++)
        run_file(files[i].tests, *files[i].count, &number);
    print("TAP done\n");
    machine_off();
    return 0;
}
