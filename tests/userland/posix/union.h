/* SPDX-License-Identifier: MIT */
#pragma once

/* Reads directories that are unions; how many results it had. */
int union_run(void);
