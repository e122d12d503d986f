/* SPDX-License-Identifier: MIT
 * Cabinets, as SymSrv's compressed files (x.pd_) are. A sound one is unpacked before
 * formats are asked, and its member identified; what comes here could not be. */
#include "format/format.h"

#include <string.h>

static enum sym_status identify(struct blob *blob, const struct identity_sink *sink,
				struct sym_err *err)
{
	struct reader r = blob_view_some(blob, 0, 4);
	const uint8_t *magic = reader_bytes(&r, 4);

	(void)sink;
	if (!magic || memcmp(magic, "MSCF", 4) != 0)
		return SYM_NOT_MINE;
	return err_set(err, SYM_UNSUPPORTED, "a compressed file (cabinet)");
}

const struct format cab_format = {.name = "cab", .identify = identify};
