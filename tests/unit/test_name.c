/* SPDX-License-Identifier: MIT
 * Which names out of files may become a component of a store's path. */
#include "key/key.h"

#include "base/def.h"
#include "tap.h"

static void taken(void)
{
	static const char *const names[] = {
		"foo.pdb",
		"Foo Bar.exe",
		"a",
		".hidden",
		"..x",
		"x..y",
		"libstdc++.so.6",
		"\xc3\xa4\xe2\x82\xac.dll",
		"\xf0\x9f\x98\x80",
		"com.company.app",
		"com",
		"com0",
		"com10.dll",
		"console.exe",
		"nul1",
		"auxiliary.dll",
		"lpt",
		"_",
		"~$x",
		"{x}",
		"[x]",
		"a;b",
		"a%b",
		"'",
		"index.txt.pdb",
		"000admin.pdb",
		"symbol-upload",
		"\xc2\xa0x",
	};
	struct sym_err err;

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		ok(key_name_check(names[i], &err) == SYM_OK, "taken: \"%s\"", names[i]);
}

static void refused(void)
{
	static const struct {
		const char *name, *why;
	} cases[] = {
		{"", "empty"},
		{".", "names a folder"},
		{"..", "names a folder"},
		{"a/b", "path separator"},
		{"a\\b", "path separator"},
		{"/", "path separator"},
		{"a\nb", "control character"},
		{"\x1b[2J", "control character"},
		{"a\x7f", "control character"},
		{"a\xc2\x9b" "b", "control character"},
		{"a\"b", "one of"},
		{"a:b", "one of"},
		{"C:", "one of"},
		{"a*", "one of"},
		{"a?", "one of"},
		{"a<b", "one of"},
		{"a>b", "one of"},
		{"a|b", "one of"},
		{"foo.", "dot or blank"},
		{"foo ", "dot or blank"},
		{"...", "dot or blank"},
		{" ", "dot or blank"},
		{"con", "device"},
		{"NUL", "device"},
		{"nul.pdb", "device"},
		{"Aux.tar.gz", "device"},
		{"prn .txt", "device"},
		{"COM1", "device"},
		{"com9.dll", "device"},
		{"lpt1.exe", "device"},
		{"COM\xc2\xb9.dll", "device"},
		{"lpt\xc2\xb3", "device"},
		{"CONIN$", "device"},
		{"conout$", "device"},
		{"000Admin", "store itself"},
		{"pingme.txt", "store itself"},
		{"INDEX.TXT", "store itself"},
		{"index2.txt", "store itself"},
		{"refs.ptr", "store itself"},
		{"File.ptr", "store itself"},
		{".symbol-upload-123", "store itself"},
		{".Symbol-Upload", "store itself"},
		{"a\xff", "not UTF-8"},
		{"\xc0\xaf", "not UTF-8"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct sym_err err = {0};

		ok(key_name_check(cases[i].name, &err) == SYM_REFUSED &&
			   strstr(err.text, cases[i].why),
		   "refused, case %zu: %s", i, cases[i].why);
	}
}

static void lengths(void)
{
	char name[SYM_NAME_MAX + 2];
	struct sym_err err;

	memset(name, 'x', sizeof name);
	name[SYM_NAME_MAX] = '\0';
	ok(key_name_check(name, &err) == SYM_OK, "255 bytes are taken");
	name[SYM_NAME_MAX] = 'x';
	name[SYM_NAME_MAX + 1] = '\0';
	ok(key_name_check(name, &err) == SYM_REFUSED, "256 are not");
	ok(strstr(err.text, "longer than 255 bytes"),
	   "and the reason is said though the name fills the text");
}

static void messages(void)
{
	struct sym_err err;

	ok(key_name_check("a\x1b]0;x\x07", &err) == SYM_REFUSED && !strchr(err.text, '\x1b') &&
		   strstr(err.text, "\\x1b"),
	   "a refused name cannot write to the terminal through its error");
}

static void names_of_pdbs(void)
{
	static const char *const cases[][2] = {{"foo.dll", "foo.pdb"}, {"a.b.exe", "a.b.pdb"},
					       {"plain", "plain.pdb"}, {".exe", ".exe.pdb"}};
	char longest[SYM_NAME_MAX + 100], name[KEY_PDB_NAME_MAX];

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		key_pdb_of(cases[i][0], name);
		is_str(name, cases[i][1], "the PDB of an image that names none");
	}
	memset(longest, 'x', sizeof longest);
	longest[sizeof longest - 1] = '\0';
	key_pdb_of(longest, name);
	is_u64(strlen(name), SYM_NAME_MAX + 4, "a name that is too long is cut before its ending");
}

int main(void)
{
	taken();
	refused();
	lengths();
	messages();
	names_of_pdbs();
	return done();
}
