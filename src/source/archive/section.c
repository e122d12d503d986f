/* SPDX-License-Identifier: MIT
 * libarchive unpacks zstd and gzip, and not zlib (RFC 1950). Of both of the latter the middle is alike, so that
 * a zlib stream is given to it with gzip's header and as many bytes as gzip's end has, at which it does not look. */
#include "source/archive/section.h"

#include "source/archive/unpacker.h"

#include <string.h>

enum {
	ZLIB_HEADER = 2, /* CMF and FLG, where there is no dictionary */
	ZLIB_END = 4,
	GZIP_END = 8,
};

static const uint8_t gzip_header[10] = "\x1f\x8b\x08\0\0\0\0\0\0\xff"; /* RFC 1952, 2.3 */

/* What libarchive gets to see: `before`, then bytes of the file, then zeros. */
struct section {
	struct blob *blob; /* borrowed */
	size_t before;     /* bytes of gzip's header */
	uint64_t offset, size; /* bytes, in the file */
};

static enum sym_status read_section(void *ctx, uint64_t offset, void *to, size_t n, size_t *got, struct sym_err *err)
{
	const struct section *s = ctx;
	size_t of_header = offset < s->before ? (size_t)min_u64(n, s->before - offset) : 0;
	uint64_t at = offset + of_header - s->before;
	size_t of_file = at < s->size ? (size_t)min_u64(n - of_header, s->size - at) : 0;
	enum sym_status status = SYM_OK;

	memset(to, 0, n);
	*got = n;
	if (of_header > 0)
		memcpy(to, gzip_header + offset, of_header);
	if (of_file > 0)
		status = s->blob->read(s->blob->ctx, s->offset + at, (uint8_t *)to + of_header, of_file, &of_file, err);
	return status;
}

static size_t unpack(struct section *s, uint64_t size, void *to, size_t n)
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
	struct section s = {b, how == BLOB_ZLIB ? sizeof gzip_header : 0, offset, size};

	if (how == BLOB_ZSTD)
		return unpack(&s, size, to, n);
	if (how != BLOB_ZLIB || size < ZLIB_HEADER + ZLIB_END)
		return 0;
	s.offset += ZLIB_HEADER;
	s.size -= ZLIB_HEADER;
	return unpack(&s, s.before + s.size + GZIP_END - ZLIB_END, to, n);
}
