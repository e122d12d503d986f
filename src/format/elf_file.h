/* SPDX-License-Identifier: MIT
 * The frame of an ELF file: its header, segments and sections, in one form for
 * 32 and 64 bits and both byte orders. What they mean is elf.c's matter. */
#ifndef FORMAT_ELF_FILE_H
#define FORMAT_ELF_FILE_H

#include "base/blob.h"

struct elf_table {
	uint32_t field;       /* where the header tells the offset, from the start of the file */
	uint64_t offset;      /* bytes from the start of the file */
	uint32_t count;       /* entries */
	uint32_t entry_bytes;
};

struct elf_file {
	struct blob *blob; /* borrowed */
	bool wide;         /* 64 bits */
	bool big_endian;
	uint16_t type;     /* e_type */
	uint16_t machine;  /* e_machine */
	struct elf_table segments;
	struct elf_table sections;
	uint32_t names_index; /* the section that holds the sections' names; 0 = none */
};

struct elf_segment {
	uint32_t type;
	uint64_t offset, address, file_size, align;
};

struct elf_section {
	uint32_t name; /* bytes from the start of the names */
	uint32_t type, link, info;
	uint64_t flags, offset, size, align;
};

/* Reads the header, `elf->blob` being set. Afterwards both tables lie in the file.
 * SYM_NOT_MINE, SYM_MALFORMED, SYM_TOO_BIG, SYM_IO. */
enum sym_status elf_open(struct elf_file *elf, struct sym_err *err);

/* A view in the file's byte order; else as blob_view. */
struct reader elf_view(const struct elf_file *elf, uint64_t offset, uint64_t size);

/* A reader at entry `i` (less than the count). Views are whole windows of entries, so that a
 * long table is read once from front to back, whatever is looked at in between. */
struct reader elf_entry(const struct elf_file *elf, const struct elf_table *table, uint32_t i);

/* Entry `i` of its table; all zero where it cannot be read (which the blob remembers). */
struct elf_segment elf_segment(const struct elf_file *elf, uint32_t i);
struct elf_section elf_section(const struct elf_file *elf, uint32_t i);

/* Where the byte at `address` of the running image lies in the file; false where none maps it. */
bool elf_offset_of(const struct elf_file *elf, uint64_t address, uint64_t *offset);

#endif
