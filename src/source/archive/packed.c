/* SPDX-License-Identifier: MIT */
#include "source/archive/packed.h"

#include "base/err.h"
#include "base/stop.h"

#include <archive.h>
#include <errno.h>
#include <stdio.h>

static la_ssize_t feed(struct archive *a, void *ctx, const void **bytes)
{
	struct packed *p = ctx;
	size_t got = 0;

	p->status = stop_check(p->err); /* what is passed over is read, too, and can be long */
	if (p->status == SYM_OK)
		p->status = p->read(p->ctx, p->at, p->piece, (size_t)min_u64(p->size - p->at, sizeof p->piece),
				    &got, p->err);
	if (p->status != SYM_OK) {
		archive_set_error(a, EIO, "cannot read");
		return -1;
	}
	p->at += got;
	*bytes = p->piece;
	return (la_ssize_t)got;
}

static la_int64_t skip(struct archive *a, void *ctx, la_int64_t n)
{
	struct packed *p = ctx;
	uint64_t step = min_u64((uint64_t)n, p->size - p->at);

	(void)a;
	p->at += step;
	return (la_int64_t)step;
}

static la_int64_t seek(struct archive *a, void *ctx, la_int64_t offset, int whence)
{
	struct packed *p = ctx;
	uint64_t from = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? p->at : p->size;
	uint64_t to = from + (uint64_t)offset; /* wraps around where it goes back */

	if (to > p->size) {
		archive_set_error(a, EINVAL, "it names a place outside of itself");
		return ARCHIVE_FATAL;
	}
	p->at = to;
	return (la_int64_t)to;
}

int packed_open(struct packed *p, struct archive *a)
{
	archive_read_set_read_callback(a, feed);
	if (!p->forward) {
		archive_read_set_skip_callback(a, skip);
		archive_read_set_seek_callback(a, seek);
	}
	archive_read_set_callback_data(a, p);
	return archive_read_open1(a);
}

enum sym_status packed_complaint(const struct packed *p, struct archive *a, const char *what)
{
	const char *text = archive_error_string(a);

	if (p->status != SYM_OK)
		return p->status;
	return err_set(p->err, SYM_MALFORMED, "%s cannot be unpacked: %s", what, text ? text : "it is damaged");
}
