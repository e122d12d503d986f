/* SPDX-License-Identifier: MIT
 * The way back from paths to identities, and how near two paths are. */
#include "key/asked.h"

#include "base/def.h"
#include "tap.h"

#define GUID "E546B55B6D214E86871B40AC35CD0D46"
#define OTHER "00000000000000000000000000000001"
#define LOWER "e546b55b6d214e86871b40ac35cd0d46"
#define UUID "2DD1/BD27/06FA/384D/A5A3/A8265921CF9A"
#define REST "fe216fc7dd441f04c237310a56081fbf23c082"
#define BUILD_ID "85" REST
#define PDB "app.pdb/" GUID "1/app.pdb"

static const char *describe(const struct key_asked *a)
{
	static char text[600];
	char code[KEY_ID_MAX], debug[KEY_ID_MAX];

	key_code_text(&a->id.code, code);
	key_debug_text(&a->id.debug, debug);
	snprintf(text, sizeof text, "%d %s%s%s%s %s", (int)a->id.kind, code, debug,
		 a->id.traits & SYM_IMAGE ? " image" : "", a->id.traits & SYM_COMPANION ? " companion" : "",
		 a->file[0] ? a->file : "-");
	return text;
}

/* ------------------------------------------------------------------- paths -- */

static const struct {
	const char *path;
	enum sym_kind kind;
	const char *rest;
} paths[] = {
	{PDB, SYM_PDB, GUID "1 app.pdb"},
	{"ap/" PDB, SYM_PDB, GUID "1 app.pdb"},
	{"a b/app.pdb/" LOWER "aB/APP.PDB", SYM_PDB, GUID "ab APP.PDB"},
	{"app.pdb/" GUID "/app.pdb", SYM_PDB, GUID " app.pdb"},
	{"app.pdb/" LOWER "FFFFFFFF/app.pdb", SYM_PORTABLE_PDB, GUID "ffffffff app.pdb"},
	{"app.pdb/37A8F40E2/app.pdb", SYM_PDB, "37A8F40E2 app.pdb"},
	{"app.exe/5A0BC0C6c83000/app.exe", SYM_PE, "5A0BC0C6c83000 image app.exe"},
	{"app.exe/5A0BC0C60C83000/app.exe", SYM_PE, "5A0BC0C6c83000 image app.exe"},
	{"a.so/" BUILD_ID "/a.so", SYM_ELF, BUILD_ID " image companion a.so"},
	{"a.so/elf-buildid-" BUILD_ID "/a.so", SYM_ELF, BUILD_ID " image a.so"},
	{"_.debug/elf-buildid-sym-" BUILD_ID "/_.debug", SYM_ELF, BUILD_ID " companion -"},
	{"buildid/" BUILD_ID "/debuginfo", SYM_ELF, BUILD_ID " companion -"},
	{"/usr/lib/debug/.build-id/85/" REST ".debug", SYM_ELF, BUILD_ID " companion -"},
	{".build-id/85/" REST, SYM_ELF, BUILD_ID " image -"},
	{"85/" REST "/executable", SYM_ELF, BUILD_ID " image -"},
	{"e5/46b55b6d214e86871b40ac35cd0d461/debuginfo", SYM_PDB, GUID "1 -"},
	{UUID, SYM_MACHO, "2dd1bd2706fa384da5a3a8265921cf9a companion -"},
	{UUID ".app", SYM_MACHO, "2dd1bd2706fa384da5a3a8265921cf9a image -"},
	{"app.pdb/" GUID "a/app.sym", SYM_BREAKPAD, GUID "a app.sym"},
	{"a.r2rmap/r2rmap-v1-" LOWER "/a.r2rmap", SYM_PERFMAP, " a.r2rmap"},
	{"a.r2rmap/r2rmap-v4294967295-" LOWER "/a.r2rmap", SYM_PERFMAP, " a.r2rmap"},
	{"a.r2rmap/r2rmap-v4294967296-" LOWER "/a.r2rmap", SYM_KIND_NONE, " a.r2rmap"},
	{"a.r2rmap/r2rmap-v-" LOWER "/a.r2rmap", SYM_KIND_NONE, " a.r2rmap"},
	{"a.r2rmap/r2rmap-v1-" LOWER "0/a.r2rmap", SYM_KIND_NONE, " a.r2rmap"},
	{"A.r2rmap/" LOWER "/A.r2rmap", SYM_PERFMAP, " A.r2rmap"},
	{"a.js/sha1-0123/a.js", SYM_KIND_NONE, " a.js"},
	{"a/mach-uuid-12345678/a", SYM_KIND_NONE, " a"},
	{"app.pdb/" GUID "123456789/app.pdb", SYM_KIND_NONE, " app.pdb"},
};

static void test_paths(void)
{
	static const char *const none[] = {"", "/", "app.pdb", "a/b", "a/b/c", "../" GUID "1/..",
					   "buildid/85f/debuginfo", "buildid/xyz01234/executable",
					   ".build-id/8/5fe2", "nul/" GUID "1/nul", "zz/00112233/debuginfo"};
	struct key_asked a;
	char want[800], long_name[251] = "";

	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		snprintf(want, sizeof want, "%d %s", (int)paths[i].kind, paths[i].rest);
		is_str(key_asked_path(paths[i].path, &a) ? describe(&a) : "none", want, "%s", paths[i].path);
	}
	for (size_t i = 0; i < ARRAY_LEN(none); i++)
		ok(!key_asked_path(none[i], &a), "\"%s\" is nobody's path", none[i]);
	memset(long_name, 'a', sizeof long_name - 1);
	snprintf(want, sizeof want, "%s/%s/%s", long_name, long_name, long_name);
	ok(!key_asked_path(want, &a), "nor is one that is longer than any");
	ok(key_asked_path("x/app.pdb/" GUID "1/app.pd_", &a) && a.compressed && !a.pointer &&
	   strcmp(a.path, PDB) == 0, "the compressed file stands for the file itself");
	ok(key_asked_path("app.pdb/" GUID "1/file.ptr", &a) && a.pointer && strcmp(a.path, PDB) == 0,
	   "and so does file.ptr");
}

/* Every path that a reader has reads as what it was made of. */
static void test_round_trips(void)
{
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		struct key_asked a, again;
		struct key_paths made;
		struct sym_err err;

		if (!key_asked_path(paths[i].path, &a) || a.id.kind == SYM_KIND_NONE)
			continue;
		for (size_t r = 0; r < key_reader_count; r++) {
			if (key_paths_for(&key_readers[r], &a.id, a.file[0] ? a.file : NULL, &made, &err) != SYM_OK)
				continue;
			for (size_t n = 0; n < made.count; n++)
				ok(key_asked_path(made.at[n].text, &again) &&
				   strcmp(again.path, made.at[n].text) == 0, "%s", made.at[n].text);
		}
	}
}

/* ------------------------------------------------------------------- words -- */

static void test_words(void)
{
	static const char *const good[][2] = {
		{"SYMSRV:  UNC: c:\\sym\\app.pdb\\" GUID "1\\app.pdb - path not found", PDB},
		{"SYMSRV:  c:\\sym\\app.pdb\\" GUID "1\\app.pd_ not found\r\n", PDB},
		{"DBGHELP: \"c:\\sym\\app.pdb\\" GUID "1\\app.pdb\" - file not found", PDB},
		{"DBGHELP: \\\\server\\share\\app.pdb\\" GUID "1\\app.pdb - mismatched pdb", PDB},
		{"\"https://host/store/app.pdb/" GUID "1/app.pdb?sig=a/b\"", PDB},
		{"https://host/s/my%20app.pdb/" GUID "1/my%20app.pdb", "my app.pdb/" GUID "1/my app.pdb"},
		{"app.pdb " GUID "1", ""},
		{"my app.pdb  {E546B55B-6D21-4E86-871B-40AC35CD0D46}1", ""},
		{"app.pdb/" GUID "1", ""},
		{"app.exe 5A0BC0C6c83000", ""},
		{"libfoo.so " GUID "0", ""},
		{BUILD_ID, ""},
		{" 85FE216F ", ""},
	};
	static const char *const bad[] = {"", "app.pdb", "build/app.exe", "85fe21", "85fe216f0", "x y", "1234-5678",
					  "a:b " GUID "1", "../" GUID "1"};
	struct key_asked a;
	struct sym_err err;

	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		is_str(key_asked_words(good[i][0], &a, &err) == SYM_OK ? a.path : err.text, good[i][1], "%s",
		       good[i][0]);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ok(key_asked_words(bad[i], &a, &err) == SYM_USAGE, "\"%s\" asks for nothing", bad[i]);
	ok(key_asked_words("libfoo.so " LOWER "0", &a, &err) == SYM_OK && a.id.kind == SYM_BREAKPAD,
	   "what minidumps say of a module is Breakpad's");
	is_str(a.file, "libfoo.so.sym", "its file is a .sym");
	is_str(a.reader, "breakpad", "and Breakpad asks");
	ok(key_asked_words(BUILD_ID, &a, &err) == SYM_OK && a.file[0] == '\0', "a build-id has no name");
	is_str(a.reader, "debuginfod", "and debuginfod's clients ask");
}

/* ---------------------------------------------------------------- nearness -- */

static const struct {
	const char *path, *there, *word;
} nears[] = {
	{PDB, PDB, NULL},
	{PDB, "app.pdb/" LOWER "1/app.pdb", "spelling"},
	{PDB, "App.PDB/" GUID "1/App.PDB", "spelling"},
	{PDB, "app.pdb/" GUID "01/app.pdb", "spelling"},
	{PDB, "ap/" PDB, "tier"},
	{"ap/" PDB, PDB, "tier"},
	{PDB, "app.pdb/" GUID "1/app.pd_", "compressed"},
	{PDB, "app.pdb/" GUID "1/file.ptr", "pointer"},
	{PDB, "app.pdb/" GUID "2/file.ptr", NULL},
	{PDB, "app.pdb/" GUID "1/refs.ptr", NULL},
	{PDB, "app.pdb/" GUID "2/app.pdb", "other-age"},
	{PDB, "app.pdb/" LOWER "2/app.pd_", "other-age"},
	{PDB, "app.pdb/" GUID "/app.pdb", "no-age"},
	{"app.pdb/" GUID "/app.pdb", PDB, "no-age"},
	{PDB, "app.pdb/" GUID "ffffffff/app.pdb", "portable"},
	{"app.pdb/" LOWER "FFFFFFFF/app.pdb", PDB, "portable"},
	{"app.pdb/" LOWER "FFFFFFFF/app.pdb", "app.pdb/" GUID "ffffffff/app.pdb", "spelling"},
	{PDB, "app.pdb/" OTHER "1/app.pdb", "other-build"},
	{PDB, "app.pdb/sha1-0123/app.pdb", "other-build"},
	{PDB, "other.pdb/" GUID "2/other.pdb", NULL},
	{PDB, "e5/46b55b6d214e86871b40ac35cd0d461/debuginfo", "other-reader"},
	{PDB, "app.pdb/" GUID "1/app.sym", "dump"},
	{"app.pdb/" GUID "1/app.sym", PDB, "dump"},
	{"app.pdb/" GUID "1/app.sym", "app.pdb/" GUID "2/app.sym", "other-age"},
	{"app.pdb/" GUID "1/app.sym", "app.pdb/" OTHER "1/app.pdb", NULL},
	{"a.exe/5A0BC0C6c83000/a.exe", "a.exe/5A0BC0C6c84000/a.exe", "other-size"},
	{"a.exe/5A0BC0C6800/a.exe", "a.exe/5A0BC0C60800/a.exe", "spelling"},
	{"a.exe/5A0BC0C6c83000/a.exe", "a.exe/5A0BC0C7c83000/a.exe", "other-build"},
	{"buildid/" BUILD_ID "/debuginfo", "buildid/" BUILD_ID "/executable", "other-part"},
	{"buildid/" BUILD_ID "/debuginfo", ".build-id/85/" REST ".debug", "other-reader"},
	{"buildid/" BUILD_ID "/debuginfo", "85/" REST "/debuginfo", "other-reader"},
	{"buildid/" BUILD_ID "/debuginfo", "buildid/85fe216fc7dd441f/debuginfo", "cut"},
	{"buildid/" BUILD_ID "/debuginfo", "buildid/85fe216fc7dd441f00/debuginfo", "cut"},
	{"buildid/" BUILD_ID "/debuginfo", "buildid/85fe216f00000001/debuginfo", NULL},
	{"a.so/elf-buildid-001122334455667788000000000000000000/a.so", "a.so/001122334455667788/a.so",
	 "other-reader"},
	{"a.so/" BUILD_ID "/a.so", "a.so/0000000000000000000001/a.so", "other-build"},
	{"a.js/sha1-0123/a.js", "a.js/sha1-4567/a.js", "other-build"},
	{"A.r2rmap/" LOWER "/A.r2rmap", "a.r2rmap/r2rmap-v1-" LOWER "/a.r2rmap", "other-reader"},
	{"a.r2rmap/r2rmap-v1-" LOWER "/a.r2rmap", "a.r2rmap/r2rmap-v1-" OTHER "/a.r2rmap", "other-build"},
};

static void test_near(void)
{
	for (size_t i = 0; i < ARRAY_LEN(nears); i++) {
		struct key_asked a;
		bool read = key_asked_path(nears[i].path, &a);

		is_str(read ? key_near_word(key_near(&a, nears[i].path, nears[i].there)) : "none", nears[i].word,
		       "%s near %s", nears[i].there, nears[i].path);
	}
}

static void test_prefixes(void)
{
	static const char *const rows[][2] = {
		{PDB, "app.pdb/"},
		{"ap/" PDB, "ap/app.pdb/"},
		{"app.pdb/" GUID "1/app.sym", "app.pdb/"},
		{"buildid/" BUILD_ID "/debuginfo", "buildid/85fe216f"},
		{".build-id/85/" REST ".debug", ".build-id/85/fe216f"},
		{"_.debug/elf-buildid-sym-" BUILD_ID "/_.debug", "_.debug/elf-buildid-sym-85fe216f"},
		{"85/" REST "/executable", "85/fe216f"},
		{UUID, "2DD1/BD27"},
	};
	struct key_asked a;
	char prefix[KEY_PATH_MAX];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		is_str(key_asked_path(rows[i][0], &a) && key_near_prefix(&a, rows[i][0], prefix) ? prefix : "none",
		       rows[i][1], "near %s", rows[i][0]);
}

int main(void)
{
	test_paths();
	test_round_trips();
	test_words();
	test_near();
	test_prefixes();
	return done();
}
