/* SPDX-License-Identifier: MIT */
/* For file servers: what they refuse is told to `audit`, as file_server.denied. */
#pragma once
#include "lib/file/server.h"

/* HANDLE_NONE: nobody is told. */
void denial_start(struct session_cap audit);
void denial_tell(const struct file_request *r, struct text name, err_t e);
