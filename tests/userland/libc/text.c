/* SPDX-License-Identifier: MIT */
/* Text, numbers, sorting, jumps. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tests/userland/libc/check.h"

static bool prints(const char *wanted, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool prints(const char *wanted, const char *format, ...) {
    char text[512];
    va_list list;
    va_start(list, format);
    int n = vsnprintf(text, sizeof text, format, list);
    va_end(list);
    if (n == (int)strlen(wanted) && !strcmp(text, wanted))
        return true;
    printf("# wanted \"%s\", got \"%s\"\n", wanted, text);
    return false;
}

static void printf_integers(void) {
    CHECK(prints("-7|00042|ff|0x10|  a|b  |%", "%d|%05u|%x|%#x|%3c|%-3s|%%", -7, 42u, 255u, 16u,
                 'a', "b"));
    CHECK(prints("-9223372036854775808 18446744073709551615", "%lld %zu", (long long)INT64_MIN,
                 SIZE_MAX));
    char small[4];
    const char *volatile longer = "longer";
    CHECK(snprintf(small, sizeof small, "%s", longer) == 6 && !strcmp(small, "lon"));
}

static void printf_floats(void) {
    CHECK(prints("3.142|1e+100|1.5|-0", "%.3f|%g|%g|%g", 3.14159265, 1e100, 1.5, -0.0));
    CHECK(prints("1.234568e-05|0x1.8p+1|inf|nan", "%e|%a|%f|%f", 1.2345678e-5, 3.0,
                 (double)INFINITY, (double)fabs(NAN)));
    CHECK(prints("0.1000000000000000055511151231257827", "%.34f", 0.1));
    CHECK(prints("0.333333333333333333342", "%.21Lf", 1.0L / 3));
}

static void numbers_from_text(void) {
    char *end;
    CHECK(strtod("0x1.8p3z", &end) == 12.0 && *end == 'z');
    CHECK(strtod("  -2.5e-3", NULL) == -0.0025 && isinf(strtod("inf", NULL)));
    CHECK(strtod("2.2250738585072014e-308", NULL) == 0x1p-1022);
    errno = 0;
    CHECK(isinf(strtod("1e999", NULL)) && errno == ERANGE);
    errno = 0;
    CHECK(strtol("99999999999999999999", NULL, 10) == INT64_MAX && errno == ERANGE);
    CHECK(strtoul("777", NULL, 8) == 0777 && strtol("-0x1f", NULL, 16) == -31);
    int a;
    double b;
    char word[8];
    CHECK(sscanf("12 abc 0.5", "%d %7s %lf", &a, word, &b) == 3 && a == 12 && b == 0.5);
}

static void strings(void) {
    char text[] = "one,two,,three", *rest, overlapped[] = "0123456789";
    CHECK(!strcmp(strtok_r(text, ",", &rest), "one") &&
          !strcmp(strtok_r(NULL, ",", &rest), "two") &&
          !strcmp(strtok_r(NULL, ",", &rest), "three") && !strtok_r(NULL, ",", &rest));
    memmove(overlapped + 2, overlapped, 6);
    CHECK(!strcmp(overlapped, "0101234589"));
    CHECK(!strcmp(strstr("a haystack with", "stack"), "stack with") && !strstr("abc", "abd"));
    CHECK(strcasecmp("HeLLo", "hEllO") == 0 && strncmp("abcd", "abxx", 2) == 0);
    CHECK(strspn("aabbc", "ab") == 4 && strcspn("aabbc", "c") == 4 &&
          *strrchr("a/b/c", '/') == '/');
    char *copy = strdup("copied");
    CHECK(copy && !strcmp(copy, "copied") && strlen(copy) == 6 && !memchr(copy, 'x', 6));
    free(copy);
}

static int compare(const void *a, const void *b) {
    int x = *(const int *)a, y = *(const int *)b;
    return (x > y) - (x < y);
}

static void sort_and_search(void) {
    static int numbers[5000];
    unsigned state = 1;
    for (int i = 0; i < 5000; i++)
        numbers[i] = (int)((state = state * 1103515245u + 12345u) >> 8);
    int some = numbers[1234];
    qsort(numbers, 5000, sizeof *numbers, compare);
    for (int i = 1; i < 5000; i++)
        CHECK(numbers[i - 1] <= numbers[i]);
    int *found = bsearch(&some, numbers, 5000, sizeof *numbers, compare);
    CHECK(found && *found == some);
}

static jmp_buf place;

/* The depth at which it jumps comes from outside, or the compiler sees that it never returns. */
static volatile int jump_depth = 20;

static int jump_deep(int depth) {
    if (depth == jump_depth)
        longjmp(place, 42);
    return depth > 100 ? 0 : jump_deep(depth + 1) + depth;
}

static void jumps(void) {
    volatile int before = 7;
    int code = setjmp(place);
    if (!code) {
        before = 8;
        before = jump_deep(0);
    }
    CHECK(code == 42 && before == 8);
}

static void mathematics(void) {
    volatile double two = 2, third = 1.0 / 3;
    CHECK(sqrt(two) == 0x1.6a09e667f3bcdp+0 && pow(two, 10) == 1024 && floor(-0.5) == -1);
    CHECK(fabs(sin(third) * sin(third) + cos(third) * cos(third) - 1) < 1e-15);
    CHECK(fabs(exp(log(10 * two)) - 20) < 1e-13 && fmod(10, third * 9) == 1);
}

static void streams_in_memory(void) {
    char *text = NULL;
    size_t size;
    FILE *f = open_memstream(&text, &size);
    CHECK(f);
    for (int i = 0; f && i < 1000; i++)
        fprintf(f, "%d,", i);
    CHECK(f && !fclose(f) && size == 3890 && !strncmp(text + size - 8, "998,999,", 8));
    free(text);
}

const struct test text_tests[] = {
    {"printf_integers", printf_integers},
    {"printf_floats", printf_floats},
    {"numbers_from_text", numbers_from_text},
    {"strings", strings},
    {"sort_and_search", sort_and_search},
    {"jumps", jumps},
    {"mathematics", mathematics},
    {"streams_in_memory", streams_in_memory},
    {0},
};
