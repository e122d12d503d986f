/* SPDX-License-Identifier: MIT */
#include "target/body.h"

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
