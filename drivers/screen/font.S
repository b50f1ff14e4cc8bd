/* SPDX-License-Identifier: MIT */
    .section .rodata.font, "a"
    .balign 4
    .globl font
font:
    .incbin "font/font.bin"

    .section .note.GNU-stack, "", @progbits
