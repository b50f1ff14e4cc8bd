/* SPDX-License-Identifier: MIT */
/* The command line: words, of which NAME=VALUE sets an option. The last one of a name counts. */
#pragma once
#include "types.h"

bool option_find(const char *command_line, const char *name, char *value, size_t size);
/* A decimal number; `otherwise` if the option is absent or is not one. */
uint64_t option_number(const char *command_line, const char *name, uint64_t otherwise);
