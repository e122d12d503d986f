/* SPDX-License-Identifier: MIT */
#include "source/archive/section.h"

#include "source/archive/inflated.h"
#include "source/archive/unpacker.h"

struct section {
	struct blob *blob; /* borrowed */
	uint64_t offset;   /* bytes from the start of the file */
};

static enum sym_status read_section(void *ctx, uint64_t offset, void *to, size_t n, size_t *got, struct sym_err *err)
{
	const struct section *s = ctx;

	return s->blob->read(s->blob->ctx, s->offset + offset, to, n, got, err);
}

static size_t inflate_some(struct section *s, uint64_t size, void *to, size_t n)
{
	struct inflated *in = inflated_new(INFLATE_ZLIB, size, read_section, s);
	struct sym_err ignored;
	size_t got = 0;

	if (!in || inflated_read(in, to, n, &got, &ignored) != SYM_OK)
		got = 0;
	inflated_free(in);
	return got;
}

static size_t unpack_some(struct section *s, uint64_t size, void *to, size_t n)
{
	struct unpacker *u;
	struct sym_err ignored;
	const char *path;
	size_t got = 0;

	if (unpacker_open(size, read_section, s, "section", &u, &ignored) != SYM_OK)
		return 0;
	if (unpacker_next(u, &path, &ignored) != SYM_OK || !path ||
	    unpacker_read(u, to, n, &got, &ignored) != SYM_OK)
		got = 0;
	unpacker_close(u);
	return got;
}

size_t section_unpack(struct blob *b, enum blob_packing how, uint64_t offset, uint64_t size, void *to, size_t n)
{
	struct section s = {b, offset};

	return how == BLOB_ZLIB	  ? inflate_some(&s, size, to, n)
	       : how == BLOB_ZSTD ? unpack_some(&s, size, to, n)
				  : 0;
}
