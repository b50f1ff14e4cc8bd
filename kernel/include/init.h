/* SPDX-License-Identifier: MIT */
/* The first process. */
#pragma once
#include "arch/boot.h"

struct pool;

/* Makes the process of the boot file "init" ready to run, with all that there is; boot_fail if it
 * cannot. The modules' memory is the boot files' own afterwards, or free. */
void init_start(struct boot_info *boot, struct pool *root);
