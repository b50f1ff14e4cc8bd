/* SPDX-License-Identifier: MIT */
/*
 * A tree with known contents, for the cases of the suite that change nothing: made through the
 * protocol where a server can do that, and as an archive for one that cannot.
 */
#pragma once
#include "abi/err.h"
#include "lib/sys/cap.h"
#include "tests/file/newc.h"

#define PREPARED_MANY 300u         /* files of the directory "many" */
#define PREPARED_BIG  10000u       /* bytes of the file "big" */
#define PREPARED_ROOM (112u << 10) /* bytes that are enough for the archive */
#define PREPARED_ALIGN                                                                             \
    4096u /* in the archive the file "mapped", with the same bytes, begins so                      \
           */

const char *prepared_big(void);
void prepared_archive(struct newc *a);
/* In a directory that is empty. */
err_t prepared_make(struct session_cap directory);
