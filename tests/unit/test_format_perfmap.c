/* SPDX-License-Identifier: MIT
 * Ready-to-run perfmaps by their rules: the five pseudo-records at the front. */
#include "identified.h"
#include "tap.h"

#define SIGNATURE "734D59D6DE0E96AA3C77B3E2ED498097"
#define HEAD "FFFFFFFF 00 " SIGNATURE "\nFFFFFFFE 00 1\n"

static struct identified identify_text(const char *text)
{
	return identified_bytes(text, strlen(text));
}

static void check_damage(const char *text, enum sym_status status, uint64_t offset,
			 const char *what)
{
	struct identified got = identify_text(text);

	ok(got.status == status && got.count == 0, "%s: refused (%s)", what, got.err.text);
	is_u64(got.err.offset, offset, "%s: the offset", what);
}

static void test_head(void)
{
	struct identified got = identify_text(HEAD "FFFFFFFD 00 2\nFFFFFFFC 00 3\nFFFFFFFB 00 1\n"
						   "000115D0 0D f\n");
	char hex[40];

	is_u64(got.status, SYM_OK, "a perfmap is recognised");
	is_u64(got.id.kind, SYM_PERFMAP, "as such");
	text_hex_upper(hex, got.id.debug.guid, 16);
	is_str(hex, SIGNATURE, "the signature in the order in which it is written");
	is_u64(got.id.debug.form, SYM_DEBUG_NONE, "which is no debug identifier");
	is_u64(got.id.perfmap_version, 1, "the version");
	is_u64(got.id.arch, SYM_ARCH_X86_64, "the architecture");
	is_u64(got.id.has, SYM_HAS_SYMBOLS, "it has symbols");
	got = identify_text("FFFFFFFF 00 " SIGNATURE "\r\nFFFFFFFE 00 1\r\n");
	is_u64(got.status, SYM_OK, "CRLF, and nothing but signature and version");
	is_u64(got.id.arch, SYM_ARCH_UNKNOWN, "leaves the architecture open");
	is_u64(identify_text(HEAD "FFFFFFFD 00 2\nFFFFFFFC 00 99\n").id.arch, SYM_ARCH_UNKNOWN,
	       "so does a token of the future");
}

static void test_damage(void)
{
	check_damage("FFFFFFFF 00 734D59", SYM_MALFORMED, 12, "a signature cut short");
	check_damage("FFFFFFFF 00 " SIGNATURE "00\n", SYM_MALFORMED, 12, "a signature too long");
	check_damage("FFFFFFFF 00 X34D59D6DE0E96AA3C77B3E2ED498097\n", SYM_MALFORMED, 12,
		     "not hex");
	check_damage("FFFFFFFF 00 " SIGNATURE, SYM_MALFORMED, 44, "no version");
	check_damage("FFFFFFFF 00 " SIGNATURE "\nFFFFFFFE 00 x\n", SYM_MALFORMED, 45,
		     "a version in letters");
	check_damage("FFFFFFFF 00 " SIGNATURE "\nFFFFFFFE 00 2\n", SYM_UNSUPPORTED, 45,
		     "version 2");
	check_damage("FFFFFFFF 00 00000000000000000000000000000000\nFFFFFFFE 00 1\n", SYM_NO_KEY,
		     12, "a signature of zeros");
	is_u64(identify_text("FFFFFFFF 01 ").status, SYM_NOT_MINE, "another length: no perfmap");
}

int main(void)
{
	test_head();
	test_damage();
	return done();
}
