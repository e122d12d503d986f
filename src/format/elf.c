/* SPDX-License-Identifier: MIT
 * ELF: executables, shared objects, objects, and companions that hold debug info alone.
 *
 *   segments   what a loader maps, notes (PT_NOTE), the dynamic section
 *   sections   notes (SHT_NOTE), symbols, debug info, .gnu_debuglink
 *
 * The code identifier is the build-id, looked for in every segment and section of notes,
 * whatever its name; consoles have one of their own. */
#include "format/elf_file.h"
#include "format/elf_notes.h"
#include "format/format.h"

#include <string.h>

enum {
	ET_REL = 1, /* an object file, or a kernel module */
	ET_CORE = 4,
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
	DT_NULL = 0,
	DT_STRTAB = 5,
	DT_SONAME = 14,
	SCE_ID_BYTES = 20,
	UNIT_HEAD_BYTES = 24, /* of DWARF, in its 64-bit form, up to the first entry's abbreviation */
	DW_UT_SKELETON = 4,
	DW_AT_GNU_DWO_NAME = 0x2130,
	ABBREV_BYTES = 128, /* of one declaration: compilers write some 40 for a unit's own entry */
	SECTION_NAME_BYTES = 32, /* more than the longest name that is looked for */
	TEXT_BYTES = 4096,       /* of a name or link out of the file */
};

struct range {
	uint64_t offset; /* bytes from the start of the file */
	uint64_t size;   /* bytes; 0 = there is none */
};

struct elf {
	struct elf_file file;
	struct elf_notes notes;
	struct range names; /* of the sections */
	struct range text, dynamic, sce, debuglink, debug_info, debug_abbrev;
	bool has_sections;     /* beside the empty one: a stripped table leaves only segments */
	bool has_load_bytes;   /* segments */
	bool has_eh_segment;
	bool has_code_section; /* sections */
	bool has_code_bytes;
	bool has_mapped_bytes;
	bool has_dynamic_symbols;
	bool disputed; /* Breakpad takes something for the build-id that GNU's tools do not */
	struct sym_identity id;
};

static enum sym_arch arch_of(uint16_t machine, bool wide)
{
	static const struct {
		uint16_t machine;
		enum sym_arch narrow, wide;
	} rows[] = {
		{2, SYM_ARCH_SPARC, SYM_ARCH_SPARC},
		{3, SYM_ARCH_X86, SYM_ARCH_UNKNOWN},
		{8, SYM_ARCH_MIPS, SYM_ARCH_MIPS64},
		{18, SYM_ARCH_SPARC, SYM_ARCH_SPARC},
		{20, SYM_ARCH_PPC, SYM_ARCH_UNKNOWN},
		{21, SYM_ARCH_UNKNOWN, SYM_ARCH_PPC64},
		{22, SYM_ARCH_UNKNOWN, SYM_ARCH_S390X},
		{40, SYM_ARCH_ARM, SYM_ARCH_UNKNOWN},
		{43, SYM_ARCH_UNKNOWN, SYM_ARCH_SPARC},
		{50, SYM_ARCH_IA64, SYM_ARCH_IA64},
		{62, SYM_ARCH_X86_64, SYM_ARCH_X86_64},
		{183, SYM_ARCH_ARM64, SYM_ARCH_ARM64},
		{243, SYM_ARCH_RISCV32, SYM_ARCH_RISCV64},
		{258, SYM_ARCH_UNKNOWN, SYM_ARCH_LOONGARCH64},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].machine == machine)
			return wide ? rows[i].wide : rows[i].narrow;
	return SYM_ARCH_UNKNOWN;
}

/* ------------------------------------------------- segments, sections -- */

static enum sym_status check_reads(const struct elf *elf, const char *what, struct sym_err *err)
{
	if (elf->file.blob->reads <= FORMAT_READS_MAX)
		return SYM_OK;
	return err_set(err, SYM_TOO_BIG, "more than %u reads to find its %s", FORMAT_READS_MAX, what);
}

/* A segment whose bytes are gone is normal in a companion, which is known by its sections. In a
 * file without those, it is how a cut file shows. */
static enum sym_status read_segments(struct elf *elf, struct sym_err *err)
{
	const struct elf_table *table = &elf->file.segments;
	enum sym_status status = SYM_OK;

	for (uint32_t i = 0; i < table->count && status == SYM_OK; i++) {
		struct elf_segment s = elf_segment(&elf->file, i);
		bool there = s.file_size == 0 || range_ok(s.offset, s.file_size, elf->file.blob->size);

		if (!there && s.type == PT_LOAD && !elf->has_sections)
			return err_at(err, SYM_MALFORMED,
				      table->offset + (uint64_t)i * table->entry_bytes,
				      "segment %u lies outside the file", (unsigned)i);
		if (s.file_size == 0 || !there)
			continue;
		if (s.type == PT_NOTE)
			elf_notes_walk(&elf->notes, s.offset, s.file_size, s.align);
		else if (s.type == PT_LOAD)
			elf->has_load_bytes = true;
		else if (s.type == PT_GNU_EH_FRAME)
			elf->has_eh_segment = true;
		else if (s.type == PT_DYNAMIC && !elf->has_sections)
			elf->dynamic = (struct range){s.offset, s.file_size};
		else if (s.type == PT_SCE_DYNLIBDATA)
			elf->sce = (struct range){s.offset, s.file_size};
		status = check_reads(elf, "segments", err);
	}
	elf->disputed = elf->notes.disputed;
	return status;
}

/* What the sections that count by name are for. */
enum role { ROLE_DEBUG, ROLE_ABBREV, ROLE_UNWIND, ROLE_SYMBOLS, ROLE_TEXT, ROLE_DEBUGLINK, ROLE_SCE };

static const struct {
	const char *name;
	bool begins; /* longer names count too, such as .debug_info.dwo */
	enum role role;
} roles[] = {
	{".debug_info", true, ROLE_DEBUG},
	{".zdebug_info", true, ROLE_DEBUG},
	{".debug_abbrev", false, ROLE_ABBREV},
	{".eh_frame", false, ROLE_UNWIND},
	{".debug_frame", false, ROLE_UNWIND},
	{".zdebug_frame", false, ROLE_UNWIND},
	{".ARM.exidx", false, ROLE_UNWIND},
	{".orc_unwind", false, ROLE_UNWIND}, /* of Linux kernels and their modules */
	{".IA_64.unwind", false, ROLE_UNWIND},
	{".gnu_debugdata", false, ROLE_SYMBOLS}, /* a packed symbol table for stripped images */
	{".text", false, ROLE_TEXT},
	{".gnu_debuglink", false, ROLE_DEBUGLINK},
	{".sce_special", false, ROLE_SCE},
};

static void use_section(struct elf *elf, enum role role, struct range range)
{
	switch (role) {
	case ROLE_DEBUG:
		elf->id.has |= SYM_HAS_DEBUG;
		elf->debug_info = range;
		break;
	case ROLE_ABBREV:
		elf->debug_abbrev = range;
		break;
	case ROLE_UNWIND:
		elf->id.has |= SYM_HAS_UNWIND;
		break;
	case ROLE_SYMBOLS:
		elf->id.has |= SYM_HAS_SYMBOLS;
		break;
	case ROLE_TEXT:
		elf->text = range;
		break;
	case ROLE_DEBUGLINK:
		elf->debuglink = range;
		break;
	case ROLE_SCE:
		elf->sce = range;
		break;
	}
}

static void read_named_section(struct elf *elf, const struct elf_section *s)
{
	struct reader r;
	const char *name;
	size_t len;

	if (s->name >= elf->names.size)
		return;
	r = blob_view_some(elf->file.blob, add_sat(elf->names.offset, s->name),
			   min_u64(elf->names.size - s->name, SECTION_NAME_BYTES));
	name = reader_text(&r, &len);
	for (size_t i = 0; i < ARRAY_LEN(roles); i++) {
		size_t n = strlen(roles[i].name);

		if (len < n || memcmp(name, roles[i].name, n) != 0 || (len > n && !roles[i].begins))
			continue;
		/* Of a compressed section only the name tells anything. */
		use_section(elf, roles[i].role, s->flags & SHF_COMPRESSED
							? (struct range){0}
							: (struct range){s->offset, s->size});
		return;
	}
}

/* Is its name worth a look, which can cost a read? Objects may have a section for each function. */
static bool name_matters(const struct elf *elf, const struct elf_section *s)
{
	if (s->type != SHT_PROGBITS && s->type < SHT_LOOS)
		return false;
	if (s->flags & SHF_EXECINSTR)
		return elf->notes.len == 0 && elf->text.size == 0 && s->type == SHT_PROGBITS;
	return true;
}

static void read_section(struct elf *elf, const struct elf_section *s)
{
	bool bytes = s->type != SHT_NOBITS && s->size > 0;
	uint64_t symbol_bytes = elf->file.wide ? 24 : 16;

	if (s->flags & SHF_ALLOC && s->flags & SHF_EXECINSTR && s->size > 0) {
		elf->has_code_section = true;
		elf->has_code_bytes |= bytes;
	}
	if (!bytes)
		return;
	if (s->flags & SHF_ALLOC && s->type != SHT_NOTE)
		elf->has_mapped_bytes = true;
	if (s->type == SHT_NOTE)
		elf_notes_walk(&elf->notes, s->offset, s->size, s->align);
	else if (s->type == SHT_SYMTAB && s->size > symbol_bytes) /* the first symbol is empty */
		elf->id.has |= SYM_HAS_SYMBOLS;
	else if (s->type == SHT_DYNSYM && s->size > symbol_bytes)
		elf->has_dynamic_symbols = true;
	else if (s->type == SHT_DYNAMIC)
		elf->dynamic = (struct range){s->offset, s->size};
	else if (name_matters(elf, s))
		read_named_section(elf, s);
}

static enum sym_status read_sections(struct elf *elf, struct sym_err *err)
{
	const struct blob *blob = elf->file.blob;
	const struct elf_table *table = &elf->file.sections;
	enum sym_status status = SYM_OK;

	if (elf->file.names_index) {
		struct elf_section names = elf_section(&elf->file, elf->file.names_index);

		elf->names = (struct range){names.offset, names.size};
		/* As much as fits into one window at once: names stand in no order. */
		(void)blob_view_some(elf->file.blob, names.offset,
				     min_u64(names.size, BLOB_WINDOW_BYTES));
	}
	for (uint32_t i = 1; i < table->count && status == SYM_OK; i++) {
		struct elf_section s = elf_section(&elf->file, i);

		if (s.type != SHT_NULL && s.type != SHT_NOBITS && s.size > 0 &&
		    !range_ok(s.offset, s.size, blob->size))
			return err_at(err, SYM_MALFORMED,
				      table->offset + (uint64_t)i * table->entry_bytes,
				      "section %u lies outside the file", (unsigned)i);
		read_section(elf, &s);
		status = check_reads(elf, "sections", err);
	}
	return status;
}

/* --------------------------------------------------------- identifiers -- */

/* Breakpad's form: 16 bytes, zero padded, taken for a GUID in the file's byte order. */
static void set_debug_id(struct elf *elf, const uint8_t *bytes, size_t n)
{
	uint8_t padded[16] = {0};
	struct reader r = reader_over(padded, sizeof padded, 0);

	memcpy(padded, bytes, n < sizeof padded ? n : sizeof padded);
	elf->id.debug.form = SYM_DEBUG_AGE;
	if (elf->file.big_endian)
		memcpy(elf->id.debug.guid, padded, sizeof padded);
	else
		reader_guid(&r, elf->id.debug.guid);
}

static void set_code_id(struct elf *elf, const uint8_t *bytes, size_t n)
{
	elf->id.code.form = SYM_CODE_BYTES;
	elf->id.code.len = (uint8_t)n;
	memcpy(elf->id.code.bytes, bytes, n);
	set_debug_id(elf, bytes, n);
}

/* Consoles: the first bytes of a section or segment of the system's own. */
static bool take_sce_id(struct elf *elf)
{
	struct reader r =
		elf_view(&elf->file, elf->sce.offset, min_u64(elf->sce.size, SCE_ID_BYTES));
	const uint8_t *bytes = reader_bytes(&r, r.size);

	if (!bytes || identity_is_zero(bytes, r.size))
		return false;
	set_code_id(elf, bytes, r.size);
	return true;
}

/* What Breakpad falls back to: the first page of .text, folded to 16 bytes by exclusive or.
 * Not in a disputed file, in which Breakpad would find an identifier that we do not. */
static bool take_text_hash(struct elf *elf)
{
	struct reader r = elf_view(&elf->file, elf->text.offset,
				   min_u64(elf->text.size, ELF_TEXT_HASH_BYTES));
	const uint8_t *bytes = reader_bytes(&r, r.size);
	uint8_t hash[16] = {0};

	if (!bytes || elf->disputed)
		return false;
	for (size_t i = 0; i < r.size; i++)
		hash[i % sizeof hash] ^= bytes[i];
	if (identity_is_zero(hash, sizeof hash))
		return false;
	set_debug_id(elf, hash, sizeof hash);
	elf->id.traits |= SYM_NO_BUILD_ID;
	return true;
}

static enum sym_status settle_ids(struct elf *elf, struct sym_err *err)
{
	if (elf->notes.len) {
		set_code_id(elf, elf->notes.id, elf->notes.len);
		return SYM_OK;
	}
	if (take_sce_id(elf))
		return SYM_OK;
	if (elf->file.type == ET_REL && !elf->disputed) {
		elf->id.traits |= SYM_OBJECT; /* a kernel module has one */
		return SYM_OK;
	}
	if (take_text_hash(elf))
		return SYM_OK;
	if (elf->disputed)
		return err_set(err, SYM_NO_KEY,
			       "the build-id is all zeros, too long, or not GNU's");
	return err_set(err, SYM_NO_KEY, "no build-id (link with --build-id)");
}

/* Does the entry with that abbreviation name a .dwo file? Asked of the declaration at `offset` alone,
 * where a unit's own entry has its: u code, u tag, u8 children, then pairs of attribute and form up to
 * two zeros (DWARF 4, 7.5.3; u: LEB128). */
static bool names_dwo(const struct elf *elf, uint64_t offset, uint32_t code)
{
	const struct range *table = &elf->debug_abbrev;
	uint32_t attribute = 1;
	struct reader r;

	if (offset >= table->size)
		return false;
	r = elf_view(&elf->file, table->offset + offset, min_u64(table->size - offset, ABBREV_BYTES));
	if (reader_leb32(&r) != code)
		return false;
	(void)reader_leb32(&r); /* tag */
	reader_skip(&r, 1);
	while (attribute && attribute != DW_AT_GNU_DWO_NAME && !r.bad) {
		attribute = reader_leb32(&r);
		(void)reader_leb32(&r); /* form */
	}
	return attribute == DW_AT_GNU_DWO_NAME;
}

/* Does the debug information say no more than in which .dwo file it is? Asked of its first unit, as
 * DWARF 5 tells (7.5.1). Before, GNU's compilers and LLVM's told by an attribute of the unit's entry. */
static bool is_split(const struct elf *elf)
{
	struct reader r = elf_view(&elf->file, elf->debug_info.offset,
				   min_u64(elf->debug_info.size, UNIT_HEAD_BYTES));
	bool wide = reader_u32(&r) == UINT32_MAX;
	uint16_t version;
	uint64_t abbrev;

	if (wide)
		reader_skip(&r, 8);
	version = reader_u16(&r);
	if (version == 5)
		return reader_u8(&r) == DW_UT_SKELETON;
	abbrev = reader_word(&r, wide);
	reader_skip(&r, 1); /* address_size */
	return version == 4 && names_dwo(elf, abbrev, reader_leb32(&r));
}

/* An image has bytes to map. Companions keep the code sections, without their bytes; a library
 * of data alone has none, or an empty one. What has debug info is a companion too, so that an
 * unstripped image answers for both; and so is, as with debuginfod, what has symbols alone.
 * Dynamic symbols are what any image has; in a companion, as of a vDSO, they are all there is. */
static void settle_traits(struct elf *elf)
{
	bool image = elf->has_code_bytes || (!elf->has_code_section && elf->has_mapped_bytes);
	struct sym_identity *id = &elf->id;

	if (!elf->has_sections) {
		image = elf->has_load_bytes;
		if (elf->has_eh_segment)
			id->has |= SYM_HAS_UNWIND;
	}
	if (image)
		id->traits |= SYM_IMAGE;
	if (image && elf->has_sections && !elf->has_code_section)
		id->traits |= SYM_DATA_ONLY;
	if (elf->debug_info.size > 0 && is_split(elf))
		id->traits |= SYM_SPLIT_DWARF;
	if (elf->has_dynamic_symbols && !image)
		id->has |= SYM_HAS_SYMBOLS;
	if (id->has & SYM_HAS_DEBUG || (id->has & SYM_HAS_SYMBOLS && !image))
		id->traits |= SYM_COMPANION;
}

/* --------------------------------------------------------------- names -- */

/* The module's name for Breakpad: DT_SONAME of the dynamic section. */
static void read_soname(struct elf *elf)
{
	uint32_t entry_bytes = elf->file.wide ? 16 : 8;
	struct elf_table table = {
		.offset = elf->dynamic.offset,
		.count = (uint32_t)min_u64(elf->dynamic.size / entry_bytes, ELF_DYNAMIC_MAX),
		.entry_bytes = entry_bytes,
	};
	uint64_t tag = 1, strings = 0, strings_offset, name = UINT64_MAX;

	for (uint32_t i = 0; i < table.count && tag != DT_NULL; i++) {
		struct reader r = elf_entry(&elf->file, &table, i);
		uint64_t value;

		tag = reader_word(&r, elf->file.wide);
		value = reader_word(&r, elf->file.wide);
		if (tag == DT_STRTAB)
			strings = value;
		else if (tag == DT_SONAME)
			name = value;
	}
	if (name != UINT64_MAX && elf_offset_of(&elf->file, strings, &strings_offset)) {
		struct reader r =
			blob_view_some(elf->file.blob, add_sat(strings_offset, name), TEXT_BYTES);
		size_t len;
		const char *text = reader_text(&r, &len);

		identity_set_name(elf->id.name, text, len);
	}
}

/* .gnu_debuglink: the build-id of the file that it names is ours. */
static void read_debuglink(struct elf *elf)
{
	struct reader r = elf_view(&elf->file, elf->debuglink.offset,
				   min_u64(elf->debuglink.size, TEXT_BYTES));
	struct sym_want *want = &elf->id.wants[0];

	if (!identity_set_debuglink(want, &r))
		return;
	if (elf->id.code.form)
		want->debug = elf->id.debug;
	elf->id.wants_count = 1;
}

static enum sym_status identify(struct blob *blob, const struct identity_sink *sink,
				struct sym_err *err)
{
	struct elf elf = {.file.blob = blob};
	enum sym_status status = elf_open(&elf.file, err);

	if (status != SYM_OK)
		return status;
	if (elf.file.type == ET_CORE)
		return err_set(err, SYM_UNSUPPORTED, "a core dump is no symbol file");
	identity_start(&elf.id, SYM_ELF, blob);
	elf.id.arch = arch_of(elf.file.machine, elf.file.wide);
	elf.has_sections = elf.file.sections.count > 1;
	elf.notes.blob = blob;
	elf.notes.big_endian = elf.file.big_endian;
	status = read_segments(&elf, err);
	if (status == SYM_OK)
		status = read_sections(&elf, err);
	if (status == SYM_OK)
		status = settle_ids(&elf, err);
	if (status != SYM_OK)
		return status;
	settle_traits(&elf);
	read_soname(&elf);
	read_debuglink(&elf);
	return sink->found(sink->ctx, &elf.id);
}

const struct format elf_format = {.name = "elf", .title = "ELF", .identify = identify};
