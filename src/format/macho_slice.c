/* SPDX-License-Identifier: MIT
 *   0    0xFEEDFACE (32 bits) or 0xFEEDFACF (64 bits) in the file's byte order; cputype, cpusubtype,
 *        filetype, ncmds, sizeofcmds, flags
 *   28   load commands; with 64 bits they begin at 32
 *
 * Layout: <mach-o/loader.h>. The identifier is LC_UUID. */
#include "format/macho_slice.h"

#include "format/format.h"

#include <string.h>

enum {
	LC_SEGMENT = 0x1,
	LC_SYMTAB = 0x2,
	LC_SEGMENT_64 = 0x19,
	LC_UUID = 0x1B,
	COMMAND_BYTES = 8, /* cmd and cmdsize, which begin each */
	UUID_COMMAND_BYTES = 24,
	SYMTAB_COMMAND_BYTES = 24,
	NAME_BYTES = 16, /* of a segment or section; a NUL only where there is room */
	END_BYTES = 64,  /* more zeros than pad the end of a table */
};

enum sym_arch macho_arch(uint32_t type, uint32_t subtype)
{
	static const struct {
		uint32_t type, subtype; /* subtype 0: any other */
		enum sym_arch arch;
	} rows[] = {
		{0x00000007, 0, SYM_ARCH_X86},
		{0x01000007, 8, SYM_ARCH_X86_64H},
		{0x01000007, 0, SYM_ARCH_X86_64},
		{0x0000000C, 9, SYM_ARCH_ARMV7},
		{0x0000000C, 11, SYM_ARCH_ARMV7S},
		{0x0000000C, 12, SYM_ARCH_ARMV7K},
		{0x0000000C, 0, SYM_ARCH_ARM},
		{0x0100000C, 2, SYM_ARCH_ARM64E},
		{0x0100000C, 0, SYM_ARCH_ARM64},
		{0x0200000C, 0, SYM_ARCH_ARM64_32},
		{0x00000012, 0, SYM_ARCH_PPC},
		{0x01000012, 0, SYM_ARCH_PPC64},
	};

	subtype &= 0xFFFFFF; /* the upper byte holds capabilities */
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].type == type && (rows[i].subtype == subtype || rows[i].subtype == 0))
			return rows[i].arch;
	return SYM_ARCH_UNKNOWN;
}

/* ------------------------------------------------------- load commands -- */

static bool name_is(const uint8_t *field, const char *name)
{
	return field && strncmp((const char *)field, name, NAME_BYTES) == 0;
}

static void keep_last(struct macho_slice *slice, uint64_t offset, uint64_t size)
{
	if (size < END_BYTES || offset < slice->last)
		return;
	slice->last = offset;
	slice->last_size = size;
}

/* One section header of 68 or 80 bytes. */
static void read_section(struct macho_slice *slice, struct reader *r)
{
	static const struct {
		const char *segment, *section; /* NULL: in any segment */
		unsigned has;
	} rows[] = {
		{"__DWARF", "__debug_info", SYM_HAS_DEBUG},
		{"__DWARF", "__debug_line", SYM_HAS_DEBUG},
		{"__DWARF", "__zdebug_info", SYM_HAS_DEBUG},
		{NULL, "__unwind_info", SYM_HAS_UNWIND},
		{NULL, "__eh_frame", SYM_HAS_UNWIND},
		{NULL, "__compact_unwind", SYM_HAS_UNWIND},
		{"__DWARF", "__debug_frame", SYM_HAS_UNWIND},
	};
	const uint8_t *section = reader_bytes(r, NAME_BYTES);
	const uint8_t *segment = reader_bytes(r, NAME_BYTES);
	uint64_t size;

	(void)reader_word(r, slice->wide); /* addr */
	size = reader_word(r, slice->wide);
	if (r->bad || size == 0)
		return;
	if (slice->type == MH_DSYM && name_is(segment, "__DWARF"))
		keep_last(slice, reader_u32(r), size);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (name_is(section, rows[i].section) && (!rows[i].segment || name_is(segment, rows[i].segment)))
			slice->has |= rows[i].has;
}

/* A segment and its sections. In a dSYM the image's own segments have no bytes, wherever they
 * say that those would be. */
static enum sym_status read_segment(struct blob *blob, struct macho_slice *slice, uint64_t at,
				    uint32_t size, struct sym_err *err)
{
	uint32_t head = slice->wide ? 72 : 56, section_bytes = slice->wide ? 80 : 68, sections;
	struct reader r = blob_view_some(blob, at, min_u64(size, head));
	uint64_t offset, bytes;

	r.big_endian = slice->big_endian;
	reader_seek(&r, COMMAND_BYTES + NAME_BYTES);
	(void)reader_word(&r, slice->wide); /* vmaddr */
	(void)reader_word(&r, slice->wide); /* vmsize */
	offset = reader_word(&r, slice->wide);
	bytes = reader_word(&r, slice->wide);
	reader_skip(&r, 4 + 4); /* maxprot, initprot */
	sections = reader_u32(&r);
	reader_skip(&r, 4); /* flags */
	if (r.bad)
		return blob_verdict(blob, &r, "a segment's load command", err);
	if (bytes > 0 && !range_ok(offset, bytes, slice->size))
		return err_at(err, SYM_MALFORMED, at, "a segment ends behind the end of the file");
	if (sections > (size - head) / section_bytes)
		return err_at(err, SYM_MALFORMED, at,
			      "%u sections do not fit in their load command", (unsigned)sections);
	if (sections > MACHO_SECTIONS_MAX - slice->sections)
		return err_at(err, SYM_TOO_BIG, at, "more than %u sections", MACHO_SECTIONS_MAX);
	slice->sections += sections;
	for (uint32_t i = 0; i < sections && bytes > 0; i++) {
		r = blob_view(blob, at + head + (uint64_t)i * section_bytes, section_bytes);
		r.big_endian = slice->big_endian;
		read_section(slice, &r);
	}
	return SYM_OK;
}

/* The first UUID counts; one of zeros is none. */
static enum sym_status read_uuid(struct blob *blob, struct macho_slice *slice, uint64_t at, uint32_t size,
				 struct sym_err *err)
{
	struct reader r = blob_view_some(blob, at, min_u64(size, UUID_COMMAND_BYTES));
	const uint8_t *uuid;

	reader_skip(&r, COMMAND_BYTES);
	uuid = reader_bytes(&r, sizeof slice->uuid);
	if (!uuid)
		return blob_verdict(blob, &r, "LC_UUID", err);
	if (size != UUID_COMMAND_BYTES)
		return err_at(err, SYM_MALFORMED, at + 4, "LC_UUID has %u bytes, not %u", (unsigned)size,
			      (unsigned)UUID_COMMAND_BYTES);
	if (slice->has_uuid || identity_is_zero(uuid, sizeof slice->uuid))
		return SYM_OK;
	memcpy(slice->uuid, uuid, sizeof slice->uuid);
	slice->has_uuid = true;
	return SYM_OK;
}

static enum sym_status read_symtab(struct blob *blob, struct macho_slice *slice, uint64_t at,
				   uint32_t size, struct sym_err *err)
{
	struct reader r = blob_view_some(blob, at, min_u64(size, SYMTAB_COMMAND_BYTES));
	uint32_t names;

	r.big_endian = slice->big_endian;
	reader_skip(&r, COMMAND_BYTES + 4); /* symoff */
	if (reader_u32(&r) > 0) {
		slice->has |= SYM_HAS_SYMBOLS;
		names = reader_u32(&r);
		keep_last(slice, names, reader_u32(&r));
	}
	return r.bad ? blob_verdict(blob, &r, "LC_SYMTAB", err) : SYM_OK;
}

static enum sym_status read_command(struct blob *blob, struct macho_slice *slice, uint32_t command,
				    uint64_t at, uint32_t size, struct sym_err *err)
{
	if (command == LC_UUID)
		return read_uuid(blob, slice, at, size, err);
	if (command == LC_SYMTAB)
		return read_symtab(blob, slice, at, size, err);
	if (command == (slice->wide ? LC_SEGMENT_64 : LC_SEGMENT))
		return read_segment(blob, slice, at, size, err);
	return SYM_OK;
}

static enum sym_status read_commands(struct blob *blob, struct macho_slice *slice, uint64_t at,
				     uint32_t count, uint32_t size, struct sym_err *err)
{
	uint64_t end = at + size, fetched = at;

	if (count > MACHO_COMMANDS_MAX)
		return err_at(err, SYM_TOO_BIG, slice->offset + 16, "%u load commands, more than %u",
			      (unsigned)count, MACHO_COMMANDS_MAX);
	for (uint32_t i = 0; i < count; i++) {
		uint32_t command, command_size;
		struct reader r;
		enum sym_status status;

		if (at >= fetched) { /* whole windows: fewer reads than one for each view's need */
			(void)blob_view_some(blob, at, min_u64(end - at, BLOB_WINDOW_BYTES));
			fetched = at + BLOB_WINDOW_BYTES;
		}
		r = blob_view_some(blob, at, min_u64(end - at, COMMAND_BYTES));
		r.big_endian = slice->big_endian;
		command = reader_u32(&r);
		command_size = reader_u32(&r);
		if (r.bad)
			return blob_verdict(blob, &r, "the list of load commands", err);
		if (command_size < COMMAND_BYTES || command_size % 4 != 0 || command_size > end - at)
			return err_at(err, SYM_MALFORMED, at + 4, "load command %u has %u bytes%s",
				      (unsigned)i, (unsigned)command_size,
				      command_size > end - at ? ", more than are left of their list"
				      : command_size < COMMAND_BYTES ? ", fewer than its head"
								     : ", no multiple of 4");
		status = read_command(blob, slice, command, at, command_size, err);
		if (status != SYM_OK)
			return status;
		if (blob->reads > FORMAT_READS_MAX)
			return err_at(err, SYM_TOO_BIG, at, "more than %u reads to find its load commands",
				      FORMAT_READS_MAX);
		at += command_size;
	}
	return SYM_OK;
}

/* --------------------------------------------------------------- header -- */

/* The magic at `offset`: sets width and byte order. */
static bool is_thin(struct reader *r, struct macho_slice *slice)
{
	static const struct {
		uint8_t magic[4];
		bool wide, big_endian;
	} rows[] = {
		{{0xCE, 0xFA, 0xED, 0xFE}, false, false},
		{{0xCF, 0xFA, 0xED, 0xFE}, true, false},
		{{0xFE, 0xED, 0xFA, 0xCE}, false, true},
		{{0xFE, 0xED, 0xFA, 0xCF}, true, true},
	};
	const uint8_t *magic = reader_bytes(r, 4);

	for (size_t i = 0; magic && i < ARRAY_LEN(rows); i++) {
		if (memcmp(magic, rows[i].magic, 4) != 0)
			continue;
		slice->wide = rows[i].wide;
		slice->big_endian = r->big_endian = rows[i].big_endian;
		return true;
	}
	return false;
}

/* Linkers write the names of symbols last, and dsymutil the DWARF. Where that ends in zeros, so does
 * the file: a copy that did not end may have the right size all the same. */
static enum sym_status check_end(struct blob *blob, const struct macho_slice *slice, struct sym_err *err)
{
	uint64_t end = slice->offset + slice->last + slice->last_size;

	if (slice->last_size == 0 || !range_ok(slice->last, slice->last_size, slice->size) ||
	    !format_has_zeros(blob, end, END_BYTES))
		return SYM_OK;
	return err_at(err, SYM_MALFORMED, end - END_BYTES, "the end of the file is all zeros");
}

enum sym_status macho_slice_read(struct blob *blob, struct macho_slice *slice, struct sym_err *err)
{
	struct reader r = blob_view_some(blob, slice->offset, min_u64(slice->size, 32));
	uint32_t cpu, count, size;
	enum sym_status status;
	uint64_t head;

	if (!is_thin(&r, slice))
		return SYM_NOT_MINE;
	cpu = reader_u32(&r);
	slice->arch = macho_arch(cpu, reader_u32(&r));
	slice->type = reader_u32(&r);
	count = reader_u32(&r);
	size = reader_u32(&r);
	head = slice->wide ? 32 : 28;
	reader_seek(&r, (size_t)head);
	if (r.bad)
		return blob_verdict(blob, &r, "the Mach-O header", err);
	if (slice->type == MH_CORE)
		return err_at(err, SYM_UNSUPPORTED, slice->offset, "a core dump is no symbol file");
	if (!range_ok(head, size, slice->size))
		return err_at(err, SYM_MALFORMED, slice->offset + 20,
			      "the load commands end behind the end of the file");
	status = read_commands(blob, slice, slice->offset + head, count, size, err);
	return status == SYM_OK ? check_end(blob, slice, err) : status;
}
