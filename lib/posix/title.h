/* SPDX-License-Identifier: MIT */
/* What the process is called; see process.h. */
#pragma once

/* As PR_GET_NAME tells it. */
const char *title_now(void);
