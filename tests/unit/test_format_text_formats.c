/* SPDX-License-Identifier: MIT
 * The formats that are only told by their shape, or named as unsupported: source
 * maps, Unreal's .sym, .DBG, PDB 2.0, PDZ, cabinets; and what must not pass for them. */
#include "identified.h"
#include "tap.h"

static void check_source_map(const char *text, bool want, const char *what)
{
	struct identified got = identified_text(text);

	if (want)
		ok(got.status == SYM_OK && got.id.kind == SYM_SOURCEMAP && got.count == 1, "%s",
		   what);
	else
		is_u64(got.status, SYM_NOT_MINE, "%s: no source map", what);
}

/* Names, as Terser's maps begin with, or a source are longer than the head that is looked at. */
static void test_long_source_map(void)
{
	static const char *const heads[] = {"sources", "names", "sourcesContent"};
	static char map[12000];

	for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
		struct identified got;

		memset(map, 'a', sizeof map);
		memcpy(map + sizeof map - 8, "\"]}\r\n\n  ", 8);
		map[snprintf(map, 64, "{\"version\":3,\"%s\":[\"", heads[i])] = 'a';
		is_u64(identified_bytes(map, sizeof map).id.kind, SYM_SOURCEMAP, "long %s", heads[i]);
		got = identified_bytes(map, sizeof map - 6);
		ok(got.status == SYM_MALFORMED && got.err.offset == sizeof map - 6, "cut before its brace: %s",
		   got.err.text);
		is_u64(identified_bytes(map, 9000).status, SYM_MALFORMED, "and within its strings");
	}
}

/* Keys are sorted by some writers: the version is the last of them. */
static void test_sorted_source_map(void)
{
	static const char start[] = "{\"file\":\"a.js\",\"mappings\":\"", end[] = "\",\"version\" : 3\n}\n";
	static const char other[] = "\",\"x\":{\"version\":3}}    ";
	static char map[12000];

	memset(map, 'A', sizeof map);
	memcpy(map, start, sizeof start - 1);
	memcpy(map + sizeof map - (sizeof end - 1), end, sizeof end - 1);
	is_u64(identified_bytes(map, sizeof map).id.kind, SYM_SOURCEMAP, "a version at the end of a long map");
	is_u64(identified_bytes(map, sizeof map - 2).status, SYM_NOT_MINE, "cut before its brace: no source map");
	memcpy(map + 2, "tile", 4);
	memcpy(map + 12, "meanings", 8);
	is_u64(identified_bytes(map, sizeof map).status, SYM_NOT_MINE, "no key of a map: no source map");
	memcpy(map, start, sizeof start - 1);
	memcpy(map + sizeof map - (sizeof other - 1), other, sizeof other - 1);
	is_u64(identified_bytes(map, sizeof map).status, SYM_NOT_MINE, "a version deeper: no source map");
}

static void test_source_map(void)
{
	check_source_map("{\"version\":3,\"sources\":[\"a.ts\"],\"mappings\":\"AAAA\"}", true,
			 "plain");
	check_source_map("\n { \"version\" : 3 , \"file\" : \"x\", \"mappings\" : \"\" }", true,
			 "with blanks");
	check_source_map("{\"mappings\":\";;\",\"names\":[\"}\",{\"a\":1}],\"version\":3}", true,
			 "version last, braces in strings and values");
	check_source_map("\xEF\xBB\xBF{\"version\":3,\"sections\":[]}", true,
			 "byte order mark, sections");
	check_source_map(")]}'\n{\"version\":3,\"sources\":[]}", true, "guarded against inclusion");
	check_source_map("{\"version\":3,\"x\":\"\\\"\\\\\",\"sources\":0}", true,
			 "escapes in strings");
	check_source_map("{\"version\":30,\"sources\":[]}", false, "version 30");
	check_source_map("{\"version\":\"3\",\"sources\":[]}", false, "a version in quotes");
	check_source_map("{\"version\":3,\"targets\":{\"sources\":[]}}", false,
			 "NuGet's assets: keys deeper");
	check_source_map("{\"lockfileVersion\":3,\"packages\":{}}", false, "a package lock");
	check_source_map("[{\"version\":3,\"sources\":[]}]", false, "an array");
	check_source_map("{\"version\":3,\"x\":\"sources", false, "a string that does not end");
	check_source_map("{\"version\":3,\"x\":\"\\", false, "an escape at the very end");
	check_source_map("{", false, "a brace");
	check_source_map("", false, "an empty file");
}

/* Unreal's file: two records, then "file.cpp" and "func". */
static const uint8_t unreal[58] = {
	2,    0,    0,    0, /* count */
	0,    0x10, 0,    0,    0,    0,    0,    0,    10,  0,   0,   0,    0,   0,
	0,    0,    9,    0,    0,    0,    0x10, 0x10, 0,   0,   0,   0,    0,   0,
	0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 9,   0,   0,   0,    'f', 'i',
	'l',  'e',  '.',  'c',  'p',  'p',  '\n', 'f',  'u', 'n', 'c', '\n',
};

static void check_unreal(size_t at, uint8_t value, const char *what)
{
	uint8_t bytes[sizeof unreal];

	memcpy(bytes, unreal, sizeof bytes);
	bytes[at] = value;
	is_u64(identified_bytes(bytes, sizeof bytes).status, SYM_NOT_MINE, "%s: not Unreal's",
	       what);
}

static void test_unreal(void)
{
	struct identified got = identified_bytes(unreal, sizeof unreal);

	ok(got.status == SYM_OK && got.id.kind == SYM_UNREAL_SYM,
	   "Unreal's .sym is known by its shape");
	ok(got.id.debug.form == SYM_DEBUG_NONE && got.id.code.form == SYM_CODE_NONE,
	   "and has no identifier");
	check_unreal(0, 3, "a record more than there are");
	check_unreal(0, 0, "no records");
	check_unreal(25, 0, "addresses out of order");
	check_unreal(16, 14, "a file name beyond the names");
	check_unreal(20, 200, "a symbol beyond the names");
	check_unreal(15, 0x80, "a line in the billions");
	check_unreal(57, 0, "names that end in a NUL");
	is_u64(identified_bytes(unreal, 44).status, SYM_NOT_MINE, "no names at all: not Unreal's");
}

static void test_dbg(void)
{
	uint8_t bytes[48 + 40] = {'D', 'I', 0, 0, 0x4C, 0x01};

	bytes[24] = 1; /* sections */
	is_u64(identified_bytes(bytes, sizeof bytes).status, SYM_UNSUPPORTED, "a .DBG is named");
	bytes[24] = 2;
	is_u64(identified_bytes(bytes, sizeof bytes).status, SYM_NOT_MINE,
	       "not where its sections are cut");
	bytes[24] = 1;
	bytes[4] = 0x66;
	is_u64(identified_bytes(bytes, sizeof bytes).status, SYM_UNSUPPORTED, "one of a MIPS machine");
	bytes[4] = 'V';
	is_u64(identified_bytes(bytes, sizeof bytes).status, SYM_NOT_MINE,
	       "nor on an unknown machine");
	is_u64(identified_text(
		       "DIVE into the text of a file that starts with these two letters, friend")
		       .status,
	       SYM_NOT_MINE, "text is text");
}

static void test_named(void)
{
	static const char pdb2[60] = "Microsoft C/C++ program database 2.00\r\n\x1A"
				     "JG";
	static const char msfz[80] = "Microsoft MSFZ Container\r\n\x1A" "ALD";
	struct identified got = identified_bytes(pdb2, sizeof pdb2);

	ok(got.status == SYM_UNSUPPORTED && strstr(got.err.text, "PDB 2.0"), "PDB 2.0: %s",
	   got.err.text);
	got = identified_text("Microsoft MSFZ Container\r\n\x1A" "ALD");
	ok(got.status == SYM_NOT_MINE, "a magic that is cut is none");
	got = identified_bytes(msfz, sizeof msfz);
	ok(got.status == SYM_UNSUPPORTED && strstr(got.err.text, "PDZ"), "PDZ: %s", got.err.text);
	got = identified_text("MSCF damaged");
	ok(got.status == SYM_UNSUPPORTED && strstr(got.err.text, "cabinet"), "a cabinet: %s",
	   got.err.text);
}

int main(void)
{
	test_source_map();
	test_long_source_map();
	test_sorted_source_map();
	test_unreal();
	test_dbg();
	test_named();
	return done();
}
