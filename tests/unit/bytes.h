/* SPDX-License-Identifier: MIT
 * Files put together by hand, and what a format says of them. */
#ifndef TESTS_BYTES_H
#define TESTS_BYTES_H

#include "format/format.h"
#include "key/key.h"

#include <string.h>

#define BYTES_MAX 16384u

struct bytes {
	bool big_endian;
	size_t size; /* behind the last byte that was put */
	uint8_t at[BYTES_MAX];
};

/* A number of `n` bytes at `offset`. */
static inline void put(struct bytes *b, size_t offset, uint64_t value, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		b->at[offset + (b->big_endian ? n - 1 - i : i)] = (uint8_t)(value >> 8 * i);
	if (offset + n > b->size)
		b->size = offset + n;
}

static inline void put_bytes(struct bytes *b, size_t offset, const void *from, size_t n)
{
	memcpy(b->at + offset, from, n);
	if (offset + n > b->size)
		b->size = offset + n;
}

/* Text with its NUL. */
static inline void put_text(struct bytes *b, size_t offset, const char *text)
{
	put_bytes(b, offset, text, strlen(text) + 1);
}

#define FOUND_MAX 4u

struct found {
	enum sym_status status;
	struct sym_err err;
	unsigned reads;
	unsigned count;
	struct sym_err without; /* SYM_OK: no slice is without an identifier */
	struct sym_identity id[FOUND_MAX];
};

static inline void found_without(void *ctx, const struct sym_err *why)
{
	((struct found *)ctx)->without = *why;
}

static inline enum sym_status found_add(void *ctx, const struct sym_identity *id)
{
	struct found *found = ctx;

	if (found->count < FOUND_MAX)
		found->id[found->count] = *id;
	found->count++;
	return SYM_OK;
}

/* What `format` says of the bytes, of which `unpack` (or NULL) unpacks a part; valid until the next call. */
static inline const struct found *look_into(const struct format *format, const void *bytes, size_t size,
					    blob_unpack_fn *unpack)
{
	static struct found found;
	static struct blob blob;
	struct identity_sink sink = {.found = found_add, .ctx = &found, .without = found_without};

	memset(&found, 0, sizeof found);
	blob_open_memory(&blob, bytes, size);
	blob.unpack = unpack;
	found.status = format->identify(&blob, &sink, &found.err);
	found.reads = blob.reads;
	return &found;
}

static inline const struct found *look(const struct format *format, const void *bytes, size_t size)
{
	return look_into(format, bytes, size, NULL);
}

/* The identifiers of the first identity as text; valid until the next call. */
static inline const char *code(const struct found *found)
{
	static char text[KEY_ID_MAX];

	key_code_text(&found->id[0].code, text);
	return text;
}

static inline const char *debug(const struct found *found)
{
	static char text[KEY_ID_MAX];

	key_debug_text(&found->id[0].debug, text);
	return text;
}

#endif
