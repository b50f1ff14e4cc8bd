# SPDX-License-Identifier: MIT
#
# Argon2id and BLAKE2b from libsodium: the source package of deps.lock, of which only the files below are compiled, unchanged and
# without its configuration: one thread, no processor's extensions. What they need of the rest is in
# lib/password/port.c.

SODIUM := $(BUILD)/sodium
SODIUM_LIBRARY := $(SODIUM)/argon2id.a
SODIUM_SOURCE := $(BUILD)/sources/libsodium-$(shell sed -n 's/^libsodium	src	\([^	]*\)	.*/\1/p' deps.lock)
SODIUM_ARGON2 := src/libsodium/crypto_pwhash/argon2
SODIUM_BLAKE2 := src/libsodium/crypto_generichash/blake2b/ref
SODIUM_FILES := $(addprefix $(SODIUM_ARGON2)/,argon2.c argon2-core.c argon2-encoding.c argon2-fill-block-ref.c blake2b-long.c) \
    $(addprefix $(SODIUM_BLAKE2)/,blake2b-ref.c blake2b-compress-ref.c generichash_blake2b.c)
SODIUM_TOOL_LDFLAGS := -Wl,--gc-sections
# How lib/password and lib/chain see it.
SODIUM_USER_CFLAGS := -DSODIUM_STATIC -isystem $(SODIUM_SOURCE)/$(SODIUM_ARGON2) -isystem $(SODIUM_SOURCE)/src/libsodium/include/sodium
SODIUM_CFLAGS := -std=gnu11 -O2 -w -DSODIUM_STATIC -DHAVE_WEAK_SYMBOLS -DNATIVE_LITTLE_ENDIAN -ffunction-sections -fdata-sections \
    -I$(SODIUM_SOURCE)/src/libsodium/include/sodium -I$(SODIUM_SOURCE)/src/libsodium/include

$(SODIUM_SOURCE):
	@scripts/need build

$(SODIUM_LIBRARY): $(SODIUM_SOURCE) lib/password/sodium.mk $(MUSL_LIBC)
	$(call say,rm -rf $(SODIUM),SODIUM,$@)
	@mkdir -p $(SODIUM)
	@for file in $(SODIUM_FILES); do $(CC) $(SODIUM_CFLAGS) -fno-pic -fno-pie -fstack-protector-strong \
	    -ffile-prefix-map=$(abspath $(SODIUM_SOURCE))=libsodium $(ARCH_USER_CFLAGS) $(MUSL_USER_CFLAGS) \
	    -c -o $(SODIUM)/$$(basename $$file .c).o $(SODIUM_SOURCE)/$$file || exit 1; done
	@$(CROSS)ar rcD $@ $(SODIUM)/*.o

# The tool that makes lines for the file of users runs on the machine that builds.
$(BUILD)/tools/user-hash: $(SODIUM_SOURCE) $(wildcard lib/password/*.[ch]) services/ttyshelly/host/user_hash.c lib/password/sodium.mk
	@mkdir -p $(@D)
	$(call say,gcc $(SODIUM_CFLAGS) -D_GNU_SOURCE -I. $(SODIUM_USER_CFLAGS) $(SODIUM_TOOL_LDFLAGS) -o $@ $(filter %.c,$^) $(addprefix $(SODIUM_SOURCE)/,$(SODIUM_FILES)),CC,$@)
