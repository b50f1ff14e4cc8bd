/* SPDX-License-Identifier: MIT */
/*
 * The error type shared by kernel and user space. An err_t is a structure so that it cannot be
 * used as a number, a length or a condition by mistake. `argument` says which argument was
 * refused, counted from 1 in the order of abi/syscall.def; 0 when none is to blame.
 */
#pragma once
#include <stdint.h>

typedef struct {
    uint16_t code;
    uint16_t argument;
} err_t;

enum err_code {
#define ERR(name, number, sentence) ERR_##name = number,
#include "err.def"
#undef ERR
};

#define ERROR(name)        ((err_t){.code = ERR_##name})
#define ERROR_ARG(name, n) ((err_t){.code = ERR_##name, .argument = (n)})
#define OK                 ERROR(OK)

static inline int err_ok(err_t e) {
    return e.code == ERR_OK;
}

static inline int err_is(err_t e, enum err_code code) {
    return e.code == code;
}
