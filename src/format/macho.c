/* SPDX-License-Identifier: MIT
 * Mach-O: images, dSYM companions, and universal ("fat") files of several slices.
 *
 *   thin   0xFEEDFACE or 0xFEEDFACF in the file's byte order; cputype, cpusubtype, filetype,
 *          ncmds, sizeofcmds, flags; load commands from 28 (32 bits) or 32 (64 bits)
 *   fat    0xCAFEBABE, count, entries of 20 bytes; or 0xCAFEBABF and entries of 32 bytes;
 *          always big endian. Java class files begin alike: there the count is a version.
 *
 * Layout: <mach-o/loader.h>, <mach-o/fat.h>. The identifier is LC_UUID. */
#include "format/format.h"

#include <stdio.h>
#include <string.h>

enum {
	LC_SEGMENT = 0x1,
	LC_SYMTAB = 0x2,
	LC_SEGMENT_64 = 0x19,
	LC_UUID = 0x1B,
	MH_OBJECT = 1,
	MH_CORE = 4,
	MH_DSYM = 0xA,
	COMMAND_BYTES = 8, /* cmd and cmdsize, which begin each */
	UUID_COMMAND_BYTES = 24,
	SYMTAB_COMMAND_BYTES = 24,
	NAME_BYTES = 16, /* of a segment or section; a NUL only where there is room */
	END_BYTES = 64,  /* more zeros than pad the end of a table */
};

/* One thin file: the whole file, or its part in a universal one. */
struct slice {
	uint64_t offset, size; /* bytes from the start of the file */
	bool wide, big_endian;
	enum sym_arch arch;
	uint32_t type;
	unsigned has;
	uint32_t sections; /* of all segments */
	uint64_t last, last_size; /* the hindmost table of END_BYTES or more, from the start of the slice */
	bool has_uuid;
	uint8_t uuid[16];
};

static enum sym_arch arch_of(uint32_t type, uint32_t subtype)
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

/* Is the slice handed to the sink? One without a UUID is only as an object: readers ask for what
 * is linked of it, by the UUID that the linker gives it. */
static bool is_told_of(const struct slice *slice)
{
	return slice->has_uuid || slice->type == MH_OBJECT;
}

/* MH_EXECUTE, MH_DYLIB, MH_BUNDLE, for which SSQP has keys, and MH_KEXT_BUNDLE, which is loaded like
 * them. Readers that ask by UUID alone (lldb, Breakpad) ask for any type. */
static bool is_image(uint32_t type)
{
	static const uint32_t images[] = {2, 6, 8, 0xB};

	for (size_t i = 0; i < ARRAY_LEN(images); i++)
		if (images[i] == type)
			return true;
	return false;
}

/* ------------------------------------------------------- load commands -- */

static bool name_is(const uint8_t *field, const char *name)
{
	return field && strncmp((const char *)field, name, NAME_BYTES) == 0;
}

static void keep_last(struct slice *slice, uint64_t offset, uint64_t size)
{
	if (size < END_BYTES || offset < slice->last)
		return;
	slice->last = offset;
	slice->last_size = size;
}

/* One section header of 68 or 80 bytes. */
static void read_section(struct slice *slice, struct reader *r)
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
static enum sym_status read_segment(struct blob *blob, struct slice *slice, uint64_t at,
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
static enum sym_status read_uuid(struct blob *blob, struct slice *slice, uint64_t at, uint32_t size,
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

static enum sym_status read_symtab(struct blob *blob, struct slice *slice, uint64_t at,
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

static enum sym_status read_command(struct blob *blob, struct slice *slice, uint32_t command,
				    uint64_t at, uint32_t size, struct sym_err *err)
{
	switch (command) {
	case LC_UUID:
		return read_uuid(blob, slice, at, size, err);
	case LC_SYMTAB:
		return read_symtab(blob, slice, at, size, err);
	default:
		if (command == (slice->wide ? LC_SEGMENT_64 : LC_SEGMENT))
			return read_segment(blob, slice, at, size, err);
		return SYM_OK;
	}
}

static enum sym_status read_commands(struct blob *blob, struct slice *slice, uint64_t at,
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

/* -------------------------------------------------------------- slices -- */

/* The magic at `offset`: sets width and byte order. */
static bool is_thin(struct reader *r, struct slice *slice)
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
static enum sym_status check_end(struct blob *blob, const struct slice *slice, struct sym_err *err)
{
	uint64_t end = slice->offset + slice->last + slice->last_size;

	if (slice->last_size == 0 || !range_ok(slice->last, slice->last_size, slice->size) ||
	    !format_has_zeros(blob, end, END_BYTES))
		return SYM_OK;
	return err_at(err, SYM_MALFORMED, end - END_BYTES, "the end of the file is all zeros");
}

/* Reads the slice whose offset and size are set. SYM_NOT_MINE where it is not Mach-O. */
static enum sym_status read_slice(struct blob *blob, struct slice *slice, struct sym_err *err)
{
	struct reader r = blob_view_some(blob, slice->offset, min_u64(slice->size, 32));
	uint32_t cpu, count, size;
	enum sym_status status;
	uint64_t head;

	if (!is_thin(&r, slice))
		return SYM_NOT_MINE;
	cpu = reader_u32(&r);
	slice->arch = arch_of(cpu, reader_u32(&r));
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

static bool begins_with(struct blob *blob, const struct slice *slice, const char magic[4])
{
	return slice->size >= 4 && blob_has(blob, slice->offset, magic, 4);
}

/* A slice that is not Mach-O. SYM_OK: LLVM bitcode, bare or in its wrapper, of an object that was
 * compiled for link-time optimisation: a slice without a UUID. SYM_NOT_MINE: an archive ("!<arch>"),
 * which makes the file a static library; no reader asks for those. */
static enum sym_status read_other_slice(struct blob *blob, const struct slice *slice, struct sym_err *err)
{
	if (begins_with(blob, slice, "BC\xC0\xDE") || begins_with(blob, slice, "\xDE\xC0\x17\x0B"))
		return SYM_OK;
	if (begins_with(blob, slice, "!<ar"))
		return SYM_NOT_MINE;
	return err_at(err, SYM_UNSUPPORTED, slice->offset, "a slice is no Mach-O image");
}

static enum sym_status emit(struct blob *blob, const struct slice *slice, const struct identity_sink *sink)
{
	struct sym_identity id;

	identity_start(&id, SYM_MACHO, blob);
	id.arch = slice->arch;
	id.has = slice->has;
	if (slice->type == MH_DSYM)
		id.traits = SYM_DSYM | SYM_COMPANION;
	else if (is_image(slice->type))
		id.traits = SYM_IMAGE;
	if (slice->has_uuid) {
		id.code.form = SYM_CODE_BYTES;
		id.code.len = sizeof slice->uuid;
		memcpy(id.code.bytes, slice->uuid, sizeof slice->uuid);
		id.debug.form = SYM_DEBUG_AGE;
		memcpy(id.debug.guid, slice->uuid, sizeof slice->uuid);
	} else {
		id.traits = SYM_OBJECT;
	}
	id.whole_file = slice->offset == 0;
	id.slice_offset = slice->offset;
	id.slice_size = slice->size;
	return sink->found(sink->ctx, &id);
}

static enum sym_status no_uuid(struct sym_err *err)
{
	return err_set(err, SYM_NO_KEY, "no UUID (linked with -no_uuid?)");
}

/* The slices' places, each once. A slice lies in the file and behind the table, and
 * overlaps no other; two entries for one slice are one. */
static enum sym_status read_places(struct reader *r, bool wide, uint32_t count, uint64_t file_size,
				   struct slice *slices, unsigned *out, struct sym_err *err)
{
	uint64_t table = 8 + (uint64_t)count * (wide ? 32 : 20);
	unsigned used = 0;

	for (uint32_t i = 0; i < count; i++) {
		struct slice s = {0};
		uint64_t at = r->origin + r->pos;
		bool known = false;
		uint32_t cpu;

		cpu = reader_u32(r);
		s.arch = arch_of(cpu, reader_u32(r));
		s.offset = reader_word(r, wide);
		s.size = reader_word(r, wide);
		reader_skip(r, wide ? 4 + 4 : 4); /* align, reserved */
		if (r->bad)
			return SYM_OK;
		if (s.offset < table || !range_ok(s.offset, s.size, file_size))
			return err_at(err, SYM_MALFORMED, at, "slice %u lies outside the file", (unsigned)i);
		for (unsigned k = 0; k < used; k++) {
			const struct slice *other = &slices[k];

			if (other->offset == s.offset && other->size == s.size)
				known = true;
			else if (s.offset < other->offset + other->size && other->offset < s.offset + s.size)
				return err_at(err, SYM_MALFORMED, at, "slice %u overlaps another", (unsigned)i);
		}
		if (!known)
			slices[used++] = s;
	}
	*out = used;
	return SYM_OK;
}

/* Tells the sink of the slices that have no UUID, where some have one. */
static void tell_without(const struct slice *slices, unsigned count, const struct identity_sink *sink)
{
	char names[160] = "";
	uint64_t first = 0;
	unsigned without = 0;
	struct sym_err why;

	for (unsigned i = 0; i < count; i++) {
		size_t used = strlen(names);
		const char *arch = arch_word(slices[i].arch);

		if (is_told_of(&slices[i]))
			continue;
		if (without++ == 0)
			first = slices[i].offset;
		snprintf(names + used, sizeof names - used, "%s%s", used ? ", " : "",
			 arch[0] ? arch : "unknown");
	}
	if (without == 0 || !sink->without)
		return;
	err_at(&why, SYM_NO_KEY, first, "no UUID in the %s for %s (linked with -no_uuid?)",
	       without == 1 ? "slice" : "slices", names);
	sink->without(sink->ctx, &why);
}

/* All slices are read before the first is emitted: one that is damaged condemns the file. */
static enum sym_status identify_fat(struct blob *blob, const struct identity_sink *sink, struct sym_err *err)
{
	struct slice slices[MACHO_SLICES_MAX];
	struct reader r = blob_view_some(blob, 0, 8 + MACHO_SLICES_MAX * 32);
	unsigned used = 0, emitted = 0;
	enum sym_status status;
	uint32_t count;
	bool wide;

	r.big_endian = true;
	wide = reader_u32(&r) == 0xCAFEBABF;
	count = reader_u32(&r);
	if (!r.bad && count > MACHO_SLICES_MAX)
		return SYM_NOT_MINE; /* a Java class file */
	if (!r.bad && count == 0)
		return err_at(err, SYM_MALFORMED, 4, "a universal file without slices");
	status = read_places(&r, wide, count, blob->size, slices, &used, err);
	if (r.bad)
		return blob_verdict(blob, &r, "the table of slices", err);
	for (unsigned i = 0; i < used && status == SYM_OK; i++) {
		status = read_slice(blob, &slices[i], err);
		if (status == SYM_NOT_MINE)
			status = read_other_slice(blob, &slices[i], err);
	}
	for (unsigned i = 0; i < used && status == SYM_OK; i++) {
		if (!is_told_of(&slices[i]))
			continue;
		status = emit(blob, &slices[i], sink);
		emitted++;
	}
	if (status == SYM_OK && emitted == 0)
		return no_uuid(err);
	if (status == SYM_OK)
		tell_without(slices, used, sink);
	return status;
}

static enum sym_status identify(struct blob *blob, const struct identity_sink *sink, struct sym_err *err)
{
	struct slice slice = {.size = blob->size};
	struct reader r = blob_view_some(blob, 0, 4);
	enum sym_status status;
	uint32_t magic;

	r.big_endian = true;
	magic = reader_u32(&r);
	if (magic == 0xCAFEBABE || magic == 0xCAFEBABF)
		return identify_fat(blob, sink, err);
	status = read_slice(blob, &slice, err);
	if (status != SYM_OK)
		return status;
	return is_told_of(&slice) ? emit(blob, &slice, sink) : no_uuid(err);
}

const struct format macho_format = {.name = "macho", .identify = identify};
