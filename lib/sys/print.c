/* SPDX-License-Identifier: MIT */
/* Formatted text; see the header. Lines longer than the buffer of print are cut. */
#include "lib/sys/print.h"

#include <stdbool.h>
#include <stdint.h>

#include "lib/sys/mem.h"

struct sink {
    char *to;
    size_t size, length;
};

struct field {
    unsigned width;
    bool zero, left, wide;
};

static void put(struct sink *s, char c) {
    if (s->length + 1 < s->size)
        s->to[s->length++] = c;
}

static void put_field(struct sink *s, const char *text, size_t n, struct field f) {
    size_t pad = f.width > n ? f.width - n : 0;
    if (!f.left)
        for (; pad; pad--)
            put(s, f.zero ? '0' : ' ');
    for (size_t i = 0; i < n; i++)
        put(s, text[i]);
    for (; pad; pad--)
        put(s, ' ');
}

static void put_number(struct sink *s, uint64_t value, unsigned base, bool negative,
                       struct field f) {
    char digits[24];
    size_t n = sizeof digits;
    do
        digits[--n] = "0123456789abcdef"[value % base];
    while (value /= base);
    if (negative)
        digits[--n] = '-';
    put_field(s, digits + n, sizeof digits - n, f);
}

/* Reads flags, width and length modifier; returns the letter's place. */
static const char *parse_field(const char *p, struct field *f) {
    *f = (struct field){0};
    for (; *p == '0' || *p == '-'; p++) {
        f->zero |= *p == '0';
        f->left |= *p == '-';
    }
    for (; *p >= '0' && *p <= '9'; p++)
        f->width = f->width * 10 + (unsigned)(*p - '0');
    for (; *p == 'l' || *p == 'z'; p++)
        f->wide = true;
    return p;
}

static void put_signed(struct sink *s, int64_t v, struct field f) {
    put_number(s, v < 0 ? -(uint64_t)v : (uint64_t)v, 10, v < 0, f);
}

size_t format_arguments(char *to, size_t size, const char *format, va_list list) {
    struct sink s = {.to = to, .size = size};
    va_list a;
    va_copy(a, list);
    for (const char *p = format; *p; p++) {
        struct field f;
        if (*p != '%') {
            put(&s, *p);
            continue;
        }
        p = parse_field(p + 1, &f);
        if (*p == 's') {
            const char *text = va_arg(a, const char *);
            put_field(&s, text, strlen(text), f);
        } else if (*p == 'c') {
            put(&s, (char)va_arg(a, int));
        } else if (*p == 'd' || *p == 'i') {
            put_signed(&s, f.wide ? va_arg(a, int64_t) : va_arg(a, int), f);
        } else if (*p == 'u' || *p == 'x') {
            uint64_t v = f.wide ? va_arg(a, uint64_t) : va_arg(a, unsigned);
            put_number(&s, v, *p == 'x' ? 16 : 10, false, f);
        } else if (*p == 'p') {
            put_number(&s, (uintptr_t)va_arg(a, void *), 16, false, f);
        } else if (*p) {
            put(&s, *p);
        } else {
            break;
        }
    }
    va_end(a);
    if (size)
        to[s.length] = 0;
    return s.length;
}

size_t format_text(char *to, size_t size, const char *format, ...) {
    va_list list;
    va_start(list, format);
    size_t n = format_arguments(to, size, format, list);
    va_end(list);
    return n;
}

void print_arguments(const char *format, va_list list) {
    char line[512];
    print_to(line, format_arguments(line, sizeof line, format, list));
}

void print(const char *format, ...) {
    va_list list;
    va_start(list, format);
    print_arguments(format, list);
    va_end(list);
}

static const struct {
    uint16_t code;
    const char *name, *text;
} errors[] = {
#define ERR(name, number, sentence) {number, #name, sentence},
#include "abi/err.def"
#undef ERR
};

const char *error_name(err_t e) {
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        if (errors[i].code == e.code)
            return errors[i].name;
    return "?";
}

const char *error_text(err_t e) {
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        if (errors[i].code == e.code)
            return errors[i].text;
    return "an error without a name";
}
