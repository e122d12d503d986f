/* SPDX-License-Identifier: MIT
 *   segments   what a loader maps, notes (PT_NOTE), the dynamic section
 *   sections   notes (SHT_NOTE), symbols, debug info, .gnu_debuglink
 *
 * Notes are looked for by type, whatever the section's name. */
#include "format/elf_contents.h"

#include "base/err.h"

#include <string.h>

enum {
	PT_LOAD = 1,
	PT_DYNAMIC = 2,
	PT_NOTE = 4,
	PT_SCE_DYNLIBDATA = 0x61000000,
	PT_GNU_EH_FRAME = 0x6474E550,
	SHT_NULL = 0,
	SHT_PROGBITS = 1,
	SHT_SYMTAB = 2,
	SHT_DYNAMIC = 6,
	SHT_NOTE = 7,
	SHT_NOBITS = 8,
	SHT_DYNSYM = 11,
	SHT_LOOS = 0x60000000,
	SHF_ALLOC = 2,
	SHF_EXECINSTR = 4,
	SHF_COMPRESSED = 0x800,
	SECTION_NAME_BYTES = 32, /* more than the longest name that is looked for */
};

struct reader elf_part_view(const struct elf_contents *contents, enum elf_part part, uint64_t most)
{
	const struct elf_range *range = &contents->parts[part];

	return elf_view(&contents->file, range->offset, range->packing ? 0 : min_u64(range->size, most));
}

/* gABI, "Section Compression": u32 ch_type, where wide four bytes more, ch_size, ch_addralign; the packed bytes.
 * What GNU's tools packed before has "ZLIB" and the size, in 8 bytes, for a header. */
struct reader elf_part_unpack(const struct elf_contents *contents, enum elf_part part, void *room, size_t n)
{
	const struct elf_range *range = &contents->parts[part];
	struct blob *blob = contents->file.blob;
	bool old = range->packing == ELF_PACKED_OLD;
	uint64_t header = contents->file.wide && !old ? 24 : 12;
	struct reader r = elf_view(&contents->file, range->offset, min_u64(range->size, header));
	enum blob_packing how = old ? BLOB_ZLIB : (enum blob_packing)reader_u32(&r);

	n = blob->unpack && range->size > header
		    ? blob->unpack(blob, how, range->offset + header, range->size - header, room, n)
		    : 0;
	r = reader_over(room, n, range->offset);
	r.big_endian = contents->file.big_endian;
	return r;
}

static enum sym_status check_reads(const struct elf_contents *contents, const char *what, struct sym_err *err)
{
	if (contents->file.blob->reads <= FORMAT_READS_MAX)
		return SYM_OK;
	return err_set(err, SYM_TOO_BIG, "more than %u reads to find its %s", FORMAT_READS_MAX, what);
}

/* A segment whose bytes are gone is normal in a companion, which is known by its sections. In a
 * file without those, it is how a cut file shows. */
static enum sym_status read_segments(struct elf_contents *contents, struct sym_err *err)
{
	const struct elf_table *table = &contents->file.segments;
	enum sym_status status = SYM_OK;

	for (uint32_t i = 0; i < table->count && status == SYM_OK; i++) {
		struct elf_segment s = elf_segment(&contents->file, i);
		bool there = s.file_size == 0 || range_ok(s.offset, s.file_size, contents->file.blob->size);

		if (!there && s.type == PT_LOAD && !contents->has_sections)
			return err_at(err, SYM_MALFORMED,
				      table->offset + (uint64_t)i * table->entry_bytes,
				      "segment %u lies outside the file", (unsigned)i);
		if (s.file_size == 0 || !there)
			continue;
		if (s.type == PT_NOTE)
			elf_notes_walk(&contents->notes, s.offset, s.file_size, s.align);
		else if (s.type == PT_LOAD)
			contents->has_load_bytes = true;
		else if (s.type == PT_GNU_EH_FRAME)
			contents->has_eh_segment = true;
		else if (s.type == PT_DYNAMIC && !contents->has_sections)
			contents->parts[ELF_DYNAMIC] = (struct elf_range){s.offset, s.file_size};
		else if (s.type == PT_SCE_DYNLIBDATA)
			contents->parts[ELF_SCE] = (struct elf_range){s.offset, s.file_size};
		status = check_reads(contents, "segments", err);
	}
	contents->disputed = contents->notes.disputed;
	return status;
}

/* The sections that count by name. */
static const struct {
	const char *name;
	bool begins; /* longer names count too, as with .NET's tools */
	unsigned has;
	enum elf_part part;
} roles[] = {
	{".debug_info.dwo", false, SYM_HAS_DEBUG, ELF_DEBUG_DWO},
	{".zdebug_info.dwo", false, SYM_HAS_DEBUG, ELF_DEBUG_DWO},
	{".debug_info", true, SYM_HAS_DEBUG, ELF_DEBUG_INFO},
	{".zdebug_info", true, SYM_HAS_DEBUG, ELF_DEBUG_INFO},
	{".debug_abbrev", false, 0, ELF_DEBUG_ABBREV},
	{".zdebug_abbrev", false, 0, ELF_DEBUG_ABBREV},
	{".debug_sup", false, 0, ELF_DEBUG_SUP},
	{".eh_frame", false, SYM_HAS_UNWIND, ELF_UNREAD},
	{".debug_frame", false, SYM_HAS_UNWIND, ELF_UNREAD},
	{".zdebug_frame", false, SYM_HAS_UNWIND, ELF_UNREAD},
	{".ARM.exidx", false, SYM_HAS_UNWIND, ELF_UNREAD},
	{".orc_unwind", false, SYM_HAS_UNWIND, ELF_UNREAD}, /* of Linux kernels and their modules */
	{".IA_64.unwind", false, SYM_HAS_UNWIND, ELF_UNREAD},
	{".gnu_debugdata", false, SYM_HAS_SYMBOLS, ELF_UNREAD}, /* a packed symbol table for stripped images */
	{".text", false, 0, ELF_TEXT},
	{".gnu_debuglink", false, 0, ELF_DEBUGLINK},
	{".gnu_debugaltlink", false, 0, ELF_ALTLINK},
	{".sce_special", false, 0, ELF_SCE},
};

static void read_named_section(struct elf_contents *contents, const struct elf_section *s)
{
	const struct elf_range *names = &contents->parts[ELF_NAMES];
	struct reader r;
	const char *name;
	size_t len;

	if (s->name >= names->size)
		return;
	r = blob_view_some(contents->file.blob, add_sat(names->offset, s->name),
			   min_u64(names->size - s->name, SECTION_NAME_BYTES));
	name = reader_text(&r, &len);
	for (size_t i = 0; i < ARRAY_LEN(roles); i++) {
		size_t n = strlen(roles[i].name);

		if (len < n || memcmp(name, roles[i].name, n) != 0 || (len > n && !roles[i].begins))
			continue;
		contents->has |= roles[i].has;
		contents->present |= 1u << roles[i].part;
		contents->parts[roles[i].part] = (struct elf_range){
			s->offset, s->size,
			s->flags & SHF_COMPRESSED ? ELF_PACKED
			: name[1] == 'z'	  ? ELF_PACKED_OLD
						  : ELF_PLAIN};
		return;
	}
}

/* Is its name worth a look, which can cost a read? Objects may have a section for each function. */
static bool name_matters(const struct elf_contents *contents, const struct elf_section *s)
{
	if (s->type != SHT_PROGBITS && s->type < SHT_LOOS)
		return false;
	if (s->flags & SHF_EXECINSTR)
		return contents->notes.len == 0 && contents->parts[ELF_TEXT].size == 0 && s->type == SHT_PROGBITS;
	return true;
}

static void read_section(struct elf_contents *contents, const struct elf_section *s)
{
	bool bytes = s->type != SHT_NOBITS && s->size > 0;
	uint64_t symbol_bytes = contents->file.wide ? 24 : 16;

	if (s->flags & SHF_ALLOC && s->flags & SHF_EXECINSTR && s->size > 0) {
		contents->has_code_section = true;
		contents->has_code_bytes |= bytes;
	}
	if (!bytes)
		return;
	if (s->flags & SHF_ALLOC && s->type != SHT_NOTE)
		contents->has_mapped_bytes = true;
	/* What is not mapped can be long, as annobin's notes are, and holds no other build-id. */
	if (s->type == SHT_NOTE && (contents->notes.len == 0 || s->flags & SHF_ALLOC))
		elf_notes_walk(&contents->notes, s->offset, s->size, s->align);
	else if (s->type == SHT_SYMTAB && s->size > symbol_bytes) /* the first symbol is empty */
		contents->has |= SYM_HAS_SYMBOLS;
	else if (s->type == SHT_DYNSYM && s->size > symbol_bytes)
		contents->has_dynamic_symbols = true;
	else if (s->type == SHT_DYNAMIC)
		contents->parts[ELF_DYNAMIC] = (struct elf_range){s->offset, s->size};
	else if (name_matters(contents, s))
		read_named_section(contents, s);
}

static enum sym_status read_sections(struct elf_contents *contents, struct sym_err *err)
{
	struct blob *blob = contents->file.blob;
	const struct elf_table *table = &contents->file.sections;
	enum sym_status status = SYM_OK;

	if (contents->file.names_index) {
		struct elf_section names = elf_section(&contents->file, contents->file.names_index);

		contents->parts[ELF_NAMES] = (struct elf_range){names.offset, names.size};
		/* As much as fits into one window at once: names stand in no order. */
		(void)blob_view_some(blob, names.offset, min_u64(names.size, BLOB_WINDOW_BYTES));
	}
	for (uint32_t i = 1; i < table->count && status == SYM_OK; i++) {
		struct elf_section s = elf_section(&contents->file, i);

		if (s.type != SHT_NULL && s.type != SHT_NOBITS && s.size > 0 &&
		    !range_ok(s.offset, s.size, blob->size))
			return err_at(err, SYM_MALFORMED,
				      table->offset + (uint64_t)i * table->entry_bytes,
				      "section %u lies outside the file", (unsigned)i);
		read_section(contents, &s);
		status = check_reads(contents, "sections", err);
	}
	return status;
}

enum sym_status elf_contents_read(struct elf_contents *contents, struct sym_err *err)
{
	contents->has_sections = contents->file.sections.count > 1;
	contents->notes.blob = contents->file.blob;
	contents->notes.big_endian = contents->file.big_endian;
	if (read_segments(contents, err) != SYM_OK)
		return err->status;
	return read_sections(contents, err);
}
