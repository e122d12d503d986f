/* SPDX-License-Identifier: MIT
 *   0        "MZ" … u32 at 0x3C: P
 *   P        "PE\0\0", COFF header (20 bytes): machine, sections, time stamp
 *   P + 24   optional header: magic 0x10B or 0x20B, SizeOfImage at +56,
 *            data directories at +96 or +112
 *   behind   section table, 40 bytes each
 *
 * Layout: Microsoft's PE format specification. */
#include "format/pe_file.h"

#include "base/err.h"

#include <inttypes.h>
#include <string.h>

enum {
	COFF_HEADER_BYTES = 24, /* with its signature */
	SYMBOL_BYTES = 18,
	SECTION_BYTES = 40,
	LONG_NAMES_BYTES = 4096, /* of the string table: linkers put the sections' names first */
};

/* -------------------------------------------------------------- sections -- */

/* The name that "/123" stands for: text at that offset of the string table. */
static void read_long_name(const struct pe_file *pe, char name[16])
{
	struct reader r = blob_view_some(pe->blob, pe->strings, LONG_NAMES_BYTES);
	size_t at = 0, len;
	const char *text;

	for (size_t k = 1; k < 8 && name[k] >= '0' && name[k] <= '9'; k++)
		at = at * 10 + (size_t)(name[k] - '0');
	reader_seek(&r, at);
	text = reader_text(&r, &len);
	if (len > 15)
		len = 15;
	memcpy(name, text, len);
	name[len] = '\0';
}

uint64_t pe_section_at(const struct pe_file *pe, unsigned i)
{
	return pe->section_table + (uint64_t)i * SECTION_BYTES;
}

bool pe_section(const struct pe_file *pe, unsigned i, struct pe_section *out)
{
	struct reader r = blob_view(pe->blob, pe_section_at(pe, i), SECTION_BYTES);
	const uint8_t *name = reader_bytes(&r, 8);

	if (!name)
		return false;
	memset(out, 0, sizeof *out);
	memcpy(out->name, name, 8);
	out->virtual_size = reader_u32(&r);
	out->virtual_address = reader_u32(&r);
	out->raw_size = reader_u32(&r);
	out->raw_offset = reader_u32(&r);
	reader_skip(&r, 12); /* relocations, line numbers */
	out->characteristics = reader_u32(&r);
	if (out->name[0] == '/' && pe->strings)
		read_long_name(pe, out->name);
	return true;
}

bool pe_has_bytes(const struct pe_section *section)
{
	return section->raw_offset > 0 && section->raw_size > 0;
}

/* Behind its bytes a section is zeros, which are not in the file. */
bool pe_offset_of(const struct pe_file *pe, uint32_t rva, uint32_t size, uint64_t *offset)
{
	struct pe_section s;

	for (unsigned i = 0; i < pe->sections && pe_section(pe, i, &s); i++) {
		if (!pe_has_bytes(&s) || rva < s.virtual_address ||
		    rva - s.virtual_address >= s.raw_size)
			continue;
		*offset = (uint64_t)s.raw_offset + (rva - s.virtual_address);
		return range_ok(*offset, size, pe->blob->size);
	}
	return false;
}

/* --------------------------------------------------------------- headers -- */

/* "MZ", and where it says that the PE header is. */
static enum sym_status read_dos_header(const struct pe_file *pe, uint64_t *header,
				       struct sym_err *err)
{
	struct reader r = blob_view_some(pe->blob, 0, 64);
	const uint8_t *magic = reader_bytes(&r, 2);

	if (!magic || memcmp(magic, "MZ", 2) != 0)
		return SYM_NOT_MINE;
	reader_seek(&r, 0x3C);
	*header = reader_u32(&r);
	return r.bad ? blob_verdict(pe->blob, &r, "the DOS header", err) : SYM_OK;
}

static enum sym_status read_coff_header(struct pe_file *pe, uint64_t header, struct sym_err *err)
{
	struct reader r = blob_view_some(pe->blob, header, COFF_HEADER_BYTES);
	const uint8_t *magic = reader_bytes(&r, 4);
	uint32_t symbol_count;

	if (!magic)
		return err_at(err, SYM_MALFORMED, 0x3C,
			      "the PE header, at %" PRIu64 ", lies outside the file", header);
	if (memcmp(magic, "PE\0\0", 4) != 0)
		return err_at(err, SYM_UNSUPPORTED, header,
			      "an MZ file without a PE header (DOS, NE, LE or LX) has no key");
	pe->machine = reader_u16(&r);
	pe->sections = reader_u16(&r);
	pe->stamp = reader_u32(&r);
	pe->symbols_field = header + r.pos;
	pe->symbols = reader_u32(&r);
	symbol_count = reader_u32(&r);
	pe->optional_bytes = reader_u16(&r);
	reader_skip(&r, 2); /* Characteristics */
	if (r.bad)
		return blob_verdict(pe->blob, &r, "the COFF header", err);
	pe->optional_header = header + COFF_HEADER_BYTES;
	pe->section_table = pe->optional_header + pe->optional_bytes;
	if (pe->sections > PE_SECTIONS_MAX)
		return err_at(err, SYM_TOO_BIG, header + 6,
			      "the image has %u sections, more than %u", pe->sections,
			      PE_SECTIONS_MAX);
	if (pe->symbols)
		pe->strings = pe->symbols + (uint64_t)symbol_count * SYMBOL_BYTES;
	return SYM_OK;
}

/* The data directories, whose number stands in the 4 bytes before `at`: as many as that and
 * the `size` bytes allow. */
static void read_directories(struct pe_file *pe, uint64_t at, uint64_t size)
{
	struct reader r = blob_view_some(pe->blob, at - 4, min_u64(size, PE_DIRECTORIES * 8) + 4);
	uint32_t count = reader_u32(&r);

	for (uint32_t i = 0; i < count && i < PE_DIRECTORIES; i++) {
		struct pe_directory directory = {.field = r.origin + r.pos};

		directory.rva = reader_u32(&r);
		directory.size = reader_u32(&r);
		if (r.bad)
			return;
		pe->directories[i] = directory;
	}
}

/* SizeOfImage and the directories. PE32 and PE32+ differ in the size of some fields. */
static enum sym_status read_optional_header(struct pe_file *pe, struct sym_err *err)
{
	uint64_t at = pe->optional_header;
	struct reader r = blob_view_some(pe->blob, at, 60);
	uint16_t magic = reader_u16(&r);
	uint32_t fixed = magic == 0x20B ? 112 : 96; /* bytes before the directories */

	if (!r.bad && magic == 0x107)
		return err_at(err, SYM_UNSUPPORTED, at,
			      "a ROM image has no image size, and so no key");
	if (!r.bad && magic != 0x10B && magic != 0x20B)
		return err_at(err, SYM_MALFORMED, at,
			      "the optional header's magic is 0x%x, neither 0x10b nor 0x20b",
			      magic);
	reader_seek(&r, 56);
	pe->image_size = reader_u32(&r);
	if (r.bad)
		return blob_verdict(pe->blob, &r, "the optional header", err);
	if (pe->optional_bytes >= fixed)
		read_directories(pe, at + fixed, pe->optional_bytes - fixed);
	return SYM_OK;
}

enum sym_status pe_open(struct pe_file *pe, struct sym_err *err)
{
	uint64_t header;
	enum sym_status status = read_dos_header(pe, &header, err);

	if (status == SYM_OK)
		status = read_coff_header(pe, header, err);
	return status == SYM_OK ? read_optional_header(pe, err) : status;
}
