/* SPDX-License-Identifier: MIT
 * One thin Mach-O file: the whole file, or its part in a universal one. What slices are for
 * together is the matter of macho.c. */
#ifndef FORMAT_MACHO_SLICE_H
#define FORMAT_MACHO_SLICE_H

#include "base/blob.h"

/* The file types that matter here. */
enum {
	MH_OBJECT = 1,
	MH_EXECUTE = 2,
	MH_CORE = 4,
	MH_DYLIB = 6,
	MH_BUNDLE = 8,
	MH_DSYM = 0xA,
	MH_KEXT_BUNDLE = 0xB,
};

struct macho_slice {
	uint64_t offset, size; /* bytes from the start of the file */
	bool wide, big_endian;
	enum sym_arch arch;
	uint32_t type;
	unsigned has;             /* enum sym_has */
	uint32_t sections;        /* of all segments */
	uint64_t last, last_size; /* the hindmost table that is not tiny, from the start of the slice */
	bool has_uuid;
	uint8_t uuid[16];
};

/* The architecture that a cputype and its cpusubtype are. */
enum sym_arch macho_arch(uint32_t type, uint32_t subtype);

/* Reads the slice whose offset and size are set, all else being zero. SYM_NOT_MINE where it is no
 * Mach-O, SYM_MALFORMED, SYM_UNSUPPORTED, SYM_TOO_BIG, SYM_IO. */
enum sym_status macho_slice_read(struct blob *blob, struct macho_slice *slice, struct sym_err *err) MUST_CHECK;

#endif
