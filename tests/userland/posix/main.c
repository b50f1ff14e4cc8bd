/* SPDX-License-Identifier: MIT */
/*
 * The operations of tests/posix through lib/posix, a namespace and the RAM disk: what they tell
 * must be what they told on Linux. One result for each group; a difference shows both lines. Exits
 * with the number of results.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/expected/compare.h"
#include "tests/posix/groups.h"
#include "tests/posix/operations.h"
#include "tests/posix/processes.h"
#include "tests/userland/posix/memory.h"
#include "tests/userland/posix/union.h"

void line_take(const char *line) {
    compare_line(line);
}

int main(int argc, char **argv) {
    int count = 0, code;
    if (process_mode(argc, argv, &code))
        return code;
    int devices = open("/dev", O_RDONLY | O_DIRECTORY);
    if (dup2(devices, DEVICES_DIRECTORY) < 0 || close(devices) || mkdir("posix", 0755) < 0 ||
        chdir("posix") < 0)
        return 0;
    for (; groups[count].name; count++) {
        compare_begin(groups[count].name);
        group_run(&groups[count]);
        compare_end("posix", groups[count].name);
    }
    count += memory_run();
    return count + union_run();
}
