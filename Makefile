# SPDX-License-Identifier: MIT
#
# Finds components by their place and builds them under $(BUILD). Nothing has to be listed here:
#   kernel/**                        the kernel, in three variants (see below)
#   services/NAME, drivers/NAME,
#   apps/NAME                        one program each: all of its *.c with lib/sys and a C library
#   tests/kernel[/NAME]              test programs of the same kind
#   tests/userland[/NAME]            the same; tests/userland itself starts the others
#   tests/bench                      the benchmark programs: with tests/bench/anonymos for this
#                                    system, with tests/bench/linux for its peer; tests/bench/posix for both
# Programs link lib/file, musl and lib/bare, which answers musl's system calls without files. Those that are named
# in POSIX_PROGRAMS below link lib/posix as well, which answers them with files. Those in FREESTANDING have no C
# library and link lib/freestanding.
# Variants of the kernel are directories of objects: kernel (what is shipped), kernel-test (with
# kernel/test: calls that only tests use) and kernel-ubsan (the same under the undefined-behaviour
# sanitizer, with kernel/debug/ubsan.c).
# V=1 shows the commands.

include config.mk
BUILD ?= build

MAKEFLAGS += --no-builtin-rules --no-builtin-variables
.SUFFIXES:
.DELETE_ON_ERROR:
.SECONDEXPANSION:
.DEFAULT_GOAL := build

ifeq ($(wildcard kernel/arch/$(ARCH)/flags.mk),)
$(error there is no kernel for ARCH=$(ARCH); there are: $(notdir $(patsubst %/flags.mk,%,$(wildcard kernel/arch/*/flags.mk))))
endif

CC := $(CROSS)gcc
OBJCOPY := $(CROSS)objcopy
PYTHON := python3
ifeq ($(V),1)
say = $(1)
else
say = @printf '  %-6s %s\n' $(2) $(3) && $(1)
endif

# ---- the kernel -----------------------------------------------------------------------------

include kernel/arch/$(ARCH)/flags.mk
KERNEL_INCLUDES := -I. -Ikernel/include -Ikernel/arch/$(ARCH)/include
KERNEL_WARNINGS := -Wall -Wextra -Werror -Wmissing-prototypes -Wstrict-prototypes
KERNEL_CFLAGS := -std=gnu11 -ffreestanding -fno-pic -fno-pie -fno-strict-aliasing \
    -fstack-protector-strong -O2 -g -ffile-prefix-map=$(CURDIR)/= $(KERNEL_WARNINGS) \
    $(ARCH_CFLAGS) $(KERNEL_INCLUDES)
KERNEL_LDFLAGS := -nostdlib -static -no-pie -Wl,--build-id=none -Wl,-z,noexecstack \
    -Wl,--no-warn-rwx-segments -T kernel/arch/$(ARCH)/kernel.ld

PARTS := . obj cap ipc sched mm debug lib boot arch/$(ARCH)
sources_in = $(sort $(foreach d,$(1),$(wildcard $(d)/*.c $(d)/*.S)))
COMMON_SOURCES := $(patsubst kernel/./%,kernel/%,$(call sources_in,$(addprefix kernel/,$(PARTS))))
COMMON_SOURCES := $(filter-out kernel/debug/ubsan.c,$(COMMON_SOURCES))
TEST_SOURCES := $(filter-out kernel/test/none.c,$(call sources_in,kernel/test))

kernel_SOURCES := $(COMMON_SOURCES) $(wildcard kernel/test/none.c)
kernel_CFLAGS :=
kernel-test_SOURCES := $(COMMON_SOURCES) $(TEST_SOURCES)
kernel-test_CFLAGS :=
kernel-ubsan_SOURCES := $(kernel-test_SOURCES) $(wildcard kernel/debug/ubsan.c)
kernel-ubsan_CFLAGS := -fsanitize=undefined -fno-sanitize=alignment,null,object-size
# Called by the entry code alone, which has saved what they may then use.
FROM_ENTRY := kernel/ipc/fast.c kernel/dispatch.c
# The reporter itself.
UBSAN_EXEMPT := kernel/debug/ubsan.c

VARIANTS := kernel kernel-test kernel-ubsan

define kernel_variant
$(1)_OBJECTS := $$(patsubst %,$(BUILD)/$(1)/%.o,$$($(1)_SOURCES))
$(BUILD)/$(1)/%.c.o: %.c Makefile config.mk kernel/arch/$(ARCH)/flags.mk
	@mkdir -p $$(@D)
	$$(call say,$(CC) $(KERNEL_CFLAGS) $$(if $$(filter $(FROM_ENTRY),$$<),$$(ARCH_ENTRY_CFLAGS)) $(if $(filter kernel-ubsan,$(1)),$$(if $$(filter $$<,$(UBSAN_EXEMPT)),,$($(1)_CFLAGS))) -MMD -MP -c -o $$@ $$<,CC,$$<)
$(BUILD)/$(1)/%.S.o: %.S Makefile config.mk kernel/arch/$(ARCH)/flags.mk
	@mkdir -p $$(@D)
	$$(call say,$(CC) $(KERNEL_CFLAGS) -MMD -MP -c -o $$@ $$<,AS,$$<)
$(BUILD)/$(1)/anonymOS.elf: $$($(1)_OBJECTS) kernel/arch/$(ARCH)/kernel.ld
	$$(call say,$(CC) $$(KERNEL_CFLAGS) $$(KERNEL_LDFLAGS) -o $$@ $$($(1)_OBJECTS) -lgcc,LD,$$@)
$(BUILD)/$(1)/anonymOS.bin: $(BUILD)/$(1)/anonymOS.elf
	$$(call say,$(OBJCOPY) --strip-all $$< $$@,COPY,$$@)
-include $$($(1)_OBJECTS:.o=.d)
endef
$(foreach v,$(VARIANTS),$(eval $(call kernel_variant,$(v))))

$(BUILD)/anonymOS.bin: $(BUILD)/kernel/anonymOS.bin
	$(call say,cp $< $@,COPY,$@)

include lib/musl/musl.mk
include apps/busybox/busybox.mk
include lib/password/sodium.mk
include drivers/screen/screen.mk

# ---- programs -------------------------------------------------------------------------------

USER_CFLAGS := -std=gnu11 -fno-pic -fno-pie -fno-strict-aliasing -fstack-protector-strong -O2 -g \
    -ffile-prefix-map=$(CURDIR)/= -ffunction-sections -fdata-sections $(KERNEL_WARNINGS) $(ARCH_USER_CFLAGS) -I.
USER_LDFLAGS := -nostdlib -static -no-pie -Wl,--build-id=none -Wl,-z,noexecstack \
    -Wl,-z,max-page-size=4096 -Wl,--gc-sections

# Calls of the kernel are measured by the first process; what is measured on both systems is in tests/bench itself.
# Programs with files are measured by one that is the same on both.
BENCH_DIR := tests/bench/anonymos
BENCH_USER := tests/bench/posix tests/bench/tiny
$(BENCH_DIR)_WITH := tests/bench tests/bench/measure
tests/bench/posix_WITH := tests/bench/measure
apps/busybox_PORT := $(BUSYBOX)/busybox.o
services/ttyshelly_WITH := lib/password
services/ttyshelly_PORT := $(SODIUM_LIBRARY)
services/audit_WITH := lib/audit lib/chain lib/password
services/audit_PORT := $(SODIUM_LIBRARY)
services/auth_WITH := lib/audit lib/password
services/auth_PORT := $(SODIUM_LIBRARY)
services/init_WITH := lib/audit
services/bootfs_WITH := lib/audit
services/procfs_WITH := lib/audit
apps/audit_WITH := lib/audit lib/chain lib/password
apps/audit_PORT := $(SODIUM_LIBRARY)
tests/userland_WITH := tests/file
tests/userland/files_WITH := tests/file
tests/userland/posix_WITH := tests/posix tests/expected
tests/userland/linux_WITH := tests/expected
tests/userland/pipes_WITH := tests/file
PROGRAM_DIRS := $(patsubst %/,%,$(sort $(dir $(wildcard services/*/*.c drivers/*/*.c apps/*/*.c apps/*/*.mk $(foreach d,kernel userland,tests/$(d)/*.c tests/$(d)/*/*.c)))))
FREESTANDING := $(filter tests/kernel%,$(PROGRAM_DIRS)) $(BENCH_DIR)
POSIX_PROGRAMS := $(filter apps/%,$(PROGRAM_DIRS)) services/ttyshelly tests/userland/posix tests/userland/linux $(BENCH_USER)

# The flags of a source file, by its directory. lib/bare and lib/posix stand below musl: they see musl's headers, for
# numbers and structures, but use no more of the processor than a program without a C library.
WITHOUT_MUSL := $(FREESTANDING) tests/bench tests/bench/measure lib/sys lib/freestanding
GENERAL_CFLAGS := -ffreestanding $(ARCH_GENERAL_CFLAGS)
place = $(patsubst %/$(ARCH),%,$(patsubst %/,%,$(dir $(1))))
with_musl = $(filter-out $(WITHOUT_MUSL),$(place))
user_flags = $(USER_CFLAGS) $(if $(filter $(WITHOUT_MUSL) lib/bare lib/posix lib/linux,$(place)),$(GENERAL_CFLAGS)) $(if $(with_musl),$(MUSL_USER_CFLAGS)) $(if $(filter lib/password lib/chain,$(place)),$(SODIUM_USER_CFLAGS))

USER_NEEDS = Makefile config.mk kernel/arch/$(ARCH)/flags.mk $(if $(with_musl),$(MUSL_LIBC))
$(BUILD)/user/%.c.o: %.c $$(call USER_NEEDS,$$*)
	@mkdir -p $(@D)
	$(call say,$(CC) $(call user_flags,$<) -MMD -MP -c -o $@ $<,CC,$<)
$(BUILD)/user/%.S.o: %.S $$(call USER_NEEDS,$$*)
	@mkdir -p $(@D)
	$(call say,$(CC) $(call user_flags,$<) $(MORE_CFLAGS) -MMD -MP -c -o $@ $<,AS,$<)

objects_in = $(patsubst %,$(BUILD)/user/%.o,$(call sources_in,$(1) $(addsuffix /$(ARCH),$(1))))
SYS_OBJECTS := $(call objects_in,lib/sys)
FREE_OBJECTS := $(call objects_in,lib/freestanding)
BARE_OBJECTS := $(call objects_in,lib/bare lib/file)
POSIX_OBJECTS := $(call objects_in,lib/posix)
-include $(patsubst %.o,%.d,$(SYS_OBJECTS) $(FREE_OBJECTS) $(BARE_OBJECTS) $(POSIX_OBJECTS))

# What tests/posix tells on the machine that builds, for the same program of this system to compare with. It needs
# user 0 and, so that it is always the same, a directory in memory.
AS_ROOT := $(if $(filter 0,$(shell id -u)),,sudo)
$(BUILD)/posix/record: $(wildcard tests/posix/*.[ch] tests/posix/host/*.c) Makefile
	@mkdir -p $(@D)
	$(call say,musl-gcc -std=gnu11 -D_GNU_SOURCE -static -O1 -g $(KERNEL_WARNINGS) -I. -o $@ $(filter %.c,$^),CC,$@)
$(BUILD)/posix/expected.txt: $(BUILD)/posix/record
	$(call say,place=$$(mktemp -d -p /dev/shm) && (cd $$place && $(AS_ROOT) $(abspath $<) </dev/null >$(abspath $@)); s=$$?; $(AS_ROOT) rm -rf $$place; exit $$s,RUN,$@)
$(BUILD)/user/tests/expected/expected.S.o: $(BUILD)/posix/expected.txt
$(BUILD)/user/tests/expected/expected.S.o: MORE_CFLAGS := -I$(BUILD)

# Each program has addresses of its own, 16 MiB of them, so that an address says whose it is (tests/bench/profile).
ADDRESSES := $(shell n=0; for d in $(sort $(PROGRAM_DIRS) $(BENCH_DIR) $(BENCH_USER)); do n=$$((n + 1)); printf '%s=%x000000 ' $$d $$n; done)

# $(1) directory
define program
$(1)_OBJECTS := $$(call objects_in,$(1) $$($(1)_WITH)) $$($(1)_PORT)
$(1)_ADDRESS := -Wl,-Ttext-segment=0x$(patsubst $(1)=%,%,$(filter $(1)=%,$(ADDRESSES)))
$(1)_LIBRARIES := $(SYS_OBJECTS) $(if $(filter $(FREESTANDING),$(1)),$(FREE_OBJECTS),$(if $(filter $(POSIX_PROGRAMS),$(1)),$(POSIX_OBJECTS)) $(BARE_OBJECTS) $(MUSL_LIBC))
$(BUILD)/user/$(1).elf: $$($(1)_OBJECTS) $$($(1)_LIBRARIES)
	@mkdir -p $$(@D)
	$$(call say,$(CC) $$(USER_CFLAGS) $$(USER_LDFLAGS) $$($(1)_ADDRESS) -o $$@ $$($(1)_OBJECTS) $$($(1)_LIBRARIES) -lgcc,LD,$$@)
$(BUILD)/user/$(1): $(BUILD)/user/$(1).elf
$(BUILD)/user/$(1).bin: $(BUILD)/user/$(1).elf
	$$(call say,$(OBJCOPY) --strip-all $$< $$@,COPY,$$@)
-include $$(patsubst %.o,%.d,$$(filter %.o,$$($(1)_OBJECTS)))
endef
$(foreach d,$(PROGRAM_DIRS) $(BENCH_DIR) $(BENCH_USER),$(eval $(call program,$(d))))
PROGRAMS := $(foreach d,$(PROGRAM_DIRS),$(BUILD)/user/$(d).bin)

include lib/linux/linux.mk

# ---- boot bundles ---------------------------------------------------------------------------
# The bundle that is shipped has every service and driver under its own name, and as `core` the archive that bootfs
# serves: the trees of core/ and of the image's kind, with the applications in bin/. The test bundle starts tests/kernel instead
# of init, the userland bundle tests/userland with the programs below it.

bundle_names = $(foreach d,$(1),$(notdir $(d))=$(BUILD)/user/$(d).bin)
APPS := $(filter apps/%,$(PROGRAM_DIRS))
SHIPPED := $(filter services/% drivers/%,$(PROGRAM_DIRS))

# $(1) archive, $(2) kind of image, $(3) a file that changes when the kind does, $(4) more programs
define core
$(1): $(3) $(shell find core images/$(2) ! -type l) $(BUSYBOX)/busybox.o $(foreach d,$(APPS) $(4),$(BUILD)/user/$(d).bin) $(LINUX)/linux.bin tools/bundle config.mk
	@mkdir -p $$(@D)
	$$(call say,tools/bundle $$@ --tree core --tree images/$(2) --tree $(BUSYBOX)/root bin/ dev/ logs/ proc/ tmp/ lib/linux=$(LINUX)/linux.bin $(addprefix bin/,$(call bundle_names,$(APPS) $(4))),BUNDLE,$$@)
endef
ifeq ($(wildcard images/$(IMAGE)/etc/passwd),)
$(error there is no kind of image IMAGE=$(IMAGE); there are: $(notdir $(wildcard images/*)))
endif
# So that a release image never has what was a development image's.
.PHONY: always
$(BUILD)/image-kind: always
	@mkdir -p $(@D)
	@echo '$(IMAGE)' | cmp -s - $@ || echo '$(IMAGE)' >$@
$(eval $(call core,$(BUILD)/core.cpio,$(IMAGE),$(BUILD)/image-kind))
$(eval $(call core,$(BUILD)/core-release.cpio,release))
$(BUILD)/bundle.cpio: $(foreach d,$(SHIPPED),$(BUILD)/user/$(d).bin) $(BUILD)/core.cpio tools/bundle
	$(call say,tools/bundle $@ core=$(BUILD)/core.cpio $(call bundle_names,$(SHIPPED)),BUNDLE,$@)
$(BUILD)/bundle-test.cpio: $(filter $(BUILD)/user/tests/kernel%,$(PROGRAMS)) tools/bundle
	$(call say,tools/bundle $@ init=$(BUILD)/user/tests/kernel.bin $(call bundle_names,$(filter tests/kernel/%,$(PROGRAM_DIRS))),BUNDLE,$@)
USERLAND := $(filter-out services/audit services/auth services/init services/procfs services/ttyshelly,$(filter services/% tests/userland/%,$(PROGRAM_DIRS)))
$(BUILD)/bundle-userland.cpio: $(foreach d,tests/userland $(USERLAND),$(BUILD)/user/$(d).bin) $(LINUX)/linux.bin $(BUILD)/posix/record tools/bundle
	$(call say,tools/bundle $@ init=$(BUILD)/user/tests/userland.bin $(call bundle_names,$(USERLAND)) library.linux=$(LINUX)/linux.bin record.linux=$(BUILD)/posix/record,BUNDLE,$@)
# The shipped one, as a release image has it.
$(BUILD)/bundle-release.cpio: $(foreach d,$(SHIPPED),$(BUILD)/user/$(d).bin) $(BUILD)/core-release.cpio tools/bundle
	$(call say,tools/bundle $@ core=$(BUILD)/core-release.cpio $(call bundle_names,$(SHIPPED)),BUNDLE,$@)
# The shipped one, but what bootfs is to serve is no archive.
$(BUILD)/bundle-damaged.cpio: $(foreach d,$(SHIPPED),$(BUILD)/user/$(d).bin) LICENSE tools/bundle
	$(call say,tools/bundle $@ core=LICENSE $(call bundle_names,$(SHIPPED)),BUNDLE,$@)
# ... but what should let people in is no program.
LOGIN := services/ttyshelly
$(BUILD)/bundle-no-login.cpio: $(foreach d,$(filter-out $(LOGIN),$(SHIPPED)),$(BUILD)/user/$(d).bin) $(BUILD)/core.cpio LICENSE tools/bundle
	$(call say,tools/bundle $@ core=$(BUILD)/core.cpio $(call bundle_names,$(filter-out $(LOGIN),$(SHIPPED))) $(notdir $(LOGIN))=LICENSE,BUNDLE,$@)

include tests/linux/linux.mk

# The benchmarks: the shipped kernel with the measuring program as its first process, and the shipped bundle with
# one in the place of who lets people in; the same for the Linux peer; and the profiler, a plugin of the emulator.

$(BUILD)/bundle-bench.cpio: $(BUILD)/user/$(BENCH_DIR).bin tools/bundle
	$(call say,tools/bundle $@ init=$<,BUNDLE,$@)
$(eval $(call core,$(BUILD)/core-bench.cpio,$(IMAGE),$(BUILD)/image-kind,tests/bench/tiny))
$(BUILD)/bundle-bench-user.cpio: $(foreach d,$(SHIPPED) $(BENCH_USER),$(BUILD)/user/$(d).bin) $(BUILD)/core-bench.cpio tools/bundle
	$(call say,tools/bundle $@ core=$(BUILD)/core-bench.cpio $(call bundle_names,$(filter-out $(LOGIN),$(SHIPPED))) $(notdir $(LOGIN))=$(BUILD)/user/tests/bench/posix.bin,BUNDLE,$@)
# $(1) program, $(2) directories of its sources
define linux_program
$(BUILD)/bench/$(1): $(foreach d,$(2),$(wildcard $(d)/*.[ch])) Makefile
	@mkdir -p $$(@D)
	$$(call say,musl-gcc -std=gnu11 -D_GNU_SOURCE -static -O2 -g $(KERNEL_WARNINGS) -I. -o $$@ $$(filter %.c,$$^),CC,$$@)
endef
$(eval $(call linux_program,linux,tests/bench tests/bench/linux tests/bench/measure))
$(eval $(call linux_program,posix,tests/bench/posix tests/bench/measure))
$(eval $(call linux_program,tiny,tests/bench/tiny))
$(BUILD)/bench/linux.cpio: $(BUILD)/bench/linux tools/bundle
	$(call say,tools/bundle $@ init=$<,BUNDLE,$@)
$(BUILD)/bench/linux-user.cpio: $(BUILD)/bench/posix $(BUILD)/bench/tiny $(BUSYBOX_LINUX)/busybox tools/bundle
	$(call say,tools/bundle $@ --tree $(BUSYBOX)/root bin/ dev/ proc/ tmp/ init=$< bin/tiny=$(BUILD)/bench/tiny bin/busybox=$(BUSYBOX_LINUX)/busybox,BUNDLE,$@)
$(BUILD)/bench/count.so: tests/bench/plugin/count.c Makefile
	@mkdir -p $(@D)
	$(call say,gcc -std=gnu11 -O2 -fPIC -shared $(KERNEL_WARNINGS) -o $@ $<,CC,$@)

# ---- the image ------------------------------------------------------------------------------

$(BUILD)/anonymOS.iso: $(BUILD)/anonymOS.bin $(BUILD)/bundle.cpio scripts/image config.mk
	$(call say,scripts/image $@ $(BUILD)/anonymOS.bin $(BUILD)/bundle.cpio '$(KERNEL_OPTIONS)',ISO,$@)

.PHONY: build run test bench benches debug iso clean tcb check format format-check man tests flags user-flags kernel-objects need
need:
	@scripts/need build image
build: need
	@mkdir -p $(BUILD)/logs
	@$(MAKE) --no-print-directory $(BUILD)/anonymOS.iso
	@echo 'Build complete. Bootable image created at $(BUILD)/anonymOS.iso'
iso: build
run test bench debug:
	@./anonymos $@
# What the tests need beside the shipped image.
tests: $(BUILD)/anonymOS.bin $(BUILD)/anonymOS.iso $(BUILD)/bundle.cpio $(BUILD)/kernel-test/anonymOS.bin \
    $(BUILD)/kernel-ubsan/anonymOS.bin $(BUILD)/bundle-bench.cpio $(BUILD)/bundle-test.cpio $(BUILD)/bundle-userland.cpio \
    $(BUILD)/bundle-damaged.cpio $(BUILD)/bundle-no-login.cpio $(BUILD)/bundle-release.cpio \
    $(BUILD)/bundle-linux.cpio
# What the benchmarks need.
benches: $(BUILD)/anonymOS.bin $(BUILD)/bundle-bench.cpio $(BUILD)/bundle-bench-user.cpio $(BUILD)/bench/linux.cpio \
    $(BUILD)/bench/linux-user.cpio $(BUILD)/bench/count.so
tcb: $(BUILD)/kernel/anonymOS.elf
	@tools/tcb --build $(BUILD)
check:
	@tools/check
format:
	@tools/check --format
format-check:
	@tools/check format
man:
	@tools/man
flags:
	@echo $(KERNEL_CFLAGS)
kernel-objects:
	@echo $(kernel_OBJECTS)
# Those of FILE.
user-flags:
	@echo $(call user_flags,$(FILE))
# What was fetched stays, so that a build after it needs no network.
clean:
	@[ ! -d $(BUILD) ] || find $(BUILD) -mindepth 1 -maxdepth 1 ! -name sources ! -name peers -exec rm -rf {} +
