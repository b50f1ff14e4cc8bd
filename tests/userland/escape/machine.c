/* SPDX-License-Identifier: MIT */
/*
 * Instructions and addresses that are nobody's in user mode. Each ends whoever tries it. Intel SDM
 * volume 2, "protected mode exceptions" of each instruction.
 */
#include "abi/memory.h"
#include "lib/sys/thread.h"
#include "tests/userland/escape/escape.h"

#define INSTRUCTION(name, text)                                                                    \
    static uint64_t run_##name(void) {                                                             \
        __asm__ volatile(text : : : "rax", "rcx", "rdx", "memory");                                \
        return 0;                                                                                  \
    }
#define INSTRUCTIONS(X)                                                                            \
    X(in, "movw $0x64, %%dx; inb %%dx, %%al")                                                      \
    X(out, "movw $0x64, %%dx; movb $0xfe, %%al; outb %%al, %%dx")                                  \
    X(in_fixed, "inb $0x71, %%al")                                                                 \
    X(cli, "cli")                                                                                  \
    X(sti, "sti")                                                                                  \
    X(hlt, "hlt")                                                                                  \
    X(rdmsr, "movl $0xc0000082, %%ecx; rdmsr")                                                     \
    X(wrmsr, "movl $0xc0000082, %%ecx; xorl %%eax, %%eax; xorl %%edx, %%edx; wrmsr")               \
    X(read_cr0, "movq %%cr0, %%rax")                                                               \
    X(read_cr3, "movq %%cr3, %%rax")                                                               \
    X(write_cr3, "xorl %%eax, %%eax; movq %%rax, %%cr3")                                           \
    X(write_cr4, "xorl %%eax, %%eax; movq %%rax, %%cr4")                                           \
    X(write_cr8, "xorl %%eax, %%eax; movq %%rax, %%cr8")                                           \
    X(write_dr7, "xorl %%eax, %%eax; movq %%rax, %%dr7")                                           \
    X(clts, "clts")                                                                                \
    X(invd, "invd")                                                                                \
    X(wbinvd, "wbinvd")                                                                            \
    X(invlpg, "invlpg (%%rsp)")                                                                    \
    X(lgdt, "lgdt -16(%%rsp)")                                                                     \
    X(lidt, "lidt -16(%%rsp)")                                                                     \
    X(lldt, "xorl %%eax, %%eax; lldt %%ax")                                                        \
    X(ltr, "movl $0x28, %%eax; ltr %%ax")                                                          \
    X(lmsw, "xorl %%eax, %%eax; lmsw %%ax")                                                        \
    X(sgdt, "sgdt -16(%%rsp)")                                                                     \
    X(sidt, "sidt -16(%%rsp)")                                                                     \
    X(smsw, "smsw %%eax")                                                                          \
    X(swapgs, "swapgs")                                                                            \
    X(sysret, "xorl %%ecx, %%ecx; sysretq")                                                        \
    X(xsetbv, "xorl %%ecx, %%ecx; xorl %%edx, %%edx; movl $3, %%eax; xsetbv")                      \
    X(kernel_segment, "movl $0x10, %%eax; movw %%ax, %%ss")                                        \
    X(int_timer, "int $0x20")
INSTRUCTIONS(INSTRUCTION)

#define KERNEL_TEXT 0xffffffff80200000ull
#define DIRECT_MAP  0xffff800000000000ull
#define BETWEEN     0x0000900000000000ull /* no canonical address */

static uint64_t *volatile nowhere = (uint64_t *)8; /* that the compiler does not know */

#define TOUCHES(X)                                                                                 \
    X(read_kernel, *(volatile uint64_t *)KERNEL_TEXT)                                              \
    X(write_kernel, *(volatile uint64_t *)KERNEL_TEXT = 0)                                         \
    X(read_memory, *(volatile uint64_t *)DIRECT_MAP)                                               \
    X(write_memory, *(volatile uint64_t *)(DIRECT_MAP + 0x200000) = 0)                             \
    X(read_between, *(volatile uint64_t *)BETWEEN)                                                 \
    X(read_nothing, *(volatile uint64_t *)nowhere)                                                 \
    X(read_victim, *(volatile uint64_t *)VICTIM_PAGE)                                              \
    X(write_text, *(volatile uint64_t *)(uintptr_t)run_in = 0)                                     \
    X(jump_kernel, ((uint64_t(*)(void))KERNEL_TEXT)())                                             \
    X(jump_data, ((uint64_t(*)(void))(uintptr_t)code)())
static uint8_t code[16] = {0x31, 0xc0, 0xc3}; /* xor %eax, %eax; ret */
#define TOUCH(name, what)                                                                          \
    static uint64_t run_##name(void) {                                                             \
        (void)(what);                                                                              \
        return 0;                                                                                  \
    }
TOUCHES(TOUCH)

/* Results to addresses that are not the caller's, and memory to be both written and executed. */
#define BAD(X)                                                                                     \
    X(info_to_kernel, sys_process_info(SELF_PROCESS, (void *)DIRECT_MAP))                          \
    X(info_to_text, sys_process_info(SELF_PROCESS, (void *)(uintptr_t)run_in))                     \
    X(info_to_end, sys_process_info(SELF_PROCESS, (void *)0x7ffffffffff8))                         \
    X(futex_of_kernel, sys_futex_wait((void *)KERNEL_TEXT, 0, 1, 1))                               \
    X(futex_of_victim, sys_futex_wait((void *)VICTIM_PAGE, 0x6d61726b, 1, 1))                      \
    X(write_and_run, sys_process_protect(SELF_PROCESS, (uint64_t)(uintptr_t)code & ~4095ull,       \
                                         PAGE_SIZE, MEMORY_WRITE | MEMORY_EXECUTE))                \
    X(run_data, sys_process_protect(SELF_PROCESS, (uint64_t)(uintptr_t)code & ~4095ull, PAGE_SIZE, \
                                    MEMORY_READ | MEMORY_EXECUTE))                                 \
    X(unmap_kernel, sys_process_unmap(SELF_PROCESS, DIRECT_MAP, PAGE_SIZE))                        \
    X(block_of_kernel, sys_thread_create(SELF_PROCESS, DIRECT_MAP, 1, &(struct thread_cap){0}))
#define CALL(name, call)                                                                           \
    static uint64_t run_##name(void) {                                                             \
        err_t e = call;                                                                            \
        return e.code;                                                                             \
    }
BAD(CALL)

#define ROW(name, what) {#name, run_##name, true},
const struct attempt machine_attempts[] = {
    INSTRUCTIONS(ROW) TOUCHES(ROW) BAD(ROW){0},
};
