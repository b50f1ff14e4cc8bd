# SPDX-License-Identifier: MIT
#
# The screen's font, Terminus, from the package of deps.lock, in the form that drivers/screen/glyphs.c reads.

FONT_PLACE := $(BUILD)/peers/usr/share/fonts/X11/misc
FONT_FILES := $(FONT_PLACE)/ter-u16n_unicode.pcf.gz $(FONT_PLACE)/ter-u16b_unicode.pcf.gz

$(FONT_PLACE):
	@scripts/need build

$(BUILD)/font/font.bin: $(FONT_PLACE) tools/glyphs
	@mkdir -p $(@D)
	$(call say,tools/glyphs $@ $(FONT_FILES),FONT,$@)
$(BUILD)/user/drivers/screen/font.S.o: $(BUILD)/font/font.bin
$(BUILD)/user/drivers/screen/font.S.o: MORE_CFLAGS := -I$(BUILD)
