/* SPDX-License-Identifier: MIT
 * Files that are known by their first bytes and not read: recognised, so that none is called damaged.
 *
 * PDZ: microsoft/pdb-rs, "MSFZ Container Specification"; few debuggers read it yet. Cabinets, such as
 * SymSrv's compressed files (x.pd_), are unpacked before formats are asked, and what is in them is
 * identified: one that comes here could not be unpacked. */
#include "format/format.h"

#define BYTES(text) (text), sizeof(text) - 1

static const struct {
	const char *magic;
	size_t size;
	const char *why;
} rows[] = {
	{BYTES("Microsoft C/C++ program database 2.00\r\n\x1A" "JG\0\0"),
	 "a PDB 2.0 (Visual C++ 6 and before): a later linker writes PDB 7"},
	{BYTES("Microsoft MSFZ Container\r\n\x1A" "ALD\0\0"),
	 "a compressed PDB (PDZ, in an MSFZ container): unpack it to a PDB first"},
	{BYTES("MSCF"), "a compressed file (cabinet)"},
};

static enum sym_status identify(struct blob *blob, const struct identity_sink *sink, struct sym_err *err)
{
	(void)sink;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (blob_has(blob, 0, rows[i].magic, rows[i].size))
			return err_set(err, SYM_UNSUPPORTED, "%s", rows[i].why);
	return SYM_NOT_MINE;
}

const struct format unsupported_format = {.name = "unsupported", .identify = identify};
