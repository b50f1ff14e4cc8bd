/* SPDX-License-Identifier: MIT */
#pragma once
#include "lib/file/server.h"

/* Serves at an endpoint for ever. Clients' first session has the badge FILE_BADGE_ROOT. */
_Noreturn void file_server_loop(struct file_server *s, struct endpoint_cap e);
