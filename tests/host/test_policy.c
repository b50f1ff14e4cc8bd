/* SPDX-License-Identifier: MIT */
/* SOURCES: services/auth/policy.c lib/password/users.c */
/* The file of authorities: what its lines grant, and that a wrong one is found. */
#include "services/auth/policy.h"

#include <string.h>

#include "abi/auth.h"
#include "tap.h"

static size_t wrong(const char *file) {
    return policy_check(file, strlen(file));
}

static uint32_t granted(const char *file, const char *user, enum policy_how how) {
    return policy_find(file, strlen(file), user, how);
}

static void test_good(void) {
    static const char file[] =
        "# who\n\nann login logs\nann sudo power\nann sudo logs\nbob sudo  power\n";
    check(!wrong(file) && !wrong(""));
    check(granted(file, "ann", POLICY_LOGIN) == AUTH_LOGS);
    check(granted(file, "ann", POLICY_SUDO) == AUTH_ALL);
    check(granted(file, "bob", POLICY_SUDO) == AUTH_POWER);
    check(!granted(file, "bob", POLICY_LOGIN) && !granted(file, "an", POLICY_SUDO) &&
          !granted(file, "anna", POLICY_SUDO) && !granted(file, "", POLICY_SUDO));
    tap_test("policy: each user has what the lines of that user say");
}

static void test_wrong(void) {
    static const char *const bad[] = {"ann",
                                      "ann sudo",
                                      "ann sudo ",
                                      "ann sudo root",
                                      "ann sudo POWER",
                                      "ann su power",
                                      "Ann sudo power",
                                      "ann: sudo power",
                                      " # x",
                                      "ann sudo power\t",
                                      "ann sudo power,logs"};
    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) {
        char file[128];
        snprintf(file, sizeof file, "ann login logs\n%s\n", bad[i]);
        check(wrong(file) == 2);
    }
    tap_test("policy: a line that is wrong is named");
}

int main(void) {
    test_good();
    test_wrong();
    return tap_done();
}
