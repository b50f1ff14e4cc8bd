/* SPDX-License-Identifier: MIT */
/*
 * poweroff, halt and reboot: the machine goes off, or starts again. Who is not at the console has
 * no authority for it, whatever the user's name.
 */
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <unistd.h>

static const struct {
    const char *name;
    int how;
} ways[] = {{"poweroff", RB_POWER_OFF}, {"halt", RB_HALT_SYSTEM}, {"reboot", RB_AUTOBOOT}};

#define WAYS (sizeof ways / sizeof *ways)

int main(int argc, char **argv) {
    const char *slash = argc ? strrchr(argv[0], '/') : NULL;
    const char *name = slash ? slash + 1 : argc ? argv[0] : "";
    size_t i = 0;
    while (i < WAYS && strcmp(name, ways[i].name) != 0)
        i++;
    if (argc != 1 || i == WAYS) {
        fprintf(stderr, "usage: poweroff, halt or reboot, without arguments\n");
        return 2;
    }
    sync();
    if (reboot(ways[i].how)) {
        perror(name);
        return 1;
    }
    pause(); /* until it is asked to end, as all are */
    return 0;
}
