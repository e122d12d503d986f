/* SPDX-License-Identifier: MIT
 * Identity to path, for every reader: the tables of the stores that these readers read. */
#include "key/key.h"

#include "base/def.h"
#include "base/text.h"
#include "tap.h"

/* ------------------------------------------------------------ identities -- */

#define GUID "E546B55B6D214E86871B40AC35CD0D46"
#define GUID_LOWER "e546b55b6d214e86871b40ac35cd0d46"
#define UUID "2dd1bd2706fa384da5a3a8265921cf9a"
#define BUILD_ID "85fe216fc7dd441f04c237310a56081fbf23c082"

static struct sym_identity pe(uint32_t stamp, uint32_t image_size)
{
	struct sym_identity id = {.kind = SYM_PE, .traits = SYM_IMAGE};

	id.code =
		(struct sym_code_id){.form = SYM_CODE_PE, .stamp = stamp, .image_size = image_size};
	return id;
}

static struct sym_identity with_guid(enum sym_kind kind, enum sym_debug_form form, uint32_t age)
{
	struct sym_identity id = {.kind = kind};

	id.debug.form = form;
	id.debug.age = age;
	text_hex_bytes(GUID, id.debug.guid, 16);
	return id;
}

static struct sym_identity with_bytes(enum sym_kind kind, const char *hex, unsigned traits)
{
	struct sym_identity id = {.kind = kind, .traits = traits};

	id.code.form = SYM_CODE_BYTES;
	id.code.len = (uint8_t)(strlen(hex) / 2);
	text_hex_bytes(hex, id.code.bytes, id.code.len);
	return id;
}

static struct sym_identity breakpad(const char *module, const char *written, uint32_t age)
{
	struct sym_identity id = with_guid(SYM_BREAKPAD, SYM_DEBUG_AGE, age);

	snprintf(id.name, sizeof id.name, "%s", module);
	snprintf(id.written_id, sizeof id.written_id, "%s", written);
	return id;
}

/* ----------------------------------------------------------------- paths -- */

/* All paths of one reader, joined by a blank; "-" where there are none, or why they were refused.
 */
static const char *paths_of(const char *reader, const struct sym_identity *id, const char *path)
{
	static char joined[KEY_PATHS_MAX * KEY_PATH_MAX];
	struct key_paths paths;
	struct sym_err err;
	size_t used = 0;

	if (key_paths_for(key_reader_find(reader), id, path, &paths, &err) != SYM_OK)
		return "refused";
	snprintf(joined, sizeof joined, "-");
	for (size_t i = 0; i < paths.count; i++)
		used += (size_t)snprintf(joined + used, sizeof joined - used, "%s%s", i ? " " : "",
					 paths.at[i].text);
	return joined;
}

struct expected {
	const char *reader, *paths;
};

static void check(const char *what, const struct sym_identity *id, const char *file,
		  const struct expected *table, size_t n)
{
	for (size_t i = 0; i < n; i++)
		is_str(paths_of(table[i].reader, id, file), table[i].paths, "%s: %s", what,
		       table[i].reader);
}
#define CHECK(what, id, file, ...)                                                                 \
	check(what, &(id), file, (const struct expected[]){__VA_ARGS__},                           \
	      ARRAY_LEN(((const struct expected[]){__VA_ARGS__})))

static void executables(void)
{
	struct sym_identity id = pe(0x5a0bc0c6, 0xc83000), tiny = pe(0x5617d4fe, 0x7a0),
			    zero = pe(0, 0x8000);
	struct sym_identity small = pe(0x35d9f, 0x51b000);

	CHECK("PE", id, "out/Release/Foo.EXE",
	      {"windbg", "Foo.EXE/5A0BC0C6c83000/Foo.EXE"},
	      {"visualstudio", "Foo.EXE/5A0BC0C6c83000/Foo.EXE"},
	      {"symproxy", "foo.exe/5a0bc0c6c83000/foo.exe"},
	      {"dotnet", "foo.exe/5A0BC0C6c83000/foo.exe"},
	      {"bugsplat", "Foo.EXE/5A0BC0C6C83000/Foo.EXE"},
	      {"breakpad", "-"}, {"debuginfod", "-"}, {"gdb", "-"}, {"lldb", "-"}, {"sentry", "-"});
	CHECK("PE under 0x1000 bytes", tiny, "t.exe",
	      {"windbg", "t.exe/5617D4FE7a0/t.exe"},
	      {"bugsplat", "t.exe/5617D4FE07A0/t.exe"});
	CHECK("PE with a hash for its time", small, "t.exe",
	      {"windbg", "t.exe/00035D9F51b000/t.exe"});
	CHECK("PE with no time", zero, "t.exe",
	      {"windbg", "t.exe/000000008000/t.exe"},
	      {"bugsplat", "t.exe/000000008000/t.exe"});
	id.debug = with_guid(SYM_PE, SYM_DEBUG_AGE, 10).debug;
	CHECK("PE that names a PDB", id, "Foo.EXE",
	      {"windbg", "Foo.EXE/5A0BC0C6c83000/Foo.EXE"},
	      {"sentry", "e5/46b55b6d214e86871b40ac35cd0d46a/executable"});
	id.traits = SYM_IMAGE | SYM_COMPANION;
	CHECK("PE with its DWARF", id, "foo.exe",
	      {"windbg", "foo.exe/5A0BC0C6c83000/foo.exe"},
	      {"gdb", ".build-id/e5/46b55b6d214e86871b40ac35cd0d46.debug"},
	      {"sentry", "e5/46b55b6d214e86871b40ac35cd0d46a/executable"});
	id.traits = SYM_COMPANION;
	CHECK("PE of DWARF alone", id, "foo.debug",
	      {"windbg", "-"}, {"visualstudio", "-"}, {"symproxy", "-"}, {"dotnet", "-"},
	      {"bugsplat", "foo.debug/5A0BC0C6C83000/foo.debug"},
	      {"gdb", ".build-id/e5/46b55b6d214e86871b40ac35cd0d46.debug"}, {"debuginfod", "-"},
	      {"sentry", "e5/46b55b6d214e86871b40ac35cd0d46a/debuginfo"});
	id.debug.form = SYM_DEBUG_NONE;
	CHECK("PE of DWARF alone, without --build-id", id, "foo.debug",
	      {"windbg", "-"}, {"gdb", "-"}, {"sentry", "-"},
	      {"bugsplat", "foo.debug/5A0BC0C6C83000/foo.debug"});
}

static void pdbs(void)
{
	struct sym_identity id = with_guid(SYM_PDB, SYM_DEBUG_AGE, 1);
	struct sym_identity old = with_guid(SYM_PDB, SYM_DEBUG_AGE, 0xabc);
	struct sym_identity zero = with_guid(SYM_PDB, SYM_DEBUG_AGE, 0);
	struct sym_identity no_dbi = with_guid(SYM_PDB, SYM_DEBUG_GUID, 0);
	struct sym_identity nb10 = with_guid(SYM_PDB, SYM_DEBUG_NB10, 2);

	CHECK("PDB", id, "BugSplat.pdb",
	      {"windbg", "BugSplat.pdb/" GUID "1/BugSplat.pdb"},
	      {"visualstudio", "BugSplat.pdb/" GUID "1/BugSplat.pdb"},
	      {"symproxy", "bugsplat.pdb/" GUID_LOWER "1/bugsplat.pdb"},
	      {"dotnet", "bugsplat.pdb/" GUID_LOWER "1/bugsplat.pdb"},
	      {"bugsplat", "BugSplat.pdb/" GUID "1/BugSplat.pdb"},
	      {"breakpad", "BugSplat.pdb/" GUID "1/BugSplat.sym"},
	      {"sentry", "e5/46b55b6d214e86871b40ac35cd0d461/debuginfo"},
	      {"debuginfod", "-"}, {"gdb", "-"}, {"lldb", "-"});
	CHECK("PDB of a high age", old, "a.pdb",
	      {"windbg", "a.pdb/" GUID "abc/a.pdb"},
	      {"bugsplat", "a.pdb/" GUID "ABC/a.pdb"},
	      {"dotnet", "a.pdb/" GUID_LOWER "abc/a.pdb"});
	CHECK("PDB of age 0", zero, "a.pdb",
	      {"windbg", "a.pdb/" GUID "0/a.pdb"},
	      {"bugsplat", "a.pdb/" GUID "/a.pdb"});
	CHECK("PDB without a DBI stream", no_dbi, "vc140.pdb",
	      {"windbg", "vc140.pdb/" GUID "/vc140.pdb"},
	      {"symproxy", "vc140.pdb/" GUID_LOWER "/vc140.pdb"},
	      {"bugsplat", "vc140.pdb/" GUID "/vc140.pdb"},
	      {"dotnet", "-"}, {"sentry", "-"}, {"breakpad", "-"});
	CHECK("PDB with a signature", nb10, "a.pdb",
	      {"windbg", "a.pdb/E546B55B2/a.pdb"});
}

static void portable_pdbs(void)
{
	struct sym_identity id = with_guid(SYM_PORTABLE_PDB, SYM_DEBUG_PORTABLE, 0x9abcdef0);

	CHECK("portable PDB", id, "My.Lib.pdb",
	      {"windbg", "My.Lib.pdb/" GUID "ffffffff/My.Lib.pdb"},
	      {"visualstudio", "my.lib.pdb/" GUID_LOWER "FFFFFFFF/my.lib.pdb"},
	      {"symproxy", "my.lib.pdb/" GUID_LOWER "ffffffff/my.lib.pdb"},
	      {"dotnet", "my.lib.pdb/" GUID_LOWER "FFFFFFFF/my.lib.pdb"},
	      {"bugsplat", "My.Lib.pdb/" GUID "1/My.Lib.pdb"},
	      {"sentry", "e5/46b55b6d214e86871b40ac35cd0d469abcdef0/debuginfo"},
	      {"breakpad", "-"});
}

static void elfs(void)
{
	struct sym_identity image = with_bytes(SYM_ELF, BUILD_ID, SYM_IMAGE);
	struct sym_identity companion = with_bytes(SYM_ELF, BUILD_ID, SYM_COMPANION);
	struct sym_identity both = with_bytes(SYM_ELF, BUILD_ID, SYM_IMAGE | SYM_COMPANION);
	struct sym_identity fast = with_bytes(SYM_ELF, "0123456789abcdef", SYM_IMAGE);
	struct sym_identity one = with_bytes(SYM_ELF, "ab", SYM_IMAGE);
	struct sym_identity none = {.kind = SYM_ELF, .traits = SYM_IMAGE};

	CHECK("ELF image", image, "libFoo.so",
	      {"windbg", "-"}, {"visualstudio", "-"}, {"symproxy", "-"}, {"lldb", "-"},
	      {"dotnet", "libfoo.so/elf-buildid-" BUILD_ID "/libfoo.so"},
	      {"bugsplat", "libFoo.so/" BUILD_ID "/libFoo.so"},
	      {"debuginfod", "buildid/" BUILD_ID "/executable"},
	      {"gdb", ".build-id/85/fe216fc7dd441f04c237310a56081fbf23c082"},
	      {"sentry", "85/fe216fc7dd441f04c237310a56081fbf23c082/executable"});
	CHECK("ELF companion", companion, "libFoo.so.debug",
	      {"dotnet", "_.debug/elf-buildid-sym-" BUILD_ID "/_.debug"},
	      {"bugsplat", "libFoo.so.debug/" BUILD_ID "/libFoo.so.debug"},
	      {"debuginfod", "buildid/" BUILD_ID "/debuginfo"},
	      {"gdb", ".build-id/85/fe216fc7dd441f04c237310a56081fbf23c082.debug"},
	      {"sentry", "85/fe216fc7dd441f04c237310a56081fbf23c082/debuginfo"});
	CHECK("unstripped ELF", both, "app",
	      {"dotnet",
	       "app/elf-buildid-" BUILD_ID "/app _.debug/elf-buildid-sym-" BUILD_ID "/_.debug"},
	      {"debuginfod", "buildid/" BUILD_ID "/executable buildid/" BUILD_ID "/debuginfo"},
	      {"gdb", ".build-id/85/fe216fc7dd441f04c237310a56081fbf23c082 "
		      ".build-id/85/fe216fc7dd441f04c237310a56081fbf23c082.debug"});
	CHECK("ELF with a build-id of 8 bytes", fast, "app",
	      {"dotnet", "app/elf-buildid-0123456789abcdef000000000000000000000000/app"},
	      {"debuginfod", "buildid/0123456789abcdef/executable"});
	CHECK("ELF with a build-id of 1 byte", one, "app",
	      {"dotnet", "-"}, {"gdb", "-"}, {"sentry", "-"},
	      {"debuginfod", "buildid/ab/executable"});
	none.debug = with_guid(SYM_ELF, SYM_DEBUG_AGE, 0).debug;
	CHECK("ELF known by the hash of its code alone", none, "app",
	      {"breakpad", "app/" GUID "0/app.sym"}, {"dotnet", "-"}, {"bugsplat", "-"},
	      {"debuginfod", "-"}, {"gdb", "-"}, {"sentry", "-"});
	snprintf(none.name, sizeof none.name, "libfoo.so.1");
	CHECK("ELF with a DT_SONAME", none, "libfoo.so.1.2.3",
	      {"breakpad", "libfoo.so.1/" GUID "0/libfoo.so.1.sym"});
	snprintf(fast.name, sizeof fast.name, "a:b");
	CHECK("ELF with a DT_SONAME that no store holds", fast, "app", {"breakpad", "-"},
	      {"debuginfod", "buildid/0123456789abcdef/executable"});
	companion.debug = none.debug;
	CHECK("ELF companion, whose module is unknown", companion, "x.debug", {"breakpad", "-"});
}

static void machos(void)
{
	struct sym_identity image = with_bytes(SYM_MACHO, UUID, SYM_IMAGE);
	struct sym_identity dsym = with_bytes(SYM_MACHO, UUID, SYM_DSYM | SYM_COMPANION);

	CHECK("Mach-O", image, "BugsplatTester",
	      {"dotnet", "bugsplattester/mach-uuid-" UUID "/bugsplattester"},
	      {"bugsplat", "BugsplatTester/" UUID "/BugsplatTester"},
	      {"lldb", "2DD1/BD27/06FA/384D/A5A3/A8265921CF9A.app"},
	      {"sentry", "2d/d1bd2706fa384da5a3a8265921cf9a/executable"},
	      {"windbg", "-"}, {"debuginfod", "-"}, {"gdb", "-"});
	CHECK("dSYM", dsym, "T.app.dSYM/Contents/Resources/DWARF/T",
	      {"dotnet", "_.dwarf/mach-uuid-sym-" UUID "/_.dwarf"},
	      {"bugsplat", "T/" UUID "/T"},
	      {"lldb", "2DD1/BD27/06FA/384D/A5A3/A8265921CF9A"},
	      {"sentry", "2d/d1bd2706fa384da5a3a8265921cf9a/debuginfo"});
	dsym.debug = with_guid(SYM_MACHO, SYM_DEBUG_AGE, 0).debug;
	CHECK("dSYM", dsym, "T", {"breakpad", "T/" GUID "0/T.sym"});
}

static void others(void)
{
	struct sym_identity wasm = with_bytes(SYM_WASM, "0123456789abcdef0123", SYM_IMAGE);
	struct sym_identity map = with_guid(SYM_PERFMAP, SYM_DEBUG_GUID, 0);
	struct sym_identity source_map = {.kind = SYM_SOURCEMAP}, unreal = {.kind = SYM_UNREAL_SYM};

	CHECK("wasm", wasm, "a.wasm",
	      {"bugsplat", "a.wasm/0123456789abcdef0123/a.wasm"},
	      {"sentry", "01/23456789abcdef0123/debuginfo"},
	      {"dotnet", "-"}, {"windbg", "-"}, {"debuginfod", "-"});
	wasm.id_has_length_byte = true;
	CHECK("wasm that states the length of its id", wasm, "a.wasm",
	      {"sentry", "01/23456789abcdef0123/debuginfo 0a/0123456789abcdef0123/debuginfo"});
	map.perfmap_version = 1;
	CHECK("perfmap", map, "System.Private.CoreLib.ni.r2rmap",
	      {"dotnet", "system.private.corelib.ni.r2rmap/r2rmap-v1-" GUID_LOWER
			 "/system.private.corelib.ni.r2rmap"},
	      {"bugsplat",
	       "System.Private.CoreLib.ni.r2rmap/" GUID_LOWER "/System.Private.CoreLib.ni.r2rmap"},
	      {"windbg", "-"});
	for (size_t i = 0; i < key_reader_count; i++) {
		is_str(paths_of(key_readers[i].name, &source_map, "a.js.map"), "-",
		       "source map: %s", key_readers[i].name);
		is_str(paths_of(key_readers[i].name, &unreal, "a.sym"), "-", "Unreal's .sym: %s",
		       key_readers[i].name);
	}
}

/* -------------------------------------------------------------- Breakpad -- */

static void breakpads(void)
{
	struct sym_identity linux_sym = breakpad("libfoo.so", GUID "0", 0);
	struct sym_identity windows_sym = breakpad("Foo Bar.PDB", GUID_LOWER "1a", 0x1a);
	struct sym_identity exe = breakpad("foo.exe", GUID "1", 1);
	struct sym_identity dot = breakpad(".pdb", GUID "1", 1);
	struct sym_identity long_age = breakpad("foo.pdb", GUID "12345678", 0x12345678);

	CHECK(".sym of a shared library", linux_sym, "libfoo.so.sym",
	      {"breakpad", "libfoo.so/" GUID "0/libfoo.so.sym"},
	      {"bugsplat", "libfoo.so/" GUID "0/libfoo.so.sym"},
	      {"sentry", "e5/46b55b6d214e86871b40ac35cd0d46/breakpad "
			 "e5/46b55b6d214e86871b40ac35cd0d460/breakpad"},
	      {"windbg", "-"}, {"dotnet", "-"}, {"gdb", "-"}, {"debuginfod", "-"}, {"lldb", "-"});
	CHECK(".sym of a PDB, digits in lower case", windows_sym, "w.sym",
	      {"breakpad", "Foo Bar.PDB/" GUID "1a/Foo Bar.sym"},
	      {"bugsplat", "Foo Bar/" GUID_LOWER "1a/w.sym"});
	CHECK(".sym of an .exe", exe, "foo.sym", {"breakpad", "foo.exe/" GUID "1/foo.exe.sym"});
	linux_sym.code = (struct sym_code_id){.form = SYM_CODE_TEXT, .len = 40};
	memcpy(linux_sym.code.bytes, "6D5B46E5214E86871B40AC35CD0D46000102030F", 40);
	CHECK(".sym with a build-id", linux_sym, "libfoo.so.sym",
	      {"sentry", "6d/5b46e5214e86871b40ac35cd0d46000102030f/breakpad"});
	exe.code = (struct sym_code_id){.form = SYM_CODE_TEXT, .len = 12, .bytes = "5C9E09599000"};
	CHECK(".sym with a PE's stamp and size", exe, "foo.sym",
	      {"sentry", "e5/46b55b6d214e86871b40ac35cd0d461/breakpad"});
	CHECK(".sym of a PDB called .pdb", dot, "a.sym", {"breakpad", ".pdb/" GUID "1/.pdb.sym"});
	CHECK(".sym with 40 digits", long_age, "foo.sym",
	      {"breakpad", "foo.pdb/" GUID "12345678/foo.sym"},
	      {"bugsplat", "foo.pdb/" GUID "12345678/foo.sym"},
	      {"sentry", "e5/46b55b6d214e86871b40ac35cd0d4612345678/breakpad"});
}

/* What version 11 makes of a .sym's module; a name of which it leaves nothing stays whole. */
static void bugsplat_modules(void)
{
	static const struct {
		const char *module, *folder;
	} cases[] = {
		{"libfoo.so", "libfoo.so"},
		{"libfoo.so.1.2", "libfoo.so.1.2"},
		{"libfoo.so.debug", "libfoo.so"},
		{"LIBFOO.SO", "LIBFOO"},
		{"my.solution.exe", "my.solution.exe"},
		{"com.company.app", "com"},
		{"python3.11", "python3"},
		{"Foo.pdb", "Foo.pdb"},
		{"Foo.PDB", "Foo"},
		{"foo.exe", "foo"},
		{"foo.dll", "foo"},
		{"foo.sys", "foo"},
		{"Electron.app.dSYM", "Electron"},
		{"libx.dylib.dSYM", "libx.dylib"},
		{"libx.dylib.DSYM", "libx.dylib"},
		{"libx.1.dylib", "libx.1.dylib"},
		{"x.dylib.1", "x"},
		{"a.debug.dSYM", "a"},
		{"noending", "noending"},
		{".hidden", ".hidden"},
		{".dSYM", ".dSYM"},
		{".debug", ".debug"},
		{"..debug", "..debug"},
		{"...debug", "...debug"},
		{"...debug.dSYM", "...debug.dSYM"},
		{"a .x", "a .x"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct sym_identity id = breakpad(cases[i].module, GUID "0", 0);
		char want[KEY_PATH_MAX];

		snprintf(want, sizeof want, "%s/" GUID "0/x.sym", cases[i].folder);
		is_str(paths_of("bugsplat", &id, "x.sym"), want, "bugsplat, module %s",
		       cases[i].module);
	}
}

/* ----------------------------------------------------------- safe names -- */

static void unsafe_names(void)
{
	struct sym_identity id = pe(1, 2), evil = breakpad("../../evil.so", GUID "0", 0);
	struct sym_identity device = breakpad("nul.pdb", GUID "0", 0);

	for (size_t i = 0; i < key_reader_count; i++) {
		const char *reader = key_readers[i].name;

		is_str(paths_of(reader, &evil, "x.sym"), "refused",
		       "a module named ../../evil.so: %s", reader);
		is_str(paths_of(reader, &device, "x.sym"), "refused", "a module named nul.pdb: %s",
		       reader);
		is_str(paths_of(reader, &id, "aux.dll"), "refused", "a file named aux.dll: %s",
		       reader);
		is_str(paths_of(reader, &id, "a\x1b[31m.dll"), "refused", "a name with escapes: %s",
		       reader);
		is_str(paths_of(reader, &id, "folder/.."), "refused", "a path that ends in ..: %s",
		       reader);
	}
	is_str(paths_of("windbg", &id, "C:\\out\\a.dll"), "a.dll/000000012/a.dll",
	       "only the last component of a path counts, on whichever system it was written");
}

static void longest_paths(void)
{
	char name[SYM_NAME_MAX + 1], hex[2 * SYM_CODE_MAX + 1], want[KEY_PATH_MAX];
	struct sym_identity id;

	memset(name, 'x', SYM_NAME_MAX);
	name[SYM_NAME_MAX] = '\0';
	memset(hex, 'a', sizeof hex - 1);
	hex[sizeof hex - 1] = '\0';
	id = with_bytes(SYM_ELF, hex, SYM_IMAGE);
	snprintf(want, sizeof want, "%s/%s/%s", name, hex, name);
	is_str(paths_of("bugsplat", &id, name), want,
	       "the longest names and the longest key are not cut");
	ok(key_two_tier(want), "and have room for a tier");
}

/* ----------------------------------------------------- tiers, compressed -- */

static void is_tier(const char *path, const char *want)
{
	char text[KEY_PATH_MAX];

	snprintf(text, sizeof text, "%s", path);
	ok(key_two_tier(text), "two tiers for %s", path);
	is_str(text, want, "two tiers for %s, as asked for", path);
}

static void two_tiers(void)
{
	char full[KEY_PATH_MAX], empty[KEY_PATH_MAX] = "";

	is_tier("Foo.pdb/K/Foo.pdb", "fo/Foo.pdb/K/Foo.pdb");
	is_tier("a.pdb/K/a.pdb", "a/a.pdb/K/a.pdb");
	is_tier("_.debug/K/_.debug", "_/_.debug/K/_.debug");
	is_tier("x/K/x", "x/x/K/x");
	is_tier("ab/K/ab", "ab/ab/K/ab");
	is_tier("\xc3\xa4\xe2\x82\xac.dll/K/y",
		"\xc3\xa4\xe2\x82\xac/\xc3\xa4\xe2\x82\xac.dll/K/y");
	memset(full, 'x', sizeof full - 1);
	full[sizeof full - 1] = '\0';
	ok(!key_two_tier(full), "a path without room for a tier is refused");
	is_u64(strlen(full), sizeof full - 1, "and left alone");
	ok(!key_two_tier(empty), "so is an empty one");
}

static void compressed(void)
{
	char path[KEY_PATH_MAX] = "Foo.pdb/K/Foo.pdb";

	key_compressed(path);
	is_str(path, "Foo.pdb/K/Foo.pd_", "the last letter of a compressed file");
}

/* ------------------------------------------------------------- the table -- */

static void the_table(void)
{
	char list[] = KEY_READERS_DEFAULT;
	struct sym_identity macho = with_bytes(SYM_MACHO, UUID, SYM_IMAGE);
	struct sym_identity sym = breakpad("a", GUID "0", 0);
	struct key_paths paths;
	struct sym_err err;

	is_u64(key_reader_count, 10, "ten readers");
	ok(!key_reader_find("nobody") && !key_reader_find("") && !key_reader_find("WinDbg"),
	   "names are exact");
	for (char *name = list, *end; name; name = end) {
		end = strchr(name, ',');
		if (end)
			*end++ = '\0';
		ok(key_reader_find(name) && key_reader_find(name)->symsrv, "default reader %s",
		   name);
	}
	for (size_t i = 0; i < key_reader_count; i++)
		ok(key_reader_find(key_readers[i].name) == &key_readers[i] &&
			   key_readers[i].about[0],
		   "%s stands once and says what it is", key_readers[i].name);

	macho.debug = with_guid(SYM_MACHO, SYM_DEBUG_AGE, 0).debug;
	ok(key_paths_for(key_reader_find("breakpad"), &macho, "a", &paths, &err) == SYM_OK &&
		   paths.count == 1 && paths.at[0].needs &&
		   strcmp(paths.at[0].needs, "dump_syms") == 0,
	   "a Mach-O must be dumped before Breakpad can read it");
	ok(key_paths_for(key_reader_find("breakpad"), &sym, "a", &paths, &err) == SYM_OK &&
		   paths.count == 1 && !paths.at[0].needs,
	   "a .sym need not");
}

static void id_texts(void)
{
	struct sym_code_id text = {.form = SYM_CODE_TEXT, .len = 4, .bytes = "AbC1"}, none = {0};
	struct sym_debug_id debug = {0};
	char out[KEY_ID_MAX];

	key_code_text(&text, out);
	is_str(out, "AbC1", "INFO CODE_ID as written");
	key_code_text(&none, out);
	is_str(out, "", "no code identifier");
	key_debug_text(&debug, out);
	is_str(out, "", "no debug identifier");
	debug = with_guid(SYM_PDB, SYM_DEBUG_AGE, UINT32_MAX).debug;
	key_debug_text(&debug, out);
	is_str(out, GUID "ffffffff", "the highest age");
}

static void dump_names(void)
{
	static const struct {
		const char *file, *want;
	} rows[] = {
		{"libfoo.so", "libfoo.so.sym"},
		{"libfoo.so.1.2", "libfoo.so.1.2.sym"},
		{"libfoo.so.debug", "libfoo.so.sym"},
		{"LIBFOO.SO", "LIBFOO.sym"},
		{"my.solution.exe", "my.solution.exe.sym"},
		{"com.company.app", "com.sym"},
		{"python3.11", "python3.sym"},
		{"Foo.pdb", "Foo.sym"},
		{"Foo.PDB", "Foo.sym"},
		{"foo.exe", "foo.sym"},
		{"foo", "foo.sym"},
		{"Electron.app.dSYM", "Electron.sym"},
		{"libx.dylib.dSYM", "libx.dylib.sym"},
		{"libx.1.dylib", "libx.1.dylib.sym"},
		{"x.dylib.1", "x.sym"},
		{".hidden", ".hidden.sym"}, /* version 11: .sym, which it then does not recognise */
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char name[KEY_DUMP_NAME_MAX];

		key_dump_name(rows[i].file, name);
		is_str(name, rows[i].want, "the .sym of %s, as version 11 names it", rows[i].file);
	}
}

int main(void)
{
	executables();
	pdbs();
	portable_pdbs();
	elfs();
	machos();
	others();
	breakpads();
	bugsplat_modules();
	dump_names();
	unsafe_names();
	longest_paths();
	two_tiers();
	compressed();
	the_table();
	id_texts();
	return done();
}
