/* SPDX-License-Identifier: MIT */
/*
 * `#!` lines, as Linux reads them: the interpreter ends at a blank; all that follows, without
 * blanks around it, is one argument. A line of which the head has no end is good if the
 * interpreter's name ends in it.
 */
#include "lib/posix/script.h"

bool script_is(const char head[SCRIPT_HEAD]) {
    return head[0] == '#' && head[1] == '!';
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

static size_t skip_blanks(const char *head, size_t at, size_t end) {
    while (at < end && is_blank(head[at]))
        at++;
    return at;
}

static size_t word_end(const char *head, size_t at, size_t end) {
    while (at < end && head[at] && !is_blank(head[at]))
        at++;
    return at;
}

static bool line_end(const char *head, size_t *end) {
    const char *newline = memchr(head, '\n', SCRIPT_HEAD);
    *end = SCRIPT_HEAD - 1;
    if (newline) {
        *end = (size_t)(newline - head);
        return true;
    }
    size_t name = skip_blanks(head, 2, *end);
    return name < *end && word_end(head, name, *end) < *end;
}

bool script_parse(const char head[SCRIPT_HEAD], struct text *interpreter, struct text *argument) {
    size_t end;
    if (!line_end(head, &end))
        return false;
    while (end > 2 && is_blank(head[end - 1]))
        end--;
    size_t name = skip_blanks(head, 2, end);
    if (name == end)
        return false;
    size_t name_end = word_end(head, name, end), rest = name_end;
    if (name_end < end && head[name_end])
        rest = skip_blanks(head, name_end, end);
    *interpreter = (struct text){head + name, name_end - name};
    *argument = (struct text){head + rest, rest > name_end ? strnlen(head + rest, end - rest) : 0};
    return true;
}
