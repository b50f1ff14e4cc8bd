/* SPDX-License-Identifier: MIT */
/*
 * What the kernel needs of a CPU: it refuses to run without, and turns it on. Leaves and bits:
 * Intel SDM 2A, CPUID; AMD APM 3, appendix E.
 */
#include "boot/options.h"
#include "log.h"
#include "machine/boot.h"
#include "machine/instr.h"
#include "string.h"

#define CR4_PGE        (1ul << 7)
#define CR4_OSFXSR     (1ul << 9)
#define CR4_OSXMMEXCPT (1ul << 10)
#define CR4_UMIP       (1ul << 11)
#define CR4_FSGSBASE   (1ul << 16)
#define CR4_OSXSAVE    (1ul << 18)
#define CR4_SMEP       (1ul << 20)
#define CR4_SMAP       (1ul << 21)

#define MSR_ARCH_CAPABILITIES 0x10a /* bit 0: RDCL_NO, not open to Meltdown */

enum register_name { EAX, EBX, ECX, EDX };

static const struct feature {
    uint32_t leaf;
    uint8_t reg, bit;
    const char *name;
} needed[] = {
    {1, EDX, 9, "a local APIC"},
    {1, EDX, 13, "global pages"},
    {1, EDX, 16, "a page attribute table"},
    {1, EDX, 24, "FXSAVE"},
    {1, EDX, 26, "SSE2"},
    {1, ECX, 26, "XSAVE"},
    {0xd, EAX, 0, "XSAVEOPT"}, /* subleaf 1 */
    {7, EBX, 0, "FSGSBASE"},
    {7, EBX, 7, "SMEP"},
    {7, EBX, 20, "SMAP"},
    {0x80000001, EDX, 11, "SYSCALL"},
    {0x80000001, EDX, 20, "no-execute pages"},
};

static bool has(uint32_t leaf, enum register_name reg, unsigned bit) {
    if (cpuid(leaf & 0x80000000, 0).a < leaf)
        return false;
    struct cpuid r = cpuid(leaf, leaf == 0xd);
    return (reg == EAX ? r.a : reg == EBX ? r.b : reg == ECX ? r.c : r.d) >> bit & 1;
}

/* Intel processors can be vulnerable unless they say not to be; AMD's are not. */
static bool meltdown(void) {
    struct cpuid vendor = cpuid(0, 0);
    if (memcmp(&vendor.b, "Genu", 4))
        return false;
    return !has(7, EDX, 29) || !(read_msr(MSR_ARCH_CAPABILITIES) & 1);
}

void features_check(const char *command_line) {
    for (size_t i = 0; i < array_size(needed); i++)
        if (!has(needed[i].leaf, needed[i].reg, needed[i].bit))
            boot_fail("the processor lacks %s", needed[i].name);
    if (!meltdown())
        return;
    if (option_number(command_line, "unsafe", 0) != 1)
        boot_fail("the processor is open to Meltdown attacks; unsafe=1 on the command line starts "
                  "anyway");
    log_warn("the processor is open to Meltdown attacks: no isolation between programs");
}

void features_enable(void) {
    uint64_t umip = has(7, ECX, 2) ? CR4_UMIP : 0;
    write_cr4(read_cr4() | CR4_PGE | CR4_OSFXSR | CR4_OSXMMEXCPT | CR4_FSGSBASE | CR4_OSXSAVE |
              CR4_SMEP | CR4_SMAP | umip);
}
