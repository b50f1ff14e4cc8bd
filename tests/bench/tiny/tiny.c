/* SPDX-License-Identifier: MIT */
/* The program that ends at once (tests/bench/posix/processes.c). */
int main(void) {
    return 0;
}
