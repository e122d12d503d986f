/* SPDX-License-Identifier: MIT
 * Portable PDB by its rules: the identifier of #Pdb wherever that stream stands in
 * the list, sources by the GUID heap, and what damage is called. */
#include "identified.h"
#include "tap.h"

#define GUID "33221100554477668899AABBCCDDEEFF"

enum { STREAMS_AT = 16 + 12 + 4, PDB_AT = 200, GUIDS_AT = 240, FILE_BYTES = 300 };

static uint8_t file[FILE_BYTES];
static size_t streams_end;

static void put_u32(size_t at, uint32_t value)
{
	for (size_t i = 0; i < 4; i++)
		file[at + i] = (uint8_t)(value >> (8 * i));
}

static void add_stream(uint32_t offset, uint32_t size, const char *name)
{
	put_u32(streams_end, offset);
	put_u32(streams_end + 4, size);
	memcpy(file + streams_end + 8, name, strlen(name) + 1);
	streams_end += 8 + strlen(name) / 4 * 4 + 4;
	file[30]++;
}

/* The root, and the identifier's bytes; no stream yet. */
static void start(void)
{
	static const uint8_t guid[16] = {0,    0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
					 0x88, 0x99, 0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF};

	memset(file, 0, sizeof file);
	memcpy(file, "BSJB\1\0\1\0", 8);
	put_u32(12, 12);
	memcpy(file + 16, "PDB v1.0", 8);
	memcpy(file + PDB_AT, guid, sizeof guid);
	put_u32(PDB_AT + 16, 0xCAFE0123);
	streams_end = STREAMS_AT;
}

static void start_plain(void)
{
	start();
	add_stream(PDB_AT, 20, "#Pdb");
	add_stream(140, 8, "#~");
	add_stream(GUIDS_AT, 32, "#GUID");
}

static struct identified identify_file(void)
{
	return identified_bytes(file, sizeof file);
}

static void check_damage(const char *what, uint64_t offset)
{
	struct identified got = identify_file();

	ok(got.status == SYM_MALFORMED && got.err.has_offset && got.count == 0, "%s: refused (%s)",
	   what, got.err.text);
	is_u64(got.err.offset, offset, "%s: the offset", what);
}

static void test_identifier(void)
{
	struct identified got;

	start_plain();
	got = identify_file();
	is_u64(got.status, SYM_OK, "a portable PDB in order is recognised");
	is_u64(got.id.kind, SYM_PORTABLE_PDB, "as such");
	is_u64(got.id.debug.form, SYM_DEBUG_PORTABLE, "with the form that readers spell ffffffff");
	is_str(debug_text(&got.id.debug), GUID "-cafe0123", "GUID and stamp");
	is_u64(got.id.has, SYM_HAS_DEBUG, "it has debug");
	start();
	for (uint32_t i = 0; i < 3; i++)
		add_stream(140 + 4 * i, 4, "#Blob");
	add_stream(PDB_AT, 0, "#US"); /* an empty heap, as Cecil writes it */
	add_stream(PDB_AT, 20, "#Pdb");
	got = identify_file();
	is_str(debug_text(&got.id.debug), GUID "-cafe0123", "#Pdb may stand anywhere");
	start();
	add_stream(PDB_AT, 20, "#Pdbx");
	is_u64(identify_file().status, SYM_UNSUPPORTED, "metadata without #Pdb is no PDB");
	start_plain();
	memset(file + PDB_AT, 0, 16);
	is_u64(identify_file().status, SYM_NO_KEY, "a GUID of zeros is no identifier");
}

static void test_sources(void)
{
	static const uint8_t source_link[16] = {0x56, 0x05, 0x11, 0xCC, 0x91, 0xA0, 0x38, 0x4D,
						0x9F, 0xEC, 0x25, 0xAB, 0x9A, 0x35, 0x1A, 0x6A};
	static const uint8_t embedded[16] = {0x1B, 0x57, 0x8A, 0x0E, 0x26, 0x69, 0x6E, 0x46,
					     0xB4, 0xAD, 0x8A, 0xB0, 0x46, 0x11, 0xF5, 0xFE};

	start_plain();
	memcpy(file + GUIDS_AT + 16, source_link, 16);
	is_u64(identify_file().id.has, SYM_HAS_DEBUG | SYM_HAS_SOURCES, "SourceLink: sources");
	memcpy(file + GUIDS_AT + 16, embedded, 16);
	is_u64(identify_file().id.has, SYM_HAS_DEBUG | SYM_HAS_SOURCES, "embedded text: sources");
	start_plain();
	memcpy(file + GUIDS_AT + 8, embedded, 16);
	is_u64(identify_file().id.has, SYM_HAS_DEBUG, "the same bytes between two GUIDs: none");
}

static void test_damage(void)
{
	start_plain();
	put_u32(12, 0);
	check_damage("a version text of no bytes", 12);
	put_u32(12, 0xFFFFFFF0);
	check_damage("a version text of 4 GiB", 12);
	start_plain();
	file[30] = 65;
	check_damage("65 streams", 30);
	start();
	add_stream(PDB_AT, 19, "#Pdb");
	check_damage("a #Pdb stream of 19 bytes", STREAMS_AT);
	start();
	add_stream(0xFFFFFFF0, 20, "#Pdb");
	check_damage("a #Pdb stream beyond the file", STREAMS_AT);
	start();
	add_stream(PDB_AT, 20, "#Pdb");
	add_stream(290, 11, "#Strings");
	check_damage("another stream that the file cuts", STREAMS_AT + 16);
	start();
	add_stream(0, 20, "#Pdb");
	check_damage("a #Pdb stream that is the root", STREAMS_AT);
	start();
	add_stream(STREAMS_AT + 12, 20, "#Pdb");
	check_damage("a #Pdb stream within its own header", STREAMS_AT);
	start();
	add_stream(PDB_AT - 8, 9, "#Blob");
	add_stream(PDB_AT, 20, "#Pdb");
	check_damage("a #Pdb stream in another's place", STREAMS_AT + 16);
	start();
	add_stream(PDB_AT, 20, "#Pdb");
	memset(file + STREAMS_AT + 8, 'x', 40);
	check_damage("a stream name that does not end", STREAMS_AT);
}

static void test_truncation(void)
{
	bool held = true;

	start_plain();
	for (size_t size = 4; size < GUIDS_AT + 32; size++) {
		struct identified got = identified_bytes(file, size);

		held = held && got.status == SYM_MALFORMED && got.err.has_offset;
	}
	ok(held, "cut anywhere before the end of its last stream: refused, with an offset");
	is_u64(identified_bytes(file, 3).status, SYM_NOT_MINE, "cut within the magic: no PDB");
}

/* A copy that was cut off by a crash can have its whole size. */
static void test_unwritten_end(void)
{
	static uint8_t longer[FILE_BYTES + 256];

	start_plain();
	add_stream(FILE_BYTES - 1, 257, "#Blob");
	file[FILE_BYTES - 1] = 1;
	memcpy(longer, file, sizeof file);
	is_u64(identified_bytes(longer, sizeof longer).status, SYM_MALFORMED, "an end of zeros was never written");
	longer[sizeof longer - 1] = 1;
	is_u64(identified_bytes(longer, sizeof longer).status, SYM_OK, "one byte is an end");
}

int main(void)
{
	test_identifier();
	test_sources();
	test_damage();
	test_truncation();
	test_unwritten_end();
	return done();
}
