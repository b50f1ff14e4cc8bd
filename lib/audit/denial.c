/* SPDX-License-Identifier: MIT */
#include "lib/audit/denial.h"

#include <stdio.h>

#include "lib/audit/tell.h"
#include "lib/sys/print.h"

static struct session_cap audit;

void denial_start(struct session_cap session) {
    audit = session;
}

/* Of an open file only the number is known. What is too much `audit` counts. */
void denial_tell(const struct file_request *r, struct text name, err_t e) {
    char number[24];
    if (!name.length)
        name = (struct text){number, (size_t)snprintf(number, sizeof number, "#%llu",
                                                      (unsigned long long)r->file->node->id)};
    (void)audit_tell(audit, (struct audit_actor){r->process, r->account}, "-", "access", name,
                     err_is(e, ERR_READ_ONLY) ? "read-only" : "denied");
}
