/* SPDX-License-Identifier: MIT */
#include "base/reader.h"

#include <string.h>

struct reader reader_over(const void *bytes, size_t size, uint64_t origin)
{
	return (struct reader){.bytes = bytes, .size = size, .origin = origin};
}

const uint8_t *reader_bytes(struct reader *r, size_t n)
{
	const uint8_t *at;

	if (r->bad || n > reader_left(r)) {
		if (!r->bad)
			r->bad_at = r->origin + r->pos;
		r->bad = true;
		return NULL;
	}
	at = r->bytes + r->pos;
	r->pos += n;
	return at;
}

/* Reads `n` (1 to 8) bytes as one number in the reader's byte order. */
static uint64_t number(struct reader *r, size_t n)
{
	const uint8_t *at = reader_bytes(r, n);
	uint64_t value = 0;

	if (!at)
		return 0;
	for (size_t i = 0; i < n; i++)
		value = value << 8 | at[r->big_endian ? i : n - 1 - i];
	return value;
}

uint8_t reader_u8(struct reader *r)
{
	return (uint8_t)number(r, 1);
}

uint16_t reader_u16(struct reader *r)
{
	return (uint16_t)number(r, 2);
}

uint32_t reader_u32(struct reader *r)
{
	return (uint32_t)number(r, 4);
}

uint64_t reader_u64(struct reader *r)
{
	return number(r, 8);
}

uint64_t reader_word(struct reader *r, bool wide)
{
	return number(r, wide ? 8 : 4);
}

void reader_skip(struct reader *r, size_t n)
{
	(void)reader_bytes(r, n);
}

void reader_seek(struct reader *r, size_t pos)
{
	if (r->bad)
		return;
	if (pos > r->size) {
		r->bad = true;
		r->bad_at = r->origin + r->size;
		return;
	}
	r->pos = pos;
}

void reader_guid(struct reader *r, uint8_t out[16])
{
	static const uint8_t order[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
	const uint8_t *at = reader_bytes(r, 16);

	for (size_t i = 0; i < 16; i++)
		out[i] = at ? at[order[i]] : 0;
}

const char *reader_text(struct reader *r, size_t *len)
{
	const char *at, *nul;

	*len = 0;
	if (r->bad || reader_left(r) == 0)
		return "";
	at = (const char *)r->bytes + r->pos;
	nul = memchr(at, '\0', reader_left(r));
	*len = nul ? (size_t)(nul - at) : reader_left(r);
	r->pos += *len + (nul ? 1 : 0);
	return at;
}

uint32_t reader_leb32(struct reader *r)
{
	uint64_t value = 0;

	for (unsigned shift = 0; shift < 35; shift += 7) {
		uint8_t byte = reader_u8(r);

		value |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80)) {
			if (value > UINT32_MAX)
				break;
			return (uint32_t)value;
		}
	}
	if (!r->bad)
		r->bad_at = r->origin + r->pos;
	r->bad = true;
	return 0;
}
