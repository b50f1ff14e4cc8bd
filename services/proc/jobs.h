/* SPDX-License-Identifier: MIT */
/* What the server of terminals asks: abi/jobs.h. */
#pragma once
#include "lib/sys/message.h"

/* Makes the answer in `m`. Handles that were received are closed, but for one that is kept. */
err_t jobs_serve(struct message *m);
