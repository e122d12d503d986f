/* SPDX-License-Identifier: MIT
 * Ready-to-run perfmaps by their rules: the five pseudo-records at the front. */
#include "identified.h"
#include "tap.h"

#define SIGNATURE "734D59D6DE0E96AA3C77B3E2ED498097"
#define FIRST "FFFFFFFF 00 " SIGNATURE "\n"
#define REST "FFFFFFFD 00 2\nFFFFFFFC 00 3\nFFFFFFFB 00 1\n"
#define HEAD FIRST "FFFFFFFE 00 1\n"

static void check_damage(const char *text, enum sym_status status, uint64_t offset,
			 const char *what)
{
	struct identified got = identified_text(text);

	ok(got.status == status && got.count == 0, "%s: refused (%s)", what, got.err.text);
	is_u64(got.err.offset, offset, "%s: the offset", what);
}

static void test_head(void)
{
	struct identified got = identified_text(HEAD REST "000115D0 0D f\n");
	char hex[40];

	is_u64(got.status, SYM_OK, "a perfmap is recognised");
	is_u64(got.id.kind, SYM_PERFMAP, "as such");
	text_hex_upper(hex, got.id.debug.guid, 16);
	is_str(hex, SIGNATURE, "the signature in the order in which it is written");
	is_u64(got.id.debug.form, SYM_DEBUG_NONE, "which is no debug identifier");
	is_u64(got.id.perfmap_version, 1, "the version");
	is_u64(got.id.arch, SYM_ARCH_X86_64, "the architecture");
	is_u64(got.id.has, SYM_HAS_SYMBOLS, "it has symbols");
	got = identified_text("FFFFFFFF 00 " SIGNATURE "\r\nFFFFFFFE 00 1\r\nFFFFFFFD 00 2\r\n"
			    "FFFFFFFC 00 4\r\nFFFFFFFB 00 1");
	is_u64(got.status, SYM_OK, "CRLF, and the last line without an end");
	is_u64(got.id.arch, SYM_ARCH_X86, "with its architecture");
	got = identified_text(HEAD "FFFFFFFD 00 2\nFFFFFFFC 00 99\nFFFFFFFB 00 1\n");
	is_u64(got.status, SYM_OK, "a token of the future");
	is_u64(got.id.arch, SYM_ARCH_UNKNOWN, "leaves the architecture open");
}

static void test_versions(void)
{
	is_u64(identified_text(FIRST "FFFFFFFE 00 0\n" REST).id.perfmap_version, 0, "version 0");
	is_u64(identified_text(FIRST "FFFFFFFE 00 2\n" REST).id.perfmap_version, 2, "version 2");
	is_u64(identified_text(FIRST "FFFFFFFE 00 4294967295\n" REST).id.perfmap_version, UINT32_MAX,
	       "the largest");
	check_damage(FIRST "FFFFFFFE 00 4294967296\n" REST, SYM_MALFORMED, 45, "more than 32 bits");
	check_damage(FIRST "FFFFFFFE 00 18446744073709551617\n" REST, SYM_MALFORMED, 45, "more than 64 bits");
	check_damage(FIRST "FFFFFFFE 00 -1\n" REST, SYM_MALFORMED, 45, "a version below 0");
	check_damage(FIRST "FFFFFFFE 00 \n" REST, SYM_MALFORMED, 45, "a version without digits");
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
	check_damage(HEAD, SYM_MALFORMED, 59, "nothing but signature and version");
	check_damage(HEAD "FFFFFFFD 00 2\nFFFFFFFC 00 3\nFFFFF", SYM_MALFORMED, 87, "cut in the ABI's line");
	check_damage(HEAD "FFFFFFFC 00 3\n" REST, SYM_MALFORMED, 59, "lines in another order");
	check_damage("FFFFFFFF 00 00000000000000000000000000000000\nFFFFFFFE 00 1\n" REST, SYM_NO_KEY,
		     12, "a signature of zeros");
	is_u64(identified_bytes(HEAD REST "000115D0\0", sizeof HEAD REST "000115D0").status, SYM_MALFORMED,
	       "an end that was never written");
	is_u64(identified_text("FFFFFFFF 01 ").status, SYM_NOT_MINE, "another length: no perfmap");
}

int main(void)
{
	test_head();
	test_versions();
	test_damage();
	return done();
}
