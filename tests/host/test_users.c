/* SPDX-License-Identifier: MIT */
/* SOURCES: lib/password/users.c */
/* The file of users: lines that are right, and every way in which one can be wrong by a little. */
#include "lib/password/users.h"

#include <string.h>

#include "tap.h"

#define SALT "000102030405060708090a0b0c0d0e0f"
#define HASH "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define GOOD "wcuser:8192:3:" SALT ":" HASH ":/tmp:/bin/sh"

static bool parses(const char *line) {
    struct user u;
    return user_parse(line, strlen(line), &u);
}

static void test_good(void) {
    struct user u;
    char line[512];
    check(user_parse(GOOD, strlen(GOOD), &u));
    check(!strcmp(u.name, "wcuser") && !strcmp(u.home, "/tmp") && !strcmp(u.shell, "/bin/sh"));
    check(u.cost.memory == 8192 && u.cost.passes == 3 && u.salt[15] == 15 && u.hash[31] == 0xff);
    check(user_format(&u, line, sizeof line) && !strcmp(line, GOOD "\n"));
    check(!user_format(&u, line, sizeof GOOD));
    tap_test("users: a line is read, and written the same");
}

static void test_hostile(void) {
    static const char *const bad[] = {
        "",
        ":",
        "::::::",
        "root",
        ":8192:3:" SALT ":" HASH ":/:/bin/sh",
        "Root:8192:3:" SALT ":" HASH ":/:/bin/sh",
        "0a:8192:3:" SALT ":" HASH ":/:/bin/sh",
        "a b:8192:3:" SALT ":" HASH ":/:/bin/sh",
        "../x:8192:3:" SALT ":" HASH ":/:/bin/sh",
        "abcdefghijklmnopqrstuvwxyzabcdef:8192:3:" SALT ":" HASH ":/:/bin/sh",
        "a::3:" SALT ":" HASH ":/:/bin/sh",
        "a:08192:3:" SALT ":" HASH ":/:/bin/sh",
        "a:-8192:3:" SALT ":" HASH ":/:/bin/sh",
        "a:1023:3:" SALT ":" HASH ":/:/bin/sh",
        "a:65537:3:" SALT ":" HASH ":/:/bin/sh",
        "a:4294975488:3:" SALT ":" HASH ":/:/bin/sh",
        "a:18446744073709559808:3:" SALT ":" HASH ":/:/bin/sh",
        "a:8192:0:" SALT ":" HASH ":/:/bin/sh",
        "a:8192:11:" SALT ":" HASH ":/:/bin/sh",
        "a:8192:3::" HASH ":/:/bin/sh",
        "a:8192:3:" SALT "::/:/bin/sh",
        "a:8192:3:" SALT "00:" HASH ":/:/bin/sh",
        "a:8192:3:" SALT ":" HASH "0:/:/bin/sh",
        "a:8192:3:000102030405060708090A0b0c0d0e0f:" HASH ":/:/bin/sh",
        "a:8192:3:" SALT ":" HASH "::/bin/sh",
        "a:8192:3:" SALT ":" HASH ":tmp:/bin/sh",
        "a:8192:3:" SALT ":" HASH ":/t mp:/bin/sh",
        "a:8192:3:" SALT ":" HASH ":/:",
        "a:8192:3:" SALT ":" HASH ":/:sh",
        "a:8192:3:" SALT ":" HASH ":/:/bin/sh:",
        "a:8192:3:" SALT ":" HASH ":/:/bin/sh\r",
        "a:8192:3:" SALT ":" HASH ":/:/bin/\xffsh",
        "a:8192:3:" SALT ":" HASH ":/",
    };
    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++)
        check(!parses(bad[i]));
    check(parses("a:1024:1:" SALT ":" HASH ":/:/s") && parses("a:65536:10:" SALT ":" HASH ":/:/s"));
    tap_test("users: hostile lines are refused");
}

/* All changes of one byte, and all beginnings: what is taken is what it says. */
static void test_all_near(void) {
    char line[sizeof GOOD], back[512];
    struct user u;
    const size_t length = strlen(GOOD);
    for (size_t n = 0; n < length; n++)
        check(!user_parse(GOOD, n, &u) || n >= length - strlen("bin/sh"));
    for (size_t at = 0; at < length; at++)
        for (unsigned byte = 0; byte < 256; byte++) {
            memcpy(line, GOOD, sizeof line);
            line[at] = (char)byte;
            if (!user_parse(line, length, &u))
                continue;
            check(user_format(&u, back, sizeof back) && strlen(back) == length + 1);
            check(!memcmp(back, line, length));
        }
    tap_test("users: each line that differs in one byte is refused or means what it says");
}

static void test_file(void) {
    static const char file[] = "# users\n\n" GOOD "\nb:1024:1:" SALT ":" HASH ":/:/bin/b\n"
                               "b:1024:1:" SALT ":" HASH ":/:/bin/c";
    static const char wrong[] = "# users\n\n" GOOD "\n b:1024:1\n";
    static const char nul[] = GOOD "\n\0\n";
    struct user u;
    check(!users_check(file, sizeof file - 1) && !users_check("", 0) && !users_check("\n#", 2));
    check(users_check(wrong, sizeof wrong - 1) == 4);
    check(users_check(nul, sizeof nul - 1) == 2);
    check(users_find(file, sizeof file - 1, "b", &u) && !strcmp(u.shell, "/bin/b"));
    check(!users_find(file, sizeof file - 1, "", &u) && !users_find("", 0, "b", &u));
    check(!users_find(file, sizeof file - 1, "#", &u));
    check(!users_find(file, sizeof file - 1, "wcuse", &u));
    check(!users_find(file, sizeof file - 1, "wcuser:8192", &u));
    tap_test("users: a file is refused as a whole, and the first of a name counts");
}

int main(void) {
    test_good();
    test_hostile();
    test_all_near();
    test_file();
    return tap_done();
}
