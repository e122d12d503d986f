/* SPDX-License-Identifier: MIT
 * PE images: exe, dll, sys, ocx, efi, …
 *
 *   0        "MZ" … u32 at 0x3C: P
 *   P        "PE\0\0", COFF header (20 bytes): machine, sections, time stamp
 *   P + 24   optional header: magic 0x10B or 0x20B, SizeOfImage at +56,
 *            data directories at +96 or +112 (#6 debug, #14 CLR)
 *   behind   section table, 40 bytes each
 *
 * Layout: Microsoft's PE format specification. The code identifier is the one
 * that SymSrv uses: TimeDateStamp and SizeOfImage, as they stand (with /Brepro
 * the stamp is a hash). */
#include "format/coff.h"
#include "format/format.h"

#include <string.h>

enum {
	DIRECTORY_EXCEPTION = 3,
	DIRECTORY_DEBUG = 6,
	DEBUG_CODEVIEW = 2,
	DEBUG_EMBEDDED_PORTABLE_PDB = 17,
	SECTION_BYTES = 40,
	DEBUG_ENTRY_BYTES = 28,
	CODEVIEW_BYTES_MAX = 24 + 1024, /* RSDS head and the longest path worth reading */
	PORTABLE_MINOR = 0x504D,        /* "PM": the named PDB is a portable one */
};

struct pe {
	struct blob *blob;
	uint64_t section_table; /* from the start of the file */
	unsigned sections;
	uint32_t debug_rva, debug_size;
	struct sym_identity id;
};

/* Where the bytes of [rva, rva + size) lie in the file; false where no section maps them. */
static bool file_offset_of(struct pe *pe, uint32_t rva, uint32_t size, uint64_t *offset)
{
	for (unsigned i = 0; i < pe->sections; i++) {
		struct reader r = blob_view(pe->blob, pe->section_table + (uint64_t)i * SECTION_BYTES,
					    SECTION_BYTES);
		uint32_t virtual_size, virtual_address, raw_size, raw_offset;

		reader_skip(&r, 8); /* Name */
		virtual_size = reader_u32(&r);
		virtual_address = reader_u32(&r);
		raw_size = reader_u32(&r);
		raw_offset = reader_u32(&r);
		if (r.bad)
			return false;
		if (rva < virtual_address ||
		    rva - virtual_address >= (virtual_size > raw_size ? virtual_size : raw_size))
			continue;
		*offset = (uint64_t)raw_offset + (rva - virtual_address);
		return range_ok(*offset, size, pe->blob->size);
	}
	return false;
}

static struct sym_want *next_want(struct sym_identity *id)
{
	return id->wants_count < SYM_WANTS_MAX ? &id->wants[id->wants_count] : NULL;
}

/* A CodeView record: "RSDS" GUID age path, or the older "NB10" offset signature age path.
 * For a portable PDB the entry's stamp is the one in the PDB's own identifier. */
static void read_codeview(struct pe *pe, uint64_t offset, uint32_t size, uint32_t portable_stamp,
			  bool portable)
{
	struct reader r = blob_view_some(pe->blob, offset, min_u64(size, CODEVIEW_BYTES_MAX));
	struct sym_want *want = next_want(&pe->id);
	const uint8_t *magic = reader_bytes(&r, 4);
	const char *path;
	size_t len;

	if (!want || !magic)
		return;
	memset(want, 0, sizeof *want);
	if (memcmp(magic, "RSDS", 4) == 0) {
		reader_guid(&r, want->debug.guid);
		want->debug.form = portable ? SYM_DEBUG_PORTABLE : SYM_DEBUG_AGE;
	} else if (memcmp(magic, "NB10", 4) == 0) {
		reader_skip(&r, 4);
		for (int i = 3; i >= 0; i--)
			want->debug.guid[i] = reader_u8(&r);
		want->debug.form = SYM_DEBUG_NB10;
	} else {
		return; /* NB09, NB11: CodeView inside the image, no PDB */
	}
	want->debug.age = reader_u32(&r);
	if (r.bad || identity_is_zero(want->debug.guid, sizeof want->debug.guid))
		return;
	if (portable)
		want->debug.age = portable_stamp;
	path = reader_text(&r, &len);
	identity_set_name(want->name, path, len);
	pe->id.wants_count++;
}

static void read_debug_entry(struct pe *pe, struct reader *r)
{
	uint16_t minor;
	uint32_t stamp, type, size, rva, raw;
	uint64_t offset;

	reader_skip(r, 4); /* Characteristics */
	stamp = reader_u32(r);
	reader_skip(r, 2); /* MajorVersion */
	minor = reader_u16(r);
	type = reader_u32(r);
	size = reader_u32(r);
	rva = reader_u32(r);
	raw = reader_u32(r);
	if (r->bad)
		return;
	if (type == DEBUG_EMBEDDED_PORTABLE_PDB)
		pe->id.has |= SYM_HAS_DEBUG;
	if (type != DEBUG_CODEVIEW)
		return;
	offset = raw;
	if (raw == 0 && !file_offset_of(pe, rva, 4, &offset))
		return;
	read_codeview(pe, offset, size, stamp, minor == PORTABLE_MINOR);
}

/* The debug directory. One that lies outside the file costs the image its
 * debug identifier, not its key: loaders do not read it either. */
static void read_debug_directory(struct pe *pe)
{
	uint32_t entries = pe->debug_size / DEBUG_ENTRY_BYTES;
	uint64_t offset;

	if (entries == 0 || !file_offset_of(pe, pe->debug_rva, DEBUG_ENTRY_BYTES, &offset))
		return;
	for (uint32_t i = 0; i < entries && i < PE_DEBUG_ENTRIES_MAX; i++) {
		struct reader r = blob_view(pe->blob, offset + (uint64_t)i * DEBUG_ENTRY_BYTES,
					    DEBUG_ENTRY_BYTES);

		read_debug_entry(pe, &r);
	}
}

/* mingw leaves DWARF and a COFF symbol table in the image. Long section names stand
 * in the string table behind the symbols as "/123". */
static void read_sections(struct pe *pe, uint64_t strings)
{
	for (unsigned i = 0; i < pe->sections; i++) {
		struct reader r = blob_view(pe->blob, pe->section_table + (uint64_t)i * SECTION_BYTES, 8);
		const uint8_t *field = reader_bytes(&r, 8);
		char name[16] = {0};

		if (!field)
			return;
		memcpy(name, field, 8);
		if (name[0] == '/' && strings) {
			uint64_t at = 0;
			struct reader s;
			const uint8_t *text;

			for (size_t k = 1; k < 8 && name[k] >= '0' && name[k] <= '9'; k++)
				at = at * 10 + (uint64_t)(name[k] - '0');
			s = blob_view_some(pe->blob, add_sat(strings, at), sizeof name - 1);
			text = reader_bytes(&s, reader_left(&s));
			memset(name, 0, sizeof name);
			if (text)
				memcpy(name, text, s.size);
		}
		if (strncmp(name, ".debug_info", 11) == 0 || strncmp(name, ".zdebug_info", 12) == 0)
			pe->id.has |= SYM_HAS_DEBUG;
		if (strcmp(name, ".pdata") == 0 || strcmp(name, ".eh_frame") == 0)
			pe->id.has |= SYM_HAS_UNWIND;
	}
}

/* The optional header: SizeOfImage and the debug directory. */
static enum sym_status read_optional_header(struct pe *pe, uint64_t at, uint16_t size,
					    struct sym_err *err)
{
	struct reader r = blob_view(pe->blob, at, 60);
	uint16_t magic = reader_u16(&r);
	bool wide = magic == 0x20B;
	uint32_t fixed = wide ? 112 : 96, directories;

	if (!r.bad && magic != 0x10B && !wide)
		return err_at(err, magic == 0x107 ? SYM_UNSUPPORTED : SYM_MALFORMED, at,
			      magic == 0x107 ? "a ROM image has no image size"
					     : "the optional header's magic is 0x%x", magic);
	reader_seek(&r, 56);
	pe->id.code.image_size = reader_u32(&r);
	if (r.bad)
		return blob_verdict(pe->blob, &r, "the optional header", err);
	if (size < fixed)
		return SYM_OK;
	r = blob_view(pe->blob, at + fixed - 4, 4);
	directories = reader_u32(&r);
	if (directories > (size - fixed) / 8)
		directories = (size - fixed) / 8;
	if (!r.bad && directories > DIRECTORY_DEBUG) {
		r = blob_view(pe->blob, at + fixed + 8 * DIRECTORY_DEBUG, 8);
		pe->debug_rva = reader_u32(&r);
		pe->debug_size = reader_u32(&r);
	}
	if (!r.bad && directories > DIRECTORY_EXCEPTION) {
		r = blob_view(pe->blob, at + fixed + 8 * DIRECTORY_EXCEPTION, 8);
		reader_skip(&r, 4);
		if (reader_u32(&r) > 0)
			pe->id.has |= SYM_HAS_UNWIND;
	}
	return SYM_OK;
}

/* The image's own debug identifier is that of the PDB it names last: ready-to-run
 * images name their native PDB first and the one of their source second. */
static void settle_debug_id(struct sym_identity *id)
{
	if (id->wants_count > 0)
		id->debug = id->wants[id->wants_count - 1].debug;
}

static enum sym_status identify(struct blob *blob, const struct identity_sink *sink,
				struct sym_err *err)
{
	struct pe pe = {.blob = blob};
	struct reader r = blob_view_some(blob, 0, 64);
	const uint8_t *magic = reader_bytes(&r, 2);
	uint64_t header;
	uint16_t machine, optional_size;
	uint32_t symbols, symbol_count;
	enum sym_status status;

	if (!magic || memcmp(magic, "MZ", 2) != 0)
		return SYM_NOT_MINE;
	reader_seek(&r, 0x3C);
	header = reader_u32(&r);
	if (r.bad)
		return blob_verdict(blob, &r, "the DOS header", err);
	r = blob_view(blob, header, 24);
	magic = reader_bytes(&r, 4);
	if (!magic)
		return err_at(err, SYM_MALFORMED, header, "the PE header lies outside the file");
	if (memcmp(magic, "PE\0\0", 4) != 0)
		return err_at(err, SYM_UNSUPPORTED, header,
			      "an MZ file without a PE header (DOS, NE, LE or LX) has no key");
	identity_start(&pe.id, SYM_PE, blob);
	machine = reader_u16(&r);
	pe.sections = reader_u16(&r);
	pe.id.code.form = SYM_CODE_PE;
	pe.id.code.stamp = reader_u32(&r);
	symbols = reader_u32(&r);
	symbol_count = reader_u32(&r);
	optional_size = reader_u16(&r);
	if (r.bad)
		return blob_verdict(blob, &r, "the COFF header", err);
	pe.id.arch = coff_arch(machine);
	pe.id.traits = SYM_IMAGE;
	pe.section_table = header + 24 + optional_size;
	status = read_optional_header(&pe, header + 24, optional_size, err);
	if (status != SYM_OK)
		return status;
	read_debug_directory(&pe);
	read_sections(&pe, symbols ? symbols + (uint64_t)symbol_count * 18 : 0);
	if (symbols && symbol_count)
		pe.id.has |= SYM_HAS_SYMBOLS;
	settle_debug_id(&pe.id);
	return sink->found(sink->ctx, &pe.id);
}

const struct format pe_format = {.name = "pe", .identify = identify};
