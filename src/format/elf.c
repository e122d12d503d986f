/* SPDX-License-Identifier: MIT
 * ELF: executables, shared objects, objects, and companions that hold debug info alone.
 *
 * The code identifier is the build-id, looked for in every segment and section of notes,
 * whatever its name; consoles have one of their own. */
#include "format/elf_contents.h"
#include "format/elf_dwarf.h"
#include "format/format.h"

#include <string.h>

enum {
	ET_REL = 1, /* an object file, or a kernel module */
	ET_CORE = 4,
	DT_NULL = 0,
	DT_STRTAB = 5,
	DT_SONAME = 14,
	SCE_ID_BYTES = 20,
	TEXT_BYTES = 4096, /* of a name or link out of the file */
};

struct elf {
	struct elf_contents contents;
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

/* --------------------------------------------------------- identifiers -- */

/* Breakpad's form: 16 bytes, zero padded, taken for a GUID in the file's byte order. */
static void set_debug_id(const struct elf_file *file, struct sym_debug_id *debug, const uint8_t *bytes, size_t n)
{
	uint8_t padded[16] = {0};
	struct reader r = reader_over(padded, sizeof padded, 0);

	memcpy(padded, bytes, n < sizeof padded ? n : sizeof padded);
	debug->form = SYM_DEBUG_AGE;
	if (file->big_endian)
		memcpy(debug->guid, padded, sizeof padded);
	else
		reader_guid(&r, debug->guid);
}

static void set_code_id(struct sym_code_id *code, const uint8_t *bytes, size_t n)
{
	code->form = SYM_CODE_BYTES;
	code->len = (uint8_t)n;
	memcpy(code->bytes, bytes, n);
}

static void set_ids(struct elf *elf, const uint8_t *bytes, size_t n)
{
	set_code_id(&elf->id.code, bytes, n);
	set_debug_id(&elf->contents.file, &elf->id.debug, bytes, n);
}

/* Consoles: the first bytes of a section or segment of the system's own. */
static bool take_sce_id(struct elf *elf)
{
	struct reader r = elf_part_view(&elf->contents, ELF_SCE, SCE_ID_BYTES);
	const uint8_t *bytes = reader_bytes(&r, r.size);

	if (!bytes || identity_is_zero(bytes, r.size))
		return false;
	set_ids(elf, bytes, r.size);
	return true;
}

/* What Breakpad falls back to: the first page of .text, folded to 16 bytes by exclusive or.
 * Not in a disputed file, in which Breakpad would find an identifier that we do not. */
static bool take_text_hash(struct elf *elf)
{
	struct reader r = elf_part_view(&elf->contents, ELF_TEXT, ELF_TEXT_HASH_BYTES);
	const uint8_t *bytes = reader_bytes(&r, r.size);
	uint8_t hash[16] = {0};

	if (!bytes || elf->contents.disputed)
		return false;
	for (size_t i = 0; i < r.size; i++)
		hash[i % sizeof hash] ^= bytes[i];
	if (identity_is_zero(hash, sizeof hash))
		return false;
	set_debug_id(&elf->contents.file, &elf->id.debug, hash, sizeof hash);
	elf->id.traits |= SYM_NO_BUILD_ID;
	return true;
}

/* Of split DWARF (DWARF 5, 7.3.2: .dwo, and .dwp, which holds many), or shared by several files in DWARF 5's
 * own way (7.3.6), and not in that of dwz, which has a build-id? */
static bool is_found_by_name(const struct elf_contents *contents)
{
	unsigned parts = contents->present;

	return parts & 1u << ELF_DEBUG_SUP || (parts & 1u << ELF_DEBUG_DWO && !(parts & 1u << ELF_DEBUG_INFO));
}

static enum sym_status settle_ids(struct elf *elf, struct sym_err *err)
{
	const struct elf_contents *contents = &elf->contents;

	if (contents->notes.several)
		elf->id.traits |= SYM_TWO_IDS;
	if (contents->notes.len) {
		set_ids(elf, contents->notes.id, contents->notes.len);
		return SYM_OK;
	}
	if (take_sce_id(elf))
		return SYM_OK;
	if (contents->file.type == ET_REL && !contents->disputed) {
		elf->id.traits |= is_found_by_name(contents) ? SYM_BY_NAME : SYM_OBJECT; /* a kernel module has one */
		return SYM_OK;
	}
	if (take_text_hash(elf))
		return SYM_OK;
	if (contents->disputed)
		return err_set(err, SYM_NO_KEY,
			       "the build-id is all zeros, too long, or not GNU's");
	return err_set(err, SYM_NO_KEY, "no build-id (link with --build-id)");
}

/* An image has bytes to map. Companions keep the code sections, without their bytes; a library
 * of data alone has none, or an empty one. What has debug info is a companion too, so that an
 * unstripped image answers for both; and so is, as with debuginfod, what has symbols alone.
 * Dynamic symbols are what any image has; in a companion, as of a vDSO, they are all there is. */
static void settle_traits(struct elf *elf)
{
	const struct elf_contents *contents = &elf->contents;
	bool image = contents->has_code_bytes || (!contents->has_code_section && contents->has_mapped_bytes);
	struct sym_identity *id = &elf->id;

	id->has = contents->has;
	if (!contents->has_sections) {
		image = contents->has_load_bytes;
		if (contents->has_eh_segment)
			id->has |= SYM_HAS_UNWIND;
	}
	if (image)
		id->traits |= SYM_IMAGE;
	if (image && contents->has_sections && !contents->has_code_section)
		id->traits |= SYM_DATA_ONLY;
	if (elf_dwarf_is_split(contents))
		id->traits |= SYM_SPLIT_DWARF;
	if (contents->present & 1u << ELF_DEBUG_SUP && !(id->traits & SYM_BY_NAME))
		id->traits |= SYM_SHARED_DWARF;
	if (contents->has_dynamic_symbols && !image)
		id->has |= SYM_HAS_SYMBOLS;
	if (id->has & SYM_HAS_DEBUG || (id->has & SYM_HAS_SYMBOLS && !image))
		id->traits |= SYM_COMPANION;
}

/* --------------------------------------------------------------- names -- */

/* The module's name for Breakpad: DT_SONAME of the dynamic section. */
static void read_soname(struct elf *elf)
{
	const struct elf_file *file = &elf->contents.file;
	const struct elf_range *dynamic = &elf->contents.parts[ELF_DYNAMIC];
	uint32_t entry_bytes = file->wide ? 16 : 8;
	struct elf_table table = {
		.offset = dynamic->offset,
		.count = (uint32_t)min_u64(dynamic->size / entry_bytes, ELF_DYNAMIC_MAX),
		.entry_bytes = entry_bytes,
	};
	uint64_t tag = 1, strings = 0, strings_offset, name = UINT64_MAX;

	for (uint32_t i = 0; i < table.count && tag != DT_NULL; i++) {
		struct reader r = elf_entry(file, &table, i);
		uint64_t value;

		tag = reader_word(&r, file->wide);
		value = reader_word(&r, file->wide);
		if (tag == DT_STRTAB)
			strings = value;
		else if (tag == DT_SONAME)
			name = value;
	}
	if (name != UINT64_MAX && elf_offset_of(file, strings, &strings_offset)) {
		struct reader r = blob_view_some(file->blob, add_sat(strings_offset, name), TEXT_BYTES);
		size_t len;
		const char *text = reader_text(&r, &len);

		identity_set_name(elf->id.name, text, len);
	}
}

/* .gnu_debuglink: the build-id of the file that it names is ours. */
static void read_debuglink(struct elf *elf)
{
	struct reader r = elf_part_view(&elf->contents, ELF_DEBUGLINK, TEXT_BYTES);
	struct sym_want *want = &elf->id.wants[0];

	if (!identity_set_debuglink(want, &r))
		return;
	if (elf->id.code.form)
		want->debug = elf->id.debug;
	elf->id.wants_count = 1;
}

/* .gnu_debugaltlink: the path of the file to which dwz moved what the debug information of several
 * files has alike, NUL, and the build-id of that file, up to the end of the section. */
static void read_altlink(struct elf *elf)
{
	struct reader r = elf_part_view(&elf->contents, ELF_ALTLINK, TEXT_BYTES);
	struct sym_want *want = &elf->id.wants[elf->id.wants_count];
	size_t len, n;
	const char *name = reader_text(&r, &len);
	const uint8_t *id;

	n = reader_left(&r);
	id = reader_bytes(&r, n);
	if (!(elf->id.has & SYM_HAS_DEBUG) || !id || n == 0 || n > SYM_CODE_MAX)
		return;
	identity_set_name(want->name, name, len);
	if (!want->name[0])
		return;
	set_code_id(&want->code, id, n);
	set_debug_id(&elf->contents.file, &want->debug, id, n);
	elf->id.wants_count++;
}

static enum sym_status identify(struct blob *blob, const struct identity_sink *sink,
				struct sym_err *err)
{
	struct elf elf = {.contents.file.blob = blob};
	struct elf_file *file = &elf.contents.file;
	enum sym_status status = elf_open(file, err);

	if (status != SYM_OK)
		return status;
	if (file->type == ET_CORE)
		return err_set(err, SYM_UNSUPPORTED, "a core dump is no symbol file");
	identity_start(&elf.id, SYM_ELF, blob);
	elf.id.arch = arch_of(file->machine, file->wide);
	status = elf_contents_read(&elf.contents, err);
	if (status == SYM_OK)
		status = settle_ids(&elf, err);
	if (status != SYM_OK)
		return status;
	settle_traits(&elf);
	read_soname(&elf);
	read_debuglink(&elf);
	read_altlink(&elf);
	return sink->found(sink->ctx, &elf.id);
}

const struct format elf_format = {.name = "elf", .title = "ELF", .identify = identify};
