/* SPDX-License-Identifier: MIT
 * Mach-O: each rule that macho.c states, on the smallest file that shows it. */
#include "bytes.h"
#include "tap.h"

extern const struct format macho_format;

enum {
	X86_64 = 0x01000007, ARM64 = 0x0100000C,
	EXECUTE = 2, CORE = 4, DYLIB = 6, DSYM = 0xA,
	SYMTAB = 2, UUID = 0x1B,
	SLICE_BYTES = 0x800,
};

#define ID "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0A\x0B\x0C\x0D\x0E\x0F\x10"
#define ID_TEXT "0102030405060708090a0b0c0d0e0f10"
#define ID_DEBUG "0102030405060708090A0B0C0D0E0F100"

/* The file in the making: thin files are added at `base`. */
static struct {
	struct bytes b;
	bool wide;
	size_t base, end; /* of the load commands */
	unsigned commands;
} f;

static void thin(size_t base, bool wide, bool big_endian, uint32_t cpu, uint32_t subtype,
		 uint32_t type)
{
	f.b.big_endian = big_endian;
	f.wide = wide;
	f.base = base;
	f.commands = 0;
	f.end = base + (wide ? 32 : 28);
	put(&f.b, base, wide ? 0xFEEDFACF : 0xFEEDFACE, 4);
	put(&f.b, base + 4, cpu, 4);
	put(&f.b, base + 8, subtype, 4);
	put(&f.b, base + 12, type, 4);
	put(&f.b, base + SLICE_BYTES - 1, 0, 1);
}

static void start(bool wide, bool big_endian, uint32_t cpu, uint32_t subtype, uint32_t type)
{
	memset(&f, 0, sizeof f);
	thin(0, wide, big_endian, cpu, subtype, type);
}

/* Adds a load command's head; answers its offset. */
static size_t command(uint32_t what, uint32_t size)
{
	size_t at = f.end;

	put(&f.b, at, what, 4);
	put(&f.b, at + 4, size, 4);
	f.end += size;
	put(&f.b, f.base + 16, ++f.commands, 4);
	put(&f.b, f.base + 20, f.end - f.base - (f.wide ? 32 : 28), 4);
	return at;
}

static void uuid(const void *bytes)
{
	put_bytes(&f.b, command(UUID, 24) + 8, bytes, 16);
}

/* A segment of one section. */
static size_t segment(const char *name, const char *section, uint64_t bytes, uint64_t section_bytes)
{
	unsigned word = f.wide ? 8 : 4;
	uint32_t head = f.wide ? 72 : 56;
	size_t at = command(f.wide ? 0x19 : 1, head + (f.wide ? 80 : 68));

	put_text(&f.b, at + 8, name);
	put(&f.b, at + 24 + 2 * word, 0, word);
	put(&f.b, at + 24 + 3 * word, bytes, word);
	put(&f.b, at + head - 8, 1, 4);
	put_bytes(&f.b, at + head, section, strlen(section) < 16 ? strlen(section) : 16);
	put_text(&f.b, at + head + 16, name);
	put(&f.b, at + head + 32 + word, section_bytes, word);
	return at;
}

static const struct found *run(void)
{
	return look(&macho_format, f.b.at, f.b.size);
}

static void test_thin(void)
{
	for (unsigned i = 0; i < 4; i++) {
		const struct found *found;

		start(i & 1, i & 2, ARM64, 0, EXECUTE);
		command(0x32, 16);
		uuid(ID);
		uuid("another one     ");
		found = run();
		is_u64(found->status, SYM_OK, "%d bits, %s endian", i & 1 ? 64 : 32,
		       i & 2 ? "big" : "little");
		is_str(code(found), ID_TEXT, "the first UUID");
		is_str(debug(found), ID_DEBUG, "is the debug identifier too, with age 0");
		ok(found->id[0].whole_file && found->id[0].slice_size == f.b.size,
		   "the whole file");
		is_u64(found->reads, 1, "in one read");
	}
}

static void test_no_uuid(void)
{
	static const uint8_t zeros[16];

	start(true, false, X86_64, 3, DYLIB);
	command(0x32, 16);
	is_u64(run()->status, SYM_NO_KEY, "no UUID: no key");
	is_u64(run()->count, 0, "and no identity");
	uuid(zeros);
	is_u64(run()->status, SYM_NO_KEY, "zeros are none");
	uuid(ID);
	is_str(code(run()), ID_TEXT, "and hide none behind them");
}

static void test_object(void)
{
	start(true, false, X86_64, 3, 1);
	is_u64(run()->status, SYM_OK, "an object needs no UUID");
	is_u64(run()->id[0].traits, SYM_OBJECT, "it is called so");
	ok(!code(run())[0] && !debug(run())[0], "and has no identifier");
	uuid(ID);
	is_u64(run()->id[0].traits, 0, "with one it is nothing special");
	is_str(code(run()), ID_TEXT, "but found by it");
}

static void test_architectures(void)
{
	static const struct {
		uint32_t cpu, subtype;
		enum sym_arch arch;
	} rows[] = {
		{7, 3, SYM_ARCH_X86},           {X86_64, 3, SYM_ARCH_X86_64},
		{X86_64, 8, SYM_ARCH_X86_64H},  {12, 9, SYM_ARCH_ARMV7},
		{12, 11, SYM_ARCH_ARMV7S},      {12, 12, SYM_ARCH_ARMV7K},
		{12, 6, SYM_ARCH_ARM},          {ARM64, 0, SYM_ARCH_ARM64},
		{ARM64, 2, SYM_ARCH_ARM64E},    {ARM64, 0x80000002, SYM_ARCH_ARM64E},
		{0x0200000C, 1, SYM_ARCH_ARM64_32}, {18, 0, SYM_ARCH_PPC},
		{0x01000012, 0, SYM_ARCH_PPC64}, {99, 0, SYM_ARCH_UNKNOWN},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		start(true, false, rows[i].cpu, rows[i].subtype, EXECUTE);
		uuid(ID);
		is_u64(run()->id[0].arch, rows[i].arch, "cpu %x, subtype %x is \"%s\"",
		       (unsigned)rows[i].cpu, (unsigned)rows[i].subtype, arch_word(rows[i].arch));
	}
}

static void test_file_types(void)
{
	static const unsigned traits[] = {
		0, 0, SYM_IMAGE, 0, 0, 0, SYM_IMAGE, 0, SYM_IMAGE, 0,
		SYM_DSYM | SYM_COMPANION, SYM_IMAGE, 0,
	};

	for (uint32_t type = 1; type < ARRAY_LEN(traits); type++) {
		start(true, false, X86_64, 3, type);
		uuid(ID);
		if (type == CORE)
			is_u64(run()->status, SYM_UNSUPPORTED, "a core dump is no symbol file");
		else
			is_u64(run()->id[0].traits, traits[type], "traits of file type %u", type);
	}
}

static void test_what_it_has(void)
{
	static const struct {
		const char *segment, *section;
		uint64_t bytes, section_bytes;
		unsigned has;
	} rows[] = {
		{"__DWARF", "__debug_info", 9, 9, SYM_HAS_DEBUG},
		{"__DWARF", "__debug_line", 9, 9, SYM_HAS_DEBUG},
		{"__DWARF", "__debug_info", 9, 0, 0},
		{"__OTHER", "__debug_info", 9, 9, 0},
		{"__DWARF", "__debug_str", 9, 9, 0},
		{"__TEXT", "__unwind_info", 9, 9, SYM_HAS_UNWIND},
		{"__TEXT", "__unwind_info", 0, 9, 0}, /* as in a dSYM */
		{"__TEXT", "__eh_frame", 9, 9, SYM_HAS_UNWIND},
		{"__LD", "__compact_unwind", 9, 9, SYM_HAS_UNWIND}, /* 16 letters: no NUL */
	};

	for (unsigned wide = 0; wide < 2; wide++)
		for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
			start(wide, !wide, X86_64, 3, DYLIB);
			uuid(ID);
			segment(rows[i].segment, rows[i].section, rows[i].bytes,
				rows[i].section_bytes);
			is_u64(run()->id[0].has, rows[i].has,
			       "%s,%s of %d bytes in a file of %d bits", rows[i].segment,
			       rows[i].section, (int)rows[i].section_bytes, wide ? 64 : 32);
		}
	start(true, false, X86_64, 3, DSYM);
	uuid(ID);
	put(&f.b, segment("__TEXT", "__text", 0, 9) + 40, 0x100000, 8);
	is_str(code(run()), ID_TEXT, "a segment without bytes lies nowhere");
	for (unsigned symbols = 0; symbols < 2; symbols++) {
		start(true, false, X86_64, 3, DYLIB);
		uuid(ID);
		put(&f.b, command(SYMTAB, 24) + 12, symbols, 4);
		is_u64(run()->id[0].has, symbols ? SYM_HAS_SYMBOLS : 0, "%u symbols", symbols);
	}
}

/* A universal file of two slices, x86-64 and arm64; `wide` is fat64. */
static void start_fat(bool wide)
{
	size_t entry = wide ? 32 : 20;
	unsigned word = wide ? 8 : 4;

	memset(&f, 0, sizeof f);
	thin(0x1000, true, false, X86_64, 3, DYLIB);
	uuid(ID);
	thin(0x2000, true, false, ARM64, 0, DYLIB);
	uuid("second slice    ");
	f.b.big_endian = true;
	put(&f.b, 0, wide ? 0xCAFEBABF : 0xCAFEBABE, 4);
	put(&f.b, 4, 2, 4);
	for (size_t i = 0; i < 2; i++) {
		put(&f.b, 8 + i * entry + 8, 0x1000 * (i + 1), word);
		put(&f.b, 8 + i * entry + 8 + word, SLICE_BYTES, word);
	}
}

static void test_fat(void)
{
	for (unsigned wide = 0; wide < 2; wide++) {
		const struct found *found;

		start_fat(wide);
		found = run();
		is_u64(found->count, 2, "two slices of a %s file", wide ? "fat64" : "fat");
		is_u64(found->id[0].arch, SYM_ARCH_X86_64, "the first one's architecture");
		is_str(code(found), ID_TEXT, "and UUID");
		is_u64(found->id[1].arch, SYM_ARCH_ARM64, "the second one's");
		is_u64(found->id[1].slice_offset, 0x2000, "its offset");
		is_u64(found->id[1].slice_size, SLICE_BYTES, "and size");
		ok(!found->id[0].whole_file && !found->id[1].whole_file,
		   "slices are not the whole file");
		ok(found->reads <= 4, "in %u reads", found->reads);
	}
	start_fat(false);
	put(&f.b, 28 + 8, 0x1000, 4);
	is_u64(run()->count, 1, "two entries of one slice are one");

	start_fat(false);
	put(&f.b, 0x1000 + 16, 0, 4);
	is_u64(run()->count, 1, "a slice without a UUID has no identity");
	is_str(arch_word(run()->id[0].arch), "arm64", "and the other stays");
	is_str(run()->without.text, "no UUID in the slice for x86_64 (linked with -no_uuid?)", "which is told");
	is_u64(run()->without.status, SYM_NO_KEY, "as what has no key");
	is_u64(run()->without.offset, 0x1000, "with where it begins");
	put(&f.b, 0x2000 + 16, 0, 4);
	f.b.big_endian = false;
	put(&f.b, 0x2000 + 12, 1, 4);
	is_u64(run()->id[0].traits, SYM_OBJECT, "an object beside it needs none");
	is_str(run()->without.text, "no UUID in the slice for x86_64 (linked with -no_uuid?)", "and is not told of");
	put(&f.b, 0x2000 + 12, DYLIB, 4);
	is_u64(run()->status, SYM_NO_KEY, "none has one: no key");
	is_u64(run()->without.status, SYM_OK, "and that is said once");
}

/* What lipo makes of an image and of an object for link-time optimisation. */
static void test_bitcode(void)
{
	static const char *const magics[] = {"BC\xC0\xDE", "\xDE\xC0\x17\x0B"};

	for (size_t i = 0; i < ARRAY_LEN(magics); i++) {
		start_fat(false);
		put_bytes(&f.b, 0x2000, magics[i], 4);
		put(&f.b, 28, ARM64, 4);
		is_u64(run()->count, 1, "a slice of bitcode has no identity, and the other has");
		is_str(run()->without.text, "no UUID in the slice for arm64 (linked with -no_uuid?)",
		       "which is told, by the table's architecture");
	}
}

static void fat_refused(size_t offset, uint64_t value, enum sym_status status, const char *what)
{
	const struct found *found;

	start_fat(false);
	put(&f.b, offset, value, 4);
	found = run();
	ok(found->status == status && found->count == 0, "%s: %s", what, found->err.text);
}

static void test_fat_damage(void)
{
	unsigned good = 0;

	fat_refused(4, 31, SYM_NOT_MINE, "31 slices or more: a Java class file");
	fat_refused(4, 52, SYM_NOT_MINE, "Java 8");
	fat_refused(4, 0, SYM_MALFORMED, "no slices");
	fat_refused(8 + 8, 8, SYM_MALFORMED, "a slice in the table");
	fat_refused(8 + 8, 0xFFFFF000, SYM_MALFORMED, "a slice outside the file");
	fat_refused(8 + 12, 0xFFFFFFFF, SYM_MALFORMED, "a slice longer than the file");
	fat_refused(28 + 8, 0x1400, SYM_MALFORMED, "slices that overlap");
	fat_refused(0x2000, 0x213C6172, SYM_NOT_MINE, "archives in slices: a static library");
	fat_refused(0x2000, 0x12345678, SYM_UNSUPPORTED, "a slice of something else");
	fat_refused(0x2000, 0xCAFEBABE, SYM_UNSUPPORTED, "a universal file in another");
	fat_refused(0x2000 + 32 + 4, 0, SYM_MALFORMED, "a broken slice behind a good one");
	start_fat(true);
	put(&f.b, 8 + 8, UINT64_MAX - 8, 8);
	is_u64(run()->status, SYM_MALFORMED, "a slice at the end of all");

	start_fat(false);
	for (size_t size = 4; size < f.b.size; size++) {
		const struct found *found = look(&macho_format, f.b.at, size);

		good += found->status != SYM_MALFORMED || found->count > 0;
	}
	is_u64(good, 0, "cut at any place: damaged, nothing emitted");
}

static void refused(size_t offset, uint64_t value, enum sym_status status, uint64_t at,
		    const char *what)
{
	const struct found *found;

	start(true, false, X86_64, 3, DYLIB);
	uuid(ID);
	segment("__TEXT", "__text", 9, 9);
	put(&f.b, offset, value, 4);
	found = run();
	ok(found->status == status && found->count == 0, "%s: %s", what, found->err.text);
	is_u64(found->err.offset, at, "and where");
}

static void test_damage(void)
{
	size_t second = 32 + 24;

	refused(16, UINT32_MAX, SYM_TOO_BIG, 16, "2^32 load commands");
	refused(16, 3, SYM_MALFORMED, second + 152, "one more load command than there is");
	refused(20, UINT32_MAX, SYM_MALFORMED, 20, "load commands of 4 GiB");
	refused(20, 24 + 8, SYM_MALFORMED, second + 4, "a cut load command");
	refused(36, 0, SYM_MALFORMED, 36, "a load command of no bytes");
	refused(36, 7, SYM_MALFORMED, 36, "of less than its head");
	refused(36, 16, SYM_MALFORMED, 40, "of less than a UUID");
	refused(36, 28, SYM_MALFORMED, 36, "of more than a UUID");
	refused(36, 25, SYM_MALFORMED, 36, "of an odd size");
	refused(36, 0xFFFFFFF8, SYM_MALFORMED, 36, "of 4 GiB");
	refused(second + 40, SLICE_BYTES, SYM_MALFORMED, second, "a segment behind the end");
	refused(second + 44, UINT32_MAX, SYM_MALFORMED, second, "or far behind it");
	refused(second + 64, 2, SYM_MALFORMED, second, "more sections than there is room for");
	refused(second + 64, UINT32_MAX, SYM_MALFORMED, second, "2^32 sections");
	refused(second + 4, 68, SYM_MALFORMED, second + 68, "a segment without its last field");
}

/* A copy that was cut off by a crash can have its whole size, and zeros where its end was to be. */
static void test_unwritten_end(void)
{
	for (unsigned wide = 0; wide < 2; wide++) {
		const struct found *found;
		size_t at;

		start(wide, !wide, ARM64, 0, DYLIB);
		uuid(ID);
		at = command(SYMTAB, 24);
		put(&f.b, at + 12, 1, 4);
		put(&f.b, at + 16, 0x400, 4);
		put(&f.b, at + 20, 100, 4);
		found = run();
		is_u64(found->status, SYM_MALFORMED, "no names of symbols: %s", found->err.text);
		is_u64(found->err.offset, 0x400 + 100 - 64, "there");
		put_bytes(&f.b, 0x400 + 100 - 64, "_", 1);
		is_u64(run()->status, SYM_OK, "one name");
		put(&f.b, at + 20, 63, 4);
		is_u64(run()->status, SYM_OK, "a table that padding alone may fill");
		put(&f.b, at + 20, SLICE_BYTES, 4);
		is_u64(run()->status, SYM_OK, "a table that is not in the file is for its segment to tell of");
		put(&f.b, at + 12, 0, 4);
		put(&f.b, at + 20, 63 + 1, 4);
		put_bytes(&f.b, 0x400 + 100 - 64, "\0", 1);
		is_u64(run()->status, SYM_OK, "no symbols, and so no names");

		start(wide, !wide, ARM64, 0, DSYM);
		uuid(ID);
		at = segment("__DWARF", "__debug_str", 0x100, 0x100) + (wide ? 72 : 56);
		put(&f.b, at + (wide ? 48 : 40), 0x500, 4);
		found = run();
		is_u64(found->status, SYM_MALFORMED, "a dSYM without the end of its DWARF: %s", found->err.text);
		is_u64(found->err.offset, 0x600 - 64, "there");
		at = segment("__DWARF", "__apple_objc", 0x100, 36) + (wide ? 72 : 56);
		put(&f.b, at + (wide ? 48 : 40), 0x600, 4);
		is_u64(run()->status, SYM_MALFORMED, "nor where a short table stands behind it");
		put_bytes(&f.b, 0x600 - 1, "x", 1);
		is_u64(run()->status, SYM_OK, "and with it");
	}
}

enum { VAST_HEAD = 32 };

/* A file that is made while it is read: a header, then load commands all alike, whose
 * first bytes are `head` and all others zeros. */
static struct {
	uint8_t header[VAST_HEAD];
	uint8_t head[72];
	uint64_t stride; /* bytes of one load command */
} vast;

static enum sym_status read_vast(void *ctx, uint64_t offset, void *to, size_t n, size_t *got,
				 struct sym_err *err)
{
	uint8_t *out = to;

	(void)ctx;
	(void)err;
	for (size_t i = 0; i < n; i++) {
		uint64_t at = offset + i;
		uint64_t in_command = at < VAST_HEAD ? 0 : (at - VAST_HEAD) % vast.stride;

		out[i] = at < VAST_HEAD ? vast.header[at]
			 : in_command < sizeof vast.head ? vast.head[in_command]
							 : 0;
	}
	*got = n;
	return SYM_OK;
}

/* `count` load commands of `stride` bytes, each of them `what` with `sections`. */
static const struct found *run_vast(uint32_t what, uint32_t count, uint32_t stride,
				    uint32_t sections)
{
	static struct found found;
	static struct blob blob;
	struct identity_sink sink = {.found = found_add, .ctx = &found};

	start(true, false, X86_64, 3, DYLIB);
	command(what, stride);
	put(&f.b, VAST_HEAD + 64, sections, 4);
	put(&f.b, 16, count, 4);
	put(&f.b, 20, count * stride, 4);
	memcpy(vast.header, f.b.at, sizeof vast.header);
	memcpy(vast.head, f.b.at + VAST_HEAD, sizeof vast.head);
	vast.stride = stride;
	memset(&found, 0, sizeof found);
	blob_open(&blob, VAST_HEAD + (uint64_t)count * stride, read_vast, NULL);
	found.status = macho_format.identify(&blob, &sink, &found.err);
	found.reads = blob.reads;
	return &found;
}

/* Gigabytes of load commands, as a file of a few pages with holes can hold them. */
static void test_vast(void)
{
	const struct found *found = run_vast(0x19, 2, 72 + 80 * 2048, 2048);

	is_u64(found->status, SYM_NO_KEY, "4096 sections in two segments: %s", found->err.text);
	found = run_vast(0x19, 10000, 72 + 80 * 4096, 4096);
	is_u64(found->status, SYM_TOO_BIG, "4096 in each of 10,000: %s", found->err.text);
	ok(found->reads < 100, "after %u reads", found->reads);
	found = run_vast(0x99, 65536, 32768, 0);
	is_u64(found->status, SYM_TOO_BIG, "65536 load commands, far apart: %s", found->err.text);
	ok(found->reads <= FORMAT_READS_MAX + 8, "after %u reads", found->reads);
}

int main(void)
{
	test_thin();
	test_no_uuid();
	test_object();
	test_architectures();
	test_file_types();
	test_what_it_has();
	test_fat();
	test_bitcode();
	test_fat_damage();
	test_damage();
	test_unwritten_end();
	test_vast();
	return done();
}
