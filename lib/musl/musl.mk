# SPDX-License-Identifier: MIT
#
# musl, the C library of user programs: the source package of deps.lock with the patches of this
# directory, built under $(BUILD)/musl by its own makefiles into include, lib/libc.a and the start-up
# objects. It is built as a whole when a patch, this file or the source changes, and not otherwise.

MUSL := $(BUILD)/musl
MUSL_LIBC := $(MUSL)/lib/libc.a
MUSL_SOURCE := $(BUILD)/sources/musl-$(shell sed -n 's/^musl	src	\([^	]*\)	.*/\1/p' deps.lock)
MUSL_PATCHES := $(sort $(wildcard lib/musl/*.patch))
MUSL_CFLAGS := -O2 -g -ffile-prefix-map=$(abspath $(MUSL))=musl -fno-pic -fno-pie \
    -fstack-protector-strong $(filter -mstack-protector-guard=%,$(ARCH_USER_CFLAGS))

# How a program sees it: all of its headers, the compiler's own, and no others.
MUSL_USER_CFLAGS := -D_GNU_SOURCE -nostdinc -isystem $(MUSL)/include -isystem $(shell $(CC) -print-file-name=include)

$(MUSL_SOURCE):
	@scripts/need build

$(MUSL_LIBC): $(MUSL_SOURCE) $(MUSL_PATCHES) lib/musl/musl.mk tools/no-syscall config.mk
	$(call say,rm -rf $(MUSL),MUSL,$@)
	@mkdir -p $(MUSL)/objects
	@cp -a $(MUSL_SOURCE) $(MUSL)/source
	@for patch in $(MUSL_PATCHES); do patch -E -s -p1 -d $(MUSL)/source <$$patch || exit 1; done
	@cd $(MUSL)/objects && ../source/configure --srcdir=../source --prefix='$(abspath $(MUSL))' \
	    --disable-shared --disable-wrapper CC='$(CC)' CROSS_COMPILE='$(CROSS)' CFLAGS='$(MUSL_CFLAGS)' >configure.log
	+@$(MAKE) -s -C $(MUSL)/objects >$(MUSL)/objects/make.log 2>&1 || { tail $(MUSL)/objects/make.log; exit 1; }
	@OBJDUMP=$(CROSS)objdump tools/no-syscall $(MUSL)/objects/lib/libc.a
	@$(MAKE) -s -C $(MUSL)/objects install
