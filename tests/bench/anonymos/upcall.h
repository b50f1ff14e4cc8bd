/* SPDX-License-Identifier: MIT */
/* Offsets into struct thread_block and struct upcall_frame for upcall.S, checked in objects.c. */
#pragma once

#define BLOCK_UPCALL_MASK 288
#define FRAME_RAX         32
#define FRAME_RCX         48
#define FRAME_RSI         64
#define FRAME_RDI         72
#define FRAME_R11         112
#define FRAME_IP          160
#define FRAME_FLAGS       176
#define FRAME_SP          184
#define RED_ZONE          128

#define FOREIGN_NUMBER 39 /* getpid */
#define FOREIGN_ANSWER 4711

#ifndef __ASSEMBLER__
#include <stdint.h>

void upcall_entry(void);
/* Reads an address where nothing is. */
void fault_once(void);
/* A Linux system call; returns FOREIGN_ANSWER if it was answered. */
uint64_t foreign_call(void);
#endif
