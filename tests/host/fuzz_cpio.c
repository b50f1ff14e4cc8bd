/* SPDX-License-Identifier: MIT */
/* SOURCES: kernel/boot/files.c kernel/boot/loader.c kernel/lib/text.c */
/* The input is one boot module. */
#include "boot/files.h"
#include "boot/loader.h"

uintptr_t host_ram;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct boot_info info = {.loader = NULL};
    boot_add_module(&info, 0, size, "module");
    boot_files((struct bytes){data, size}, &info);
    for (size_t i = 0; i < info.file_count; i++)
        if (info.files[i].start > size || info.files[i].size > size - info.files[i].start)
            __builtin_trap();
    return 0;
}
