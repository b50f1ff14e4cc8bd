/* SPDX-License-Identifier: MIT */
/* The first line of a script. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "lib/file/text.h"

#define SCRIPT_HEAD 256u /* bytes of a file that are looked at; those that it has not are 0 */
#define SCRIPT_MOST 5u   /* scripts, each the interpreter of the one before */

bool script_is(const char head[SCRIPT_HEAD]);
/* The interpreter's name and its one argument, empty if there is none, as they stand in the head;
 * both end where a NUL may be written. False: there is none, or it may go on behind the head. */
bool script_parse(const char head[SCRIPT_HEAD], struct text *interpreter, struct text *argument);
