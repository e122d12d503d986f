/* SPDX-License-Identifier: MIT
 * The debug directory: entries of 28 bytes, u32 characteristics, u32 stamp, u16 major, u16 minor,
 * u32 type, u32 size, u32 address, u32 file offset. Two types matter:
 *
 *   2    CodeView: "RSDS", GUID (16), u32 age, path; or the older "NB10", u32 offset,
 *        u32 signature, u32 age, path
 *   17   embedded portable PDB: "MPDB", u32 size, and the PDB, deflated
 *
 * Layout: Microsoft's PE format specification; type 17 and the portable CodeView entry: dotnet's
 * "PE/COFF Specification" (docs/design/specs/PE-COFF.md). */
#include "format/pe_debug.h"

#include "format/format.h"

#include <string.h>

enum {
	TYPE_CODEVIEW = 2,
	TYPE_EMBEDDED_PORTABLE_PDB = 17,
	ENTRY_BYTES = 28,
	CODEVIEW_BYTES_MAX = 24 + 4096, /* RSDS head and the longest path worth reading */
	PORTABLE_MINOR = 0x504D,        /* "PM": the named PDB is a portable one */
	ZEROS_BYTES = 4096,             /* more than linkers put behind the last section */
};

struct entry {
	uint32_t stamp, type, size, rva, raw_offset;
	uint16_t minor;
};

/* GUID or signature, and age. False for another record (NB09, NB11: CodeView inside the image,
 * no PDB) and for one that is cut. */
static bool read_codeview_id(struct reader *r, struct sym_debug_id *debug)
{
	const uint8_t *magic = reader_bytes(r, 4);

	if (!magic)
		return false;
	if (memcmp(magic, "RSDS", 4) == 0) {
		reader_guid(r, debug->guid);
		debug->form = SYM_DEBUG_AGE;
	} else if (memcmp(magic, "NB10", 4) == 0) {
		reader_skip(r, 4); /* offset */
		for (int i = 3; i >= 0; i--)
			debug->guid[i] = reader_u8(r);
		debug->form = SYM_DEBUG_NB10;
	} else {
		return false;
	}
	debug->age = reader_u32(r);
	return !r->bad && !identity_is_zero(debug->guid, sizeof debug->guid);
}

/* For a portable PDB the entry's stamp is the one in the PDB's own identifier. */
static void read_codeview(const struct pe_file *pe, const struct entry *entry, uint64_t offset,
			  struct sym_identity *id)
{
	struct reader r = blob_view_some(pe->blob, offset, min_u64(entry->size, CODEVIEW_BYTES_MAX));
	struct sym_want want = {0};
	const char *path;
	size_t start, len;

	if (id->wants_count == SYM_WANTS_MAX || !read_codeview_id(&r, &want.debug))
		return;
	if (want.debug.form == SYM_DEBUG_AGE && entry->minor == PORTABLE_MINOR) {
		want.debug.form = SYM_DEBUG_PORTABLE;
		want.debug.age = entry->stamp;
	}
	start = r.pos;
	path = reader_text(&r, &len);
	if (r.pos > start + len || r.size == entry->size) /* else its last part was not read */
		identity_set_name(want.name, path, len);
	id->wants[id->wants_count++] = want;
}

/* Do the bytes at `offset` begin as data of the type does? The PDB that is embedded is the one
 * that the CodeView record names, so that it is not unpacked. */
static bool is_data_of(const struct pe_file *pe, uint32_t type, uint64_t offset)
{
	struct reader r = blob_view_some(pe->blob, offset, 8);
	const uint8_t *magic = reader_bytes(&r, 4);

	if (!magic)
		return false;
	if (type == TYPE_EMBEDDED_PORTABLE_PDB)
		return memcmp(magic, "MPDB", 4) == 0 && reader_u32(&r) > 0;
	return memcmp(magic, "RSDS", 4) == 0 || memcmp(magic, "NB", 2) == 0;
}

/* Where the entry's data lies: at its file offset, or, where a tool that moved the sections did
 * not correct that, where its address leads. Debuggers of a running image know only the
 * address. */
static bool find_data(const struct pe_file *pe, const struct entry *entry, uint64_t *offset)
{
	*offset = entry->raw_offset;
	if (*offset && is_data_of(pe, entry->type, *offset))
		return true;
	return pe_offset_of(pe, entry->rva, 4, offset) && is_data_of(pe, entry->type, *offset);
}

static void read_entry(const struct pe_file *pe, uint64_t at, struct sym_identity *id)
{
	struct reader r = blob_view(pe->blob, at, ENTRY_BYTES);
	struct entry entry;
	uint64_t offset;

	reader_skip(&r, 4); /* Characteristics */
	entry.stamp = reader_u32(&r);
	reader_skip(&r, 2); /* MajorVersion */
	entry.minor = reader_u16(&r);
	entry.type = reader_u32(&r);
	entry.size = reader_u32(&r);
	entry.rva = reader_u32(&r);
	entry.raw_offset = reader_u32(&r);
	if (r.bad || (entry.type != TYPE_CODEVIEW && entry.type != TYPE_EMBEDDED_PORTABLE_PDB) ||
	    !find_data(pe, &entry, &offset))
		return;
	if (entry.type == TYPE_CODEVIEW)
		read_codeview(pe, &entry, offset, id);
	else
		id->has |= SYM_HAS_DEBUG;
}

/* The image's own debug identifier is what minidumps and Symbolicator know it by: that of the
 * first RSDS record. Ready-to-run images have two, of their native PDB and of their source's. */
static void settle_debug_id(struct sym_identity *id)
{
	if (id->wants_count > 0)
		id->debug = id->wants[0].debug;
	for (unsigned i = id->wants_count; i-- > 0;)
		if (id->wants[i].debug.form != SYM_DEBUG_NB10)
			id->debug = id->wants[i].debug;
}

/* A copy that a crash cut off has its whole size, and ends in zeros. Where these begin before the
 * directory, the image would pass for one that has no PDB. */
static bool is_never_written(struct blob *blob, uint64_t offset)
{
	return format_has_zeros(blob, offset + ENTRY_BYTES, ENTRY_BYTES) &&
	       format_has_zeros(blob, blob->size, (size_t)min_u64(blob->size - offset, ZEROS_BYTES));
}

enum sym_status pe_debug_read(const struct pe_file *pe, struct sym_identity *id, struct sym_err *err)
{
	const struct pe_directory *debug = &pe->directories[PE_DEBUG];
	uint32_t entries = debug->size / ENTRY_BYTES;
	uint64_t offset;

	if (entries == 0 || !pe_offset_of(pe, debug->rva, ENTRY_BYTES, &offset))
		return SYM_OK;
	if (is_never_written(pe->blob, offset))
		return err_at(err, SYM_MALFORMED, offset, "the debug directory and the end of the file are all zeros");
	for (uint32_t i = 0; i < entries && i < PE_DEBUG_ENTRIES_MAX; i++)
		read_entry(pe, offset + (uint64_t)i * ENTRY_BYTES, id);
	settle_debug_id(id);
	return SYM_OK;
}
