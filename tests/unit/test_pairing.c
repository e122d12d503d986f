/* SPDX-License-Identifier: MIT
 * Which file an image wants, and which of a run's files is it or comes nearest: by
 * identifier, whatever lies about; by name only to say what is wrong. And that what an image
 * wants survives the packing of its identity. */
#include "pipeline/pairs/flaw.h"
#include "pipeline/pairs/pairing.h"

#include "base/err.h"
#include "tap.h"

#include <stdlib.h>
#include <string.h>

static struct records records;
static struct arena arena;

/* ---------------------------------------------------------- identities -- */

static struct sym_identity named(enum sym_kind kind, enum sym_debug_form form, uint8_t guid,
				 uint32_t age)
{
	struct sym_identity id = {.kind = kind, .arch = SYM_ARCH_X86_64, .whole_file = true};

	id.debug.form = form;
	memset(id.debug.guid, guid, sizeof id.debug.guid);
	id.debug.age = age;
	return id;
}

static struct sym_identity pdb(uint8_t guid, uint32_t age)
{
	struct sym_identity id = named(SYM_PDB, SYM_DEBUG_AGE, guid, age);

	id.has = SYM_HAS_SYMBOLS | SYM_HAS_DEBUG;
	return id;
}

/* An image that names a PDB. */
static struct sym_identity pe(const char *wants, enum sym_debug_form form, uint8_t guid, uint32_t age)
{
	struct sym_identity id = named(SYM_PE, form, guid, age);

	id.traits = SYM_IMAGE;
	id.code.form = SYM_CODE_PE;
	id.code.stamp = 0x5A3B;
	id.code.image_size = 0x3000;
	id.wants_count = 1;
	snprintf(id.wants[0].name, sizeof id.wants[0].name, "%s", wants);
	id.wants[0].debug = id.debug;
	return id;
}

/* Files of one build share their first byte, `build`. */
static struct sym_identity with_code(enum sym_kind kind, uint8_t build, unsigned traits, unsigned has)
{
	struct sym_identity id = named(kind, SYM_DEBUG_AGE, build, 0);

	id.traits = traits;
	id.has = has;
	id.code.form = SYM_CODE_BYTES;
	id.code.len = 20;
	memset(id.code.bytes, build, id.code.len);
	return id;
}

static struct sym_identity debuglink(struct sym_identity id, const char *name, uint32_t crc32)
{
	id.wants_count = 1;
	snprintf(id.wants[0].name, sizeof id.wants[0].name, "%s", name);
	id.wants[0].has_crc32 = true;
	id.wants[0].crc32 = crc32;
	id.wants[0].debug = id.debug;
	return id;
}

static struct sym_identity dwz(struct sym_identity id, const char *name, uint8_t build)
{
	struct sym_identity file = with_code(SYM_ELF, build, SYM_COMPANION, SYM_HAS_DEBUG);

	id.wants_count = 1;
	snprintf(id.wants[0].name, sizeof id.wants[0].name, "%s", name);
	id.wants[0].code = file.code;
	id.wants[0].debug = file.debug;
	return id;
}

/* -------------------------------------------------------------- records -- */

static struct record *add(const char *path)
{
	struct record *r;
	struct sym_err err;

	if (records_add(&records, path, &r, &err) != SYM_OK)
		abort();
	return r;
}

static void add_file(const char *path, struct sym_identity id)
{
	uint8_t packed[PACK_BYTES_MAX];
	struct record *r = add(path);

	r->ids = arena_copy(&arena, packed, identity_pack(&id, r->name, packed));
	r->id_count = 1;
	r->roles = roles_of(r);
}

static void add_fat(const char *path, struct sym_identity one, struct sym_identity other)
{
	uint8_t packed[2 * PACK_BYTES_MAX];
	struct record *r = add(path);
	size_t size = identity_pack(&one, r->name, packed);

	size += identity_pack(&other, r->name, packed + size);
	r->ids = arena_copy(&arena, packed, size);
	r->id_count = 2;
	r->roles = roles_of(r);
}

static void add_problem(const char *path, enum sym_status status)
{
	struct sym_err err;

	err_set(&err, status, "something is wrong with it");
	record_extra(add(path), &arena)->problem = problem_keep(&arena, &err);
}

static void start(void)
{
	struct sym_err err;

	if (records_init(&records, &err) != SYM_OK)
		abort();
}

static void end(void)
{
	records_release(&records);
	arena_release(&arena);
}

/* What is found for a slice of record 0 among the others. */
static struct pairing find_slice(unsigned slice)
{
	const struct record *r = records_at(&records, 0);
	const uint8_t *at = r->ids;
	struct pair_index *index;
	struct sym_identity id;
	struct pairing p;
	struct sym_err err;

	for (unsigned i = 0; i <= slice; i++)
		at = identity_unpack(at, &id);
	if (pair_index_new(&records, &index, &err) != SYM_OK || pair_index_names(index, &err) != SYM_OK)
		abort();
	pairing_find(index, 0, &id, &p);
	pair_index_free(index);
	return p;
}

static void finds(enum pairing_state state, size_t found, const char *what)
{
	struct pairing p = find_slice(0);

	is_u64(p.state, state, "%s", what);
	if (state != PAIRING_UNWANTED && state != PAIRING_ALONE)
		is_u64(p.found, found, "%s: which", what);
}

/* One image and one other file. */
static void pair_is(struct sym_identity image, const char *path, struct sym_identity other,
		    enum pairing_state state, const char *what)
{
	start();
	add_file("a/app", image);
	add_file(path, other);
	finds(state, 1, what);
	end();
}

static void flaws_are(struct sym_identity id, unsigned has, unsigned want, const char *what)
{
	is_u64(flaws_of(&id, has), want, "%s", what);
}

/* ---------------------------------------------------------------- tests -- */

static void test_packing(void)
{
	struct sym_identity id = debuglink(with_code(SYM_ELF, 7, SYM_IMAGE, 0), "x.debug", 0xCAFE0123), out;
	uint8_t packed[PACK_BYTES_MAX];
	size_t size = identity_pack(&id, "app.exe", packed);

	ok(identity_unpack(packed, &out) == packed + size, "it ends where the next one begins");
	is_u64(out.wants_count, 1, "the debuglink is kept");
	is_str(out.wants[0].name, "x.debug", "its name");
	ok(out.wants[0].has_crc32 && out.wants[0].crc32 == 0xCAFE0123, "and its CRC");
	id = pe("native.ni.pdb", SYM_DEBUG_PORTABLE, 9, 1);
	id.wants_count = 2;
	id.wants[1] = id.wants[0];
	snprintf(id.wants[1].name, sizeof id.wants[1].name, "source.pdb");
	id.wants[1].debug.guid[3] = 0x77;
	size = identity_pack(&id, "app.exe", packed);
	ok(identity_unpack(packed, &out) == packed + size, "two records");
	is_str(out.wants[0].name, "source.pdb", "of them the last, the one of the source");
	ok(memcmp(&out.wants[0].debug, &id.wants[1].debug, sizeof id.debug) == 0, "by its own identifier");
	ok(memcmp(&out.debug, &id.debug, sizeof id.debug) == 0, "while the image keeps the first one's");
	id.wants[1].name[0] = '\0';
	size = identity_pack(&id, "app.exe", packed);
	ok(identity_unpack(packed, &out) == packed + size, "a second one without a name");
	ok(out.wants_count == 1 && memcmp(&out.wants[0].debug, &id.wants[1].debug, sizeof id.debug) == 0,
	   "is wanted by its identifier");
	id = pe("app.pdb", SYM_DEBUG_AGE, 1, 3);
	id.debug.age = id.wants[0].debug.age = UINT32_MAX;
	id.slice_size = UINT64_MAX;
	size = identity_pack(&id, "app.exe", packed);
	ok(identity_unpack(packed, &out) == packed + size, "a PDB that is called like its image");
	ok(out.wants_count == 1 && out.wants[0].name[0] == '\0', "needs no name");
	ok(out.debug.age == UINT32_MAX && out.slice_size == UINT64_MAX, "large numbers come back");
	id = dwz(with_code(SYM_ELF, 1, SYM_IMAGE, SYM_HAS_DEBUG), "common.debug", 2);
	size = identity_pack(&id, "app", packed);
	ok(identity_unpack(packed, &out) == packed + size, "a dwz file");
	ok(out.wants[0].code.len == 20 && memcmp(out.wants[0].code.bytes, id.wants[0].code.bytes, 20) == 0,
	   "keeps its build-id");
	id = pdb(1, 1);
	identity_pack(&id, "app.exe", packed);
	identity_unpack(packed, &out);
	is_u64(out.wants_count, 0, "what wants nothing comes back so");
	memset(id.name, 'n', SYM_NAME_MAX);
	id.name[SYM_NAME_MAX] = '\0';
	memset(id.written_id, '1', SYM_WRITTEN_ID_MAX);
	id = debuglink(id, id.name, 1);
	id.code = (struct sym_code_id){.form = SYM_CODE_BYTES, .len = SYM_CODE_MAX};
	id.whole_file = false;
	ok(identity_pack(&id, "app.exe", packed) <= PACK_BYTES_MAX, "the largest fits");
}

/* The digits of a .sym's MODULE line come back as they are written, and take bytes only where they
 * are written in another way than identifiers are printed. */
static void test_packing_written(void)
{
	static const struct {
		const char *written;
		size_t bytes;
	} rows[] = {
		{"ABCDEF00000000000000000000000000a", 0},
		{"ABCDEF00000000000000000000000000A", 33},
		{"abcdef00000000000000000000000000a", 33},
		{"ABCDEF0000000000000000000000000000A", 35},
		{"", 0},
	};
	struct sym_identity id = {.kind = SYM_BREAKPAD, .whole_file = true}, out;
	uint8_t packed[PACK_BYTES_MAX];

	id.debug = (struct sym_debug_id){.form = SYM_DEBUG_AGE, .guid = {0xAB, 0xCD, 0xEF}, .age = 10};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		size_t size;

		snprintf(id.written_id, sizeof id.written_id, "%s", rows[i].written);
		size = identity_pack(&id, "app.sym", packed);
		ok(identity_unpack(packed, &out) == packed + size, "it ends where the next one begins");
		is_str(out.written_id, rows[i].written, "the digits as they were written");
		is_u64(size, 14 + 16 + 1 + 1 + rows[i].bytes, "head, GUID, age, size, and what is special");
	}
}

static void test_wants_nothing(void)
{
	struct sym_identity id = pe("app.pdb", SYM_DEBUG_AGE, 1, 1);

	id.has = SYM_HAS_DEBUG;
	pair_is(id, "app.pdb", pdb(2, 1), PAIRING_UNWANTED, "an embedded portable PDB, or DWARF: nothing is wanted");
	id.has = 0;
	id.traits |= SYM_DATA_ONLY;
	pair_is(id, "app.pdb", pdb(2, 1), PAIRING_UNWANTED, "in resources nothing crashes");
	id = pe("", SYM_DEBUG_NONE, 0, 0);
	id.wants_count = 0;
	pair_is(id, "app.pdb", pdb(2, 1), PAIRING_UNWANTED, "an image without a CodeView record");
	pair_is(pdb(1, 1), "b.pdb", pdb(1, 2), PAIRING_UNWANTED, "a PDB");
	pair_is(with_code(SYM_ELF, 1, SYM_COMPANION, SYM_HAS_DEBUG), "x", pdb(1, 1), PAIRING_UNWANTED,
		"a companion");
	id = with_code(SYM_ELF, 1, SYM_IMAGE, 0);
	id.code.form = SYM_CODE_NONE;
	pair_is(id, "x", pdb(1, 1), PAIRING_UNWANTED, "an ELF without build-id, for which nobody could ask");
}

static void test_pdb(void)
{
	struct sym_identity app = pe("App.pdb", SYM_DEBUG_AGE, 1, 3), other;

	pair_is(app, "b/app.PDB", pdb(1, 3), PAIRING_ANSWERED, "GUID, age, and the name in any letter case");
	pair_is(app, "b/app.pdb", pdb(1, 2), PAIRING_OTHER_AGE, "another age");
	pair_is(app, "b/app.pdb", pdb(2, 3), PAIRING_OTHER_BUILD, "another GUID");
	pair_is(app, "b/lib.pdb", pdb(2, 3), PAIRING_ALONE, "and another name: nothing like it");
	pair_is(app, "b/lib.pdb", pdb(1, 3), PAIRING_OTHER_NAME, "the very PDB under another name");
	pair_is(app, "b/app.pdb", named(SYM_PDB, SYM_DEBUG_GUID, 1, 3), PAIRING_OTHER_AGE, "a PDB without an age");
	other = pdb(2, 3);
	other.arch = SYM_ARCH_X86;
	pair_is(app, "b/app.pdb", other, PAIRING_ALONE, "the PDB of another architecture is not like it");
	pair_is(pe("old.pdb", SYM_DEBUG_NB10, 1, 2), "old.pdb", named(SYM_PDB, SYM_DEBUG_NB10, 1, 2),
		PAIRING_ANSWERED, "NB10: signature and age");
	pair_is(pe("old.pdb", SYM_DEBUG_NB10, 1, 2), "old.pdb", named(SYM_PDB, SYM_DEBUG_NB10, 1, 3),
		PAIRING_OTHER_AGE, "NB10 of another age");
	pair_is(pe("x.pdb", SYM_DEBUG_PORTABLE, 1, 0xCAFE), "x.pdb",
		named(SYM_PORTABLE_PDB, SYM_DEBUG_PORTABLE, 1, 0xBEEF), PAIRING_ANSWERED,
		"a portable PDB goes by its GUID alone");
	pair_is(pe("x.pdb", SYM_DEBUG_PORTABLE, 1, 0), "x.pdb", pdb(1, 1), PAIRING_OTHER_AGE,
		"and is no Windows PDB");
}

static void test_mingw(void)
{
	struct sym_identity stripped = pe("", SYM_DEBUG_AGE, 1, 1), twin = stripped;

	start();
	add_file("a/app.exe", stripped);
	ok(find_slice(0).weak, "a record without a name promises no PDB");
	finds(PAIRING_ALONE, 0, "so that none is missed");
	twin.has = SYM_HAS_DEBUG;
	add_file("unstripped/app.exe", twin);
	finds(PAIRING_ANSWERED, 1, "the unstripped image answers");
	end();
	pair_is(stripped, "app.pdb", pdb(1, 1), PAIRING_ANSWERED, "and so does a PDB by the image's name");
	start();
	add_file("a/app.exe", debuglink(stripped, "app.dbg", 5));
	finds(PAIRING_ALONE, 0, "a debuglink promises");
	ok(!find_slice(0).weak, "a file");
	is_u64(find_slice(0).wanted.kind, SYM_PE, "that is an image's");
	is_u64(find_slice(0).wanted.traits, SYM_COMPANION, "with its DWARF alone");
	ok(find_slice(0).has_crc32, "and has a CRC");
	add_file("b/app.dbg", twin);
	finds(PAIRING_ANSWERED, 1, "here it is");
	end();
}

static void test_elf(void)
{
	struct sym_identity stripped = with_code(SYM_ELF, 1, SYM_IMAGE, 0), near;
	struct sym_identity companion = with_code(SYM_ELF, 1, SYM_COMPANION, SYM_HAS_DEBUG);
	struct sym_identity linked = debuglink(stripped, "app.dbg", 5);

	pair_is(stripped, "x/any.name", companion, PAIRING_ANSWERED, "by build-id, whatever its name");
	pair_is(stripped, "x/any", with_code(SYM_ELF, 1, SYM_IMAGE | SYM_COMPANION, SYM_HAS_DEBUG),
		PAIRING_ANSWERED, "the unstripped image answers");
	near = companion;
	near.code.bytes[19]++; /* the 16 bytes of the debug id are the same */
	pair_is(stripped, "x/any", near, PAIRING_ALONE, "all of the build-id counts");
	pair_is(stripped, "x/app.debug", near, PAIRING_OTHER_BUILD, "app.debug is looked for by default");
	pair_is(stripped, "x/app", near, PAIRING_OTHER_BUILD, "and an unstripped image of the same name");
	pair_is(linked, "x/app", near, PAIRING_ALONE, "but not where a link says how it is called");
	pair_is(linked, "x/app.dbg", near, PAIRING_OTHER_BUILD, "else the name that .gnu_debuglink gives");
	pair_is(linked, "x/app.debug", near, PAIRING_ALONE, "and no other");
	stripped.has = SYM_HAS_SYMBOLS;
	start();
	add_file("a/app", stripped);
	ok(find_slice(0).weak, "with its symbol table, and no link, nothing says that there is more");
	add_file("b/app.debug", companion);
	finds(PAIRING_ANSWERED, 1, "but it may be there");
	end();
	start();
	add_file("a/app", debuglink(stripped, "app.dbg", 5));
	ok(!find_slice(0).weak, "a link says so");
	ok(find_slice(0).has_crc32 && find_slice(0).crc32 == 5, "and with which CRC");
	is_u64(find_slice(0).wanted.traits, SYM_COMPANION, "readers will ask for a companion");
	end();
}

static void test_dwz(void)
{
	struct sym_identity id = dwz(with_code(SYM_ELF, 1, SYM_IMAGE | SYM_COMPANION, SYM_HAS_DEBUG), "x.dwz", 2);
	struct sym_identity common = with_code(SYM_ELF, 2, SYM_COMPANION, SYM_HAS_DEBUG);

	pair_is(id, "x/any.name", common, PAIRING_ANSWERED, "the dwz file, by its build-id");
	pair_is(id, "x/x.dwz", with_code(SYM_ELF, 3, SYM_COMPANION, SYM_HAS_DEBUG), PAIRING_OTHER_BUILD,
		"one of another build");
	id.traits = SYM_COMPANION;
	pair_is(id, "x/any.name", common, PAIRING_ANSWERED, "a companion wants it, too");
	start();
	add_file("app.debug", id);
	finds(PAIRING_ALONE, 0, "and misses it");
	ok(!find_slice(0).weak && find_slice(0).wanted.traits == SYM_COMPANION, "as readers will");
	end();
}

static void test_wasm(void)
{
	struct sym_identity id = with_code(SYM_WASM, 1, SYM_IMAGE, 0);
	struct sym_identity other = with_code(SYM_WASM, 1, SYM_IMAGE | SYM_COMPANION, SYM_HAS_DEBUG);

	pair_is(id, "x/app.debug.wasm", other, PAIRING_UNWANTED, "a module that names no file");
	id.wants_count = 1;
	snprintf(id.wants[0].name, sizeof id.wants[0].name, "app.debug.wasm");
	pair_is(id, "x/any.name", other, PAIRING_ANSWERED, "external_debug_info, by build_id");
	other.code.bytes[0]++;
	pair_is(id, "x/app.debug.wasm", other, PAIRING_OTHER_BUILD, "of another build");
	flaws_are(id, 0, 1u << FLAW_NO_DEBUG, "what is told where there is neither");
}

static void test_macho(void)
{
	struct sym_identity intel = with_code(SYM_MACHO, 1, SYM_IMAGE, SYM_HAS_SYMBOLS);
	struct sym_identity arm = with_code(SYM_MACHO, 2, SYM_IMAGE, SYM_HAS_SYMBOLS);
	struct sym_identity dsym = with_code(SYM_MACHO, 1, SYM_DSYM | SYM_COMPANION, SYM_HAS_DEBUG);

	arm.arch = SYM_ARCH_ARM64;
	start();
	add_fat("app", intel, arm);
	add_file("app.dSYM/app", dsym);
	is_u64(find_slice(0).state, PAIRING_ANSWERED, "each slice wants a dSYM of its own: this one is there");
	is_u64(find_slice(1).state, PAIRING_ALONE, "this one not, nor another build's for its architecture");
	dsym = with_code(SYM_MACHO, 3, SYM_DSYM | SYM_COMPANION, SYM_HAS_DEBUG);
	dsym.arch = SYM_ARCH_ARM64;
	add_file("old/app.dSYM/app", dsym);
	is_u64(find_slice(1).state, PAIRING_OTHER_BUILD, "now it is");
	end();
}

static void test_sym(void)
{
	struct sym_identity sym = named(SYM_BREAKPAD, SYM_DEBUG_AGE, 1, 3);
	struct pairing p;

	start();
	add_file("app.exe", pe("app.pdb", SYM_DEBUG_AGE, 1, 3));
	add_file("app.sym", sym);
	p = find_slice(0);
	ok(p.state == PAIRING_ALONE && p.has_sym && p.sym == 1, "a .sym of the same build is told beside");
	end();
	start();
	add_file("app.exe", pe("app.pdb", SYM_DEBUG_AGE, 1, 4));
	add_file("app.sym", sym);
	ok(!find_slice(0).has_sym, "one of another age is none");
	end();
}

/* The best first, then the nearest, then the first. */
static void test_preference(void)
{
	start();
	add_file("a/app.exe", pe("app.pdb", SYM_DEBUG_AGE, 1, 3));
	add_problem("b/app.pdb", SYM_NOT_MINE);
	finds(PAIRING_ALONE, 0, "a file that is none of ours counts for nothing");
	add_problem("b/app.pdb", SYM_MALFORMED);
	finds(PAIRING_SKIPPED, 2, "a damaged one is better than nothing");
	add_file("b/app.pdb", pdb(2, 1));
	add_file("c/app.pdb", pdb(3, 1));
	finds(PAIRING_OTHER_BUILD, 3, "another build is better, the first of them");
	add_problem("a/app.pdb", SYM_MALFORMED);
	finds(PAIRING_SKIPPED, 5, "but the damaged one beside the image is likelier meant");
	add_file("a/APP.pdb", pdb(4, 1));
	finds(PAIRING_OTHER_BUILD, 6, "and there, too, another build before it");
	add_file("d/app.pdb", pdb(1, 2));
	finds(PAIRING_OTHER_AGE, 7, "the same GUID is nearest, wherever it is");
	add_file("e/renamed.pdb", pdb(1, 3));
	finds(PAIRING_OTHER_NAME, 8, "nothing but the name is wrong with this");
	add_file("f/app.pdb", pdb(1, 3));
	add_file("a/app.pdb", pdb(1, 3));
	finds(PAIRING_ANSWERED, 9, "the right one, the first of two");
	end();
}

static void test_many(void)
{
	start();
	add_file("a/app.exe", pe("app.pdb", SYM_DEBUG_AGE, 1, 3));
	for (unsigned i = 0; i < 5000; i++)
		add_file("old/app.pdb", pdb((uint8_t)(2 + i % 250), i));
	finds(PAIRING_OTHER_BUILD, 1, "of 5,000 builds of one name one is named");
	add_file("new/app.pdb", pdb(1, 3));
	finds(PAIRING_ANSWERED, 5001, "and behind them the right one is found");
	end();
}

static void text_is(const char *found, const char *want)
{
	struct buf out = BUF_MAX(4096);
	struct pairing p = find_slice(0);

	flaw_add_pairing(&out, &p, "foo.dll", false, "", found);
	is_str(out.data, want, "%.60s …", want);
	buf_release(&out);
}

#define GUID "01010101010101010101010101010101"
#define LACKS "crashes in foo.dll will not symbolicate: its foo.pdb " GUID "3 is not in this upload"

static void test_texts(void)
{
	start();
	add_file("foo.dll", pe("foo.pdb", SYM_DEBUG_AGE, 1, 3));
	text_is(NULL, LACKS);
	add_problem("foo.pdb", SYM_MALFORMED);
	text_is("foo.pdb", LACKS " (the one found was skipped: foo.pdb)");
	add_file("foo.pdb", pdb(2, 3));
	text_is("foo.pdb", LACKS " (found 020202020202020202020202020202023, another build: foo.pdb)");
	add_file("x/foo.pdb", pdb(1, 4));
	text_is("x/foo.pdb", LACKS " (found " GUID "4, a newer build: x/foo.pdb)");
	end();
	start();
	add_file("foo.dll", pe("foo.pdb", SYM_DEBUG_AGE, 1, 3));
	add_file("foo.pdb", pdb(1, 2));
	text_is("foo.pdb", LACKS " (found " GUID "2, an older build: foo.pdb)");
	end();
}

static void test_flaws(void)
{
	struct sym_identity sym = named(SYM_BREAKPAD, SYM_DEBUG_AGE, 1, 0), id = pdb(1, 1);
	struct sym_identity image = with_code(SYM_ELF, 1, SYM_IMAGE, 0);

	flaws_are(id, id.has, 0, "a private PDB is as it should be");
	id.traits = SYM_PUBLIC;
	flaws_are(id, SYM_HAS_SYMBOLS, 1u << FLAW_PUBLIC, "a public one is told as such, and once");
	id.traits = SYM_FASTLINK;
	flaws_are(id, SYM_HAS_DEBUG, 1u << FLAW_FASTLINK, "a fastlink PDB");
	image.traits |= SYM_SPLIT_DWARF;
	flaws_are(image, SYM_HAS_DEBUG | SYM_HAS_UNWIND, 1u << FLAW_SPLIT_DWARF, "one whose .dwo files nobody gets");
	image.traits = SYM_IMAGE | SYM_SHARED_DWARF;
	flaws_are(image, SYM_HAS_DEBUG | SYM_HAS_UNWIND, 1u << FLAW_SHARED_DWARF, "one of which dwz took a part");
	image.traits = SYM_IMAGE | SYM_TWO_IDS;
	flaws_are(image, SYM_HAS_DEBUG | SYM_HAS_UNWIND, 1u << FLAW_TWO_IDS, "one with two build-ids");
	image.traits = SYM_IMAGE;
	flaws_are(sym, SYM_HAS_DEBUG | SYM_HAS_UNWIND, 0, "a whole .sym");
	flaws_are(sym, SYM_HAS_DEBUG, 1u << FLAW_NO_UNWIND, "one without STACK records");
	flaws_are(sym, SYM_HAS_UNWIND, 1u << FLAW_NO_DEBUG, "one without functions");
	sym.traits = SYM_NO_CODE_ID;
	flaws_are(sym, SYM_HAS_DEBUG | SYM_HAS_UNWIND, 1u << FLAW_NO_CODE_ID, "one without CODE_ID");
	flaws_are(image, SYM_HAS_DEBUG, 1u << FLAW_NO_UNWIND, "an ELF image without unwind information");
	image.traits |= SYM_DATA_ONLY;
	flaws_are(image, 0, 0, "but not one of data alone");
	flaws_are(pe("", SYM_DEBUG_NONE, 0, 0), 0, 1u << FLAW_NO_DEBUG, "a PE that names no PDB");
}

int main(void)
{
	test_packing();
	test_packing_written();
	test_wants_nothing();
	test_pdb();
	test_mingw();
	test_elf();
	test_dwz();
	test_wasm();
	test_macho();
	test_sym();
	test_preference();
	test_many();
	test_texts();
	test_flaws();
	return done();
}
