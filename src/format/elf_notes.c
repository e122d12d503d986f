/* SPDX-License-Identifier: MIT
 * ELF notes (System V ABI, "Note Section"; alignment 8 as in the Linux ABI extensions):
 *
 *   u32 namesz, u32 descsz, u32 type, name, padding, desc, padding
 *
 * The build-id is the desc of type NT_GNU_BUILD_ID with the name "GNU\0". */
#include "format/elf_notes.h"

#include "format/format.h"

#include <string.h>

enum {
	NT_GNU_BUILD_ID = 3,
	NOTE_HEAD_BYTES = 12,
	GNU_NAME_BYTES = 4, /* so that desc begins at 16, whatever the padding */
};

static uint64_t align_up(uint64_t n, uint64_t unit)
{
	return units_of(n, unit) * unit;
}

/* `type` is the build-id's: keeps it where it is GNU's and usable. Xen, SystemTap and core
 * dumps use the same number for other things. */
static void take_build_id(struct elf_notes *notes, struct reader *r, uint32_t name_size,
			  uint32_t size)
{
	const uint8_t *name = name_size == GNU_NAME_BYTES ? reader_bytes(r, GNU_NAME_BYTES) : NULL;
	const uint8_t *id;

	if (size == 0)
		return;
	if (!name || memcmp(name, "GNU", GNU_NAME_BYTES) != 0 || size > SYM_CODE_MAX) {
		notes->disputed = true;
		return;
	}
	id = reader_bytes(r, size);
	if (!id)
		return;
	if (identity_is_zero(id, size)) {
		notes->disputed = true;
		return;
	}
	if (notes->len) {
		notes->several |= size != notes->len || memcmp(notes->id, id, size) != 0;
		return;
	}
	notes->len = (uint8_t)size;
	memcpy(notes->id, id, size);
}

void elf_notes_walk(struct elf_notes *notes, uint64_t offset, uint64_t size, uint64_t align)
{
	uint64_t unit = align == 8 ? 8 : 4;

	if (!range_ok(offset, size, notes->blob->size))
		return;
	for (unsigned i = 0; i < ELF_NOTES_MAX && notes->seen < ELF_NOTES_FILE_MAX; i++) {
		struct reader r =
			blob_view(notes->blob, offset,
				  min_u64(size, NOTE_HEAD_BYTES + GNU_NAME_BYTES + SYM_CODE_MAX));
		uint32_t name_size, desc_size;
		uint64_t desc, next;

		r.big_endian = notes->big_endian;
		notes->seen++;
		name_size = reader_u32(&r);
		desc_size = reader_u32(&r);
		desc = align_up(NOTE_HEAD_BYTES + (uint64_t)name_size, unit);
		if (reader_u32(&r) == NT_GNU_BUILD_ID && range_ok(desc, desc_size, size))
			take_build_id(notes, &r, name_size, desc_size);
		next = align_up(desc + desc_size, unit);
		if (r.bad || next >= size)
			return;
		offset += next;
		size -= next;
	}
}
