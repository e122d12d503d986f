/* SPDX-License-Identifier: MIT */
#include "format/elf_dwarf.h"

enum {
	UNITS_BYTES = 4096, /* of the debug information, what is looked at */
	DW_UT_SKELETON = 4,
	DW_AT_GNU_DWO_NAME = 0x2130,
	ABBREV_BYTES = 128, /* of one declaration: compilers write some 40 for a unit's own entry */
};

/* Does the entry with that abbreviation name a .dwo file? Asked of the declaration at `offset` alone,
 * where a unit's own entry has its: u code, u tag, u8 children, then pairs of attribute and form up to
 * two zeros (DWARF 4, 7.5.3; u: LEB128). */
static bool names_dwo(const struct elf_contents *contents, uint64_t offset, uint32_t code)
{
	const struct elf_range *table = &contents->parts[ELF_DEBUG_ABBREV];
	uint32_t attribute = 1;
	struct reader r;

	if (offset >= table->size)
		return false;
	r = elf_view(&contents->file, table->offset + offset, min_u64(table->size - offset, ABBREV_BYTES));
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
static bool is_skeleton(const struct elf_contents *contents, struct reader *r, bool wide)
{
	uint16_t version = reader_u16(r);
	uint64_t abbrev;

	if (version == 5)
		return reader_u8(r) == DW_UT_SKELETON;
	abbrev = reader_word(r, wide);
	reader_skip(r, 1); /* address_size */
	return version == 4 && names_dwo(contents, abbrev, reader_leb32(r));
}

/* Asked of the units that one read shows: of what assemblers wrote, which comes first in a kernel, no
 * part is in a .dwo file. */
bool elf_dwarf_is_split(const struct elf_contents *contents)
{
	for (uint64_t at = 0, length = 0; at < UNITS_BYTES; at += length) {
		struct reader r = elf_part_view(contents, ELF_DEBUG_INFO, UNITS_BYTES);
		bool wide;

		reader_seek(&r, (size_t)at);
		length = reader_u32(&r);
		wide = length == UINT32_MAX;
		if (wide)
			length = reader_u64(&r);
		if (r.bad || length > UNITS_BYTES)
			length = UNITS_BYTES; /* there is no next one */
		at = r.pos;
		if (is_skeleton(contents, &r, wide))
			return true;
	}
	return false;
}
