/* SPDX-License-Identifier: MIT */
#pragma once
#include <stdint.h>

extern uint64_t host_pages_limit;  /* bytes that one file's pages may be; for failures */
extern uint64_t host_pages_mapped; /* bytes of all files' pages */
