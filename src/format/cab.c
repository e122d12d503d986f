/* SPDX-License-Identifier: MIT
 * Cabinets, such as SymSrv's compressed files (x.pd_). A sound one is unpacked before formats are
 * asked, and its member is identified: one that comes here could not be unpacked. */
#include "format/format.h"

static enum sym_status identify(struct blob *blob, const struct identity_sink *sink,
				struct sym_err *err)
{
	(void)sink;
	if (!blob_has(blob, 0, "MSCF", 4))
		return SYM_NOT_MINE;
	return err_set(err, SYM_UNSUPPORTED, "a compressed file (cabinet)");
}

const struct format cab_format = {.name = "cab", .identify = identify};
