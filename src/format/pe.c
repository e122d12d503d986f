/* SPDX-License-Identifier: MIT
 * PE images: exe, dll, sys, ocx, efi, …
 *
 *   0        "MZ" … u32 at 0x3C: P
 *   P        "PE\0\0", COFF header (20 bytes): machine, sections, time stamp
 *   P + 24   optional header: magic 0x10B or 0x20B, SizeOfImage at +56,
 *            data directories at +96 or +112 (#3 exceptions, #4 certificates, #6 debug)
 *   behind   section table, 40 bytes each
 *
 * Layout: Microsoft's PE format specification. The code identifier is the one
 * that SymSrv uses: TimeDateStamp and SizeOfImage, as they stand (with /Brepro
 * the stamp is a hash). */
#include "format/coff.h"
#include "format/format.h"

#include <inttypes.h>
#include <string.h>

enum {
	DIRECTORY_EXCEPTION = 3,
	DIRECTORY_CERTIFICATES = 4,
	DIRECTORY_DEBUG = 6,
	DEBUG_CODEVIEW = 2,
	DEBUG_EMBEDDED_PORTABLE_PDB = 17,
	COFF_HEADER_BYTES = 24, /* with its signature */
	SYMBOL_BYTES = 18,
	SECTION_BYTES = 40,
	SECTION_CODE = 0x20,          /* of the characteristics, and the next */
	SECTION_UNINITIALIZED = 0x80,
	SECTION_EXECUTE = 0x20000000,
	LONG_NAMES_BYTES = 4096, /* of the string table: linkers put the sections' names first */
	DEBUG_ENTRY_BYTES = 28,
	DEBUGLINK_BYTES_MAX = 4096,
	CODEVIEW_BYTES_MAX = 24 + 4096, /* RSDS head and the longest path worth reading */
	PORTABLE_MINOR = 0x504D,        /* "PM": the named PDB is a portable one */
};

struct directory {
	uint32_t rva, size;
};

struct pe {
	struct blob *blob;
	uint64_t optional_header, section_table; /* from the start of the file */
	uint64_t symbols, strings;               /* the same; 0: there are none */
	uint64_t symbols_at;                     /* where the header names them, the same */
	uint64_t sections_end;                   /* of the bytes of the last one, the same */
	uint64_t certificates_at;                /* where the header names them, the same */
	uint16_t optional_size;                  /* bytes */
	unsigned sections;
	bool has_code, has_code_bytes;           /* sections of it; and in the file */
	struct directory debug, exceptions, certificates;
	uint32_t debuglink_at, debuglink_size;   /* bytes from the start of the file */
	struct sym_identity id;
};

struct section {
	char name[16]; /* cut to what is compared */
	uint32_t virtual_size, virtual_address, raw_size, raw_offset, characteristics;
};

/* The name that "/123" stands for: text at that offset of the string table. */
static void read_long_name(struct pe *pe, char name[16])
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

static bool read_section(struct pe *pe, unsigned number, struct section *section)
{
	struct reader r = blob_view(pe->blob, pe->section_table + (uint64_t)number * SECTION_BYTES,
				    SECTION_BYTES);
	const uint8_t *name = reader_bytes(&r, 8);

	memset(section, 0, sizeof *section);
	if (!name)
		return false;
	memcpy(section->name, name, 8);
	section->virtual_size = reader_u32(&r);
	section->virtual_address = reader_u32(&r);
	section->raw_size = reader_u32(&r);
	section->raw_offset = reader_u32(&r);
	reader_skip(&r, 12); /* relocations, line numbers */
	section->characteristics = reader_u32(&r);
	if (section->name[0] == '/' && pe->strings)
		read_long_name(pe, section->name);
	return true;
}

static bool has_bytes(const struct section *s)
{
	return s->raw_offset > 0 && s->raw_size > 0;
}

/* Where the bytes of [rva, rva + size) lie in the file; false where no section maps them. Behind
 * its bytes a section is zeros, which are not in the file. */
static bool file_offset_of(struct pe *pe, uint32_t rva, uint32_t size, uint64_t *offset)
{
	struct section s;

	for (unsigned i = 0; i < pe->sections && read_section(pe, i, &s); i++) {
		if (!has_bytes(&s) || rva < s.virtual_address ||
		    rva - s.virtual_address >= s.raw_size)
			continue;
		*offset = (uint64_t)s.raw_offset + (rva - s.virtual_address);
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
	size_t start, len;

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
	start = r.pos;
	path = reader_text(&r, &len);
	if (r.pos > start + len || r.size == size) /* else its last part was not read */
		identity_set_name(want->name, path, len);
	pe->id.wants_count++;
}

/* Does it start as data of the type does? "MPDB", u32 size, and a portable PDB deflated is that
 * of the CodeView record, so that there is no need to unpack it. */
static bool is_debug_data(struct pe *pe, uint32_t type, uint64_t offset)
{
	struct reader r = blob_view_some(pe->blob, offset, 8);
	const uint8_t *magic = reader_bytes(&r, 4);

	if (!magic)
		return false;
	if (type == DEBUG_EMBEDDED_PORTABLE_PDB)
		return memcmp(magic, "MPDB", 4) == 0 && reader_u32(&r) > 0;
	return memcmp(magic, "RSDS", 4) == 0 || memcmp(magic, "NB", 2) == 0;
}

/* What a debug entry describes: at its file offset, or, where that was not kept up by a tool
 * that moved the sections, where its address leads. Debuggers of a running image know only
 * the address. */
static bool find_debug_data(struct pe *pe, uint32_t type, uint32_t rva, uint32_t raw,
			    uint64_t *offset)
{
	*offset = raw;
	if (raw && is_debug_data(pe, type, raw))
		return true;
	return file_offset_of(pe, rva, 4, offset) && is_debug_data(pe, type, *offset);
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
	if (type != DEBUG_CODEVIEW && type != DEBUG_EMBEDDED_PORTABLE_PDB)
		return;
	if (!find_debug_data(pe, type, rva, raw, &offset))
		return;
	if (type == DEBUG_CODEVIEW)
		read_codeview(pe, offset, size, stamp, minor == PORTABLE_MINOR);
	else
		pe->id.has |= SYM_HAS_DEBUG;
}

/* The debug directory. One that lies outside the file costs the image its
 * debug identifier, not its key: loaders do not read it either. */
static void read_debug_directory(struct pe *pe)
{
	uint32_t entries = pe->debug.size / DEBUG_ENTRY_BYTES;
	uint64_t offset;

	if (entries == 0 || !file_offset_of(pe, pe->debug.rva, DEBUG_ENTRY_BYTES, &offset))
		return;
	for (uint32_t i = 0; i < entries && i < PE_DEBUG_ENTRIES_MAX; i++) {
		struct reader r = blob_view(pe->blob, offset + (uint64_t)i * DEBUG_ENTRY_BYTES,
					    DEBUG_ENTRY_BYTES);

		read_debug_entry(pe, &r);
	}
}

/* The file with an image's DWARF is named as in ELF, by mingw's objcopy. A PDB that is named comes
 * first: mingw's ld writes a CodeView record without a name. */
static void read_debuglink(struct pe *pe)
{
	struct reader r = blob_view_some(pe->blob, pe->debuglink_at,
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

/* The bytes of a section that a loader reads must be there; padding behind them may be cut. */
static bool is_cut(const struct pe *pe, const struct section *s)
{
	uint32_t needed =
		s->virtual_size && s->virtual_size < s->raw_size ? s->virtual_size : s->raw_size;

	return s->raw_offset && needed && !(s->characteristics & SECTION_UNINITIALIZED) &&
	       !range_ok(s->raw_offset, needed, pe->blob->size);
}

/* What the section tells of the image: mingw leaves DWARF in it. */
static void use_section(struct pe *pe, const struct section *s)
{
	bool bytes = has_bytes(s);

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
	pe->has_code = pe->has_code_bytes = pe->sections == 0;
	for (unsigned i = 0; i < pe->sections; i++) {
		uint64_t at = pe->section_table + (uint64_t)i * SECTION_BYTES;
		struct section s;

		if (!read_section(pe, i, &s))
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
 * Linkers write them where the last section ends, and there they must be whole. A table that
 * is named elsewhere is a relic of an image that was packed or stripped; so is one of which
 * there is not a byte. */
static enum sym_status read_symbols(struct pe *pe, struct sym_err *err)
{
	uint64_t size = pe->blob->size;
	struct reader r;
	uint32_t strings;

	if (pe->symbols == 0)
		return SYM_OK;
	r = blob_view_some(pe->blob, pe->strings, 4);
	strings = reader_u32(&r);
	if (!r.bad && range_ok(pe->strings, strings, size)) {
		if (pe->strings > pe->symbols)
			pe->id.has |= SYM_HAS_SYMBOLS;
		return SYM_OK;
	}
	if (pe->symbols != pe->sections_end || pe->symbols == size)
		return SYM_OK;
	return err_at(err, SYM_MALFORMED, pe->symbols_at,
		      "the symbol table, at %" PRIu64 ", reaches beyond the end of the file",
		      pe->symbols);
}

/* A signature stands behind all else, at an offset instead of an address. Where one begins it must
 * be whole. Tools that write a signed image anew leave its place behind, amid or beyond what
 * there is: that is a relic. */
static enum sym_status check_certificates(const struct pe *pe, struct sym_err *err)
{
	uint64_t offset = pe->certificates.rva, size = pe->blob->size;

	if (offset < pe->sections_end || (offset >= size && size >= pe->sections_end) ||
	    range_ok(offset, pe->certificates.size, size))
		return SYM_OK;
	return err_at(err, SYM_MALFORMED, pe->certificates_at,
		      "the signature, at %" PRIu64 ", reaches beyond the end of the file", offset);
}

/* Who asks for an image wants its code. `objcopy --only-keep-debug` leaves the headers, the
 * CodeView record and the DWARF, and takes the bytes of all else: with such a file in the place
 * of the image, WinDbg has zeros for code, and no unwind data; gdb reads it. Packed images
 * have code sections without bytes too, but nothing for debuggers. */
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

/* "MZ", and where it says that the PE header is. */
static enum sym_status read_dos_header(struct pe *pe, uint64_t *header, struct sym_err *err)
{
	struct reader r = blob_view_some(pe->blob, 0, 64);
	const uint8_t *magic = reader_bytes(&r, 2);

	if (!magic || memcmp(magic, "MZ", 2) != 0)
		return SYM_NOT_MINE;
	reader_seek(&r, 0x3C);
	*header = reader_u32(&r);
	return r.bad ? blob_verdict(pe->blob, &r, "the DOS header", err) : SYM_OK;
}

static enum sym_status read_coff_header(struct pe *pe, uint64_t header, struct sym_err *err)
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
	pe->id.arch = coff_arch(reader_u16(&r));
	pe->sections = reader_u16(&r);
	pe->id.code.form = SYM_CODE_PE;
	pe->id.code.stamp = reader_u32(&r);
	pe->symbols_at = header + 12;
	pe->symbols = reader_u32(&r);
	symbol_count = reader_u32(&r);
	pe->optional_size = reader_u16(&r);
	reader_skip(&r, 2); /* Characteristics */
	if (r.bad)
		return blob_verdict(pe->blob, &r, "the COFF header", err);
	pe->optional_header = header + COFF_HEADER_BYTES;
	pe->section_table = pe->optional_header + pe->optional_size;
	if (pe->sections > PE_SECTIONS_MAX)
		return err_at(err, SYM_TOO_BIG, header + 6,
			      "the image has %u sections, more than %u", pe->sections,
			      PE_SECTIONS_MAX);
	if (pe->symbols)
		pe->strings = pe->symbols + (uint64_t)symbol_count * SYMBOL_BYTES;
	return SYM_OK;
}

/* The data directories, of which there are as many as both counts allow. */
static void read_directories(struct pe *pe, uint32_t fixed)
{
	struct reader r;
	uint32_t count;

	if (pe->optional_size < fixed)
		return;
	r = blob_view_some(pe->blob, pe->optional_header + fixed - 4,
			   min_u64(pe->optional_size - fixed, (DIRECTORY_DEBUG + 1) * 8) + 4);
	count = reader_u32(&r);
	for (uint32_t i = 0; i < count && i <= DIRECTORY_DEBUG; i++) {
		struct directory directory = {.rva = reader_u32(&r)};

		directory.size = reader_u32(&r);
		if (r.bad)
			return;
		if (i == DIRECTORY_EXCEPTION)
			pe->exceptions = directory;
		if (i == DIRECTORY_CERTIFICATES) {
			pe->certificates = directory;
			pe->certificates_at = r.origin + r.pos - 8;
		}
		if (i == DIRECTORY_DEBUG)
			pe->debug = directory;
	}
}

/* SizeOfImage and the directories. PE32 and PE32+ differ in the size of some fields. */
static enum sym_status read_optional_header(struct pe *pe, struct sym_err *err)
{
	struct reader r = blob_view_some(pe->blob, pe->optional_header, 60);
	uint16_t magic = reader_u16(&r);

	if (!r.bad && magic == 0x107)
		return err_at(err, SYM_UNSUPPORTED, pe->optional_header,
			      "a ROM image has no image size, and so no key");
	if (!r.bad && magic != 0x10B && magic != 0x20B)
		return err_at(err, SYM_MALFORMED, pe->optional_header,
			      "the optional header's magic is 0x%x, neither 0x10b nor 0x20b",
			      magic);
	reader_seek(&r, 56);
	pe->id.code.image_size = reader_u32(&r);
	if (r.bad)
		return blob_verdict(pe->blob, &r, "the optional header", err);
	read_directories(pe, magic == 0x20B ? 112 : 96);
	return SYM_OK;
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

static enum sym_status identify(struct blob *blob, const struct identity_sink *sink,
				struct sym_err *err)
{
	struct pe pe = {.blob = blob};
	uint64_t header, unwind;
	enum sym_status status = read_dos_header(&pe, &header, err);

	identity_start(&pe.id, SYM_PE, blob);
	if (status == SYM_OK)
		status = read_coff_header(&pe, header, err);
	if (status == SYM_OK)
		status = read_optional_header(&pe, err);
	if (status == SYM_OK)
		status = read_sections(&pe, err);
	if (status == SYM_OK)
		status = read_symbols(&pe, err);
	if (status == SYM_OK)
		status = check_certificates(&pe, err);
	if (status != SYM_OK)
		return status;
	settle_traits(&pe);
	if (pe.exceptions.size > 0 && file_offset_of(&pe, pe.exceptions.rva, 1, &unwind))
		pe.id.has |= SYM_HAS_UNWIND;
	read_debug_directory(&pe);
	read_debuglink(&pe);
	settle_debug_id(&pe.id);
	return sink->found(sink->ctx, &pe.id);
}

const struct format pe_format = {.name = "pe", .identify = identify};
