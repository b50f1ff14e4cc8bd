/* SPDX-License-Identifier: MIT */
/* SOURCES: drivers/screen/vt.c drivers/screen/vt_sequence.c drivers/screen/vt_mode.c
   drivers/screen/cells.c drivers/screen/utf8.c drivers/screen/width.c drivers/screen/paint.c
   drivers/screen/glyphs.c drivers/screen/view.c drivers/screen/typed.c */
/*
 * The terminal on the screen: what sequences of console_codes(4) do to cells, what is drawn, what
 * keys type, and going on with what an earlier driver left.
 */
#include "drivers/screen/typed.h"

#include "screen_host.h"
#include "tap.h"

#define COLUMNS 10u
#define ROWS    4u

static struct glass g;

static void write_text(const char *text) {
    vt_write(g.vt, (const uint8_t *)text, strlen(text));
}

/* From an empty screen of 10 x 4. */
static void begin(const char *text) {
    if (g.vt)
        glass_end(&g);
    glass_start(&g, COLUMNS, ROWS, 3);
    write_text(text);
}

/* The rows as text, without blanks at their ends, `/' between them; other characters as `#'. */
static const char *shown(void) {
    static char text[ROWS_MOST * (COLUMNS_MOST + 1)];
    size_t length = 0;
    for (uint32_t row = 0; row < g.vt->cells.rows; row++) {
        const struct cell *cells = cells_seen(&g.vt->cells, row, g.view.back);
        size_t end = length;
        for (uint32_t column = 0; column < g.vt->cells.columns; column++) {
            uint32_t c = cells[column].character;
            text[length++] = c >= ' ' && c < 0x7f ? (char)c : c ? '#' : '~';
            if (c != ' ')
                end = length;
        }
        length = end;
        text[length++] = '/';
    }
    while (length && text[length - 1] == '/')
        length--;
    text[length] = 0;
    return text;
}

static bool is(const char *text) {
    bool same = !strcmp(shown(), text);
    if (!same)
        printf("# is `%s', not `%s'\n", shown(), text);
    return same;
}

static bool at(uint32_t row, uint32_t column) {
    if (g.vt->pen.row != row || g.vt->pen.column != column)
        printf("# the cursor is at %u, %u\n", g.vt->pen.row, g.vt->pen.column);
    return g.vt->pen.row == row && g.vt->pen.column == column;
}

static bool answers(const char *text) {
    bool same = g.vt->answered == strlen(text) && !memcmp(g.vt->answer, text, g.vt->answered);
    g.vt->answered = 0;
    return same;
}

/* ---- characters ---- */

static bool round_trip(uint32_t c) {
    struct utf8 u = {0};
    uint8_t bytes[UTF8_MAX];
    uint32_t to[2] = {0};
    size_t count = utf8_put(c, bytes);
    for (size_t i = 0; i + 1 < count; i++)
        if (utf8_take(&u, bytes[i], to))
            return false;
    return utf8_take(&u, bytes[count - 1], to) == 1 && to[0] == c;
}

static void all_characters(void) {
    bool all = true;
    for (uint32_t c = 0; c <= 0x10ffff; c++)
        if (c >> 11 != 0x1b)
            all = all && round_trip(c);
    check(all);
    tap_test("screen: all characters of Unicode in UTF-8");
}

/* Unicode 15.0, section 3.9, tables 3-8 to 3-11: how many U+FFFD, and what is left. */
static void bad_characters(void) {
    static const struct {
        const char *bytes, *shown;
    } cases[] = {{"\xc0\xaf\xe0\x80\xbf\xf0\x81\x82\x41", "########A"},
                 {"\xed\xa0\x80\xed\xbf\xbf\xed\xaf\x41", "########A"},
                 {"\xf4\x91\x92\x93\xff\x41\x80\xbf\x42", "#####A##B"},
                 {"\xe1\x80\xe2\xf0\x91\x92\xf1\xbf\x41", "####A"},
                 {"\xc3", ""}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        begin(cases[i].bytes);
        check(is(cases[i].shown));
    }
    begin("\xe4\xb8\x80");
    check(g.vt->cells.at[0].character == 0x4e00);
    tap_test("screen: bytes that are no character become U+FFFD, one for each longest beginning");
}

static void widths(void) {
    begin("\xe4\xb8\x80"
          "a");
    check(is("#~a") && at(0, 3));
    begin("123456789\xe4\xb8\x80"
          "b");
    check(is("123456789/#~b"));
    begin("e\xcc\x81x");
    check(is("ex"));
    begin("\033[?7l123456789\xe4\xb8\x80");
    check(is("12345678#~"));
    begin("a\033(0qx\033(Bq\016q\017q");
    check(is("a##q#q") && g.vt->cells.at[1].character == 0x2500);
    tap_test("screen: wide characters, marks that join, lines");
}

/* ---- moving ---- */

static void wraps(void) {
    begin("0123456789");
    check(is("0123456789") && at(0, 9));
    write_text("a");
    check(is("0123456789/a") && at(1, 1));
    begin("0123456789\rx");
    check(is("x123456789"));
    begin("0123456789\033[5Dx");
    check(is("0123x56789"));
    begin("\033[?7l0123456789ab");
    check(is("012345678b"));
    begin("1\n2\r\n3\r\n4\r\n5");
    check(is(" 2/3/4/5") && g.vt->cells.kept == 1);
    begin("a\tb\033[3g\ttail");
    check(is("a       bt/ail"));
    begin("\033[3G\033H\r\tx\033[Zy\033[2Iz");
    check(is("  y      z"));
    tap_test("screen: the last column, rows, tabs");
}

static void moves(void) {
    begin("\033[3;4Hx\033[Ay\033[2Dz\033[Bv\033[H\033[99;99Hw");
    check(is("/   zy/   xv/         w"));
    begin("\033[2;3r\033[4;1H\033[99Aa\033[99Bb");
    check(is("/a/ b"));
    begin("\033[2d\033[5Ga\033[3`b\033[2ac\033[ed");
    check(is("/  b ac/      d"));
    begin("\0337abc\0338x\033[s\033[3;3Hy\033[uz");
    check(is("xzc//  y"));
    begin("ab\ncd\033Me\033Df\033Eg");
    check(is("ab  e/  cd f/g"));
    tap_test("screen: moves of the cursor");
}

static void margins(void) {
    begin("a\r\nb\r\nc\r\nd\033[2;3r\033[3;1H\nx");
    check(is("a/c/x/d") && g.vt->cells.kept == 0);
    begin("a\r\nb\r\nc\r\nd\033[2;3r\033[2;1H\033Mx");
    check(is("a/x/b/d"));
    begin("a\r\nb\r\nc\r\nd\033[2;3r\033[?6h\033[Hx\033[9;1Hy\033[6n");
    check(is("a/x/y/d") && answers("\033[2;2R"));
    begin("a\r\nb\r\nc\r\nd\033[2;1H\033[Lx");
    check(is("a/x/b/c"));
    begin("a\r\nb\r\nc\r\nd\033[2;1H\033[M");
    check(is("a/c/d"));
    begin("a\r\nb\r\nc\r\nd\033[2S");
    check(is("c/d") && g.vt->cells.kept == 2);
    begin("a\r\nb\r\nc\r\nd\033[1T");
    check(is("/a/b/c"));
    begin("a\r\nb\r\nc\r\nd\033[3;2r\033[99;99r\033[2;3r\033[99L\033[99M\033[99S\033[99T");
    check(is("a///d"));
    tap_test("screen: margins, and rows that come and go");
}

/* ---- what is there ---- */

static void erases(void) {
    begin("0123456789\033[4G\033[K");
    check(is("012"));
    begin("0123456789\033[4G\033[1K");
    check(is("    456789"));
    begin("a\r\nb\r\nc\r\nd\033[2;1H\033[J");
    check(is("a"));
    begin("ab\r\ncd\r\nef\033[2;2H\033[J");
    check(is("ab/c"));
    begin("a\r\nb\r\nc\r\nd\033[2;1H\033[1J");
    check(is("//c/d"));
    begin("a\r\nb\033[2J");
    check(is("") && at(1, 1));
    begin("0123456789\033[4G\033[2X");
    check(is("012  56789"));
    begin("0123456789\033[4G\033[2P");
    check(is("01256789"));
    begin("0123456789\033[4G\033[2@");
    check(is("012  34567"));
    begin("0123\033[4h\033[2Gab\033[4lc");
    check(is("0abc23"));
    begin("\033[44mab\033[2G\033[K");
    check(g.vt->cells.at[5].paper == 4);
    begin("x\033[3b");
    check(is("xxxx"));
    begin("\033#8");
    check(is("EEEEEEEEEE/EEEEEEEEEE/EEEEEEEEEE/EEEEEEEEEE"));
    tap_test("screen: erasing, inserting, deleting");
}

static void second_screen(void) {
    begin("one\033[?1049h\033[Htwo");
    check(is("two"));
    write_text("\r\n1\r\n2\r\n3\r\n4");
    check(g.vt->cells.kept == 0);
    write_text("\033[?1049lx");
    check(is("onex"));
    write_text("\033[?47h");
    check(is(""));
    write_text("\033c");
    check(is("") && !g.vt->cells.second && at(0, 0));
    tap_test("screen: the second screen");
}

static bool looks(uint32_t place, unsigned ink, unsigned paper, unsigned style) {
    const struct cell *c = &g.vt->cells.at[place];
    return c->ink == ink && c->paper == paper && c->style == style;
}

static void colours(void) {
    begin("a\033[31;42mb\033[1;4;7mc\033[22;24;27md\033[39;49me\033[94;101mf\033[mg");
    check(looks(0, 7, 0, 0) && looks(1, 1, 2, 0));
    check(looks(2, 1, 2, STYLE_BOLD | STYLE_UNDERLINE | STYLE_REVERSE) && looks(3, 1, 2, 0));
    check(looks(4, 7, 0, 0) && looks(5, 12, 9, 0) && looks(6, 7, 0, 0));
    begin("\033[38;5;200ma\033[48;5;17;1mb\033[38;2;255;0;0mc\033[38;5;999;0md\033[38me\033[2;8mf");
    check(looks(0, 200, 0, 0) && looks(1, 200, 17, 1) && looks(2, 196, 17, 1));
    check(looks(3, 7, 0, 0) && looks(4, 7, 0, 0) && looks(5, 7, 0, STYLE_DIM | STYLE_HIDDEN));
    begin("\033[38;2;0;47;48ma\033[38;2;114;115;154mb\033[38;2;155;215;235mc");
    check(looks(0, 16 + 1, 0, 0) && looks(1, 16 + 36 + 6 * 2 + 2, 0, 0));
    check(looks(2, 16 + 36 * 3 + 6 * 4 + 5, 0, 0));
    begin("\033[48:5:20mx\033[1;2;3;4;5;6;7;8;9;10;11;12;13;14;15;16;17;18;31my");
    check(looks(0, 7, 20, 0));
    tap_test("screen: colours and styles");
}

/* ---- sequences that are none ---- */

static void strings(void) {
    begin("a\033]0;title\007b\033P1$q\033\\c\033]P1234567d\033]Re\033_x\033[31mf");
    check(is("abcdef") && looks(5, 1, 0, 0));
    begin("a\033[12\030b\033[3\033[2Cc\033[1\n2Cd");
    check(is("ab  c/         d"));
    begin("\033[?1;2cx\033[>cy\033[!pz\033%Gw\033(Uv\033[;H1");
    check(is("1yzwv"));
    tap_test("screen: strings, sequences that are broken off, unknown ones");
}

static void reports(void) {
    begin("ab\r\nc\033[6n");
    check(answers("\033[2;2R"));
    write_text("\033[5n\033[c\033Z\033[0c\033[?6n\033[1c");
    check(answers("\033[0n\033[?6c\033[?6c\033[?6c"));
    for (unsigned i = 0; i < 1000; i++)
        write_text("\033[6n");
    check(g.vt->answered <= VT_ANSWERS && g.vt->answered > VT_ANSWERS - 10);
    tap_test("screen: answers, as many as have room");
}

/* ---- the glass ---- */

static void lines_that_went(void) {
    begin("1\r\n2\r\n3\r\n4\r\n5\r\n6\r\n7\r\n8");
    view_draw(&g.view);
    view_move(&g.view, 2);
    check(is("3/4/5/6"));
    write_text("\r\n9");
    view_draw(&g.view);
    check(is("3/4/5/6") && glass_right(&g));
    view_move(&g.view, 99);
    check(is("1/2/3/4"));
    view_move(&g.view, -1);
    check(is("2/3/4/5"));
    view_home(&g.view);
    check(is("6/7/8/9"));
    write_text("\033[3J");
    view_move(&g.view, 5);
    check(is("") && !g.view.back);
    for (unsigned i = 0; i < 3 * KEPT_MOST; i++)
        write_text("x\r\n");
    check(g.vt->cells.kept == KEPT_MOST);
    view_move(&g.view, INT32_MAX);
    view_draw(&g.view);
    check(g.view.back == KEPT_MOST && glass_right(&g));
    tap_test("screen: lines that went out at the top can be seen again");
}

/* Pieces that do what programs do, in any order. */
static const char *const pieces[] = {
    "hello",       "\r\n",         "\n",        "\033[H",   "\033[J",   "\033[2J",
    "\033[K",      "\033[3;2H",    "\033[31m",  "\033[1m",  "\033[7m",  "\033[m",
    "\033[L",      "\033[M",       "\033[P",    "\033[@",   "\033M",    "\033[2;4r",
    "\033[r",      "\033[?25l",    "\033[?25h", "\033[?5h", "\033[?5l", "\033[?1049h",
    "\033[?1049l", "\xe4\xb8\x80", "\033[44m",  "\t",       "\b\b",     "world of text",
    "\033[S",      "\033[T",       "\033[4m",   "\033c",
};

static void drawn_bit_by_bit(unsigned form) {
    uint64_t state = form + 1;
    bool right = true;
    glass_end(&g);
    glass_start(&g, 13, 7, form);
    for (unsigned i = 0; i < 3000 && right; i++) {
        write_text(pieces[random_below(&state, sizeof pieces / sizeof *pieces)]);
        if (!random_below(&state, 10))
            view_move(&g.view, (int64_t)random_below(&state, 9) - 4);
        if (random_below(&state, 3))
            continue;
        view_draw(&g.view);
        right = glass_right(&g);
    }
    check(right);
}

static void drawing(void) {
    begin("");
    for (unsigned form = 0; form < sizeof forms / sizeof *forms; form++)
        drawn_bit_by_bit(form);
    tap_test("screen: what is drawn bit by bit is what is there, at 15, 16, 24 and 32 bits");
}

/* A cell that stays the same is not drawn: its pixels are still what somebody else made of them. */
static void only_changes(void) {
    begin("abc");
    view_draw(&g.view);
    g.frame.base[0] = 0x55;
    write_text("def\033[H\033[2Cx");
    view_draw(&g.view);
    check(g.frame.base[0] == 0x55);
    write_text("\033[2J");
    view_draw(&g.view);
    check(g.frame.base[0] == 0 && glass_right(&g));
    struct frame f = g.frame;
    check(!frame_start(&f, g.bytes - 1));
    f.red.bits = 9;
    check(!frame_start(&f, g.bytes));
    f.red.bits = 8;
    f.red.shift = 25;
    check(!frame_start(&f, g.bytes));
    tap_test("screen: what stays is not drawn, and erasing all draws all; frames that are none");
}

/* ---- what a driver leaves to the next ---- */

static void goes_on(void) {
    uint64_t state = 7;
    begin("kept\r\ntext\033[31");
    check(vt_start(g.vt, MEMORY, COLUMNS, ROWS) && is("kept/text"));
    write_text("mx");
    check(is("kept/textx") && looks(14, 1, 0, 0));
    check(vt_start(g.vt, MEMORY, COLUMNS + 1, ROWS) && is(""));
    check(!vt_start(g.vt, 100, COLUMNS, ROWS) && !vt_start(g.vt, MEMORY, 0, ROWS));
    check(!vt_start(g.vt, MEMORY, COLUMNS, ROWS_MOST + 1));
    check(vt_start(g.vt, MEMORY, COLUMNS, ROWS));
    for (unsigned i = 0; i < 40000; i++) {
        ((uint8_t *)g.vt)[random_below(&state, sizeof *g.vt)] = (uint8_t)random_next(&state);
        check(vt_start(g.vt, MEMORY, COLUMNS, ROWS));
        check(g.vt->answered <= VT_ANSWERS && g.vt->pen.row < ROWS && g.vt->pen.column < COLUMNS);
        write_text(pieces[random_below(&state, sizeof pieces / sizeof *pieces)]);
    }
    glass_end(&g);
    glass_start(&g, COLUMNS, ROWS, 3);
    tap_test("screen: the next driver goes on with what is sound, and begins where it is not");
}

/* ---- keys ---- */

static bool types(uint16_t key, uint32_t character, uint8_t modifiers, bool application,
                  const char *text) {
    const struct keyboard_event e = {character, key, KEYBOARD_DOWN, modifiers};
    uint8_t bytes[TYPED_MOST];
    size_t count = typed_put(&e, application, bytes);
    return count == strlen(text) && !memcmp(bytes, text, count);
}

/* infocmp linux: kcuu1, kf1, ... */
static void keys(void) {
    const struct keyboard_event up = {'a', KEY_A, KEYBOARD_UP, 0};
    uint8_t bytes[TYPED_MOST];
    check(types(KEY_A, 'a', 0, false, "a") && types(KEY_A, 0xe4, 0, false, "\xc3\xa4"));
    check(types(KEY_UP, 0, 0, false, "\033[A") && types(KEY_LEFT, 0, 0, true, "\033OD"));
    check(types(KEY_HOME, 0, 0, true, "\033[1~") && types(KEY_DELETE, 0, 0, false, "\033[3~"));
    check(types(KEY_F1, 0, 0, false, "\033[[A") && types(KEY_F1 + 4, 0, 0, false, "\033[[E"));
    check(types(KEY_F10, 0, 0, false, "\033[21~") && types(KEY_F12, 0, 0, false, "\033[24~"));
    check(types(KEY_ENTER, '\n', 0, false, "\r") && types(KEY_BACKSPACE, '\b', 0, false, "\177"));
    check(types(KEY_A, 'c', KEYBOARD_CONTROL, false, "\003"));
    check(types(KEY_A, 'x', KEYBOARD_ALT, false, "\033x"));
    check(types(KEY_TAB, '\t', KEYBOARD_SHIFT, false, "\033\t"));
    check(types(KEY_PAD_7, '7', 0, false, "7") && types(KEY_PAD_7, 0, 0, false, "\033[1~"));
    check(types(KEY_1, '\\', KEYBOARD_CONTROL, false, "\034"));
    check(types(KEY_LEFT_SHIFT, 0, KEYBOARD_SHIFT, false, "") && types(5000, 0, 0, false, ""));
    check(types(KEY_A, 0xd800, 0, false, "") && types(KEY_A, 0x110000, 0, false, ""));
    check(!typed_put(&up, false, bytes));
    tap_test("screen: keys type what terminfo says for TERM=linux");
}

int main(void) {
    all_characters();
    bad_characters();
    widths();
    wraps();
    moves();
    margins();
    erases();
    second_screen();
    colours();
    strings();
    reports();
    lines_that_went();
    drawing();
    only_changes();
    goes_on();
    keys();
    glass_end(&g);
    return tap_done();
}
