/* SPDX-License-Identifier: MIT */
#include "base/blob.h"

#include "base/err.h"

#include <string.h>

/* A view reads at least this much, so that neighbouring fields cost no second read. */
#define READ_AT_LEAST 4096u

void blob_open(struct blob *b, uint64_t size, blob_read_fn *read, void *ctx)
{
	b->size = size;
	b->read = read;
	b->ctx = ctx;
	b->unpack = NULL;
	b->views = 0;
	b->reads = 0;
	b->error.status = SYM_OK;
	for (size_t i = 0; i < BLOB_WINDOWS; i++) {
		b->windows[i].size = 0;
		b->windows[i].used = 0;
	}
}

static enum sym_status read_memory(void *ctx, uint64_t offset, void *to, size_t n, size_t *got,
				   struct sym_err *err)
{
	(void)err;
	memcpy(to, (const uint8_t *)ctx + offset, n);
	*got = n;
	return SYM_OK;
}

void blob_open_memory(struct blob *b, const void *bytes, size_t size)
{
	/* The cast drops const; read_memory only reads. */
	blob_open(b, size, read_memory, (void *)(uintptr_t)bytes);
}

static struct blob_window *window_holding(struct blob *b, uint64_t offset, uint64_t size)
{
	for (size_t i = 0; i < BLOB_WINDOWS; i++) {
		struct blob_window *w = &b->windows[i];

		if (w->size && offset >= w->offset && range_ok(offset - w->offset, size, w->size))
			return w;
	}
	return NULL;
}

static struct blob_window *window_longest_unused(struct blob *b)
{
	struct blob_window *w = &b->windows[0];

	for (size_t i = 1; i < BLOB_WINDOWS; i++)
		if (b->windows[i].used < w->used)
			w = &b->windows[i];
	return w;
}

/* Fills `w` with `size` bytes at `offset`, or more where that costs no further read. */
static bool window_fill(struct blob *b, struct blob_window *w, uint64_t offset, uint64_t size)
{
	uint64_t want = size > READ_AT_LEAST ? size : READ_AT_LEAST;
	size_t got = 0;

	want = min_u64(want, b->size - offset);
	w->size = 0;
	w->offset = offset;
	b->reads++;
	if (b->read(b->ctx, offset, w->bytes, (size_t)want, &got, &b->error) != SYM_OK)
		return false;
	w->size = got;
	return got >= size;
}

struct reader blob_view(struct blob *b, uint64_t offset, uint64_t size)
{
	struct reader bad = {.origin = offset, .bad = true, .bad_at = offset};
	struct blob_window *w;

	if (b->error.status != SYM_OK || size > BLOB_WINDOW_BYTES)
		return bad;
	if (!range_ok(offset, size, b->size))
		return bad;
	if (size == 0)
		return reader_over("", 0, offset);
	w = window_holding(b, offset, size);
	if (!w) {
		w = window_longest_unused(b);
		if (!window_fill(b, w, offset, size))
			return bad;
	}
	w->used = ++b->views;
	return reader_over(w->bytes + (offset - w->offset), (size_t)size, offset);
}

struct reader blob_view_some(struct blob *b, uint64_t offset, uint64_t size)
{
	if (offset > b->size)
		offset = b->size;
	return blob_view(b, offset, min_u64(size, b->size - offset));
}

bool blob_has(struct blob *b, uint64_t offset, const void *bytes, size_t n)
{
	struct reader r = blob_view_some(b, offset, n);
	const uint8_t *there = reader_bytes(&r, n);

	return there && memcmp(there, bytes, n) == 0;
}

enum sym_status blob_verdict(const struct blob *b, const struct reader *r, const char *what,
			     struct sym_err *err)
{
	if (b->error.status != SYM_OK) {
		*err = b->error;
		return err->status;
	}
	return err_at(err, SYM_MALFORMED, r->bad_at, "%s is cut short", what);
}
