/* SPDX-License-Identifier: MIT */
/* SOURCES: services/auth/policy.c lib/password/users.c */
/* The input is a file of authorities: it grants nothing that there is not, and nobody nothing. */
#include "services/auth/policy.h"

#include "abi/auth.h"

static void must(int right) {
    if (!right)
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *file = (const char *)data;
    size_t lines = 1;
    for (size_t i = 0; i < size; i++)
        lines += data[i] == '\n';
    must(policy_check(file, size) <= lines);
    for (int how = POLICY_LOGIN; how <= POLICY_SUDO; how++) {
        must(!(policy_find(file, size, "guest", (enum policy_how)how) & ~AUTH_ALL));
        must(!policy_find(file, size, "", (enum policy_how)how));
    }
    return 0;
}
