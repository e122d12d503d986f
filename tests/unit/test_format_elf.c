/* SPDX-License-Identifier: MIT
 * ELF: each rule that elf.c states, on the smallest file that shows it. */
#include "bytes.h"
#include "tap.h"

#include <stdlib.h>

extern const struct format elf_format;

enum {
	LOAD = 1, DYNAMIC = 2, NOTE = 4, SCE = 0x61000000, EH_FRAME = 0x6474E550, /* segments */
	PROGBITS = 1, SYMTAB = 2, STRTAB = 3, SHT_DYNAMIC = 6, SHT_NOTE = 7, NOBITS = 8, DYNSYM = 11,
	ALLOC = 2, CODE = 4 | ALLOC, COMPRESSED = 0x800,
	SEGMENTS_AT = 64, /* places in the made files */
	NAMES_AT = 0x400,
	DATA_AT = 0x800,
	SECTIONS_AT = 0x2000,
};

/* The file in the making; header and tables are written as it grows. */
static struct {
	struct bytes b;
	bool wide;
	unsigned segments, sections;
	unsigned names_size;
} f;

static size_t field(size_t narrow, size_t wide)
{
	return f.wide ? wide : narrow;
}

static void word(size_t offset, uint64_t value)
{
	put(&f.b, offset, value, f.wide ? 8 : 4);
}

static void start(bool wide, bool big_endian)
{
	memset(&f, 0, sizeof f);
	f.wide = wide;
	f.b.big_endian = big_endian;
	put_bytes(&f.b, 0, "\x7F" "ELF", 4);
	put(&f.b, 4, wide ? 2 : 1, 1);
	put(&f.b, 5, big_endian ? 2 : 1, 1);
	put(&f.b, 16, 3, 2);  /* ET_DYN */
	put(&f.b, 18, 62, 2); /* x86-64 */
	word(field(28, 32), SEGMENTS_AT);
	put(&f.b, field(42, 54), field(32, 56), 2);
	put(&f.b, field(46, 58), field(40, 64), 2);
}

static void segment(uint32_t type, uint64_t offset, uint64_t address, uint64_t size, uint64_t align)
{
	size_t at = SEGMENTS_AT + f.segments++ * field(32, 56);

	put(&f.b, at, type, 4);
	word(at + field(4, 8), offset);
	word(at + field(8, 16), address);
	word(at + field(16, 32), size);
	word(at + field(28, 48), align);
	put(&f.b, field(44, 56), f.segments, 2);
}

static void section(const char *name, uint32_t type, uint64_t flags, uint64_t offset, uint64_t size,
		    uint64_t align)
{
	size_t at;

	if (f.sections == 0) { /* the empty one, and the names */
		f.sections = f.names_size = 1;
		word(field(32, 40), SECTIONS_AT);
		put(&f.b, field(50, 62), 1, 2);
		section(".shstrtab", STRTAB, 0, NAMES_AT, 0x300, 1);
	}
	at = SECTIONS_AT + f.sections++ * field(40, 64);
	put(&f.b, at, f.names_size, 4);
	put(&f.b, at + 4, type, 4);
	word(at + 8, flags);
	word(at + field(16, 24), offset);
	word(at + field(20, 32), size);
	word(at + field(32, 48), align);
	word(at + field(36, 56), 0);
	put_text(&f.b, NAMES_AT + f.names_size, name);
	f.names_size += (unsigned)strlen(name) + 1;
	put(&f.b, field(48, 60), f.sections, 2);
}

/* A note; answers the offset behind it. */
static size_t note(size_t at, const char *owner, uint32_t type, const void *desc, uint32_t size,
		   size_t align)
{
	uint32_t owner_size = (uint32_t)strlen(owner) + 1;
	size_t desc_at = at + (12 + owner_size + align - 1) / align * align, end;

	put(&f.b, at, owner_size, 4);
	put(&f.b, at + 4, size, 4);
	put(&f.b, at + 8, type, 4);
	put_text(&f.b, at + 12, owner);
	put_bytes(&f.b, desc_at, desc, size);
	end = desc_at + (size + align - 1) / align * align;
	if (end > f.b.size)
		f.b.size = end;
	return end;
}

static const struct found *run(void)
{
	return look(&elf_format, f.b.at, f.b.size);
}

#define ID "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0A\x0B\x0C\x0D\x0E\x0F\x10\x11\x12\x13\x14"
#define ID_TEXT "0102030405060708090a0b0c0d0e0f1011121314"
#define ID_DEBUG "0403020106050807090A0B0C0D0E0F100"

/* An image with the build-id ID in a segment. */
static void start_image(void)
{
	start(true, false);
	segment(NOTE, DATA_AT, 0, note(DATA_AT, "GNU", 3, ID, 20, 4) - DATA_AT, 4);
	put_text(&f.b, 0x900, "0123456789abcdef");
	section(".text", PROGBITS, CODE, 0x900, 16, 4);
}

static void test_classes_and_orders(void)
{
	for (unsigned i = 0; i < 4; i++) {
		bool wide = i & 1, big = i & 2;
		const struct found *found;

		start(wide, big);
		segment(NOTE, DATA_AT, 0, note(DATA_AT, "GNU", 3, ID, 20, 4) - DATA_AT, 4);
		section(".text", PROGBITS, CODE, 0x900, 4, 4);
		found = run();
		is_u64(found->status, SYM_OK, "%d bits, %s endian", wide ? 64 : 32,
		       big ? "big" : "little");
		is_str(code(found), ID_TEXT, "the build-id");
		is_str(debug(found), big ? "0102030405060708090A0B0C0D0E0F100" : ID_DEBUG,
		       "a GUID in the file's byte order");
		is_u64(found->id[0].traits, SYM_IMAGE, "an image");
		ok(found->id[0].whole_file && found->id[0].slice_size == f.b.size,
		   "the whole file");
	}
}

static void test_places_of_the_build_id(void)
{
	size_t end;

	start(true, false);
	section(".other", SHT_NOTE, ALLOC, DATA_AT, note(DATA_AT, "GNU", 3, ID, 20, 4) - DATA_AT,
		4);
	is_str(code(run()), ID_TEXT, "a note section of any name, without segments");

	start_image();
	section(".note.gnu.build-id", SHT_NOTE, ALLOC, 0xA00,
		note(0xA00, "GNU", 3, "abcd", 4, 4) - 0xA00, 4);
	is_str(code(run()), ID_TEXT, "a segment comes before a section");

	start(true, false);
	segment(NOTE, 0x7000, 0, 32, 4);
	section(".note", SHT_NOTE, ALLOC, DATA_AT, note(DATA_AT, "GNU", 3, ID, 20, 4) - DATA_AT, 4);
	is_str(code(run()), ID_TEXT, "a segment outside the file, as companions have, gives way");

	for (size_t align = 4; align <= 8; align += 4) {
		start(false, false);
		end = note(DATA_AT, "stapsdt", 4, "12345", 5, align);
		end = note(note(end, "GNU", 1, "1234", 4, align), "GNU", 3, ID, 20, align);
		segment(NOTE, DATA_AT, 0, end - DATA_AT, align);
		is_str(code(run()), ID_TEXT, "behind other notes, padded to %d", (int)align);
	}
	start(true, false);
	end = note(DATA_AT, "GNU", 1, "1234", 4, 4);
	segment(NOTE, DATA_AT, 0, note(end, "GNU", 3, ID, 20, 4) - DATA_AT, 4096);
	is_str(code(run()), ID_TEXT, "any alignment but 8 means 4");
}

/* The note of the build-id twice, the second time with that last byte. */
static unsigned traits_of_two(uint64_t flags, uint8_t last)
{
	size_t end, second;

	start_image();
	end = second = DATA_AT + 0x40;
	end = note(end, "GNU", 3, ID, 20, 4);
	put(&f.b, end - 1, last, 1);
	section(".note.of.an.object", SHT_NOTE, flags, second, end - second, 4);
	is_str(code(run()), ID_TEXT, "the first build-id is the one");
	return run()->id[0].traits & SYM_TWO_IDS;
}

static void test_two_ids(void)
{
	is_u64(traits_of_two(ALLOC, 0x15), SYM_TWO_IDS, "another one is told of");
	is_u64(traits_of_two(ALLOC, 0x14), 0, "but not the same, as segments and sections show it");
	is_u64(traits_of_two(0, 0x15), 0, "nor what is not mapped");
}

/* One note of the given size in the segment, and a .text to fall back to. */
static const struct found *with_note(const char *owner, uint32_t type, const void *desc,
				     uint32_t size)
{
	start(true, false);
	segment(NOTE, DATA_AT, 0, note(DATA_AT, owner, type, desc, size, 4) - DATA_AT, 4);
	put_text(&f.b, 0x900, "0123456789abcdef");
	section(".text", PROGBITS, CODE, 0x900, 16, 4);
	return run();
}

static void test_notes_that_are_none(void)
{
	static const uint8_t zeros[20], longest[65] = {1};
	const struct found *found;

	is_u64(with_note("GNU", 3, longest, 64)->id[0].code.len, 64, "64 bytes are taken");
	is_u64(with_note("GNU", 3, longest, 1)->id[0].code.len, 1, "one byte is taken");
	is_u64(with_note("GNU", 3, longest, 65)->status, SYM_NO_KEY, "65 bytes are not");
	is_u64(with_note("GNU", 3, zeros, 20)->status, SYM_NO_KEY, "zeros are not");
	found = with_note("Xen", 3, ID, 20);
	is_u64(found->status, SYM_NO_KEY, "another owner's is not, nor is there a hash then");
	is_str(found->err.text, "the build-id is all zeros, too long, or not GNU's",
	       "and it is said");

	found = with_note("GNU", 1, ID, 20);
	is_u64(found->id[0].code.form, SYM_CODE_NONE, "another type is no build-id");
	is_u64(found->id[0].traits, SYM_IMAGE | SYM_NO_BUILD_ID, "so that .text is hashed");
	is_u64(with_note("GNU", 3, ID, 0)->id[0].traits, SYM_IMAGE | SYM_NO_BUILD_ID,
	       "nor is an empty one");

	(void)with_note("GNU", 3, ID, 20);
	put(&f.b, DATA_AT + 4, UINT32_MAX, 4);
	is_u64(run()->id[0].traits, SYM_IMAGE | SYM_NO_BUILD_ID, "nor one of 4 GiB");
	(void)with_note("GNU", 3, ID, 20);
	put(&f.b, DATA_AT, UINT32_MAX - 2, 4);
	is_u64(run()->id[0].traits, SYM_IMAGE | SYM_NO_BUILD_ID, "nor one with a name of 4 GiB");
	(void)with_note("GNU", 3, ID, 20);
	put(&f.b, SEGMENTS_AT + 32, 11, 8);
	is_u64(run()->id[0].traits, SYM_IMAGE | SYM_NO_BUILD_ID, "nor one in 11 bytes");
}

static void test_text_hash(void)
{
	const struct found *found;

	start(true, false);
	for (size_t i = 0; i < 20; i++)
		put(&f.b, DATA_AT + i, i + 1, 1);
	section(".text", PROGBITS, CODE, DATA_AT, 20, 4);
	found = run();
	is_str(debug(found), "1010101006050807090A0B0C0D0E0F100", "rows of 16, the last one short");
	ok(!code(found)[0], "without a code identifier");

	start(true, true);
	put(&f.b, DATA_AT, 0xAA, 1);
	put(&f.b, DATA_AT + 4095, 1, 1);
	put(&f.b, DATA_AT + 4096, 0xFF, 1);
	section(".text", PROGBITS, CODE, DATA_AT, 5000, 4);
	is_str(debug(run()), "AA0000000000000000000000000000010", "the first page only");

	start(true, false);
	section(".text", NOBITS, CODE, DATA_AT, 5000, 4);
	found = run();
	is_u64(found->status, SYM_NO_KEY, "nothing to hash");
	is_str(found->err.text, "no build-id (link with --build-id)", "says what to do");
	is_u64(found->count, 0, "and nothing is emitted");
}

/* With a section for each function .text is empty. */
static void test_objects(void)
{
	for (uint64_t text = 0; text <= 16; text += 16) {
		start(true, false);
		put(&f.b, 16, 1, 2); /* ET_REL */
		put(&f.b, DATA_AT, 0xAA, 1);
		section(".text", PROGBITS, CODE, DATA_AT, text, 4);
		section(".debug_info", PROGBITS, 0, DATA_AT, 16, 1);
		is_u64(run()->status, SYM_OK, "an object of %u bytes of .text", (unsigned)text);
		ok(run()->id[0].traits & SYM_OBJECT, "it is called so");
		ok(!debug(run())[0], "no hash is made of it");
	}
	section(".note.gnu.build-id", SHT_NOTE, ALLOC, DATA_AT + 32,
		note(DATA_AT + 32, "GNU", 3, ID, 16, 4) - DATA_AT - 32, 4);
	ok(!(run()->id[0].traits & SYM_OBJECT), "a kernel module has a build-id, and is none");
}

static void test_consoles(void)
{
	start(true, false);
	put_bytes(&f.b, DATA_AT, ID "rest", 24);
	section(".sce_special", PROGBITS, 0, DATA_AT, 24, 4);
	section(".text", PROGBITS, CODE, DATA_AT, 16, 4);
	is_str(code(run()), ID_TEXT, "the first 20 bytes of .sce_special");
	is_str(debug(run()), ID_DEBUG, "and their first 16 as a GUID");

	start(true, false);
	put_bytes(&f.b, DATA_AT, ID "rest", 24);
	segment(SCE, DATA_AT, 0, 24, 4);
	is_str(code(run()), ID_TEXT, "or of the segment of dynamic library data");

	start_image();
	put_bytes(&f.b, 0xA00, "other bytes, many of them", 25);
	section(".sce_special", PROGBITS, 0, 0xA00, 25, 4);
	is_str(code(run()), ID_TEXT, "GNU's build-id comes first");
}

/* What one more section makes of an image without code (`type` of .text NOBITS) or with it. */
static const struct sym_identity *with_section(uint32_t text, const char *name, uint32_t type,
					       uint64_t flags, uint64_t size)
{
	start(true, false);
	segment(NOTE, DATA_AT, 0, note(DATA_AT, "GNU", 3, ID, 20, 4) - DATA_AT, 4);
	put(&f.b, 0x900, 1, 1);
	if (text)
		section(".text", text, CODE, 0x900, 16, 4);
	section(name, type, flags, 0x900, size, 4);
	return &run()->id[0];
}

static void test_what_it_has(void)
{
	static const struct {
		const char *name;
		uint32_t text, type;
		uint64_t flags, size;
		unsigned has, traits;
	} rows[] = {
		{".rodata", PROGBITS, PROGBITS, ALLOC, 9, 0, SYM_IMAGE},
		{".rodata", NOBITS, NOBITS, ALLOC, 9, 0, 0},
		{".rodata", 0, PROGBITS, ALLOC, 9, 0, SYM_IMAGE | SYM_DATA_ONLY},
		{".dynsym", PROGBITS, DYNSYM, ALLOC, 48, 0, SYM_IMAGE},
		{".dynsym", NOBITS, DYNSYM, ALLOC, 48, SYM_HAS_SYMBOLS, SYM_COMPANION},
		{".dynsym", NOBITS, DYNSYM, ALLOC, 24, 0, 0},
		{".debug_info", PROGBITS, PROGBITS, 0, 9, SYM_HAS_DEBUG, SYM_IMAGE | SYM_COMPANION},
		{".debug_info", NOBITS, PROGBITS, 0, 9, SYM_HAS_DEBUG, SYM_COMPANION},
		{".debug_info", NOBITS, PROGBITS, 0, 0, 0, 0},
		{".debug_info", NOBITS, NOBITS, 0, 9, 0, 0},
		{".debug_info.dwo", NOBITS, PROGBITS, 0, 9, SYM_HAS_DEBUG, SYM_COMPANION},
		{".zdebug_info", NOBITS, PROGBITS, 0, 9, SYM_HAS_DEBUG, SYM_COMPANION},
		{".debug_inf", NOBITS, PROGBITS, 0, 9, 0, 0},
		{".symtab", PROGBITS, SYMTAB, 0, 48, SYM_HAS_SYMBOLS, SYM_IMAGE},
		{".symtab", PROGBITS, SYMTAB, 0, 24, 0, SYM_IMAGE},
		{".symtab", NOBITS, SYMTAB, 0, 48, SYM_HAS_SYMBOLS, SYM_COMPANION},
		{".gnu_debugdata", PROGBITS, PROGBITS, 0, 48, SYM_HAS_SYMBOLS, SYM_IMAGE},
		{".eh_frame", PROGBITS, 0x70000001, ALLOC, 9, SYM_HAS_UNWIND, SYM_IMAGE},
		{".eh_frame", NOBITS, NOBITS, ALLOC, 9, 0, 0},
		{".eh_frame_hdr", PROGBITS, PROGBITS, ALLOC, 9, 0, SYM_IMAGE},
		{".debug_frame", PROGBITS, PROGBITS, 0, 9, SYM_HAS_UNWIND, SYM_IMAGE},
		{".ARM.exidx", PROGBITS, 0x70000001, ALLOC, 9, SYM_HAS_UNWIND, SYM_IMAGE},
		{".orc_unwind", PROGBITS, PROGBITS, ALLOC, 9, SYM_HAS_UNWIND, SYM_IMAGE},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct sym_identity *id = with_section(
			rows[i].text, rows[i].name, rows[i].type, rows[i].flags, rows[i].size);

		ok(id->has == rows[i].has && id->traits == rows[i].traits,
		   "%s of type %x and %d bytes, .text %u: has %u, traits %u", rows[i].name,
		   (unsigned)rows[i].type, (int)rows[i].size, (unsigned)rows[i].text, id->has,
		   id->traits);
	}
	start_image();
	put(&f.b, SECTIONS_AT + 64 * 2 + 32, 0, 8); /* sh_size of .text */
	section(".rodata", PROGBITS, ALLOC, 0x900, 9, 4);
	is_u64(run()->id[0].traits, SYM_IMAGE | SYM_DATA_ONLY,
	       "an empty .text, as linkers leave it in a library of data: an image");
	start(true, false);
	segment(NOTE, DATA_AT, 0, note(DATA_AT, "GNU", 3, ID, 20, 4) - DATA_AT, 4);
	segment(LOAD, 0, 0, 0x100, 4096);
	segment(EH_FRAME, 0x80, 0, 8, 4);
	is_u64(run()->id[0].traits, SYM_IMAGE, "bytes to load, no section table: an image");
	is_u64(run()->id[0].has, SYM_HAS_UNWIND, "with unwind info");
}

/* A dynamic section at 0xA00 that names the text at 0xB08. */
static void dynamic_section(bool mapped)
{
	static const struct {
		uint64_t tag, value;
	} entries[] = {{1, 1}, {14, 8}, {5, 0x10B00}, {0, 0}, {14, 1}};

	for (size_t i = 0; i < ARRAY_LEN(entries); i++) {
		word(0xA00 + i * field(8, 16), entries[i].tag);
		word(0xA00 + i * field(8, 16) + field(4, 8), entries[i].value);
	}
	put_text(&f.b, 0xB08, "/lib/libx.so.1");
	put(&f.b, 0xEFF, 0, 1);
	if (mapped)
		segment(LOAD, 0x800, 0x10800, 0x700, 4096);
}

static void test_names(void)
{
	struct sym_want want;

	for (unsigned i = 0; i < 4; i++) {
		start(i & 1, i & 2);
		segment(NOTE, DATA_AT, 0, note(DATA_AT, "GNU", 3, ID, 20, 4) - DATA_AT, 4);
		dynamic_section(true);
		section(".dynamic", SHT_DYNAMIC, ALLOC, 0xA00, field(8, 16) * 5, 8);
		is_str(run()->id[0].name, "libx.so.1", "DT_SONAME of .dynamic, without its folder");
		put_text(&f.b, 0xC00, "x.debug");
		put(&f.b, 0xC08, 0x12345678, 4);
		section(".gnu_debuglink", PROGBITS, 0, 0xC00, 12, 4);
		want = run()->id[0].wants[0];
		is_str(want.name, "x.debug", "the debuglink's name");
		ok(want.has_crc32 && want.crc32 == 0x12345678, "its CRC in the file's byte order");
		ok(memcmp(&want.debug, &run()->id[0].debug, sizeof want.debug) == 0,
		   "and the same id");
	}
	start_image();
	dynamic_section(false);
	section(".dynamic", SHT_DYNAMIC, ALLOC, 0xA00, 80, 8);
	is_str(run()->id[0].name, "", "no name where no segment maps the strings");

	start(true, false);
	segment(NOTE, DATA_AT, 0, note(DATA_AT, "GNU", 3, ID, 20, 4) - DATA_AT, 4);
	dynamic_section(true);
	segment(DYNAMIC, 0xA00, 0x10A00, 80, 8);
	is_str(run()->id[0].name, "libx.so.1", "PT_DYNAMIC where there is no section table");

	start_image();
	put_text(&f.b, 0xC00, "cut");
	section(".gnu_debuglink", PROGBITS, 0, 0xC00, 4, 4);
	ok(!run()->id[0].wants[0].has_crc32, "a debuglink without a CRC");

	start_image();
	section(".gnu_debuglink", PROGBITS, 0x800, 0xC00, 12, 4);
	is_u64(run()->id[0].wants_count, 0, "a compressed debuglink, whose bytes are no name");
}

/* What dwz leaves: a name, NUL, and the build-id of the file of that name, up to the section's end. */
static const struct sym_identity *dwz(const char *debug, const char *name, unsigned id_bytes)
{
	size_t text = strlen(name) + 1;

	section(debug, PROGBITS, 0, 0x900, 16, 1);
	put_text(&f.b, 0xC00, name);
	for (unsigned i = 0; i < id_bytes; i++)
		put(&f.b, 0xC00 + text + i, i + 1, 1);
	section(".gnu_debugaltlink", PROGBITS, 0, 0xC00, text + id_bytes, 1);
	return &run()->id[0];
}

static void test_dwz(void)
{
	const struct sym_identity *id;

	for (unsigned i = 0; i < 4; i++) {
		start(i & 1, i & 2);
		segment(NOTE, DATA_AT, 0, note(DATA_AT, "GNU", 3, ID, 20, 4) - DATA_AT, 4);
		id = dwz(".debug_info", "../.dwz/common.debug", 20);
		is_u64(id->wants_count, 1, "debug information wants its dwz file");
		is_str(id->wants[0].name, "common.debug", "by its name");
		is_u64(id->wants[0].code.len, 20, "and by a build-id");
		is_u64(id->wants[0].code.bytes[19], 20, "that is not its own");
		is_u64(id->wants[0].debug.guid[0], i & 2 ? 1 : 4, "of which Breakpad's form follows the byte order");
	}
	start_image();
	is_u64(dwz(".text", "common.debug", 20)->wants_count, 0, "a stripped image does not");
	start_image();
	is_u64(dwz(".debug_info", "common.debug", 0)->wants_count, 0, "no build-id, no file");
	start_image();
	is_u64(dwz(".debug_info", "common.debug", SYM_CODE_MAX + 1)->wants_count, 0, "nor where it is too long");
	start_image();
	is_u64(dwz(".debug_info", "", 20)->wants_count, 0, "nor where there is no name");
}

/* DWARF 5, 7.5.1: the head of the first unit, in its 32-bit and 64-bit form. */
static unsigned traits_of_unit(const char *name, bool wide, unsigned version, unsigned type)
{
	size_t at = 0x900;

	start_image();
	put(&f.b, at, wide ? UINT32_MAX : 0x20, 4);
	at += wide ? 12 : 4;
	put(&f.b, at, version, 2);
	put(&f.b, at + 2, type, 1);
	section(name, PROGBITS, 0, 0x900, 0x20, 1);
	return run()->id[0].traits & SYM_SPLIT_DWARF;
}

/* A whole unit of `length` bytes behind that number, as of an assembler, and a skeleton unit behind it. */
static unsigned traits_of_second(bool wide, uint64_t length)
{
	size_t at = 0x900 + (wide ? 12 : 4);

	start_image();
	put(&f.b, 0x900, wide ? UINT32_MAX : length, 4);
	if (wide)
		put(&f.b, 0x904, length, 8);
	put(&f.b, at, 0x010005, 4); /* DW_UT_compile */
	put(&f.b, at + 8, 0x20, 4);
	put(&f.b, at + 12, 0x040005, 4);
	section(".debug_info", PROGBITS, 0, 0x900, 0x40, 1);
	return run()->id[0].traits & SYM_SPLIT_DWARF;
}

/* A relocatable file with that section, and without an identifier. */
static unsigned traits_of_rel(const char *name, uint64_t flags, const char *other)
{
	start(true, false);
	put(&f.b, 16, 1, 2); /* ET_REL */
	section(name, PROGBITS, flags, 0x900, 0x20, 1);
	if (other)
		section(other, PROGBITS, 0, 0x920, 0x20, 1);
	return run()->id[0].traits & (SYM_OBJECT | SYM_BY_NAME);
}

static void test_split_off(void)
{
	is_u64(traits_of_rel(".debug_info.dwo", 0, NULL), SYM_BY_NAME, "a .dwo is no object file");
	is_u64(traits_of_rel(".debug_info.dwo", COMPRESSED, ".debug_cu_index"), SYM_BY_NAME, "nor is a .dwp, packed");
	is_u64(traits_of_rel(".zdebug_info.dwo", 0, NULL), SYM_BY_NAME, "nor a .dwo that older tools packed");
	is_u64(traits_of_rel(".debug_sup", 0, ".debug_info"), SYM_BY_NAME, "nor what dwz --dwarf-5 moved");
	is_u64(traits_of_rel(".debug_info.dwo", 0, ".debug_info"), SYM_OBJECT, "but one of -gsplit-dwarf=single is");
	is_u64(traits_of_rel(".debug_info", 0, NULL), SYM_OBJECT, "and any other");
	start_image();
	section(".debug_sup", PROGBITS, 0, 0x900, 0x20, 1);
	is_u64(run()->id[0].traits, SYM_IMAGE | SYM_SHARED_DWARF, "an image that names such a file is still one");
}

static void test_split_dwarf(void)
{
	is_u64(traits_of_second(false, 8), SYM_SPLIT_DWARF, "the second unit tells, too");
	is_u64(traits_of_second(true, 8), SYM_SPLIT_DWARF, "behind one in 64-bit DWARF");
	is_u64(traits_of_second(false, 0x1000), 0, "but none that is far away");
	is_u64(traits_of_second(true, UINT64_MAX - 8), 0, "nor beyond all files");
	is_u64(traits_of_second(false, 0), 0, "units without length come to an end");
	is_u64(traits_of_unit(".debug_info", false, 5, 4), SYM_SPLIT_DWARF, "a skeleton unit: the rest is in a .dwo");
	is_u64(traits_of_unit(".debug_info", true, 5, 4), SYM_SPLIT_DWARF, "the same in 64-bit DWARF");
	is_u64(traits_of_unit(".debug_info", false, 5, 1), 0, "a whole unit");
	is_u64(traits_of_unit(".debug_info.dwo", false, 5, 5), 0, "that of a .dwo");
	is_u64(traits_of_unit(".debug_info", false, 4, 4), 0, "DWARF 4 has no types there");
	is_u64(traits_of_unit(".zdebug_info", false, 0, 0), 0, "what is packed does not tell");
}

/* DWARF 4: the unit's own entry has the first of the abbreviations, at 4 of their section, with
 * `attribute` behind the name of the compiler. */
static unsigned traits_of_entry(bool wide, uint64_t abbreviations, unsigned code, unsigned attribute)
{
	size_t at = 0x900;

	start_image();
	put(&f.b, at, wide ? UINT32_MAX : 0x20, 4);
	at += wide ? 12 : 4;
	put(&f.b, at, 4, 2);
	put(&f.b, at + 2, abbreviations, wide ? 8 : 4);
	put(&f.b, at + (wide ? 11 : 7), code, 1);
	section(".debug_info", PROGBITS, 0, 0x900, 0x20, 1);
	put(&f.b, 0xA04, 0x0E25011101, 5);               /* 1, a unit with children: DW_AT_producer, DW_FORM_strp */
	put(&f.b, 0xA09, 0x80 | (attribute & 0x7F), 1);  /* LEB128 */
	put(&f.b, 0xA0A, attribute >> 7, 1);
	put(&f.b, 0xA0B, 0x0E, 1);
	section(".debug_abbrev", PROGBITS, 0, 0xA00, 0x20, 1);
	return run()->id[0].traits & SYM_SPLIT_DWARF;
}

static void test_split_dwarf_4(void)
{
	is_u64(traits_of_entry(false, 4, 1, 0x2130), SYM_SPLIT_DWARF, "DWARF 4: the unit's entry names a .dwo");
	is_u64(traits_of_entry(true, 4, 1, 0x2130), SYM_SPLIT_DWARF, "the same in 64-bit DWARF");
	is_u64(traits_of_entry(false, 4, 1, 0x2134), 0, "an entry that names none");
	is_u64(traits_of_entry(false, 4, 2, 0x2130), 0, "another abbreviation than the unit's entry has");
	is_u64(traits_of_entry(false, 0x20, 1, 0x2130), 0, "abbreviations outside their section");
}

/* Where it is asked to unpack, the bytes stand as they are. */
static size_t take_as_is(struct blob *b, enum blob_packing how, uint64_t offset, uint64_t size, void *to, size_t n)
{
	n = (size_t)min_u64(n, size);
	if (how != BLOB_ZLIB && how != BLOB_ZSTD)
		return 0;
	memcpy(to, (const uint8_t *)b->ctx + offset, n);
	return n;
}

/* As traits_of_entry, in sections that are packed in that way, with `bytes` of each. */
static unsigned traits_of_packed(bool wide, bool big_endian, unsigned how, uint64_t bytes, bool unpacks)
{
	size_t header = wide ? 24 : 12;

	start(wide, big_endian);
	segment(NOTE, DATA_AT, 0, note(DATA_AT, "GNU", 3, ID, 20, 4) - DATA_AT, 4);
	put(&f.b, 0x900, how, 4);
	put(&f.b, 0x900 + header, 0x20, 4);
	put(&f.b, 0x904 + header, 4, 2);
	put(&f.b, 0x906 + header, 4, 4);  /* the entry at 4 */
	put(&f.b, 0x90B + header, 1, 1);
	section(".debug_info", PROGBITS, COMPRESSED, 0x900, bytes, 1);
	put(&f.b, 0xA00, how, 4);
	put_bytes(&f.b, 0xA04 + header, "\1\x11\1\xB0\x42\x0E", 6); /* DW_AT_GNU_dwo_name */
	section(".debug_abbrev", PROGBITS, COMPRESSED, 0xA00, 0x40, 1);
	return look_into(&elf_format, f.b.at, f.b.size, unpacks ? take_as_is : NULL)->id[0].traits & SYM_SPLIT_DWARF;
}

/* The same as older tools packed it. */
static unsigned traits_of_packed_by_name(bool wide, bool big_endian, const char *abbrev)
{
	size_t header = 12, at = 0xA04;

	start(wide, big_endian);
	segment(NOTE, DATA_AT, 0, note(DATA_AT, "GNU", 3, ID, 20, 4) - DATA_AT, 4);
	put_bytes(&f.b, 0x900, "ZLIB\0\0\0\0\0\0\0\x40", header);
	put(&f.b, 0x900 + header, 0x20, 4);
	put(&f.b, 0x904 + header, 4, 2);
	put(&f.b, 0x906 + header, 4, 4);
	put(&f.b, 0x90B + header, 1, 1);
	section(".zdebug_info", PROGBITS, 0, 0x900, 0x40, 1);
	if (abbrev[1] == 'z')
		at += header;
	put_bytes(&f.b, at, "\1\x11\1\xB0\x42\x0E", 6);
	section(abbrev, PROGBITS, 0, 0xA00, 0x40, 1);
	return look_into(&elf_format, f.b.at, f.b.size, take_as_is)->id[0].traits & SYM_SPLIT_DWARF;
}

static void test_packed_dwarf(void)
{
	for (unsigned i = 0; i < 4; i++)
		is_u64(traits_of_packed(i & 1, i & 2, BLOB_ZLIB, 0x40, true), SYM_SPLIT_DWARF,
		       "%d bits, %s endian: it is looked at unpacked", i & 1 ? 64 : 32, i & 2 ? "big" : "little");
	is_u64(traits_of_packed(true, false, BLOB_ZSTD, 0x40, true), SYM_SPLIT_DWARF, "zstd");
	is_u64(traits_of_packed(true, false, 3, 0x40, true), 0, "not in another way");
	is_u64(traits_of_packed(true, false, BLOB_ZLIB, 24, true), 0, "nor a header alone");
	is_u64(traits_of_packed(true, false, BLOB_ZLIB, 8, true), 0, "or less");
	is_u64(traits_of_packed(true, false, BLOB_ZLIB, 0x40, false), 0, "nor where nothing can be unpacked");
	for (unsigned i = 0; i < 4; i++)
		is_u64(traits_of_packed_by_name(i & 1, i & 2, ".zdebug_abbrev"), SYM_SPLIT_DWARF,
		       "%d bits, %s endian: of older tools", i & 1 ? 64 : 32, i & 2 ? "big" : "little");
	is_u64(traits_of_packed_by_name(true, false, ".debug_abbrev"), SYM_SPLIT_DWARF,
	       "which leave a small section as it is");
}

static void test_extended_numbering(void)
{
	for (unsigned wide = 0; wide < 2; wide++) {
		start(wide, true);
		segment(LOAD, 0, 0, 16, 4);
		segment(NOTE, DATA_AT, 0, note(DATA_AT, "GNU", 3, ID, 20, 4) - DATA_AT, 4);
		section(".debug_info", PROGBITS, 0, 0x900, 4, 4);
		put(&f.b, field(44, 56), 0xFFFF, 2);                 /* e_phnum */
		put(&f.b, field(48, 60), 0, 2);                      /* e_shnum */
		put(&f.b, field(50, 62), 0xFFFF, 2);                 /* e_shstrndx */
		word(SECTIONS_AT + field(20, 32), f.sections);       /* sh_size */
		put(&f.b, SECTIONS_AT + field(24, 40), 1, 4);        /* sh_link */
		put(&f.b, SECTIONS_AT + field(28, 44), f.segments, 4); /* sh_info */
		is_str(code(run()), ID_TEXT, "the count of segments in section 0");
		is_u64(run()->id[0].has, SYM_HAS_DEBUG,
		       "the count of sections and the names' index too");
	}
}

/* What strippers leave of a section table is no damage. */
static void test_remains_of_a_section_table(void)
{
	start_image();
	put(&f.b, 58, 0, 2); /* e_shentsize */
	put(&f.b, 60, 0, 2); /* e_shnum */
	is_str(code(run()), ID_TEXT, "an offset without number and size");
	start_image();
	put(&f.b, 60, 1, 2);
	put(&f.b, 62, 39, 2); /* e_shstrndx */
	is_str(code(run()), ID_TEXT, "the empty section alone needs no names");
}

/* The image with `n` bytes at `offset` changed. */
static void refused(size_t offset, uint64_t value, unsigned n, enum sym_status status, uint64_t at,
		    const char *what)
{
	const struct found *found;

	start_image();
	put(&f.b, offset, value, n);
	found = run();
	is_u64(found->status, status, "%s: %s", what, found->err.text);
	ok(found->err.has_offset && found->err.offset == at && found->count == 0, "and where");
}

static void test_damage(void)
{
	size_t text = SECTIONS_AT + 64 * 2; /* the header of .text */
	const struct found *found;
	unsigned good = 0;

	refused(4, 0, 1, SYM_MALFORMED, 4, "class 0");
	refused(5, 0, 1, SYM_MALFORMED, 5, "byte order 0");
	refused(54, 0, 2, SYM_MALFORMED, 54, "program headers of no bytes");
	refused(54, 1, 2, SYM_MALFORMED, 54, "program headers of 1 byte");
	refused(58, 0, 2, SYM_MALFORMED, 58, "section headers of no bytes");
	refused(32, UINT64_MAX, 8, SYM_MALFORMED, 32, "program headers at the end of all");
	refused(40, UINT64_MAX, 8, SYM_MALFORMED, 40, "sections at the end of all");
	refused(60, 0xFEFF, 2, SYM_MALFORMED, 40, "sections past the end");
	refused(62, 0xFF00, 2, SYM_MALFORMED, 62, "names in no section");
	start_image();
	for (unsigned at = 0; at < 64; at++)
		put(&f.b, SECTIONS_AT + 64 + at, 0, 1);
	found = run();
	is_u64(found->status, SYM_MALFORMED, "a table whose end was never written: %s", found->err.text);
	is_u64(found->err.offset, SECTIONS_AT + 64, "there");
	refused(text + 32, 1 << 20, 8, SYM_MALFORMED, text, "a section past the end");
	refused(text + 24, UINT64_MAX, 8, SYM_MALFORMED, text, "or at the end of all");

	start_image();
	put(&f.b, 60, 0, 2);
	put(&f.b, SECTIONS_AT + 32, UINT64_MAX, 8);
	is_u64(run()->status, SYM_TOO_BIG, "2^64 sections");
	put(&f.b, 60, f.sections, 2);
	put(&f.b, 16, 4, 2);
	is_u64(run()->status, SYM_UNSUPPORTED, "a core dump");

	start_image();
	for (size_t size = 4; size < f.b.size; size++) {
		found = look(&elf_format, f.b.at, size);
		good += found->status != SYM_MALFORMED || found->count > 0;
	}
	is_u64(good, 0, "cut at any place: damaged, nothing emitted");
	is_u64(look(&elf_format, f.b.at, 3)->status, SYM_NOT_MINE, "three bytes are nobody's");

	start(true, false);
	segment(NOTE, DATA_AT, 0, note(DATA_AT, "GNU", 3, ID, 20, 4) - DATA_AT, 4);
	segment(LOAD, 0, 0, 0x1000, 4096);
	segment(LOAD, 0x2000, 0x2000, 0, 4096); /* .bss */
	f.b.size = 0x1000;
	is_u64(run()->status, SYM_OK, "no section table, and all that is loaded: an image");
	f.b.size--;
	found = run();
	ok(found->status == SYM_MALFORMED && found->err.offset == SEGMENTS_AT + 56,
	   "cut behind its note: %s", found->err.text);
	section(".text", NOBITS, CODE, 0x900, 16, 4);
	is_u64(run()->status, SYM_OK, "with sections it is a companion, whose bytes are gone");
}

/* As many sections as there may be: one pass, whatever they say. */
static void test_the_largest_table(void)
{
	size_t count = ELF_SECTIONS_MAX, size = 64 + count * 64, i;
	uint8_t *file = calloc(1, size);
	const struct found *found;

	if (!ok(file != NULL, "memory for a file of 64 MiB"))
		return;
	start(true, false);
	put(&f.b, 40, 64, 8);
	put(&f.b, 64 + 32, count, 8); /* sh_size of section 0 */
	memcpy(file, f.b.at, 128);
	found = look(&elf_format, file, size);
	is_u64(found->status, SYM_NO_KEY, "2^20 empty sections are read");
	ok(found->reads <= size / BLOB_WINDOW_BYTES + 2, "in %u reads", found->reads);

	file[62] = 1; /* all sections are called by far places of section 1, which is the file */
	for (i = 1; i < count; i++) {
		f.b.size = 0;
		put(&f.b, 0, i == 1 ? 0 : i * 7919 * 4096 % size, 4);
		put(&f.b, 4, PROGBITS, 4);
		put(&f.b, 32, size, 8);
		memcpy(file + 64 + i * 64, f.b.at, 64);
	}
	found = look(&elf_format, file, size);
	is_u64(found->status, SYM_TOO_BIG, "names all over the file: %s", found->err.text);
	ok(found->reads <= FORMAT_READS_MAX + 8, "after %u reads", found->reads);

	for (i = 1; i < count; i++)
		file[64 + i * 64 + 4] = SHT_NOTE;
	is_u64(look(&elf_format, file, size)->status, SYM_NO_KEY,
	       "2^20 sections of the same notes");
	free(file);
}

/* Segments of one note each, all over the file. */
static void test_far_notes(void)
{
	const size_t count = 0xFFFE, size = 64 << 20;
	uint8_t *file = calloc(1, size);
	const struct found *found;

	if (!ok(file != NULL, "memory for a file of 64 MiB"))
		return;
	start(true, false);
	put(&f.b, 32, 64, 8);
	put(&f.b, 40, 0, 8);
	put(&f.b, 54, 56, 2);
	put(&f.b, 56, count, 2);
	memcpy(file, f.b.at, 64);
	for (size_t i = 0; i < count; i++) {
		f.b.size = 0;
		put(&f.b, 0, NOTE, 4);
		put(&f.b, 8, i * 7919 * 4096 % size, 8);
		put(&f.b, 32, 12, 8);
		put(&f.b, 48, 4, 8);
		memcpy(file + 64 + i * 56, f.b.at, 56);
	}
	found = look(&elf_format, file, size);
	is_u64(found->status, SYM_TOO_BIG, "notes all over the file: %s", found->err.text);
	ok(found->reads <= FORMAT_READS_MAX + 8, "after %u reads", found->reads);
	free(file);
}

int main(void)
{
	test_classes_and_orders();
	test_places_of_the_build_id();
	test_notes_that_are_none();
	test_text_hash();
	test_objects();
	test_consoles();
	test_two_ids();
	test_what_it_has();
	test_names();
	test_dwz();
	test_split_off();
	test_split_dwarf();
	test_split_dwarf_4();
	test_packed_dwarf();
	test_extended_numbering();
	test_remains_of_a_section_table();
	test_damage();
	test_the_largest_table();
	test_far_notes();
	return done();
}
