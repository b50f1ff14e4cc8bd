/* SPDX-License-Identifier: MIT */
/*
 * The boot bundle. A module that is a `newc` cpio archive stands for the regular files in it; any
 * other module is one file. So one module can bring everything.
 */
#pragma once
#include "arch/boot.h"
#include "boot/bytes.h"

struct cpio_member {
    char name[48];
    uint64_t offset, size; /* of the contents, in the archive */
    bool regular;
    bool end; /* this is the trailer */
};

bool cpio_is(struct bytes archive);
/* The member at *offset; moves *offset to the next. */
const char *cpio_next(struct bytes archive, uint64_t *offset, struct cpio_member *out);

/* Fills boot->files from boot->modules. */
const char *boot_files(struct bytes memory, struct boot_info *boot);
const struct boot_file *boot_file_find(const struct boot_info *boot, const char *name);
