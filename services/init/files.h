/* SPDX-License-Identifier: MIT */
/* The monitor's commands for files. They see what every client of the namespace sees. */
#pragma once

void files_list(const char *path);
void files_print(const char *path);
void files_mounts(void);
