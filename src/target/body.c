/* SPDX-License-Identifier: MIT */
#include "target/body.h"

#include "target/digest.h"

struct xfer_body body_plain(const struct parcel *p)
{
	return (struct xfer_body){.file = p->bytes ? OS_NO_FILE : p->source,
				  .memory = p->bytes,
				  .offset = p->bytes ? 0 : p->id->slice_offset,
				  .size = p->id->slice_size,
				  .as_it_was = p->as_it_was,
				  .gauge = p->gauge,
				  .plain = p->id->slice_size};
}

struct xfer_body body_packed(const struct parcel *p, const struct gzipped *packed)
{
	return (struct xfer_body){.file = packed->file,
				  .memory = packed->memory,
				  .size = packed->size,
				  .gauge = p->gauge,
				  .plain = packed->plain};
}

bool body_md5(const struct xfer_body *b, uint8_t md5[16])
{
	struct sym_err ignored;

	if (b->file == OS_NO_FILE)
		return digest_md5((const char *)b->memory + b->offset, (size_t)b->size, md5);
	return digest_file_md5(b->file, b->offset, b->size, md5, &ignored) == SYM_OK;
}
