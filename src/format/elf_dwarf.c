/* SPDX-License-Identifier: MIT */
#include "format/elf_dwarf.h"

enum {
	UNITS_BYTES = 4096, /* of the debug information, what is looked at */
	DW_UT_SKELETON = 4,
	DW_AT_GNU_DWO_NAME = 0x2130,
	ABBREV_BYTES = 128, /* of one declaration: compilers write some 40 for a unit's own entry */
};

/* What both sections hold, as far as it is looked at. A packed one is unpacked once. */
struct dwarf {
	const struct elf_contents *contents;
	struct {
		struct reader r; /* of no bytes: not unpacked yet */
		uint8_t room[UNITS_BYTES];
	} info, abbrev;
};

static struct reader view_units(struct dwarf *d)
{
	if (!d->contents->parts[ELF_DEBUG_INFO].packing)
		return elf_part_view(d->contents, ELF_DEBUG_INFO, UNITS_BYTES);
	if (!d->info.r.bytes)
		d->info.r = elf_part_unpack(d->contents, ELF_DEBUG_INFO, d->info.room, UNITS_BYTES);
	return d->info.r;
}

static struct reader view_abbrev(struct dwarf *d, uint64_t offset)
{
	const struct elf_range *table = &d->contents->parts[ELF_DEBUG_ABBREV];
	struct reader r;

	if (!table->packing)
		return elf_view(&d->contents->file, add_sat(table->offset, offset),
				min_u64(table->size - min_u64(table->size, offset), ABBREV_BYTES));
	if (!d->abbrev.r.bytes)
		d->abbrev.r = elf_part_unpack(d->contents, ELF_DEBUG_ABBREV, d->abbrev.room, UNITS_BYTES);
	r = d->abbrev.r;
	reader_seek(&r, (size_t)min_u64(offset, UNITS_BYTES));
	return r;
}

/* Does the entry with that abbreviation name a .dwo file? Asked of the declaration at `offset` alone,
 * where a unit's own entry has its: u code, u tag, u8 children, then pairs of attribute and form up to
 * two zeros (DWARF 4, 7.5.3; u: LEB128). */
static bool names_dwo(struct dwarf *d, uint64_t offset, uint32_t code)
{
	struct reader r = view_abbrev(d, offset);
	uint32_t attribute = 1;

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

/* Does a unit say no more than in which .dwo file it is? DWARF 5 tells by its type (7.5.1); before,
 * GNU's compilers and LLVM's told by an attribute of its entry. */
static bool is_skeleton(struct dwarf *d, struct reader *r, bool wide)
{
	uint16_t version = reader_u16(r);
	uint64_t abbrev;

	if (version == 5)
		return reader_u8(r) == DW_UT_SKELETON;
	abbrev = reader_word(r, wide);
	reader_skip(r, 1); /* address_size */
	return version == 4 && names_dwo(d, abbrev, reader_leb32(r));
}

/* Asked of the units that one read shows: of what assemblers wrote, which comes first in a kernel, no
 * part is in a .dwo file. */
bool elf_dwarf_is_split(const struct elf_contents *contents)
{
	struct dwarf d;

	d.contents = contents;
	d.info.r.bytes = d.abbrev.r.bytes = NULL;
	for (uint64_t at = 0, length = 0; at < UNITS_BYTES; at += length) {
		struct reader r = view_units(&d);
		bool wide;

		reader_seek(&r, (size_t)at);
		length = reader_u32(&r);
		wide = length == UINT32_MAX;
		if (wide)
			length = reader_u64(&r);
		if (r.bad || length > UNITS_BYTES)
			length = UNITS_BYTES; /* there is no next one */
		at = r.pos;
		if (is_skeleton(&d, &r, wide))
			return true;
	}
	return false;
}
