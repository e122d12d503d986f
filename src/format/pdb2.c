/* SPDX-License-Identifier: MIT
 * PDB 2.0, of Visual C++ 6 and before: recognised, so that it is not called damaged. */
#include "format/format.h"

static enum sym_status identify(struct blob *blob, const struct identity_sink *sink,
				struct sym_err *err)
{
	static const char magic[] = "Microsoft C/C++ program database 2.00\r\n\x1A"
				    "JG\0";

	(void)sink;
	if (!blob_has(blob, 0, magic, sizeof magic))
		return SYM_NOT_MINE;
	return err_set(err, SYM_UNSUPPORTED,
		       "a PDB 2.0 (Visual C++ 6 and before): a later linker writes PDB 7");
}

const struct format pdb2_format = {.name = "pdb2", .identify = identify};
