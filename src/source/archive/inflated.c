/* SPDX-License-Identifier: MIT */
#include "source/archive/inflated.h"

#include "base/err.h"

#include <stdlib.h>

struct inflated {
	struct inflater *inflater;
	enum inflate_frame frame;
	blob_read_fn *read;
	void *ctx;         /* borrowed, given to `read` */
	uint64_t size, at; /* bytes that are packed, and those of them that were read */
	uint8_t piece[64 << 10];
};

struct inflated *inflated_new(enum inflate_frame frame, uint64_t size, blob_read_fn *read, void *ctx)
{
	struct inflated *in = calloc(1, sizeof *in);

	if (!in)
		return NULL;
	in->inflater = inflater_new(frame);
	if (!in->inflater) {
		free(in);
		return NULL;
	}
	in->frame = frame;
	in->size = size;
	in->read = read;
	in->ctx = ctx;
	return in;
}

void inflated_free(struct inflated *in)
{
	if (!in)
		return;
	inflater_free(in->inflater);
	free(in);
}

/* Reads on where all that was read is used up. */
static enum sym_status read_on(struct inflated *in, struct sym_err *err)
{
	size_t want = (size_t)min_u64(in->size - in->at, sizeof in->piece), got;
	enum sym_status status = in->read(in->ctx, in->at, in->piece, want, &got, err);

	if (status != SYM_OK)
		return status;
	in->at = got > 0 ? in->at + got : in->size; /* the file has become shorter */
	inflater_give(in->inflater, in->piece, got);
	return SYM_OK;
}

static enum sym_status complain(const struct inflated *in, struct sym_err *err)
{
	return err_set(err, SYM_MALFORMED, "%s finds it damaged or cut short",
		       in->frame == INFLATE_GZIP ? "gzip" : "zlib");
}

enum sym_status inflated_read(struct inflated *in, void *to, size_t n, size_t *got, struct sym_err *err)
{
	enum sym_status status = SYM_OK;

	*got = 0;
	while (status == SYM_OK) {
		size_t more;

		if (!inflater_take(in->inflater, (uint8_t *)to + *got, n - *got, &more))
			return complain(in, err);
		*got += more;
		if (*got == n)
			return SYM_OK;
		if (in->at == in->size)
			return inflater_ended(in->inflater) ? SYM_OK : complain(in, err);
		status = read_on(in, err);
	}
	return status;
}
