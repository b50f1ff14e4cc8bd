/* SPDX-License-Identifier: MIT */
/*
 * The system-call instruction of x86-64 with n arguments, n = 0..6: number and status in rax,
 * a0..a5 in rdi rsi rdx r10 r8 r9, results in rdi and rsi, rcx and r11 lost (abi/syscall.h). Only
 * the registers that a call uses are loaded.
 */
#pragma once
#include "abi/ipc.h"
#include "abi/syscall.h"

struct invoke_result {
    uint64_t status, r0, r1;
};

#define INVOKE          __attribute__((always_inline)) static inline struct invoke_result
#define INVOKE_CLOBBERS "rcx", "r11", "memory"

INVOKE invoke0(uint64_t number) {
    struct invoke_result r = {.status = SYSCALL_BASE + number};
    __asm__ volatile("syscall" : "+a"(r.status), "=D"(r.r0), "=S"(r.r1) : : INVOKE_CLOBBERS);
    return r;
}

INVOKE invoke1(uint64_t number, uint64_t a0) {
    struct invoke_result r = {.status = SYSCALL_BASE + number, .r0 = a0};
    __asm__ volatile("syscall" : "+a"(r.status), "+D"(r.r0), "=S"(r.r1) : : INVOKE_CLOBBERS);
    return r;
}

INVOKE invoke2(uint64_t number, uint64_t a0, uint64_t a1) {
    struct invoke_result r = {.status = SYSCALL_BASE + number, .r0 = a0, .r1 = a1};
    __asm__ volatile("syscall" : "+a"(r.status), "+D"(r.r0), "+S"(r.r1) : : INVOKE_CLOBBERS);
    return r;
}

INVOKE invoke3(uint64_t number, uint64_t a0, uint64_t a1, uint64_t a2) {
    struct invoke_result r = {.status = SYSCALL_BASE + number, .r0 = a0, .r1 = a1};
    __asm__ volatile("syscall"
                     : "+a"(r.status), "+D"(r.r0), "+S"(r.r1)
                     : "d"(a2)
                     : INVOKE_CLOBBERS);
    return r;
}

INVOKE invoke4(uint64_t number, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3) {
    struct invoke_result r = {.status = SYSCALL_BASE + number, .r0 = a0, .r1 = a1};
    register uint64_t r10 __asm__("r10") = a3;
    __asm__ volatile("syscall"
                     : "+a"(r.status), "+D"(r.r0), "+S"(r.r1)
                     : "d"(a2), "r"(r10)
                     : INVOKE_CLOBBERS);
    return r;
}

INVOKE invoke5(uint64_t number, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4) {
    struct invoke_result r = {.status = SYSCALL_BASE + number, .r0 = a0, .r1 = a1};
    register uint64_t r10 __asm__("r10") = a3;
    register uint64_t r8 __asm__("r8") = a4;
    __asm__ volatile("syscall"
                     : "+a"(r.status), "+D"(r.r0), "+S"(r.r1)
                     : "d"(a2), "r"(r10), "r"(r8)
                     : INVOKE_CLOBBERS);
    return r;
}

INVOKE invoke6(uint64_t number, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4,
               uint64_t a5) {
    struct invoke_result r = {.status = SYSCALL_BASE + number, .r0 = a0, .r1 = a1};
    register uint64_t r10 __asm__("r10") = a3;
    register uint64_t r8 __asm__("r8") = a4;
    register uint64_t r9 __asm__("r9") = a5;
    __asm__ volatile("syscall"
                     : "+a"(r.status), "+D"(r.r0), "+S"(r.r1)
                     : "d"(a2), "r"(r10), "r"(r8), "r"(r9)
                     : INVOKE_CLOBBERS);
    return r;
}

/* The error in a status word: its low half less the message kind of a receive. */
static inline err_t status_error(uint64_t status) {
    union {
        uint32_t low;
        err_t error;
    } word = {.low = (uint32_t)status & 0xffffff};
    return word.error;
}
