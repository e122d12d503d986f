/* SPDX-License-Identifier: MIT
 * The note entries of an ELF file, walked for the build-id. */
#ifndef FORMAT_ELF_NOTES_H
#define FORMAT_ELF_NOTES_H

#include "base/blob.h"

/* What the walk has found so far in one file. Zero but for the first two fields at the start. */
struct elf_notes {
	struct blob *blob; /* borrowed */
	bool big_endian;
	unsigned seen;     /* notes looked at, in all segments and sections together */
	bool disputed;     /* a note of the build-id's type that GNU's tools do not take for one */
	bool several;      /* another one stands behind the build-id */
	uint8_t len;       /* bytes of the build-id, which is the first one; 0 = not found */
	uint8_t id[SYM_CODE_MAX];
};

/* Looks through the notes in [offset, offset + size) of the file, which pad to 8 bytes where
 * `align` is 8, else to 4. Notes outside the file and those behind a damaged one are passed over:
 * companions keep segments whose bytes are gone. */
void elf_notes_walk(struct elf_notes *notes, uint64_t offset, uint64_t size, uint64_t align);

#endif
