# SPDX-License-Identifier: MIT
#
# busybox, the shell and its tools: the source package of deps.lock with the patches of this directory
# and the options of `config`, compiled by its own makefiles against musl and linked here as a program of
# this system. It is built as a whole when one of these changes, and not otherwise.

BUSYBOX := $(BUILD)/busybox
BUSYBOX_SOURCE := $(BUILD)/sources/busybox-$(shell sed -n 's/^busybox	src	\([0-9]*:\)\?\([^	]*\)	.*/\2/p' deps.lock)
BUSYBOX_PATCHES := $(sort $(wildcard apps/busybox/*.patch))
BUSYBOX_CFLAGS := -fno-pic -fno-pie -ffile-prefix-map=$(abspath $(BUSYBOX))=busybox $(ARCH_USER_CFLAGS) \
    -nostdinc -isystem $(abspath $(MUSL))/include -isystem $(shell $(CC) -print-file-name=include)
# Its directories that have something that `config` asks for.
BUSYBOX_DIRS := applets archival archival/libarchive console-tools coreutils coreutils/libcoreutils debianutils \
    editors findutils libbb libpwdgrp miscutils procps shell util-linux

$(BUSYBOX_SOURCE):
	@scripts/need build

# $(1) directory, $(2) compiler, $(3) its flags, $(4) what it needs
define busybox
$(1)/busybox.o: $(BUSYBOX_SOURCE) $(BUSYBOX_PATCHES) apps/busybox/config apps/busybox/busybox.mk $(4)
	$$(call say,rm -rf $(1),BUSYB,$$@)
	@mkdir -p $(1)
	@cp -a $(BUSYBOX_SOURCE) $(1)/source
	@for patch in $(BUSYBOX_PATCHES); do patch -E -s -p1 -d $(1)/source <$$$$patch || exit 1; done
	@apps/busybox/configure $(1)/source <apps/busybox/config
	+@$$(MAKE) -s -C $(1)/source CC='$(2)' LD='$(CROSS)ld' AR='$(CROSS)ar' CONFIG_EXTRA_CFLAGS='$(3)' \
	    $(BUSYBOX_DIRS) >$(1)/make.log 2>&1 || { tail $(1)/make.log; exit 1; }
	@apps/busybox/links $(1)/source $(1)/root
	@$(CROSS)ld -r -o $$@ --whole-archive $(1)/source/applets/built-in.o \
	    $(1)/source/*/lib.a $(1)/source/*/*/lib.a
endef
$(eval $(call busybox,$(BUSYBOX),$(CC),$(BUSYBOX_CFLAGS),$(MUSL_LIBC)))

# The same for Linux, to compare with.
BUSYBOX_LINUX := $(BUILD)/busybox-linux
$(eval $(call busybox,$(BUSYBOX_LINUX),musl-gcc,-fno-pic -fno-pie,))
$(BUSYBOX_LINUX)/busybox: $(BUSYBOX_LINUX)/busybox.o
	$(call say,musl-gcc -static -no-pie -o $@ $<,LD,$@)
