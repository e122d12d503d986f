/* SPDX-License-Identifier: MIT
 * Breakpad's .sym by its rules: the fields of the MODULE line, CODE_ID, line ends,
 * and what the head and the tail tell of the records. */
#include "identified.h"
#include "tap.h"

#include <stdlib.h>

#define ID "0123456789abcdefABCDEF0011223344"
#define LINE(id, name) "MODULE Linux x86_64 " id " " name

static void test_module(void)
{
	struct identified got = identified_text(LINE(ID "5", "libx.so") "\n");

	is_u64(got.status, SYM_OK, "a MODULE line is enough");
	is_u64(got.id.kind, SYM_BREAKPAD, "for a .sym");
	is_str(got.id.name, "libx.so", "the module's name");
	is_str(got.id.written_id, ID "5", "the digits as written");
	is_str(debug_text(&got.id.debug), "0123456789ABCDEFABCDEF0011223344-5",
	       "and as GUID and age");
	is_u64(got.id.arch, SYM_ARCH_X86_64, "the architecture");
	is_u64(got.id.has, 0, "and nothing more");
	got = identified_text(LINE(ID "1a2b3c4d", "x"));
	is_u64(got.id.debug.age, 0x1a2b3c4d, "40 digits: an age of eight; no line end at the end");
	is_str(identified_text(LINE(ID "0", "x.so") "\r\n").id.name, "x.so", "CRLF");
	is_str(identified_text(LINE(ID "0", "Electron Helper (GPU)") "\n").id.name,
	       "Electron Helper (GPU)", "a name may hold blanks");
	is_str(identified_text(LINE(ID "0", "C:\\b\\app.pdb")).id.name, "app.pdb", "a Windows path");
	is_str(identified_text(LINE(ID "0", "../../../etc/evil")).id.name, "evil", "a path upwards");
}

static void test_arch(void)
{
	static const struct {
		const char *word;
		enum sym_arch arch;
	} rows[] = {
		{"x86", SYM_ARCH_X86},       {"x86_64h", SYM_ARCH_X86_64H},
		{"arm", SYM_ARCH_ARM},       {"arm64", SYM_ARCH_ARM64},
		{"arm64e", SYM_ARCH_ARM64E}, {"ppc", SYM_ARCH_PPC},
		{"ppc64", SYM_ARCH_PPC64},   {"mips", SYM_ARCH_MIPS},
		{"mips64", SYM_ARCH_MIPS64}, {"riscv64", SYM_ARCH_RISCV64},
		{"wasm", SYM_ARCH_WASM32},   {"amd64", SYM_ARCH_X86_64},
		{"s390x", SYM_ARCH_S390X},   {"z80", SYM_ARCH_UNKNOWN},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char text[120];

		snprintf(text, sizeof text, "MODULE windows %s " ID "1 x.pdb\n", rows[i].word);
		is_u64(identified_text(text).id.arch, rows[i].arch, "architecture %s", rows[i].word);
	}
}

static void check_damage(const char *text, uint64_t offset, const char *what)
{
	struct identified got = identified_text(text);

	ok(got.status == SYM_MALFORMED && got.err.has_offset && got.count == 0, "%s: refused (%s)",
	   what, got.err.text);
	is_u64(got.err.offset, offset, "%s: the offset", what);
}

static void test_damage(void)
{
	char nul[] = LINE(ID "0", "a?b.so") "\n";

	check_damage(LINE("C0BCC3F1", "x"), 20, "an identifier of 8 digits");
	check_damage(LINE(ID, "x"), 20, "32 digits and no age");
	check_damage(LINE(ID "123456789", "x"), 20, "41 digits");
	check_damage(LINE("G" ID, "x"), 20, "a letter that is no hex digit");
	check_damage(LINE(ID "0", ""), 54, "no name");
	check_damage(LINE(ID "0", "C:\\x\\"), 54, "a path without a last component");
	check_damage("MODULE Linux", 12, "a line cut behind the system");
	check_damage("MODULE  x86_64 " ID "0 x.so\n", 7, "no system");
	check_damage("MODULE Linux  " ID "0 x.so\n", 13, "no architecture");
	check_damage("\xEF\xBB\xBF" LINE(ID "0", "x.so") "\n", 0, "a byte order mark");
	*strchr(nul, '?') = '\0';
	is_u64(identified_bytes(nul, sizeof nul - 1).status, SYM_MALFORMED, "a NUL in the name");
	is_u64(identified_bytes(LINE(ID "0", "x.so") "\nFUNC 0", sizeof LINE(ID "0", "x.so") "\nFUNC 0").status,
	       SYM_MALFORMED, "a zero at the end: the rest was never written");
	is_u64(identified_text(LINE("000000000000000000000000000000000", "x")).status, SYM_NO_KEY,
	       "zeros are no identifier");
	is_u64(identified_text("module Linux x86_64 " ID "0 x").status, SYM_NOT_MINE,
	       "lower case: no .sym");
	is_u64(identified_text("MODULE\tLinux").status, SYM_NOT_MINE, "a tab: no .sym");
}

static void test_long_line(void)
{
	size_t size = 300000;
	char *text = malloc(size);

	if (!text)
		abort();
	memset(text, 'n', size);
	memcpy(text, LINE(ID "0", ""), strlen(LINE(ID "0", "")));
	is_u64(identified_bytes(text, size).status, SYM_TOO_BIG,
	       "a line of 300 kB is not read to its end");
	is_u64(identified_bytes(text, 54 + 255).status, SYM_OK, "a name of 255 bytes");
	is_u64(identified_bytes(text, 54 + 256).status, SYM_MALFORMED, "a name of 256 bytes");
	free(text);
}

static void check_code_id(const char *lines, const char *want, const char *what)
{
	char text[400];
	struct identified got;

	snprintf(text, sizeof text, "%s%s", LINE(ID "0", "x.pdb") "\n", lines);
	got = identified_text(text);
	got.id.code.bytes[got.id.code.len] = '\0';
	is_str((const char *)got.id.code.bytes, want, "%s", what);
	is_u64(got.id.code.form, want[0] ? SYM_CODE_TEXT : SYM_CODE_NONE, "%s: its form", what);
	is_u64(got.id.traits, want[0] ? 0 : SYM_NO_CODE_ID, "%s: whether it is missed", what);
}

static void test_code_id(void)
{
	check_code_id("INFO CODE_ID 5C9E09599000 x.exe\n", "5C9E09599000", "CODE_ID with a name");
	check_code_id("INFO CODE_ID A777AE83\r\n", "A777AE83", "CODE_ID without");
	check_code_id("INFO GENERATOR x\nINFO CODE_ID AB\n", "AB", "CODE_ID as a later INFO line");
	check_code_id("INFO CODE_ID AB\nINFO CODE_ID CD\n", "AB", "the first of two, as Symbolicator");
	check_code_id("INFO CODE_ID 5C9E", "", "one that the end of the file may have cut");
	check_code_id("FILE 0 x.c\nINFO CODE_ID AB\n", "", "INFO lines come first");
	check_code_id("INFO CODE_ID xyz\n", "", "what is no hex is no identifier");
	check_code_id("INFO CODE_ID \n", "", "an empty one is none");
	is_u64(identified_text("MODULE mac x86_64 " ID "0 x\n").id.traits, 0,
	       "Apple's systems have no code identifier");
	is_u64(identified_text("MODULE Mac x86_64 " ID "0 x\n").id.traits, 0, "however they are written");
	is_u64(identified_text("MODULE ma x86_64 " ID "0 x\n").id.traits, SYM_NO_CODE_ID, "but not cut");
	is_u64(identified_text("MODULE ios arm64 " ID "0 x\n").id.traits, 0, "none of them");
}

static void test_has(void)
{
	static const struct {
		const char *line;
		unsigned has;
	} rows[] = {
		{"FILE 0 a.c\n", SYM_HAS_SYMBOLS | SYM_HAS_DEBUG},
		{"FUNC 10 4 0 f\n", SYM_HAS_SYMBOLS | SYM_HAS_DEBUG},
		{"PUBLIC 10 0 f\n", SYM_HAS_SYMBOLS},
		{"STACK CFI INIT 10 4 .cfa: $rsp 8 +\n", SYM_HAS_UNWIND},
		{"PUBLICX\n", 0},
		{" FUNC 10 4 0 f\n", 0},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char text[200];

		snprintf(text, sizeof text, "%s%s", LINE(ID "0", "x") "\n", rows[i].line);
		is_u64(identified_text(text).id.has, rows[i].has, "has by: %.6s", rows[i].line);
	}
}

/* FILE lines at the front and STACK lines at the end of 100 kB. */
static void test_has_of_long_file(void)
{
	size_t size = 100000, n;
	char *text = malloc(size);
	struct identified got;

	if (!text)
		abort();
	for (n = 0; n < size; n++)
		text[n] = n % 50 == 49 ? '\n' : '1';
	n = (size_t)snprintf(text, size, "%s", LINE(ID "0", "x") "\nFILE 0 a.c\n");
	text[n] = '1';
	memcpy(text + size - 60, "\nSTACK WIN 4 1000", 17);
	got = identified_bytes(text, size);
	is_u64(got.id.has, SYM_HAS_SYMBOLS | SYM_HAS_DEBUG | SYM_HAS_UNWIND,
	       "head and tail are looked at");
	ok(got.reads <= 3, "%u reads", got.reads);
	free(text);
}

int main(void)
{
	test_module();
	test_arch();
	test_damage();
	test_long_line();
	test_code_id();
	test_has();
	test_has_of_long_file();
	return done();
}
