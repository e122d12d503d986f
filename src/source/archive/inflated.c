/* SPDX-License-Identifier: MIT */
#include "source/archive/inflated.h"

#include "base/err.h"

#include <stdlib.h>
#define ZLIB_CONST /* it reads through next_in, and only reads */
#include <zlib.h>

struct inflated {
	z_stream z;
	enum inflated_frame frame;
	bool between; /* no frame is open: at the start, and after each end */
	blob_read_fn *read;
	void *ctx;         /* borrowed, given to `read` */
	uint64_t size, at; /* bytes that are packed, and those of them that were read */
	uint8_t piece[64 << 10];
};

struct inflated *inflated_new(enum inflated_frame frame, uint64_t size, blob_read_fn *read, void *ctx)
{
	struct inflated *in = calloc(1, sizeof *in);

	if (!in)
		return NULL;
	if (inflateInit2(&in->z, frame == INFLATED_GZIP ? MAX_WBITS + 16 : MAX_WBITS) != Z_OK) {
		free(in);
		return NULL;
	}
	in->frame = frame;
	in->between = true;
	in->size = size;
	in->read = read;
	in->ctx = ctx;
	return in;
}

void inflated_free(struct inflated *in)
{
	if (!in)
		return;
	inflateEnd(&in->z);
	free(in);
}

/* Reads on where all that was read is used up. */
static enum sym_status fill(struct inflated *in, struct sym_err *err)
{
	size_t got;
	enum sym_status status;

	if (in->z.avail_in > 0 || in->at == in->size)
		return SYM_OK;
	status = in->read(in->ctx, in->at, in->piece, (size_t)min_u64(in->size - in->at, sizeof in->piece), &got, err);
	if (status != SYM_OK)
		return status;
	in->at = got > 0 ? in->at + got : in->size; /* the file has become shorter */
	in->z.next_in = in->piece;
	in->z.avail_in = (uInt)got;
	return SYM_OK;
}

enum sym_status inflated_read(struct inflated *in, void *to, size_t n, size_t *got, struct sym_err *err)
{
	in->z.next_out = to;
	in->z.avail_out = (uInt)n;
	while (in->z.avail_out > 0) {
		enum sym_status status = fill(in, err);
		int answer;

		if (status != SYM_OK)
			return status;
		if (in->between && in->z.avail_in == 0)
			break;
		if (in->between)
			(void)inflateReset(&in->z);
		answer = inflate(&in->z, Z_NO_FLUSH);
		if (answer != Z_OK && answer != Z_STREAM_END)
			return err_set(err, SYM_MALFORMED, "%s finds it damaged or cut short",
				       in->frame == INFLATED_GZIP ? "gzip" : "zlib");
		in->between = answer == Z_STREAM_END;
		if (in->between && in->frame == INFLATED_ZLIB) {
			in->z.avail_in = 0;
			in->at = in->size;
		}
	}
	*got = n - in->z.avail_out;
	return SYM_OK;
}
