/* SPDX-License-Identifier: MIT */
/* What the operations of tests/posix told on Linux, where the build ran them. */
    .section .rodata
    .global expected_begin, expected_end
expected_begin:
    .incbin "posix/expected.txt"
expected_end:
    .section .note.GNU-stack, "", @progbits
