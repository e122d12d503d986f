/* SPDX-License-Identifier: MIT
 * Layout: System V ABI, "Object Files". What does not fit the header's 16 bits stands in
 * section 0 (PN_XNUM, e_shnum 0, SHN_XINDEX of the gABI). */
#include "format/elf_file.h"

#include "base/err.h"

#include <string.h>

enum {
	PT_LOAD = 1,
	PN_XNUM = 0xFFFF,
	SHN_XINDEX = 0xFFFF,
	IDENT_BYTES = 16,
};

struct reader elf_view(const struct elf_file *elf, uint64_t offset, uint64_t size)
{
	struct reader r = blob_view(elf->blob, offset, size);

	r.big_endian = elf->big_endian;
	return r;
}

struct reader elf_entry(const struct elf_file *elf, const struct elf_table *table, uint32_t i)
{
	uint32_t a_window = BLOB_WINDOW_BYTES / table->entry_bytes;
	uint32_t first = i - i % a_window;
	struct reader r = elf_view(elf, table->offset + (uint64_t)first * table->entry_bytes,
				   min_u64(a_window, table->count - first) * table->entry_bytes);

	reader_seek(&r, (size_t)(i - first) * table->entry_bytes);
	return r;
}

struct elf_segment elf_segment(const struct elf_file *elf, uint32_t i)
{
	struct reader r = elf_entry(elf, &elf->segments, i);
	struct elf_segment s = {0};

	s.type = reader_u32(&r);
	if (elf->wide)
		reader_skip(&r, 4); /* p_flags */
	s.offset = reader_word(&r, elf->wide);
	s.address = reader_word(&r, elf->wide);
	(void)reader_word(&r, elf->wide); /* p_paddr */
	s.file_size = reader_word(&r, elf->wide);
	(void)reader_word(&r, elf->wide); /* p_memsz */
	if (!elf->wide)
		reader_skip(&r, 4); /* p_flags */
	s.align = reader_word(&r, elf->wide);
	return s;
}

struct elf_section elf_section(const struct elf_file *elf, uint32_t i)
{
	struct reader r = elf_entry(elf, &elf->sections, i);
	struct elf_section s = {0};

	s.name = reader_u32(&r);
	s.type = reader_u32(&r);
	s.flags = reader_word(&r, elf->wide);
	(void)reader_word(&r, elf->wide); /* sh_addr */
	s.offset = reader_word(&r, elf->wide);
	s.size = reader_word(&r, elf->wide);
	s.link = reader_u32(&r);
	s.info = reader_u32(&r);
	s.align = reader_word(&r, elf->wide);
	return s;
}

bool elf_offset_of(const struct elf_file *elf, uint64_t address, uint64_t *offset)
{
	for (uint32_t i = 0; i < elf->segments.count; i++) {
		struct elf_segment s = elf_segment(elf, i);

		if (s.type != PT_LOAD || address < s.address || address - s.address >= s.file_size)
			continue;
		*offset = add_sat(s.offset, address - s.address);
		return true;
	}
	return false;
}

/* Sets the number of entries, `max` at most. A table that does not lie in the file whole is
 * damage: the section table usually stands at the end, so that this is how a cut file shows. */
static enum sym_status set_count(const struct elf_file *elf, struct elf_table *table,
				 const char *what, uint64_t count, uint64_t max,
				 struct sym_err *err)
{
	if (count > max)
		return err_at(err, SYM_TOO_BIG, table->field,
			      "the %s table has more than %llu entries", what,
			      (unsigned long long)max);
	if (!range_ok(table->offset, count * table->entry_bytes, elf->blob->size))
		return err_at(err, SYM_MALFORMED, table->field,
			      "the %s table lies outside the file", what);
	table->count = (uint32_t)count;
	return SYM_OK;
}

/* The fields of the header as they stand. */
struct header {
	uint16_t segment_bytes, segments, section_bytes, sections, names;
};

static struct header read_fields(struct elf_file *elf, struct reader *r)
{
	struct header h;

	elf->type = reader_u16(r);
	elf->machine = reader_u16(r);
	reader_skip(r, 4);               /* e_version */
	(void)reader_word(r, elf->wide); /* e_entry */
	elf->segments.field = (uint32_t)r->pos;
	elf->segments.offset = reader_word(r, elf->wide);
	elf->sections.field = (uint32_t)r->pos;
	elf->sections.offset = reader_word(r, elf->wide);
	reader_skip(r, 4 + 2); /* e_flags, e_ehsize */
	h.segment_bytes = reader_u16(r);
	h.segments = reader_u16(r);
	h.section_bytes = reader_u16(r);
	h.sections = reader_u16(r);
	h.names = reader_u16(r);
	elf->segments.entry_bytes = elf->wide ? 56 : 32;
	elf->sections.entry_bytes = elf->wide ? 64 : 40;
	return h;
}

/* The section that holds the names. Where it is all zeros, so is the end of the file: linkers write
 * the table there, and a copy that did not end may have the right size all the same. */
static enum sym_status check_names(const struct elf_file *elf, struct sym_err *err)
{
	struct elf_section names;

	if (elf->names_index == 0)
		return SYM_OK;
	if (elf->names_index >= elf->sections.count)
		return err_at(err, SYM_MALFORMED, elf->wide ? 62 : 50,
			      "section %u should hold the section names, but there are %u",
			      (unsigned)elf->names_index, (unsigned)elf->sections.count);
	names = elf_section(elf, elf->names_index);
	if (names.type != 0 || names.offset != 0 || names.size != 0)
		return SYM_OK;
	return err_at(err, SYM_MALFORMED,
		      elf->sections.offset + (uint64_t)elf->names_index * elf->sections.entry_bytes,
		      "section %u should hold the section names, but is all zeros", (unsigned)elf->names_index);
}

static enum sym_status set_sections(struct elf_file *elf, const struct header *h, struct elf_section *zero,
				    struct sym_err *err)
{
	enum sym_status status;

	if (h->section_bytes != elf->sections.entry_bytes)
		return err_at(err, SYM_MALFORMED, elf->wide ? 58 : 46, "a section header of %u bytes, not %u",
			      (unsigned)h->section_bytes, (unsigned)elf->sections.entry_bytes);
	status = set_count(elf, &elf->sections, "section", 1, 1, err);
	if (status != SYM_OK)
		return status;
	*zero = elf_section(elf, 0);
	status = set_count(elf, &elf->sections, "section", h->sections ? h->sections : zero->size,
			   ELF_SECTIONS_MAX, err);
	if (status != SYM_OK)
		return status;
	if (elf->sections.count > 1) /* the empty one alone has no name */
		elf->names_index = h->names == SHN_XINDEX ? zero->link : h->names;
	return check_names(elf, err);
}

static enum sym_status set_tables(struct elf_file *elf, const struct header *h, struct sym_err *err)
{
	struct elf_section zero = {0};

	/* Strippers leave an offset behind without a table: neither number nor size. */
	if (elf->sections.offset && (h->sections || h->section_bytes) &&
	    set_sections(elf, h, &zero, err) != SYM_OK)
		return err->status;
	if (h->segments && h->segment_bytes != elf->segments.entry_bytes)
		return err_at(err, SYM_MALFORMED, elf->wide ? 54 : 42,
			      "a program header of %u bytes, not %u", (unsigned)h->segment_bytes,
			      (unsigned)elf->segments.entry_bytes);
	if (h->segments == 0)
		return SYM_OK;
	return set_count(elf, &elf->segments, "program header",
			 h->segments == PN_XNUM && elf->sections.count ? zero.info : h->segments,
			 ELF_SEGMENTS_MAX, err);
}

enum sym_status elf_open(struct elf_file *elf, struct sym_err *err)
{
	struct reader r = blob_view_some(elf->blob, 0, 64);
	const uint8_t *magic = reader_bytes(&r, 4);
	uint8_t class, order;
	struct header h;

	if (!magic || memcmp(magic, "\x7F" "ELF", 4) != 0)
		return SYM_NOT_MINE;
	class = reader_u8(&r);
	order = reader_u8(&r);
	reader_seek(&r, IDENT_BYTES);
	if (!r.bad && (class < 1 || class > 2))
		return err_at(err, SYM_MALFORMED, 4, "the ELF class is %u, neither 1 nor 2",
			      (unsigned)class);
	if (!r.bad && (order < 1 || order > 2))
		return err_at(err, SYM_MALFORMED, 5, "the ELF byte order is %u, neither 1 nor 2",
			      (unsigned)order);
	elf->wide = class == 2;
	elf->big_endian = r.big_endian = order == 2;
	h = read_fields(elf, &r);
	if (r.bad)
		return blob_verdict(elf->blob, &r, "the ELF header", err);
	return set_tables(elf, &h, err);
}
