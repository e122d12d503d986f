/* SPDX-License-Identifier: MIT
 * .DBG, the debug information that was split off an image before PDBs:
 *
 *   0   "DI", u16 flags, u16 machine, u16 characteristics, u32 time stamp,
 *       u32 checksum, u32 image base, u32 image size, u32 number of sections, …
 *   48  section table, 40 bytes each
 *
 * Layout: IMAGE_SEPARATE_DEBUG_HEADER of winnt.h. Two letters are no proof, so that the machine and
 * the section table must be right as well. Such a file is recognised, to say what it is, but has no
 * key: no debugger of today reads one. */
#include "format/coff.h"
#include "format/format.h"

#include <string.h>

enum { HEADER_BYTES = 48, SECTION_BYTES = 40 };

static enum sym_status identify(struct blob *blob, const struct identity_sink *sink,
				struct sym_err *err)
{
	struct reader r = blob_view_some(blob, 0, HEADER_BYTES);
	const uint8_t *magic = reader_bytes(&r, 2);
	uint16_t machine;
	uint32_t sections;

	(void)sink;
	if (!magic || memcmp(magic, "DI", 2) != 0)
		return SYM_NOT_MINE;
	reader_skip(&r, 2); /* Flags */
	machine = reader_u16(&r);
	reader_seek(&r, 24);
	sections = reader_u32(&r);
	if (r.bad || coff_arch(machine) == SYM_ARCH_UNKNOWN ||
	    !range_ok(HEADER_BYTES, (uint64_t)sections * SECTION_BYTES, blob->size))
		return SYM_NOT_MINE;
	return err_set(err, SYM_UNSUPPORTED,
		       "a .DBG file: its debug information predates PDB files");
}

const struct format dbg_format = {.name = "dbg", .identify = identify};
