/* SPDX-License-Identifier: MIT
 * Mach-O: images, dSYM companions, and universal ("fat") files of several slices.
 *
 *   thin   see macho_slice.c
 *   fat    0xCAFEBABE, count, entries of 20 bytes; or 0xCAFEBABF and entries of 32 bytes;
 *          always big endian. Java class files begin alike: there the count is a version.
 *
 * Layout: <mach-o/fat.h>. */
#include "format/format.h"
#include "format/macho_slice.h"

#include <stdio.h>
#include <string.h>

/* Is the slice handed to the sink? One without a UUID is only as an object: readers ask for what
 * is linked of it, by the UUID that the linker gives it. */
static bool is_told_of(const struct macho_slice *slice)
{
	return slice->has_uuid || slice->type == MH_OBJECT;
}

/* SSQP has keys for the first three; a kext is loaded like them. Readers that ask by UUID alone
 * (lldb, Breakpad) ask for any type. */
static bool is_image(uint32_t type)
{
	return type == MH_EXECUTE || type == MH_DYLIB || type == MH_BUNDLE || type == MH_KEXT_BUNDLE;
}

static bool begins_with(struct blob *blob, const struct macho_slice *slice, const char magic[4])
{
	return slice->size >= 4 && blob_has(blob, slice->offset, magic, 4);
}

/* A slice that is not Mach-O. SYM_OK: LLVM bitcode, bare or in its wrapper, of an object that was
 * compiled for link-time optimisation: a slice without a UUID. SYM_NOT_MINE: an archive ("!<arch>"),
 * which makes the file a static library; no reader asks for those. */
static enum sym_status read_other_slice(struct blob *blob, const struct macho_slice *slice, struct sym_err *err)
{
	if (begins_with(blob, slice, "BC\xC0\xDE") || begins_with(blob, slice, "\xDE\xC0\x17\x0B"))
		return SYM_OK;
	if (begins_with(blob, slice, "!<ar"))
		return SYM_NOT_MINE;
	return err_at(err, SYM_UNSUPPORTED, slice->offset, "a slice is no Mach-O image");
}

static enum sym_status emit(struct blob *blob, const struct macho_slice *slice, const struct identity_sink *sink)
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
				   struct macho_slice *slices, unsigned *out, struct sym_err *err)
{
	uint64_t table = 8 + (uint64_t)count * (wide ? 32 : 20);
	unsigned used = 0;

	for (uint32_t i = 0; i < count; i++) {
		struct macho_slice s = {0};
		uint64_t at = r->origin + r->pos;
		bool known = false;
		uint32_t cpu;

		cpu = reader_u32(r);
		s.arch = macho_arch(cpu, reader_u32(r));
		s.offset = reader_word(r, wide);
		s.size = reader_word(r, wide);
		reader_skip(r, wide ? 4 + 4 : 4); /* align, reserved */
		if (r->bad)
			return SYM_OK;
		if (s.offset < table || !range_ok(s.offset, s.size, file_size))
			return err_at(err, SYM_MALFORMED, at, "slice %u lies outside the file", (unsigned)i);
		for (unsigned k = 0; k < used; k++) {
			const struct macho_slice *other = &slices[k];

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
static void tell_without(const struct macho_slice *slices, unsigned count, const struct identity_sink *sink)
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
	struct macho_slice slices[MACHO_SLICES_MAX];
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
		status = macho_slice_read(blob, &slices[i], err);
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
	struct macho_slice slice = {.size = blob->size};
	struct reader r = blob_view_some(blob, 0, 4);
	enum sym_status status;
	uint32_t magic;

	r.big_endian = true;
	magic = reader_u32(&r);
	if (magic == 0xCAFEBABE || magic == 0xCAFEBABF)
		return identify_fat(blob, sink, err);
	status = macho_slice_read(blob, &slice, err);
	if (status != SYM_OK)
		return status;
	return is_told_of(&slice) ? emit(blob, &slice, sink) : no_uuid(err);
}

const struct format macho_format = {.name = "macho", .title = "Mach-O", .identify = identify};
