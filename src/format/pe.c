/* SPDX-License-Identifier: MIT
 * PE images: exe, dll, sys, ocx, efi, …
 *
 * Layout: Microsoft's PE format specification. The code identifier is the one
 * that SymSrv uses: TimeDateStamp and SizeOfImage, as they stand (with /Brepro
 * the stamp is a hash). */
#include "format/coff.h"
#include "format/format.h"
#include "format/pe_debug.h"
#include "format/pe_file.h"

#include <inttypes.h>
#include <string.h>

enum {
	SECTION_CODE = 0x20, /* IMAGE_SCN_* of the characteristics: CNT_CODE … */
	SECTION_UNINITIALIZED = 0x80, /* … CNT_UNINITIALIZED_DATA … */
	SECTION_EXECUTE = 0x20000000, /* … and MEM_EXECUTE */
	DEBUGLINK_BYTES_MAX = 4096,
};

struct pe {
	struct pe_file file;
	uint64_t sections_end;                 /* where the last section's bytes end, from the start of the file */
	bool has_code, has_code_bytes;         /* sections of code; such sections with bytes in the file */
	uint32_t debuglink_at, debuglink_size; /* bytes from the start of the file */
	struct sym_identity id;
};

/* The bytes of a section that a loader reads must be there; padding behind them may be cut. */
static bool is_cut(const struct pe *pe, const struct pe_section *s)
{
	uint32_t needed =
		s->virtual_size && s->virtual_size < s->raw_size ? s->virtual_size : s->raw_size;

	return s->raw_offset && needed && !(s->characteristics & SECTION_UNINITIALIZED) &&
	       !range_ok(s->raw_offset, needed, pe->file.blob->size);
}

/* What the section tells of the image: mingw leaves DWARF in it. */
static void use_section(struct pe *pe, const struct pe_section *s)
{
	bool bytes = pe_has_bytes(s);

	if (s->characteristics & (SECTION_CODE | SECTION_EXECUTE)) {
		pe->has_code = true;
		pe->has_code_bytes |= bytes || s->virtual_size == 0;
	}
	if (!bytes)
		return;
	if (!(s->characteristics & SECTION_UNINITIALIZED) &&
	    pe->sections_end < (uint64_t)s->raw_offset + s->raw_size)
		pe->sections_end = (uint64_t)s->raw_offset + s->raw_size;
	if (strncmp(s->name, ".debug_info", 11) == 0 || strncmp(s->name, ".zdebug_info", 12) == 0)
		pe->id.has |= SYM_HAS_DEBUG;
	if (strcmp(s->name, ".gnu_debuglink") == 0) {
		pe->debuglink_at = s->raw_offset;
		pe->debuglink_size = s->raw_size;
	}
	if (strcmp(s->name, ".pdata") == 0 || strcmp(s->name, ".eh_frame") == 0)
		pe->id.has |= SYM_HAS_UNWIND;
}

static enum sym_status read_sections(struct pe *pe, struct sym_err *err)
{
	pe->has_code = pe->has_code_bytes = pe->file.sections == 0;
	for (unsigned i = 0; i < pe->file.sections; i++) {
		uint64_t at = pe_section_at(&pe->file, i);
		struct pe_section s;

		if (!pe_section(&pe->file, i, &s))
			return err_at(err, SYM_MALFORMED, at, "the section table is cut short");
		if (is_cut(pe, &s))
			return err_at(err, SYM_MALFORMED, at,
				      "section %u, at %u, reaches beyond the end of the file",
				      i + 1, (unsigned)s.raw_offset);
		use_section(pe, &s);
	}
	return SYM_OK;
}

/* The COFF symbol table, and the string table behind it, which states its own size first.
 * Linkers write them where the last section ends, and there they must be whole. Packers and
 * strippers leave a stale pointer to elsewhere, or to the very end of the file: that is no damage. */
static enum sym_status read_symbols(struct pe *pe, struct sym_err *err)
{
	const struct pe_file *file = &pe->file;
	uint64_t size = file->blob->size;
	struct reader r;
	uint32_t strings;

	if (file->symbols == 0)
		return SYM_OK;
	r = blob_view_some(file->blob, file->strings, 4);
	strings = reader_u32(&r);
	if (!r.bad && range_ok(file->strings, strings, size)) {
		if (file->strings > file->symbols)
			pe->id.has |= SYM_HAS_SYMBOLS;
		return SYM_OK;
	}
	if (file->symbols != pe->sections_end || file->symbols == size)
		return SYM_OK;
	return err_at(err, SYM_MALFORMED, file->symbols_field,
		      "the symbol table, at %" PRIu64 ", reaches beyond the end of the file",
		      file->symbols);
}

/* A signature stands behind the sections; its directory has an offset in place of an address. One
 * that begins there and reaches beyond the end of the file is how a cut file shows. Tools that
 * rewrite a signed image may leave a stale directory, which points among the sections or beyond the
 * file: that is no damage. */
static enum sym_status check_certificates(const struct pe *pe, struct sym_err *err)
{
	const struct pe_directory *certificates = &pe->file.directories[PE_CERTIFICATES];
	uint64_t offset = certificates->rva, size = pe->file.blob->size;

	if (offset < pe->sections_end || (offset >= size && size >= pe->sections_end) ||
	    range_ok(offset, certificates->size, size))
		return SYM_OK;
	return err_at(err, SYM_MALFORMED, certificates->field,
		      "the signature, at %" PRIu64 ", reaches beyond the end of the file", offset);
}

/* Who asks for an image wants its code. `objcopy --only-keep-debug` keeps the headers, the
 * CodeView record and the DWARF, and drops the bytes of all else. gdb reads such a file, but for
 * WinDbg it is no image: it would see zeros for code, and no unwind data. The code sections of a
 * packed image have no bytes either, but it holds nothing for debuggers. */
static void settle_traits(struct pe *pe)
{
	struct sym_identity *id = &pe->id;
	bool hollow = pe->has_code && !pe->has_code_bytes &&
		      id->has & (SYM_HAS_SYMBOLS | SYM_HAS_DEBUG);

	if (!hollow)
		id->traits |= SYM_IMAGE;
	if (hollow || id->has & SYM_HAS_DEBUG)
		id->traits |= SYM_COMPANION;
	if (!pe->has_code)
		id->traits |= SYM_DATA_ONLY;
}

/* mingw's objcopy names the file with an image's DWARF as in ELF. It counts only where the CodeView
 * record names no PDB: mingw's ld writes one without a name. */
static void read_debuglink(struct pe *pe)
{
	struct reader r = blob_view_some(pe->file.blob, pe->debuglink_at,
					 min_u64(pe->debuglink_size, DEBUGLINK_BYTES_MAX));
	struct sym_want link = {0}, *want = &pe->id.wants[0];

	if (pe->id.wants_count > 1 || !identity_set_debuglink(&link, &r) || !link.has_crc32)
		return;
	if (pe->id.wants_count == 1 && want->name[0])
		return;
	if (pe->id.wants_count == 1)
		link.debug = want->debug;
	*want = link;
	pe->id.wants_count = 1;
}

static enum sym_status identify(struct blob *blob, const struct identity_sink *sink,
				struct sym_err *err)
{
	struct pe pe = {.file.blob = blob};
	const struct pe_directory *exceptions = &pe.file.directories[PE_EXCEPTIONS];
	uint64_t unwind;
	enum sym_status status = pe_open(&pe.file, err);

	if (status != SYM_OK)
		return status;
	identity_start(&pe.id, SYM_PE, blob);
	pe.id.arch = coff_arch(pe.file.machine);
	pe.id.code.form = SYM_CODE_PE;
	pe.id.code.stamp = pe.file.stamp;
	pe.id.code.image_size = pe.file.image_size;
	status = read_sections(&pe, err);
	if (status == SYM_OK)
		status = read_symbols(&pe, err);
	if (status == SYM_OK)
		status = check_certificates(&pe, err);
	if (status != SYM_OK)
		return status;
	settle_traits(&pe);
	if (exceptions->size > 0 && pe_offset_of(&pe.file, exceptions->rva, 1, &unwind))
		pe.id.has |= SYM_HAS_UNWIND;
	if (pe_debug_read(&pe.file, &pe.id, err) != SYM_OK)
		return err->status;
	read_debuglink(&pe);
	return sink->found(sink->ctx, &pe.id);
}

const struct format pe_format = {.name = "pe", .title = "PE", .identify = identify};
