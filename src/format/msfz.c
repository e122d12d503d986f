/* SPDX-License-Identifier: MIT
 * PDZ: a PDB whose streams are packed in an MSFZ container, which few debuggers read yet.
 * Recognised, so that it is not called damaged.
 *
 * Layout: microsoft/pdb-rs, "MSFZ Container Specification". */
#include "format/format.h"

static enum sym_status identify(struct blob *blob, const struct identity_sink *sink,
				struct sym_err *err)
{
	static const char magic[] = "Microsoft MSFZ Container\r\n\x1A"
				    "ALD\0";

	(void)sink;
	if (!blob_has(blob, 0, magic, sizeof magic))
		return SYM_NOT_MINE;
	return err_set(err, SYM_UNSUPPORTED,
		       "a compressed PDB (PDZ, in an MSFZ container): unpack it to a PDB first");
}

const struct format msfz_format = {.name = "msfz", .identify = identify};
