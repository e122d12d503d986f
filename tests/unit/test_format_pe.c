/* SPDX-License-Identifier: MIT
 * PE images by their rules: the code identifier, the PDBs that CodeView records name,
 * what the sections tell, and what damage is called. */
#include "identified.h"
#include "tap.h"

#define GUID "33221100554477668899AABBCCDDEEFF"

enum {
	HEADER = 0x80,
	OPTIONAL = HEADER + 24,
	OPTIONAL_BYTES = 112 + 16 * 8,
	SECTIONS = OPTIONAL + OPTIONAL_BYTES,
	DATA = 1024, /* raw data of the one section, at RVA 0x1000 */
	DATA_BYTES = 1024,
	RECORD = DATA + 512, /* the first CodeView record */
	FILE_BYTES = DATA + DATA_BYTES,
};

static uint8_t file[FILE_BYTES];

static void put_u16(size_t at, uint16_t value)
{
	file[at] = (uint8_t)value;
	file[at + 1] = (uint8_t)(value >> 8);
}

static void put_u32(size_t at, uint32_t value)
{
	put_u16(at, (uint16_t)value);
	put_u16(at + 2, (uint16_t)(value >> 16));
}

static void put_directory(unsigned number, uint32_t rva, uint32_t size)
{
	put_u32(OPTIONAL + 112 + 8 * number, rva);
	put_u32(OPTIONAL + 112 + 8 * number + 4, size);
}

static void put_debug_entry(unsigned number, uint32_t type, uint32_t size, uint32_t raw)
{
	size_t at = DATA + 28 * number;

	put_u32(at + 4, 0xCAFE0123); /* TimeDateStamp */
	put_u32(at + 12, type);
	put_u32(at + 16, size);
	put_u32(at + 20, 0x1000 + raw - DATA);
	put_u32(at + 24, raw);
}

static void put_rsds(size_t at, uint32_t age, const char *path)
{
	memcpy(file + at, "RSDS\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xAA\xBB\xCC\xDD\xEE\xFF",
	       20);
	put_u32(at + 20, age);
	memcpy(file + at + 24, path, strlen(path) + 1);
}

/* A 64-bit image with one section and one CodeView record. */
static void start(void)
{
	memset(file, 0, sizeof file);
	memcpy(file, "MZ", 2);
	put_u32(0x3C, HEADER);
	memcpy(file + HEADER, "PE\0\0", 4);
	put_u16(HEADER + 4, 0x8664);
	put_u16(HEADER + 6, 1); /* sections */
	put_u32(HEADER + 8, 0x5A3B);
	put_u16(HEADER + 20, OPTIONAL_BYTES);
	put_u16(OPTIONAL, 0x20B);
	put_u32(OPTIONAL + 56, 0x2E0);
	put_u32(OPTIONAL + 108, 16);
	put_directory(6, 0x1000, 28);
	memcpy(file + SECTIONS, ".rdata", 6);
	put_u32(SECTIONS + 8, DATA_BYTES);
	put_u32(SECTIONS + 12, 0x1000);
	put_u32(SECTIONS + 16, DATA_BYTES);
	put_u32(SECTIONS + 20, DATA);
	put_debug_entry(0, 2, 24 + 15, RECORD);
	put_rsds(RECORD, 10, "C:\\b\\Some.pdb");
}

static struct identified identify_file(void)
{
	return identified_bytes(file, sizeof file);
}

static void test_code_id(void)
{
	struct identified got;

	start();
	got = identify_file();
	is_u64(got.status, SYM_OK, "an image in order is recognised");
	is_u64(got.id.kind, SYM_PE, "as such");
	is_u64(got.id.traits, SYM_IMAGE | SYM_DATA_ONLY, "an image without code");
	put_u32(SECTIONS + 36, 0x40000040);
	is_u64(identify_file().id.traits, SYM_IMAGE | SYM_DATA_ONLY, "what is only read is none");
	put_u32(SECTIONS + 36, 0x20);
	is_u64(identify_file().id.traits, SYM_IMAGE, "with a section that is called code it has some");
	put_u32(SECTIONS + 36, 0x20000000);
	is_u64(identify_file().id.traits, SYM_IMAGE, "and with one that may be executed");
	is_u64(got.id.code.stamp, 0x5A3B, "the time stamp");
	is_u64(got.id.code.image_size, 0x2E0, "the size of the image");
	is_u64(got.id.arch, SYM_ARCH_X86_64, "the architecture");
	ok(got.reads <= 8, "%u reads", got.reads);
	put_u16(OPTIONAL, 0x10B);
	put_u16(HEADER + 4, 0x14C);
	is_u64(identify_file().id.code.image_size, 0x2E0, "PE32 has it at the same place");
	put_u16(HEADER + 4, 0x8664 ^ 0x7B79);
	is_u64(identify_file().id.arch, SYM_ARCH_X86_64,
	       "ready-to-run for Linux hides the machine");
	put_u16(HEADER + 4, 0x1234);
	is_u64(identify_file().id.arch, SYM_ARCH_UNKNOWN, "an unknown machine does no harm");
}

/* The smallest images let the headers overlap: u32 at 0x3C is also SectionAlignment. */
static void test_overlapping_headers(void)
{
	uint8_t tiny[160] = {'M', 'Z', 0, 0, 'P', 'E', 0, 0, 0x4C, 0x01};
	struct identified got;

	tiny[4 + 24] = 0x0B;
	tiny[4 + 25] = 0x01;
	tiny[0x3C] = 4;
	tiny[4 + 24 + 56] = 0xB0;
	got = identified_bytes(tiny, sizeof tiny);
	ok(got.status == SYM_OK && got.id.code.image_size == 0xB0, "a PE header at 4 is legal");
}

static void test_codeview(void)
{
	struct identified got;

	start();
	got = identify_file();
	is_u64(got.id.wants_count, 1, "one PDB is wanted");
	is_str(got.id.wants[0].name, "Some.pdb", "by the last part of its path");
	is_u64(got.id.wants[0].debug.form, SYM_DEBUG_AGE, "with GUID and age");
	is_str(debug_text(&got.id.wants[0].debug), GUID "-a", "as they stand");
	is_str(debug_text(&got.id.debug), GUID "-a", "which is the image's own identifier too");
	put_u16(DATA + 10, 0x504D);
	got = identify_file();
	is_u64(got.id.wants[0].debug.form, SYM_DEBUG_PORTABLE, "PM: the PDB is portable");
	is_u64(got.id.wants[0].debug.age, 0xCAFE0123, "and the stamp is the entry's");
	put_u16(DATA + 10, 0);
	put_u32(DATA + 24, 0);
	is_str(identify_file().id.wants[0].name, "Some.pdb", "without a file offset, by address");
	put_u32(DATA + 24, RECORD + 16);
	got = identify_file();
	is_str(debug_text(&got.id.debug), GUID "-a",
	       "by address, too, where the file offset leads to something else");
	put_u32(DATA + 24, 0x7FFFFFFF);
	is_str(identify_file().id.wants[0].name, "Some.pdb", "or out of the file");
	put_u32(DATA + 24, RECORD);
	put_u32(DATA + 20, 0x9000);
	is_str(identify_file().id.wants[0].name, "Some.pdb", "without an address, by file offset");
	start();
	memcpy(file + RECORD, "NB10\0\0\0\0\x1D\x2C\x3B\x4A\5\0\0\0old.pdb", 24);
	got = identify_file();
	is_u64(got.id.debug.form, SYM_DEBUG_NB10, "NB10");
	is_str(debug_text(&got.id.debug), "4A3B2C1D000000000000000000000000-5",
	       "signature and age");
	is_str(got.id.wants[0].name, "old.pdb", "and its PDB");
	memcpy(file + RECORD, "NB11", 4);
	is_u64(identify_file().id.wants_count, 0, "NB11 names no PDB");
}

/* A path of 3000 bytes is read to its last part; of one that does not end in 4096, nothing is. */
static void test_long_path(void)
{
	static uint8_t image[FILE_BYTES + 8192];

	start();
	put_u32(SECTIONS + 8, 0x9000);
	put_u32(DATA + 16, 8192);
	put_u32(DATA + 24, FILE_BYTES);
	memcpy(image, file, sizeof file);
	memcpy(image + FILE_BYTES, file + RECORD, 24);
	memset(image + FILE_BYTES + 24, '\\', 8192 - 24);
	memcpy(image + FILE_BYTES + 24 + 3000, "long.pdb", 9);
	is_str(identified_bytes(image, sizeof image).id.wants[0].name, "long.pdb",
	       "the last part of a long path");
	memset(image + FILE_BYTES + 24, 'x', 8192 - 24);
	is_str(identified_bytes(image, sizeof image).id.wants[0].name, "",
	       "a path without end names nothing");
	is_u64(identified_bytes(image, sizeof image).id.wants_count, 1, "though its PDB has an identifier");
}

static void test_odd_codeview(void)
{
	struct identified got;

	start();
	put_u32(DATA + 16, 24);
	got = identify_file();
	ok(got.id.wants_count == 1 && got.id.wants[0].name[0] == '\0', "a record without a path");
	start();
	put_u32(DATA + 16, 23);
	is_u64(identify_file().id.wants_count, 0, "a record cut within its age");
	start();
	put_u32(DATA + 16, 24 + 9);
	is_str(identify_file().id.wants[0].name, "Some",
	       "a path without a NUL ends with its record");
	start();
	put_u32(DATA + 16, 0xFFFFFFFF);
	is_str(identify_file().id.wants[0].name, "Some.pdb", "a record of 4 GiB");
	start();
	memset(file + RECORD + 4, 0, 16);
	is_u64(identify_file().id.wants_count, 0, "a GUID of zeros names nothing");
	start();
	put_directory(6, 0x9000, 28);
	ok(identify_file().status == SYM_OK, "a debug directory outside the image costs no key");
	put_directory(6, 0x1000, 0xFFFFFFFF);
	is_u64(identify_file().id.wants_count, 1, "one of 4 GiB ends with the file");
	start();
	put_u32(OPTIONAL + 108, 6);
	is_u64(identify_file().id.wants_count, 0,
	       "six directories: the debug one is not among them");
	start();
	put_u32(OPTIONAL + 108, 0xFFFFFFFF);
	is_u64(identify_file().id.wants_count, 1, "a count of 4 Gi is cut to the header");
}

static void test_end_never_written(void)
{
	start();
	memset(file + DATA, 0, DATA_BYTES);
	is_u64(identify_file().status, SYM_MALFORMED, "all is zeros from the debug directory on");
	file[FILE_BYTES - 1] = 1;
	is_u64(identify_file().status, SYM_OK, "a tool has wiped the directory alone");
}

/* The size of the optional header has 16 bits, and says where the sections begin. */
static void test_large_optional_header(void)
{
	enum { MORE = 12000 };
	static uint8_t image[FILE_BYTES + MORE];

	start();
	put_u16(HEADER + 20, OPTIONAL_BYTES + MORE);
	put_u32(SECTIONS + 20, DATA + MORE);
	put_u32(DATA + 24, 0);
	memcpy(image, file, SECTIONS);
	memcpy(image + SECTIONS + MORE, file + SECTIONS, FILE_BYTES - SECTIONS);
	is_u64(identified_bytes(image, sizeof image).id.wants_count, 1, "the directories are at its front");
}

static void test_several_codeview(void)
{
	struct identified got;

	start();
	put_directory(6, 0x1000, 28 * 2 + 5);
	put_debug_entry(1, 2, 100, RECORD + 100);
	put_rsds(RECORD + 100, 1, "second.pdb");
	got = identify_file();
	is_u64(got.id.wants_count, 2, "two records, and five odd bytes behind them");
	is_str(got.id.wants[0].name, "Some.pdb", "the first");
	is_str(got.id.wants[1].name, "second.pdb", "the second");
	is_str(debug_text(&got.id.debug), GUID "-a", "the image's identifier is the first one's");
	memcpy(file + RECORD, "NB10", 4);
	got = identify_file();
	is_u64(got.id.wants_count, 2, "an NB10 record before it is wanted too");
	is_str(debug_text(&got.id.debug), GUID "-1", "and the image's identifier is the first RSDS one's");
}

static void test_has(void)
{
	start();
	is_u64(identify_file().id.has, 0, "plain: nothing");
	put_directory(3, 0x1000, 12);
	is_u64(identify_file().id.has, SYM_HAS_UNWIND, "an exception directory: unwind");
	start();
	put_debug_entry(0, 17, 8, RECORD);
	is_u64(identify_file().id.has, 0, "an embedded portable PDB without its magic: nothing");
	memcpy(file + RECORD, "MPDB\x10\0\0", 8);
	is_u64(identify_file().id.has, SYM_HAS_DEBUG, "an embedded portable PDB: debug");
	start();
	memcpy(file + SECTIONS, ".eh_frame", 8);
	is_u64(identify_file().id.has, 0, "eight letters of a longer name");
	memcpy(file + SECTIONS, "/4\0\0\0\0\0", 8);
	put_u32(HEADER + 12, RECORD + 100); /* symbols: none, but a string table */
	memcpy(file + RECORD + 104, ".debug_info", 12);
	is_u64(identify_file().id.has, SYM_HAS_DEBUG, "a long name from the string table: DWARF");
	memcpy(file + RECORD + 104, ".eh_frame", 10);
	is_u64(identify_file().id.has, SYM_HAS_UNWIND, "and .eh_frame");
	memcpy(file + SECTIONS, "/9999999", 8);
	is_u64(identify_file().id.has, 0, "a name beyond the string table is none");
	put_u32(HEADER + 16, 2);
	is_u64(identify_file().id.has, SYM_HAS_SYMBOLS, "a COFF symbol table");
	put_u32(HEADER + 12, 0x32434550);
	is_u64(identify_file().id.has, 0, "one far outside the file, as packers have it: none");
	start();
	put_directory(3, 0x1000 + DATA_BYTES, 12);
	put_u32(SECTIONS + 8, 2 * DATA_BYTES);
	is_u64(identify_file().id.has, 0, "an exception directory that is not in the file: nothing");
}

/* A file of debug info alone, as objcopy makes it of an image of mingw's. */
static void test_hollow(void)
{
	start();
	put_u16(HEADER + 6, 2);
	memcpy(file + SECTIONS + 40, ".text", 5);
	put_u32(SECTIONS + 48, 0x1000);
	put_u32(SECTIONS + 52, 0x2000);
	put_u32(SECTIONS + 76, 0x60000020);
	is_u64(identify_file().id.traits, SYM_IMAGE, "packed code is an image");
	memcpy(file + SECTIONS, "/4\0\0\0\0\0", 8);
	put_u32(HEADER + 12, RECORD + 100);
	memcpy(file + RECORD + 104, ".debug_info", 12);
	is_u64(identify_file().id.traits, SYM_COMPANION, "with DWARF beside it it is none");
	put_u32(SECTIONS + 40 + 20, DATA);
	is_u64(identify_file().id.traits, SYM_COMPANION, "with an offset of no bytes neither");
	put_u32(SECTIONS + 40 + 16, 512);
	is_u64(identify_file().id.traits, SYM_IMAGE | SYM_COMPANION, "with its code it is both");
	put_u32(SECTIONS + 40 + 16, 0);
	put_u32(SECTIONS + 48, 0);
	is_u64(identify_file().id.traits, SYM_IMAGE | SYM_COMPANION, "and where there is no code to have");
	put_u32(SECTIONS + 48, 0x1000);
	memset(file + RECORD + 104, 0, 12);
	put_u32(HEADER + 12, RECORD + 200);
	put_u32(HEADER + 16, 2);
	is_u64(identify_file().id.traits, SYM_COMPANION, "symbols alone are a companion too");
}

/* As mingw's objcopy adds it, to name the file with the DWARF. */
static void test_debuglink(void)
{
	const struct sym_want *want;
	struct identified got;

	start();
	put_u16(HEADER + 6, 2);
	memcpy(file + SECTIONS + 40, "/4", 2);
	put_u32(SECTIONS + 40 + 16, 12);
	put_u32(SECTIONS + 40 + 20, RECORD + 200);
	memcpy(file + RECORD + 200, "x.debug\0\x23\x01\xFE\xCA", 12);
	put_u32(HEADER + 12, RECORD + 100); /* no symbols; a string table */
	memcpy(file + RECORD + 104, ".gnu_debuglink", 15);
	is_str(identify_file().id.wants[0].name, "Some.pdb", "a PDB that is named comes first");
	file[RECORD + 24] = '\0';
	got = identify_file();
	want = &got.id.wants[0];
	is_u64(got.id.wants_count, 1, "the debuglink names what the record does not");
	is_str(want->name, "x.debug", "the file");
	ok(want->has_crc32 && want->crc32 == 0xCAFE0123, "its CRC");
	is_str(debug_text(&want->debug), GUID "-a", "and it has the image's identifier");
	is_str(debug_text(&got.id.debug), GUID "-a", "which stays");
	put_u32(SECTIONS + 40 + 16, 8);
	is_str(identify_file().id.wants[0].name, "", "one without a CRC is none");
	put_u32(SECTIONS + 40 + 16, 12);
	put_directory(6, 0, 0);
	got = identify_file();
	is_str(got.id.wants[0].name, "x.debug", "without a record it is all there is");
	is_u64(got.id.debug.form, SYM_DEBUG_NONE, "and no identifier");
}

/* A symbol table where linkers write it, behind the last section. */
static void test_symbol_table(void)
{
	static uint8_t image[FILE_BYTES + 2 * 18 + 10];
	bool held = true;

	start();
	put_u32(HEADER + 12, FILE_BYTES);
	put_u32(HEADER + 16, 2);
	memcpy(image, file, sizeof file);
	image[FILE_BYTES + 36] = 10; /* bytes of the string table */
	is_u64(identified_bytes(image, sizeof image).id.has, SYM_HAS_SYMBOLS, "symbols, and their names");
	is_u64(identified_bytes(image, FILE_BYTES).status, SYM_OK, "all of it gone: a relic");
	is_u64(identified_bytes(image, FILE_BYTES).id.has, 0, "which is no symbol table");
	for (size_t size = FILE_BYTES + 1; size < sizeof image; size++) {
		struct identified got = identified_bytes(image, size);

		held = held && got.status == SYM_MALFORMED && got.err.offset == HEADER + 12;
	}
	ok(held, "cut anywhere else: refused, with an offset");
	image[SECTIONS + 16 + 1] += 2; /* 512 bytes of padding, and the table behind them */
	image[HEADER + 12 + 1] += 2;
	is_u64(identified_bytes(image, FILE_BYTES + 40).status, SYM_MALFORMED,
	       "cut within the padding before it: refused");
}

/* The certificates of a signed image, behind the last section. */
static void test_signature(void)
{
	static uint8_t image[FILE_BYTES + 48];
	bool held = true;

	start();
	put_directory(4, FILE_BYTES, 48);
	memcpy(image, file, sizeof file);
	is_u64(identified_bytes(image, sizeof image).status, SYM_OK, "a signed image");
	for (size_t size = FILE_BYTES + 1; size < sizeof image; size++) {
		struct identified got = identified_bytes(image, size);

		held = held && got.status == SYM_MALFORMED &&
		       got.err.offset == OPTIONAL + 112 + 8 * 4;
	}
	ok(held, "cut within its signature: refused, with an offset");
	is_u64(identify_file().status, SYM_OK, "the place of one that was taken away is a relic");
	put_u32(SECTIONS + 8, 700);
	is_u64(identified_bytes(file, FILE_BYTES - 1).status, SYM_MALFORMED,
	       "cut within the padding before it: refused");
	put_directory(4, FILE_BYTES - 48, 96);
	is_u64(identify_file().status, SYM_OK, "so is one that sections have grown over");
	put_directory(4, 0x7FFFFFF0, 0xFFFFFFFF);
	is_u64(identify_file().status, SYM_OK, "and one far outside the file");
}

static void check_damage(enum sym_status status, uint64_t offset, const char *what)
{
	struct identified got = identify_file();

	ok(got.status == status && got.count == 0, "%s: refused (%s)", what, got.err.text);
	is_u64(got.err.offset, offset, "%s: the offset", what);
}

static void test_damage(void)
{
	start();
	put_u32(0x3C, 0x7FFFFFFF);
	check_damage(SYM_MALFORMED, 0x3C, "a PE header outside the file");
	put_u32(0x3C, 0);
	check_damage(SYM_UNSUPPORTED, 0, "no PE header");
	start();
	memcpy(file + HEADER, "NE", 2);
	check_damage(SYM_UNSUPPORTED, HEADER, "16 bits");
	start();
	put_u16(OPTIONAL, 0x107);
	check_damage(SYM_UNSUPPORTED, OPTIONAL, "a ROM image");
	put_u16(OPTIONAL, 0x30B);
	check_damage(SYM_MALFORMED, OPTIONAL, "an unknown magic");
	start();
	put_u16(HEADER + 6, 1025);
	check_damage(SYM_TOO_BIG, HEADER + 6, "1025 sections");
	put_u16(HEADER + 6, 1000);
	memset(file + DATA, 0, DATA_BYTES);
	check_damage(SYM_MALFORMED, SECTIONS + (FILE_BYTES - SECTIONS) / 40 * 40,
		     "a section table beyond the file");
	start();
	put_u32(SECTIONS + 16, DATA_BYTES + 512);
	is_u64(identify_file().status, SYM_OK, "padding behind the last section may be missing");
	put_u32(SECTIONS + 8, DATA_BYTES + 512);
	check_damage(SYM_MALFORMED, SECTIONS, "its contents may not");
	put_u32(SECTIONS + 16, 0);
	put_u32(SECTIONS + 20, FILE_BYTES + 512);
	is_u64(identify_file().status, SYM_OK, "a section without bytes lies nowhere");
	start();
	put_u32(SECTIONS + 16, DATA_BYTES + 512);
	put_u32(SECTIONS + 8, DATA_BYTES + 512);
	put_u32(SECTIONS + 36, 0x80);
	is_u64(identify_file().status, SYM_OK, "unless they are not in the file at all");
}

static void test_truncation(void)
{
	bool held = true;

	start();
	for (size_t size = 2; size < FILE_BYTES; size++) {
		struct identified got = identified_bytes(file, size);

		held = held && got.status == SYM_MALFORMED && got.err.has_offset;
	}
	ok(held, "cut anywhere: refused, with an offset");
	is_u64(identified_bytes(file, 1).status, SYM_NOT_MINE, "cut within the magic: no PE");
}

int main(void)
{
	test_code_id();
	test_overlapping_headers();
	test_codeview();
	test_long_path();
	test_odd_codeview();
	test_end_never_written();
	test_large_optional_header();
	test_several_codeview();
	test_has();
	test_hollow();
	test_debuglink();
	test_symbol_table();
	test_signature();
	test_damage();
	test_truncation();
	return done();
}
