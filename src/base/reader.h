/* SPDX-License-Identifier: MIT
 * A cursor over borrowed bytes that remembers its first failure: a parser is a
 * straight list of reads in the order of the specification, and asks once at
 * the end. A read after a failure yields zero. */
#ifndef BASE_READER_H
#define BASE_READER_H

#include "base/def.h"

struct reader {
	const uint8_t *bytes; /* borrowed */
	size_t size;
	size_t pos;           /* always <= size */
	uint64_t origin;      /* offset of bytes[0] from the start of the file */
	bool big_endian;
	bool bad;
	uint64_t bad_at;      /* where the first failed read began, from the start of the file */
};

/* A reader over `size` borrowed bytes that lie at `origin` in their file. Little endian. */
struct reader reader_over(const void *bytes, size_t size, uint64_t origin);

uint8_t reader_u8(struct reader *r);
uint16_t reader_u16(struct reader *r);
uint32_t reader_u32(struct reader *r);
uint64_t reader_u64(struct reader *r);

/* An address-sized field: 8 bytes where `wide`, else 4. */
uint64_t reader_word(struct reader *r, bool wide);

void reader_skip(struct reader *r, size_t n);

/* Moves to `pos`, counted from the reader's first byte. */
void reader_seek(struct reader *r, size_t pos);

/* `n` borrowed bytes, or NULL (and bad) where there are fewer. */
const uint8_t *reader_bytes(struct reader *r, size_t n);

/* A GUID as Microsoft writes it (first three fields little endian), into the order in which it is printed. */
void reader_guid(struct reader *r, uint8_t out[16]);

/* Text up to a NUL, which is passed over, or up to the end where there is none.
 * `*len` bytes, borrowed; never fails, may be empty. */
const char *reader_text(struct reader *r, size_t *len);

/* LEB128, at most five bytes, as wasm's u32. Longer or cut: bad. */
uint32_t reader_leb32(struct reader *r);

static inline size_t reader_left(const struct reader *r)
{
	return r->size - r->pos;
}

#endif
