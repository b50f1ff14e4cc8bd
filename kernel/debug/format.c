/* SPDX-License-Identifier: MIT */
/* Formatted text into a buffer of fixed size. Text that does not fit is cut off, never an error. */
#include <stdarg.h>

#include "log.h"

struct output {
    char *to;
    size_t room, length; /* room: without the NUL */
};

static void put(struct output *o, char c) {
    if (o->length < o->room)
        o->to[o->length++] = c;
}

static void put_number(struct output *o, uint64_t value, unsigned base, unsigned width, char pad) {
    char digits[24];
    unsigned n = 0;
    do
        digits[n++] = "0123456789abcdef"[value % base];
    while (value /= base);
    for (; width > n; width--)
        put(o, pad);
    while (n)
        put(o, digits[--n]);
}

static void put_string(struct output *o, const char *s, unsigned width) {
    for (; *s; s++, width -= width > 0)
        put(o, *s);
    for (; width; width--)
        put(o, ' ');
}

/* One conversion; `f` is after its '%'. Returns what follows it. */
static const char *convert(struct output *o, const char *f, va_list *args) {
    char pad = *f == '0' ? '0' : ' ';
    unsigned width = 0;
    bool wide = false;
    for (; *f >= '0' && *f <= '9'; f++)
        width = width * 10 + (unsigned)(*f - '0');
    for (; *f == 'l' || *f == 'z'; f++)
        wide = true;
    int64_t value = 0;
    if (*f == 'd')
        value = wide ? va_arg(*args, int64_t) : va_arg(*args, int);
    else if (*f == 'u' || *f == 'x')
        value = wide ? va_arg(*args, int64_t) : va_arg(*args, unsigned);
    if (*f == 'd' && value < 0) {
        put(o, '-');
        value = -value;
    }
    if (*f == 's')
        put_string(o, va_arg(*args, const char *), width);
    else if (*f == 'c')
        put(o, (char)va_arg(*args, int));
    else if (*f == 'p')
        put_number(o, (uint64_t)va_arg(*args, void *), 16, 16, '0');
    else if (*f == 'd' || *f == 'u' || *f == 'x')
        put_number(o, (uint64_t)value, *f == 'x' ? 16 : 10, width, pad);
    else
        put(o, *f);
    return *f ? f + 1 : f;
}

size_t format_list(char *to, size_t size, const char *format, va_list list) {
    struct output o = {to, size - 1, 0};
    va_list args;
    va_copy(args, list);
    while (*format)
        if (*format == '%')
            format = convert(&o, format + 1, &args);
        else
            put(&o, *format++);
    va_end(args);
    to[o.length] = 0;
    return o.length;
}

size_t format_text(char *to, size_t size, const char *format, ...) {
    va_list args;
    va_start(args, format);
    size_t n = format_list(to, size, format, args);
    va_end(args);
    return n;
}
