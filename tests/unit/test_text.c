/* SPDX-License-Identifier: MIT
 * Hex digits, ASCII case, path components, UTF-8 by RFC 3629, and what is safe to show. */
#include "base/text.h"

#include "base/def.h"
#include "tap.h"

static void hex(void)
{
	static const uint8_t bytes[] = {0x00, 0x0f, 0xa5, 0xff};
	uint8_t back[4] = {0};
	char digits[9];
	char *end;

	end = text_hex_lower(digits, bytes, 4);
	is_str(digits, "000fa5ff", "lower case");
	ok(end == digits + 8, "the answer is the end");
	text_hex_upper(digits, bytes, 4);
	is_str(digits, "000FA5FF", "upper case");
	end = text_hex_lower(digits, bytes, 0);
	ok(end == digits && digits[0] == '\0', "no bytes, no digits");

	end = text_hex_number(digits, 0, 1);
	ok(end == digits + 1 && strcmp(digits, "0") == 0, "the number 0 has one digit");
	text_hex_number(digits, 0x10, 1);
	is_str(digits, "10", "no zeros before a number");
	text_hex_number(digits, UINT32_MAX, 1);
	is_str(digits, "ffffffff", "all digits of one");
	text_hex_number(digits, 0xa5, 8);
	is_str(digits, "000000a5", "zeros where more digits are wanted");
	text_hex_number(digits, 0x12345, 4);
	is_str(digits, "12345", "and none where it has them");

	ok(text_hex_bytes("000fA5Ff", back, 4) && memcmp(back, bytes, 4) == 0,
	   "and back, in either case");
	ok(!text_hex_bytes("000fA5F", back, 4), "a digit is missing");
	ok(!text_hex_bytes("000g", back, 2), "a letter that is no digit");
	ok(text_hex_value('/') == -1 && text_hex_value(':') == -1 && text_hex_value('@') == -1 &&
		   text_hex_value('G') == -1 && text_hex_value('`') == -1 &&
		   text_hex_value('g') == -1 && text_hex_value('\0') == -1,
	   "the neighbours of the digits are none");
}

static void put(void)
{
	char to[6];
	char *end = text_put(to, to + sizeof to, "abc");

	ok(end == to + 3 && strcmp(to, "abc") == 0, "the answer is where the NUL is");
	end = text_put(end, to + sizeof to, "defg");
	ok(end == to + 5 && strcmp(to, "abcde") == 0, "what does not fit is cut");
	end = text_put(end, to + sizeof to, "x");
	ok(end == to + 5 && strcmp(to, "abcde") == 0, "and nothing more is added");
}

static void is_decoded(const char *text, const char *want)
{
	char copy[32];

	snprintf(copy, sizeof copy, "%s", text);
	text_decode(copy);
	is_str(copy, want, "\"%s\" decoded", text);
}

static void decoding(void)
{
	is_decoded("a%20b%2Fc%c3%A9", "a b/c\xc3\xa9");
	is_decoded("%2541%", "%41%");
	is_decoded("%4%zz%1", "%4%zz%1");
	is_decoded("app%00.pdb%20", "app%00.pdb ");
	is_decoded("", "");
}

/* The examples of RFC 4648, section 10. */
static void base64(void)
{
	static const struct {
		const char *bytes, *want;
	} cases[] = {
		{"", ""},
		{"f", "Zg=="},
		{"fo", "Zm8="},
		{"foo", "Zm9v"},
		{"foob", "Zm9vYg=="},
		{"fooba", "Zm9vYmE="},
		{"foobar", "Zm9vYmFy"},
		{"\xff\xfe\xfb\xef", "//777w=="},
	};
	char coded[TEXT_BASE64_SIZE(6)];

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		text_base64(coded, cases[i].bytes, strlen(cases[i].bytes));
		is_str(coded, cases[i].want, "base64 of %zu bytes", strlen(cases[i].bytes));
	}
}

static void letter_case(void)
{
	char text[] = "AZ[`az{@\xc3\x84";

	text_lower_all(text);
	is_str(text, "az[`az{@\xc3\x84", "only A to Z become lower case");
	text_upper_all(text);
	is_str(text, "AZ[`AZ{@\xc3\x84", "only a to z become upper case");
	ok(text_is("names", 4, "name"), "as many bytes as are meant");
	ok(!text_is("name", 4, "names") && !text_is("names", 5, "name"), "and no fewer, and no more");
	ok(text_is("", 0, "") && !text_is("Name", 4, "name"), "nothing is nothing; letter case counts");
	ok(text_same_nocase("Foo.PDB", "fOO.pdb"), "the same but for case");
	ok(!text_same_nocase("foo", "foob") && !text_same_nocase("foob", "foo"), "one is longer");
	ok(!text_same_nocase("[", "{"), "[ and { differ by 0x20 and are not the same");
	ok(text_starts_nocase("Foo.PDB", "fOO"), "a beginning");
	ok(text_starts_nocase("x", ""), "every text begins with nothing");
	ok(!text_starts_nocase("fo", "foo"), "the beginning is longer than the text");
	ok(text_ends_nocase("Foo.PDB", ".pdb"), "an ending");
	ok(text_ends_nocase("x", ""), "every text ends with nothing");
	ok(!text_ends_nocase("pdb", ".pdb"), "the ending is longer than the text");
}

static void last_components(void)
{
	static const struct {
		const char *path, *want;
	} cases[] = {
		{"foo.pdb", "foo.pdb"},
		{"C:\\build\\foo.pdb", "foo.pdb"},
		{"/build/foo.pdb", "foo.pdb"},
		{"C:\\build/mixed\\foo.pdb", "foo.pdb"},
		{"dir/", ""},
		{"", ""},
		{"..\\..\\evil", "evil"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		size_t len;
		const char *last = text_last_component(cases[i].path, strlen(cases[i].path), &len);

		ok(len == strlen(cases[i].want) && memcmp(last, cases[i].want, len) == 0,
		   "the last component of \"%s\"", cases[i].path);
	}
}

static void utf8(void)
{
	static const struct {
		const char *text, *what;
		size_t len; /* of the first sequence; 0 = not valid */
	} cases[] = {
		{"a", "ASCII", 1},
		{"\x7f", "DEL is ASCII", 1},
		{"\xc2\x80", "U+0080, the first of two bytes", 2},
		{"\xdf\xbf", "U+07FF, the last of two", 2},
		{"\xe0\xa0\x80", "U+0800, the first of three", 3},
		{"\xed\x9f\xbf", "U+D7FF, before the surrogates", 3},
		{"\xee\x80\x80", "U+E000, behind them", 3},
		{"\xef\xbf\xbf", "U+FFFF", 3},
		{"\xf0\x90\x80\x80", "U+10000, the first of four", 4},
		{"\xf4\x8f\xbf\xbf", "U+10FFFF, the last", 4},
		{"\x80", "a continuation alone", 0},
		{"\xc0\x80", "NUL in two bytes", 0},
		{"\xc1\xbf", "overlong DEL", 0},
		{"\xe0\x9f\xbf", "overlong, three bytes", 0},
		{"\xf0\x8f\xbf\xbf", "overlong, four bytes", 0},
		{"\xed\xa0\x80", "a surrogate", 0},
		{"\xed\xbf\xbf", "the last surrogate", 0},
		{"\xf4\x90\x80\x80", "U+110000", 0},
		{"\xf5\x80\x80\x80", "a lead byte that there is not", 0},
		{"\xff", "0xFF", 0},
		{"\xe2\x82", "cut short", 0},
		{"\xe2\x28\xa1", "a bad second byte", 0},
		{"\xf0\x9f\x98\x28", "a bad fourth byte", 0},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		is_u64(text_utf8_len(cases[i].text, strlen(cases[i].text)), cases[i].len, "%s",
		       cases[i].what);
	}
	is_u64(text_utf8_len("", 0), 0, "no bytes");
	ok(text_is_utf8("", 0), "an empty text is UTF-8");
	ok(text_is_utf8("a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", 10), "a text of all lengths");
	ok(!text_is_utf8("a\xc3\xa4\xe2\x82", 5), "one that is cut");
	is_u64(text_mark("\xef\xbb\xbf" "a", 4), 3, "a byte order mark");
	is_u64(text_mark("\xef\xbb\xbf", 2) + text_mark("a\xef\xbb\xbf", 4), 0,
	       "half of one, and one that is not first");
}

static void is_shown(const char *text, size_t size, const char *want, const char *what)
{
	char to[64];

	memset(to, '#', sizeof to);
	text_shown(to, size, text, strlen(text));
	is_str(to, want, "shown: %s", what);
}

static void shown(void)
{
	char none = '#';

	is_shown("a\xc3\xa4 b", 64, "a\xc3\xa4 b", "a plain text stays");
	is_shown("\x1b[2J", 64, "\\x1b[2J", "an escape sequence");
	is_shown("a\nb\rc\td\x7f", 64, "a\\x0ab\\x0dc\\x09d\\x7f", "C0 and DEL");
	is_shown("\xc2\x9b" "31m", 64, "\\xc2\\x9b31m", "C1, as UTF-8");
	is_shown("a\xe2\x80\xae" "bdp.b", 64, "a\\xe2\\x80\\xaebdp.b", "what would show the rest backwards");
	is_shown("\xd8\x9c\xe2\x80\x8e\xe2\x80\xa8\xe2\x81\xa9", 64,
		 "\\xd8\\x9c\\xe2\\x80\\x8e\\xe2\\x80\\xa8\\xe2\\x81\\xa9", "and its kin");
	is_shown("\xd7\x90\xe2\x80\x93\xe2\x81\xa5", 64, "\xd7\x90\xe2\x80\x93\xe2\x81\xa5",
		 "but no Hebrew letter, nor a dash");
	is_shown("\xc2\xa0", 64, "\xc2\xa0", "a no-break space is no control");
	is_shown("x\xff\xfey", 64, "x\\xff\\xfey", "bytes that are not UTF-8");
	is_shown("a##vso[b]", 64, "a\\x23#vso[b]", "a command to Azure's agent");
	is_shown("##[error]##teamcity[x", 64, "\\x23#[error]\\x23#teamcity[x", "and to others");
	is_shown("C##", 64, "C##", "what only looks like it");
	is_shown("::error::a::b", 64, "\\x3a:error::a::b", "a command to GitHub's runner begins a line");
	is_shown(" \xc2\xa0::error::a", 64, " \xc2\xa0\\x3a:error::a", "behind blanks, too");
	is_shown("abcdef", 4, "abc", "cut at the size");
	is_shown("ab\xe2\x82\xac", 5, "ab", "never in the middle of a character");
	is_shown("ab\x01", 6, "ab", "nor of an escape");
	is_shown("ab\x01", 7, "ab\\x01", "which is whole where it fits");
	is_shown("abc", 1, "", "room for the NUL alone");
	text_shown(&none, 0, "abc", 3);
	ok(none == '#', "no room: nothing is written");
	text_shown(&none, 1, "\0x", 2);
	ok(none == '\0', "a NUL in the text is no end");
}

static void is_hidden(const char *text, const char *secret, const char *want, const char *what)
{
	char buffer[64];

	snprintf(buffer, sizeof buffer, "%s", text);
	text_hide(buffer, secret);
	is_str(buffer, want, "%s", what);
}

static void hiding(void)
{
	is_hidden("the key s3cret is wrong", "s3cret", "the key ... is wrong", "a secret is left out");
	is_hidden("s3cret and s3cret", "s3cret", "... and ...", "wherever it stands");
	is_hidden("s3cret", "s3cret", "...", "and where nothing else does");
	is_hidden("....x", "....", "...x", "a secret of dots comes to an end");
	is_hidden("abcabc", "abc", "abcabc", "one of three bytes stands in words that are none");
	is_hidden("nothing", NULL, "nothing", "there may be none");
}

static void fitting(void)
{
	is_u64((uint64_t)text_fit("", 0), 0, "nothing fits where there is nothing");
	is_u64((uint64_t)text_fit("Kürze", 6), 6, "all");
	is_u64((uint64_t)text_fit("Kürze", 3), 3, "what ends behind a letter of two bytes");
	is_u64((uint64_t)text_fit("Kürze", 2), 1, "a letter that is cut is left out");
	is_u64((uint64_t)text_fit("\xF0\x9F\x90\xA1", 3), 0, "and one of four");
	is_u64((uint64_t)text_fit("x\xE9y", 2), 1, "what is no letter is left out at the cut");
	is_u64((uint64_t)text_fit("x\xE9", 2), 2, "and not elsewhere");
	is_u64((uint64_t)text_fit("\x90\x90\x90\x90\x90", 4), 4, "nor the inside of letters");
}

int main(void)
{
	hex();
	put();
	decoding();
	base64();
	letter_case();
	last_components();
	utf8();
	shown();
	hiding();
	fitting();
	return done();
}
