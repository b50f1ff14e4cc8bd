/* SPDX-License-Identifier: MIT */
/* What the server of /proc asks: abi/census.h. */
#pragma once
#include "lib/sys/message.h"

/* Makes the answer in `m`. */
err_t census_serve(struct message *m);
