/* SPDX-License-Identifier: MIT */
/* Prints parts of what init was given. */
#pragma once
#include "abi/boot.h"

void report_memory(const struct boot_page *boot);
void report_cpus(const struct boot_page *boot);
void report_modules(const struct boot_page *boot);
void report_handles(const struct boot_page *boot);
void report_machine(const struct boot_page *boot);
