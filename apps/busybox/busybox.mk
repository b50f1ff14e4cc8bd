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

$(BUSYBOX)/busybox.o: $(BUSYBOX_SOURCE) $(BUSYBOX_PATCHES) apps/busybox/config apps/busybox/busybox.mk $(MUSL_LIBC)
	$(call say,rm -rf $(BUSYBOX),BUSYB,$@)
	@mkdir -p $(BUSYBOX)
	@cp -a $(BUSYBOX_SOURCE) $(BUSYBOX)/source
	@for patch in $(BUSYBOX_PATCHES); do patch -E -s -p1 -d $(BUSYBOX)/source <$$patch || exit 1; done
	@apps/busybox/configure $(BUSYBOX)/source <apps/busybox/config
	+@$(MAKE) -s -C $(BUSYBOX)/source CC='$(CC)' LD='$(CROSS)ld' AR='$(CROSS)ar' CONFIG_EXTRA_CFLAGS='$(BUSYBOX_CFLAGS)' \
	    $(BUSYBOX_DIRS) >$(BUSYBOX)/make.log 2>&1 || { tail $(BUSYBOX)/make.log; exit 1; }
	@apps/busybox/links $(BUSYBOX)/source $(BUSYBOX)/root
	@$(CROSS)ld -r -o $@ --whole-archive $(BUSYBOX)/source/applets/built-in.o \
	    $(BUSYBOX)/source/*/lib.a $(BUSYBOX)/source/*/*/lib.a
