# SPDX-License-Identifier: MIT
#
# lib/linux as a program: with lib/posix and what that needs, compiled once more so that it can be linked
# high in memory (lib/posix/linux_place.h), and without anything that uses the extended state. tools/no-fpu
# makes sure of that.

LINUX := $(BUILD)/linux
LINUX_AT := 0x7ff010000000
LINUX_CFLAGS := $(filter-out -fno-pic -fno-pie,$(USER_CFLAGS)) -fpie $(GENERAL_CFLAGS) $(MUSL_USER_CFLAGS)
LINUX_SOURCES := $(filter-out lib/bare/start.c,$(call sources_in,$(foreach d,linux posix bare file sys,lib/$(d) lib/$(d)/$(ARCH)))) \
    lib/freestanding/string.c
LINUX_OBJECTS := $(patsubst %,$(LINUX)/%.o,$(LINUX_SOURCES))
LINUX_LDFLAGS := $(USER_LDFLAGS) -Wl,--no-relax -Wl,-Ttext-segment=$(LINUX_AT)

$(LINUX)/%.c.o: %.c Makefile config.mk lib/linux/linux.mk $(MUSL_LIBC)
	@mkdir -p $(@D)
	$(call say,$(CC) $(LINUX_CFLAGS) -MMD -MP -c -o $@ $<,CC,$@)
$(LINUX)/%.S.o: %.S Makefile config.mk lib/linux/linux.mk $(MUSL_LIBC)
	@mkdir -p $(@D)
	$(call say,$(CC) $(LINUX_CFLAGS) -MMD -MP -c -o $@ $<,AS,$@)
$(LINUX)/linux.elf: $(LINUX_OBJECTS) tools/no-fpu
	$(call say,$(CC) $(LINUX_CFLAGS) $(LINUX_LDFLAGS) -o $@ $(LINUX_OBJECTS) -lgcc,LD,$@)
	@OBJDUMP=$(CROSS)objdump tools/no-fpu $@
$(LINUX)/linux.bin: $(LINUX)/linux.elf
	$(call say,$(OBJCOPY) --strip-all $< $@,COPY,$@)
-include $(patsubst %.o,%.d,$(LINUX_OBJECTS))
