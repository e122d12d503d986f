/* SPDX-License-Identifier: MIT
 * The frame of a PE file: its headers, data directories and sections. What they mean is the
 * matter of pe.c and pe_debug.c. */
#ifndef FORMAT_PE_FILE_H
#define FORMAT_PE_FILE_H

#include "base/blob.h"

/* The data directories by their numbers; those behind are not looked at. */
enum { PE_EXCEPTIONS = 3, PE_CERTIFICATES = 4, PE_DEBUG = 6, PE_DIRECTORIES };

struct pe_directory {
	uint32_t rva;   /* bytes from the start of the image in memory; of certificates, of the file */
	uint32_t size;  /* bytes */
	uint64_t field; /* where the header states this, from the start of the file */
};

struct pe_file {
	struct blob *blob;      /* borrowed */
	uint16_t machine;       /* IMAGE_FILE_MACHINE_* */
	uint32_t stamp;         /* TimeDateStamp */
	uint32_t image_size;    /* SizeOfImage, bytes */
	unsigned sections;
	uint16_t optional_bytes;  /* of the optional header */
	uint64_t optional_header; /* where it begins, from the start of the file, as are the next */
	uint64_t section_table;
	uint64_t symbols_field; /* where the header states `symbols` */
	uint64_t symbols;       /* the COFF symbol table; 0: there is none */
	uint64_t strings;       /* the string table behind it; 0: there is none */
	struct pe_directory directories[PE_DIRECTORIES]; /* zero where the image has fewer */
};

struct pe_section {
	char name[16]; /* its first 15 bytes: no longer name is compared */
	uint32_t virtual_size, virtual_address, raw_size, raw_offset, characteristics;
};

/* Reads the headers, `pe->blob` being set and all else zero. SYM_NOT_MINE, SYM_MALFORMED,
 * SYM_UNSUPPORTED, SYM_TOO_BIG, SYM_IO. */
enum sym_status pe_open(struct pe_file *pe, struct sym_err *err) MUST_CHECK;

/* Where the header of section `i`, from 0, stands: bytes from the start of the file. */
uint64_t pe_section_at(const struct pe_file *pe, unsigned i);

/* Reads that header; false where it cannot be read (which the blob remembers) or is cut. */
bool pe_section(const struct pe_file *pe, unsigned i, struct pe_section *out) MUST_CHECK;

/* Does the file hold bytes of the section? */
bool pe_has_bytes(const struct pe_section *section);

/* Where the `size` bytes at `rva` lie in the file; false where no section has them there. */
bool pe_offset_of(const struct pe_file *pe, uint32_t rva, uint32_t size, uint64_t *offset);

#endif
