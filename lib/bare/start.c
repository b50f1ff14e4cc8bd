/* SPDX-License-Identifier: MIT */
/*
 * Start of a program with musl: what Linux would put on the stack is there, or is made from the
 * start page with an empty environment, and musl goes on from there to main. musl sets the value of
 * the stack guard, so what does not return before that has none.
 */
#include <elf.h>
#include <stddef.h>

#include "abi/memory.h"
#include "lib/bare/bare.h"
#include "lib/sys/program.h"

#define ARGUMENTS_MAX 64
#define AUXILIARY     6 /* pairs */

int main(int argc, char **argv, char **environment);
_Noreturn int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv,
                                void (*init)(void), void (*fini)(void), void (*loader)(void));

extern const Elf64_Ehdr __ehdr_start; /* this program's file header; the linker has the name */

/* How many arguments, they, 0, no environment, 0, pairs of the auxiliary vector. */
static uint64_t vector[1 + ARGUMENTS_MAX + 2 + 2 * AUXILIARY];
static uint64_t random_bytes[2];

/* A text that is not wholly in the page ends the list. */
static size_t put_arguments(uint64_t *to) {
    const char *text = start_page ? start_page->arguments : "program";
    size_t count = start_page ? start_page->argument_count : 1;
    size_t left = start_page ? START_ARGUMENTS : sizeof "program", n = 0;
    for (; n < count && n < ARGUMENTS_MAX; n++) {
        size_t length = 0;
        while (length < left && text[length])
            length++;
        if (length == left)
            break;
        to[n] = (uint64_t)text;
        text += length + 1;
        left -= length + 1;
    }
    return n;
}

static void put_auxiliary(uint64_t *to) {
    if (program_seed)
        random_fill(random_bytes, sizeof random_bytes);
    const uint64_t pairs[AUXILIARY][2] = {
        {AT_PHDR, (uint64_t)&__ehdr_start + __ehdr_start.e_phoff},
        {AT_PHENT, __ehdr_start.e_phentsize},
        {AT_PHNUM, __ehdr_start.e_phnum},
        {AT_PAGESZ, PAGE_SIZE},
        {AT_RANDOM, program_seed ? (uint64_t)random_bytes : 0},
        {AT_NULL, 0},
    };
    for (size_t i = 0; i < AUXILIARY; i++, to += 2) {
        to[0] = pairs[i][0];
        to[1] = pairs[i][1];
    }
}

__attribute__((weak)) uint64_t *bare_started(void) {
    return NULL;
}

static uint64_t *vector_make(void) {
    vector[0] = put_arguments(vector + 1);
    put_auxiliary(vector + 1 + vector[0] + 2);
    return vector;
}

__attribute__((optimize("no-stack-protector"))) _Noreturn void program_start(void *argument) {
    program_open(argument);
    bare_first_thread();
    uint64_t *made = bare_started();
    if (!made)
        made = vector_make();
    __libc_start_main(main, (int)made[0], (char **)(made + 1), NULL, NULL, NULL);
}
