# SPDX-License-Identifier: MIT
#
# Programs of Linux, what they do there, and the image in which they do it here. busybox is the
# distribution's own file; lua and sqlite3 are built from its sources with musl-gcc. Each script of
# tests/linux/scripts runs here on the machine that builds, so that tests/linux/each can compare.

LINUX_TESTS := $(BUILD)/linux-tests
LINUX_PROGRAMS := $(LINUX_TESTS)/programs
LINUX_SCRIPTS := $(sort $(wildcard tests/linux/scripts/*))
source_of = $(BUILD)/sources/$(1)-$(shell sed -n 's/^$(1)	src	\([0-9]*:\)\?\([^	]*\)	.*/\2/p' deps.lock)
LUA_SOURCE := $(call source_of,lua5.4)
SQLITE_SOURCE := $(call source_of,sqlite3)
BUSYBOX_STATIC := $(BUILD)/peers/bin/busybox
MUSL_GCC := musl-gcc -static -O1

$(LUA_SOURCE) $(SQLITE_SOURCE) $(BUSYBOX_STATIC):
	@scripts/need test

$(LINUX_PROGRAMS)/busybox: $(BUSYBOX_STATIC)
	@mkdir -p $(@D)
	$(call say,cp $< $@,COPY,$@)

# The header is one that the distribution makes.
$(LINUX_PROGRAMS)/lua: $(LUA_SOURCE) tests/linux/linux.mk
	@mkdir -p $(@D) $(LINUX_TESTS)/lua
	@echo '#define DEB_HOST_MULTIARCH ""' >$(LINUX_TESTS)/lua/lua5.4-deb-multiarch.h
	$(call say,$(MUSL_GCC) -DLUA_USE_POSIX -I$(LINUX_TESTS)/lua -o $@ $$(ls $(LUA_SOURCE)/src/*.c | grep -v /luac.c) -lm,CC,$@)

$(LINUX_PROGRAMS)/sqlite3: $(SQLITE_SOURCE) tests/linux/linux.mk
	@mkdir -p $(@D)
	@rm -rf $(LINUX_TESTS)/sqlite && mkdir -p $(LINUX_TESTS)/sqlite/build && cp -a $(SQLITE_SOURCE) $(LINUX_TESTS)/sqlite/source
	@cd $(LINUX_TESTS)/sqlite/build && ../source/configure --disable-tcl --disable-shared --disable-readline >configure.log 2>&1 && \
	    env -u MAKEFLAGS -u MAKELEVEL make -s sqlite3.c shell.c >make.log 2>&1 || { tail configure.log make.log; exit 1; }
	$(call say,$(MUSL_GCC) -DSQLITE_OMIT_LOAD_EXTENSION -I$(LINUX_TESTS)/sqlite/build -o $@ $(addprefix $(LINUX_TESTS)/sqlite/build/,shell.c sqlite3.c),CC,$@)

# Programs of our own, with the distribution's C library.
$(LINUX_PROGRAMS)/%: tests/linux/programs/%.c tests/linux/linux.mk
	@mkdir -p $(@D)
	$(call say,gcc -std=gnu11 -D_GNU_SOURCE -static -O1 -pthread $(KERNEL_WARNINGS) -o $@ $<,CC,$@)
# One that can be anywhere.
$(LINUX_PROGRAMS)/threads-pie: tests/linux/programs/threads.c tests/linux/linux.mk
	@mkdir -p $(@D)
	$(call say,gcc -std=gnu11 -D_GNU_SOURCE -static-pie -fpie -O1 -pthread $(KERNEL_WARNINGS) -o $@ $<,CC,$@)

# One that cannot be started here.
$(LINUX_PROGRAMS)/dynamic: tests/linux/programs/processes.c tests/linux/linux.mk
	@mkdir -p $(@D)
	$(call say,gcc -std=gnu11 -D_GNU_SOURCE -O1 $(KERNEL_WARNINGS) -o $@ $<,CC,$@)

LINUX_PROGRAM_FILES := $(addprefix $(LINUX_PROGRAMS)/,busybox lua sqlite3 threads-pie dynamic $(patsubst tests/linux/programs/%.c,%,$(wildcard tests/linux/programs/*.c)))

$(LINUX_TESTS)/expected/done: $(LINUX_PROGRAM_FILES) $(LINUX_SCRIPTS) tests/linux/each
	@rm -rf $(@D) && mkdir -p $(@D)
	$(call say,place=$$(mktemp -d -p /dev/shm) && $(LINUX_PROGRAMS)/busybox sh tests/linux/each record $(abspath $(LINUX_PROGRAMS)) tests/linux/scripts $(@D) $$place; s=$$?; rm -rf $$place; exit $$s,RUN,$@)
	@touch $@

$(BUILD)/core-linux.cpio: $(BUILD)/core.cpio $(LINUX_TESTS)/expected/done
	$(call say,tools/bundle $@ --tree core --tree images/$(IMAGE) --tree $(BUSYBOX)/root bin/ dev/ proc/ tmp/ lib/linux=$(LINUX)/linux.bin $(addprefix bin/,$(call bundle_names,$(APPS))) linux/each=tests/linux/each \
	    $(foreach f,$(LINUX_PROGRAM_FILES),linux/$(notdir $(f))=$(f)) $(foreach f,$(LINUX_SCRIPTS),linux/scripts/$(notdir $(f))=$(f)) $(foreach f,$(LINUX_SCRIPTS),linux/expected/$(notdir $(f))=$(LINUX_TESTS)/expected/$(notdir $(f))),BUNDLE,$@)
$(BUILD)/bundle-linux.cpio: $(foreach d,$(SHIPPED),$(BUILD)/user/$(d).bin) $(BUILD)/core-linux.cpio tools/bundle
	$(call say,tools/bundle $@ core=$(BUILD)/core-linux.cpio $(call bundle_names,$(SHIPPED)),BUNDLE,$@)
