/* SPDX-License-Identifier: MIT */
/*
 * What tests/posix tells here, compared with what it told on Linux: one result for each group, and
 * the first lines that differ. Groups begin with a line `== NAME` there.
 */
#pragma once

void compare_begin(const char *group);
void compare_line(const char *line);
/* Prints the result, as SUITE.GROUP. */
void compare_end(const char *suite, const char *group);
