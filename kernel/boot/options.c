/* SPDX-License-Identifier: MIT */
/* Looks up options on the kernel's command line. */
#include "boot/options.h"

#include "string.h"

bool option_find(const char *line, const char *name, char *value, size_t size) {
    size_t length = strlen(name);
    bool found = false;
    while (*line) {
        size_t word = 0;
        while (line[word] && line[word] != ' ')
            word++;
        if (word > length && line[length] == '=' && memcmp(line, name, length) == 0) {
            text_copy(value, size, line + length + 1, word - length - 1);
            found = true;
        }
        line += word + (line[word] == ' ');
    }
    return found;
}

uint64_t option_number(const char *line, const char *name, uint64_t otherwise) {
    char text[16];
    uint64_t number = 0;
    if (!option_find(line, name, text, sizeof(text)) || !text[0])
        return otherwise;
    for (const char *c = text; *c; c++) {
        if (*c < '0' || *c > '9')
            return otherwise;
        number = number * 10 + (uint64_t)(*c - '0');
    }
    return number;
}
