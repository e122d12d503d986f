/* SPDX-License-Identifier: MIT
 * PDB 7 by its rules: every block size, the block map and directory wherever they
 * lie, the age of the right stream, and what damage is called. The PDBs are sparse
 * files made here, so that a huge one costs nothing. */
#include "identified.h"
#include "tap.h"

#include <stdlib.h>

#define GUID "33221100554477668899AABBCCDDEEFF" /* as printed, of the bytes 00 11 22 … */
#define DELETED 0xFFFFFFFFu

/* ------------------------------------------------------- a sparse file -- */

enum { PAGE = 4096, PAGES_MAX = 128 };

struct page {
	uint64_t number;
	uint8_t bytes[PAGE];
};

static struct page pages[PAGES_MAX];
static size_t page_count;
static uint64_t bytes_read;
static uint64_t fail_at; /* a read that touches this offset fails; 0: none does */

static uint8_t *page_bytes(uint64_t offset, bool make)
{
	for (size_t i = 0; i < page_count; i++)
		if (pages[i].number == offset / PAGE)
			return pages[i].bytes;
	if (!make)
		return NULL;
	if (page_count == PAGES_MAX)
		abort();
	memset(&pages[page_count], 0, sizeof pages[0]);
	pages[page_count].number = offset / PAGE;
	return pages[page_count++].bytes;
}

static void put(uint64_t offset, const void *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		page_bytes(offset + i, true)[(offset + i) % PAGE] = ((const uint8_t *)bytes)[i];
}

static void put_u32(uint64_t offset, uint32_t value)
{
	uint8_t bytes[4] = {(uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
			    (uint8_t)(value >> 24)};

	put(offset, bytes, sizeof bytes);
}

static void put_u16(uint64_t offset, uint16_t value)
{
	uint8_t bytes[2] = {(uint8_t)value, (uint8_t)(value >> 8)};

	put(offset, bytes, sizeof bytes);
}

static enum sym_status read_sparse(void *ctx, uint64_t offset, void *to, size_t n, size_t *got,
				   struct sym_err *err)
{
	(void)ctx;
	if (fail_at && fail_at >= offset && fail_at - offset < n)
		return err_sys(err, SYM_IO, 5, "reading failed");
	for (size_t i = 0; i < n; i++) {
		const uint8_t *page = page_bytes(offset + i, false);

		((uint8_t *)to)[i] = page ? page[(offset + i) % PAGE] : 0;
	}
	*got = n;
	bytes_read += n;
	return SYM_OK;
}

/* ---------------------------------------------------------- a PDB in it -- */

/* What to write; `plain` is a small PDB with everything in order. */
struct plan {
	uint32_t block_size, streams;
	uint32_t sizes[4];       /* of the streams 0 to 3; the others are empty */
	uint32_t map, directory; /* first blocks; the map goes down, the directory up */
	uint32_t info, dbi;      /* blocks */
	uint64_t file_size;
	uint32_t version, signature, info_age;
	uint32_t dbi_sign, dbi_age, modules;
	uint16_t globals, publics, flags, machine;
	bool zero_guid;
	const char *names; /* stream names, each with its NUL, "" at the end */
	uint32_t feature;  /* 0: none */
};

static const struct plan plain = {
	.block_size = 4096,
	.streams = 6,
	.sizes = {0, 200, 100, 200},
	.map = 3,
	.directory = 4,
	.info = 7,
	.dbi = 8,
	.file_size = 10 * 4096,
	.version = 20000404,
	.signature = 0xABCD1234,
	.info_age = 31,
	.dbi_sign = 0xFFFFFFFF,
	.dbi_age = 10,
	.modules = 64,
	.globals = 4,
	.publics = 5,
	.machine = 0x8664,
	.names = "",
};

static uint64_t blocks_of(const struct plan *plan, uint32_t size)
{
	return size == DELETED ? 0 : units_of(size, plan->block_size);
}

static void put_directory_u32(const struct plan *plan, uint64_t offset, uint32_t value)
{
	put_u32((plan->directory + offset / plan->block_size) * plan->block_size +
			offset % plan->block_size,
		value);
}

static uint32_t directory_bytes(const struct plan *plan)
{
	uint64_t bytes = 4 + 4 * (uint64_t)plan->streams;

	for (size_t i = 0; i < 4 && i < plan->streams; i++)
		bytes += 4 * blocks_of(plan, plan->sizes[i]);
	return (uint32_t)bytes;
}

static void put_superblock(const struct plan *plan)
{
	uint64_t blocks = units_of(directory_bytes(plan), plan->block_size);

	put(0,
	    "Microsoft C/C++ MSF 7.00\r\n\x1A"
	    "DS\0\0",
	    32);
	put_u32(32, plan->block_size);
	put_u32(36, 1);
	put_u32(40, (uint32_t)(plan->file_size / plan->block_size));
	put_u32(44, directory_bytes(plan));
	for (uint64_t i = 0; i < blocks; i++) {
		uint64_t map = plan->map - i * 4 / plan->block_size;

		put_u32(52 + i * 4 / plan->block_size * 4, (uint32_t)map);
		put_u32(map * plan->block_size + i * 4 % plan->block_size,
			(uint32_t)(plan->directory + i));
	}
}

static void put_directory(const struct plan *plan)
{
	uint64_t list = 4 + 4 * (uint64_t)plan->streams;

	put_directory_u32(plan, 0, plan->streams);
	for (uint32_t i = 0; i < 4 && i < plan->streams; i++) {
		put_directory_u32(plan, 4 + 4 * (uint64_t)i, plan->sizes[i]);
		if (i == 1 && blocks_of(plan, plan->sizes[i]) > 0)
			put_directory_u32(plan, list, plan->info);
		if (i == 3 && blocks_of(plan, plan->sizes[i]) > 0)
			put_directory_u32(plan, list, plan->dbi);
		list += 4 * blocks_of(plan, plan->sizes[i]);
	}
}

static void put_info(const struct plan *plan)
{
	static const uint8_t guid[16] = {0,    0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
					 0x88, 0x99, 0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF};
	uint64_t at = (uint64_t)plan->info * plan->block_size;
	size_t text = 0;

	put_u32(at, plan->version);
	put_u32(at + 4, plan->signature);
	put_u32(at + 8, plan->info_age);
	if (!plan->zero_guid)
		put(at + 12, guid, sizeof guid);
	while (plan->names[text])
		text += strlen(plan->names + text) + 1;
	put_u32(at + 28, (uint32_t)text);
	put(at + 32, plan->names, text);
	at += 32 + text;
	put_u32(at, 1);      /* entries */
	put_u32(at + 4, 2);  /* capacity */
	put_u32(at + 8, 1);  /* one word of bits in use */
	put_u32(at + 16, 0); /* none of bits that were */
	/* 20: one entry of 8 bytes; 28: the count of names that follows in some writers */
	put_u32(at + 28, 20140508);
	put_u32(at + 32, plan->feature);
}

static void put_dbi(const struct plan *plan)
{
	uint64_t at = (uint64_t)plan->dbi * plan->block_size;

	put_u32(at, plan->dbi_sign);
	put_u32(at + 4, 19990903);
	put_u32(at + 8, plan->dbi_age);
	put_u16(at + 12, plan->globals);
	put_u16(at + 16, plan->publics);
	put_u32(at + 24, plan->modules);
	put_u16(at + 56, plan->flags);
	put_u16(at + 58, plan->machine);
}

static void write_pdb(const struct plan *plan)
{
	page_count = 0;
	fail_at = 0;
	put_superblock(plan);
	put_directory(plan);
	put_info(plan);
	put_dbi(plan);
}

static struct identified identify_file(const struct plan *plan)
{
	static struct blob blob;

	bytes_read = 0;
	blob_open(&blob, plan->file_size, read_sparse, NULL);
	return identified_blob(&blob);
}

static struct identified identify_plan(struct plan plan)
{
	write_pdb(&plan);
	return identify_file(&plan);
}

/* ------------------------------------------------------------ the rules -- */

static void test_plain(void)
{
	struct identified got = identify_plan(plain);

	is_u64(got.status, SYM_OK, "a PDB in order is recognised");
	is_u64(got.count, 1, "as one identity");
	is_u64(got.id.kind, SYM_PDB, "of kind pdb");
	is_u64(got.id.debug.form, SYM_DEBUG_AGE, "with GUID and age");
	is_str(debug_text(&got.id.debug), GUID "-a",
	       "the age is the one in DBI, not the info stream's");
	is_u64(got.id.arch, SYM_ARCH_X86_64, "the machine stands in DBI");
	is_u64(got.id.has, SYM_HAS_SYMBOLS | SYM_HAS_DEBUG,
	       "modules and publics: symbols and debug");
	is_u64(got.id.traits, 0, "nothing special about it");
	ok(got.id.whole_file && got.id.slice_size == plain.file_size,
	   "the slice is the whole file");
	ok(got.reads <= 8, "%u reads, at most 8", got.reads);
}

static void test_block_sizes(void)
{
	static const uint32_t refused[] = {0, 1, 256, 511, 513, 3000, 131072, 0xFFFFFFFF};

	for (uint32_t size = 512; size <= 65536; size *= 2) {
		struct plan plan = plain;
		struct identified got;

		plan.block_size = size;
		plan.file_size = 10 * (uint64_t)size;
		got = identify_plan(plan);
		is_str(debug_text(&got.id.debug), GUID "-a", "blocks of %u bytes", (unsigned)size);
	}
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		struct identified got;

		write_pdb(&plain);
		put_u32(32, refused[i]);
		got = identify_file(&plain);
		ok(got.status == SYM_MALFORMED && got.err.has_offset && got.err.offset == 32,
		   "a block size of %u is refused, at 32", (unsigned)refused[i]);
	}
}

/* 100,000 streams in a file beyond 4 GiB, with types of 1 GB between info and DBI. */
static void test_huge(void)
{
	struct plan plan = plain;
	struct identified got;

	plan.streams = 100000;
	plan.sizes[1] = 5000;
	plan.sizes[2] = 1u << 30;
	plan.sizes[3] = 64u << 20;
	plan.map = 0x00300000;
	plan.directory = 0x00400000;
	plan.info = 0x00200000;
	plan.dbi = 0x00500000;
	plan.file_size = 0x00600000ull * 4096;
	got = identify_plan(plan);
	is_str(debug_text(&got.id.debug), GUID "-a",
	       "25 GB: block numbers times block size in 64 bits");
	ok(got.reads <= 8, "%u reads, at most 8", got.reads);
	ok(bytes_read <= 65536, "%u bytes read, at most 64 KiB", (unsigned)bytes_read);
}

/* Blocks of 512 bytes: one block of the map lists 128 of the directory's. */
static void test_long_map(void)
{
	struct plan plan = plain;
	struct identified got;

	plan.block_size = 512;
	plan.streams = 6;
	plan.sizes[2] = 20u << 20; /* 40960 blocks: 160 KiB of directory, 3 blocks of map */
	plan.map = 30;
	plan.directory = 40;
	plan.info = 5;
	plan.dbi = 6;
	plan.file_size = 21u << 20;
	got = identify_plan(plan);
	ok(directory_bytes(&plan) > 128u * 512, "the map takes more than one block");
	is_str(debug_text(&got.id.debug), GUID "-a", "a block map of several blocks is followed");
}

static void check_guid_alone(struct plan plan, const char *what)
{
	struct identified got = identify_plan(plan);

	ok(got.status == SYM_OK && got.id.debug.form == SYM_DEBUG_GUID, "GUID alone: %s", what);
	is_str(debug_text(&got.id.debug), GUID "-1f", "and the age of the info stream, for who wants it");
}

static void test_age(void)
{
	struct plan plan = plain;
	struct identified got;

	plan.dbi_age = 0;
	got = identify_plan(plan);
	ok(got.id.debug.form == SYM_DEBUG_AGE && got.id.debug.age == 0, "an age of 0 is an age");
	plan = plain;
	plan.sizes[3] = 12;
	got = identify_plan(plan);
	is_str(debug_text(&got.id.debug), GUID "-a",
	       "a DBI header that ends behind the age is enough");
	is_u64(got.id.arch, SYM_ARCH_UNKNOWN, "though it names no machine");
	plan.sizes[3] = 11;
	check_guid_alone(plan, "DBI has 11 bytes");
	plan.sizes[3] = 0;
	check_guid_alone(plan, "DBI is empty");
	plan.sizes[3] = DELETED;
	check_guid_alone(plan, "DBI is deleted");
	plan = plain;
	plan.dbi_sign = 0;
	check_guid_alone(plan, "the DBI header is an old one");
	plan = plain;
	plan.streams = 3;
	check_guid_alone(plan, "there are three streams");
	plan.streams = 2;
	check_guid_alone(plan, "there are two streams");
}

static void test_deleted_stream(void)
{
	struct plan plan = plain;
	struct identified got;

	plan.sizes[0] = DELETED;
	plan.sizes[2] = DELETED;
	got = identify_plan(plan);
	is_str(debug_text(&got.id.debug), GUID "-a", "a deleted stream has no blocks in the list");
}

static void test_has(void)
{
	struct plan plan = plain;
	struct identified got;

	plan.flags = 2;
	got = identify_plan(plan);
	is_u64(got.id.has, SYM_HAS_SYMBOLS, "a stripped PDB has symbols, but no debug");
	is_u64(got.id.traits, SYM_PUBLIC, "and is called public");
	plan = plain;
	plan.flags = 1;
	is_u64(identify_plan(plan).id.traits, 0, "incremental linking is another flag");
	plan = plain;
	plan.modules = 0;
	is_u64(identify_plan(plan).id.has, SYM_HAS_SYMBOLS | SYM_HAS_DEBUG,
	       "types alone are debug");
	plan.sizes[2] = 56;
	is_u64(identify_plan(plan).id.has, SYM_HAS_SYMBOLS, "the types' header alone is none");
	plan.globals = plan.publics = 0xFFFF;
	is_u64(identify_plan(plan).id.has, 0, "no stream of symbols, no symbols");
}

static void test_names_and_features(void)
{
	struct plan plan = plain;

	plan.names = "/LinkInfo\0/names\0srcsrv\0";
	is_u64(identify_plan(plan).id.has & SYM_HAS_SOURCES, SYM_HAS_SOURCES, "srcsrv: sources");
	plan.names = "sourcelink$1\0";
	is_u64(identify_plan(plan).id.has & SYM_HAS_SOURCES, SYM_HAS_SOURCES,
	       "SourceLink: sources");
	plan.names = "/names\0srcsrvx\0";
	is_u64(identify_plan(plan).id.has & SYM_HAS_SOURCES, 0, "another name: none");
	is_u64(identify_plan(plan).id.traits & SYM_FASTLINK, 0, "no feature: no fastlink");
	plan.feature = 0x494E494D;
	is_u64(identify_plan(plan).id.traits & SYM_FASTLINK, SYM_FASTLINK, "MINI: fastlink");
	plan.sizes[1] = 28;
	is_u64(identify_plan(plan).status, SYM_OK, "an info stream without names keeps its key");
}

/* The map of names crosses blocks at offsets that are no multiple of four. */
static void test_names_across_blocks(void)
{
	char names[700];
	struct plan plan = plain;
	struct identified got;

	memset(names, 'n', sizeof names);
	memcpy(names + 693, "\0x\0\0", 4);
	plan.block_size = 512;
	plan.file_size = 10 * 512;
	plan.sizes[1] = 1024;
	plan.dbi = 9;
	plan.names = names;
	plan.feature = 0x494E494D;
	write_pdb(&plan);
	put_directory_u32(&plan, 4 + 4 * 6 + 4, 8); /* the second block of the info stream */
	got = identify_file(&plan);
	is_u64(got.id.traits & SYM_FASTLINK, SYM_FASTLINK,
	       "features behind 695 bytes of names are found");
}

static void test_old_versions(void)
{
	struct plan plan = plain;
	struct identified got;

	plan.version = 19970604;
	got = identify_plan(plan);
	is_u64(got.id.debug.form, SYM_DEBUG_NB10,
	       "before 1999 there is no GUID: signature and age");
	is_str(debug_text(&got.id.debug), "ABCD1234000000000000000000000000-a",
	       "with the age of DBI");
	plan.version = 19990604;
	is_u64(identify_plan(plan).id.debug.form, SYM_DEBUG_AGE, "the first version with a GUID");
	plan.version = 0;
	got = identify_plan(plan);
	ok(got.status == SYM_MALFORMED && got.err.offset == plan.info * 4096ull,
	   "a version that never was is damage, at the info stream");
	plan.version = 20040203;
	is_u64(identify_plan(plan).status, SYM_MALFORMED, "the types' version is not the info stream's");
	plan.version = 0xFFFFFFFF;
	is_u64(identify_plan(plan).status, SYM_MALFORMED, "nor is what stands in a map of free blocks");
}

static void test_no_identifier(void)
{
	struct plan plan = plain;

	plan.zero_guid = true;
	is_u64(identify_plan(plan).status, SYM_NO_KEY, "a GUID of zeros is no identifier");
}

/* ----------------------------------------------------------------- damage -- */

static void check_damage(uint32_t value, uint64_t at, uint64_t said_at, const char *what)
{
	struct identified got;

	write_pdb(&plain);
	put_u32(at, value);
	got = identify_file(&plain);
	ok(got.status == SYM_MALFORMED && got.count == 0 && got.err.has_offset, "%s: refused",
	   what);
	is_u64(got.err.offset, said_at, "%s: the offset (%s)", what, got.err.text);
}

static void test_damage(void)
{
	const uint64_t directory = 4 * 4096, list = directory + 4 + 4 * 6;

	check_damage(11, 40, 40, "more blocks than the file has");
	check_damage(0, 44, 44, "an empty directory");
	check_damage(0x7FFFFFFF, 44, 44, "a directory larger than the file");
	check_damage(10, 52, 52, "a block map outside the file");
	check_damage(0xFFFFFFFF, 52, 52, "a block map at block -1");
	check_damage(0x00100000, 3 * 4096, 3 * 4096, "a directory outside the file");
	check_damage(0xFFFFFFFF, directory, directory, "more streams than the directory holds");
	check_damage(0, directory, directory, "no streams");
	check_damage(11, directory + 8, directory + 8, "an info stream of 11 bytes");
	check_damage(0x7FFFFFFF, directory + 8, directory + 8,
		     "an info stream beyond the directory");
	check_damage(10, list, list, "an info stream outside the file");
	check_damage(0xFFFFFFFF, list + 8, list + 8, "a DBI stream outside the file");
}

static void test_truncation(void)
{
	bool held = true;

	write_pdb(&plain);
	for (uint64_t size = 32; size < plain.file_size; size += 61) {
		struct plan plan = plain;
		struct identified got;

		plan.file_size = size;
		got = identify_file(&plan);
		held = held && got.status == SYM_MALFORMED && got.err.has_offset;
	}
	ok(held, "cut anywhere, behind the identifier too: refused with an offset");
	for (uint64_t size = 0; size < 32; size++) {
		struct plan plan = plain;

		plan.file_size = size;
		held = held && identify_file(&plan).status == SYM_NOT_MINE;
	}
	ok(held, "cut within the magic: no PDB");
}

static void test_unreadable(void)
{
	struct identified got;

	write_pdb(&plain);
	fail_at = 8 * 4096;
	got = identify_file(&plain);
	ok(got.status == SYM_IO && got.err.sys == 5, "what cannot be read is the machine's fault");
	is_u64(got.count, 0, "and identifies nothing");
}

int main(void)
{
	test_plain();
	test_block_sizes();
	test_huge();
	test_long_map();
	test_age();
	test_deleted_stream();
	test_has();
	test_names_and_features();
	test_names_across_blocks();
	test_old_versions();
	test_no_identifier();
	test_damage();
	test_truncation();
	test_unreadable();
	return done();
}
