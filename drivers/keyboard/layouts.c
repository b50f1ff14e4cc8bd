/* SPDX-License-Identifier: MIT */
/*
 * The layouts. Rows begin with the keys 1, Q, A, the one left of 1, the one beside Enter, Z and,
 * where keyboards have 105 keys, the one beside the left shift. (National standards; X.Org's
 * xkeyboard-config has the same for us, gb, de and fr.)
 */
#include "abi/keyboard.h"
#include "drivers/keyboard/layout.h"

const struct layout layouts[] = {
    {.name = "us",
     .rows = {{KEY_1, {"1234567890-=", "!@#$%^&*()▁+"}},
              {KEY_Q, {"qwertyuiop[]", "QWERTYUIOP{}"}},
              {KEY_A, {"asdfghjkl;'`", "ASDFGHJKL:\"~"}},
              {KEY_BACKSLASH, {"\\zxcvbnm,./", "|ZXCVBNM<>?"}},
              {KEY_102ND, {"<", ">"}}},
     .dead = ""},
    {.name = "gb",
     .rows = {{KEY_1, {"1234567890-=", "!\"£$%^&*()▁+", "___€________"}},
              {KEY_Q, {"qwertyuiop[]", "QWERTYUIOP{}", "__é___úíó___", "__É___ÚÍÓ___"}},
              {KEY_A, {"asdfghjkl;'`", "ASDFGHJKL:@¬", "á__________¦", "Á___________"}},
              {KEY_BACKSLASH, {"#zxcvbnm,./", "~ZXCVBNM<>?"}},
              {KEY_102ND, {"\\", "|"}}},
     .dead = ""},
    {.name = "de",
     .rows = {{KEY_1, {"1234567890ß´", "!\"§$%&/()=?`", "_²³___{[]}\\_"}},
              {KEY_Q, {"qwertzuiopü+", "QWERTZUIOPÜ*", "@_€________~"}},
              {KEY_A, {"asdfghjklöä^", "ASDFGHJKLÖÄ°"}},
              {KEY_BACKSLASH, {"#yxcvbnm,.-", "'YXCVBNM;:▁", "_______µ___"}},
              {KEY_102ND, {"<", ">", "|"}}},
     .dead = "^´`"},
    {.name = "fr",
     .rows = {{KEY_1, {"&é\"'(-è▁çà)=", "1234567890°+", "_~#{[|`\\^@]}"}},
              {KEY_Q, {"azertyuiop^$", "AZERTYUIOP¨£", "__€________¤"}},
              {KEY_A, {"qsdfghjklmù²", "QSDFGHJKLM%_"}},
              {KEY_BACKSLASH, {"*wxcvbn,;:!", "µWXCVBN?./§"}},
              {KEY_102ND, {"<", ">"}}},
     .dead = "^¨"},
};
const size_t layout_count = sizeof layouts / sizeof *layouts;
