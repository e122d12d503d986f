/* SPDX-License-Identifier: MIT
 * The output of Unreal's BreakpadSymbolEncoder, also called .sym. No magic, no
 * identifier:
 *
 *   0    u32 count
 *   4    count records of 20 bytes, by address: u64 address, u32 line,
 *        u32 offset of the file's name, u32 offset of the symbol; -1: none
 *   …    the names, each ended by LF, which the offsets count into
 *
 * The least sure of all formats, asked last: the count must fit the file, and the
 * first records must be in order and point at names. */
#include "format/format.h"

enum { RECORD_BYTES = 20, RECORDS_LOOKED_AT = 64, TAIL_BYTES = 64 };

#define NONE 0xFFFFFFFFu

/* Do the first records look like this format, in a file with `names` bytes of names? */
static bool is_sane(struct blob *blob, uint32_t count, uint64_t names)
{
	uint64_t n = min_u64(count, RECORDS_LOOKED_AT);
	struct reader r = blob_view(blob, 4, n * RECORD_BYTES);
	uint64_t before = 0;

	for (uint64_t i = 0; i < n; i++) {
		uint64_t address = reader_u64(&r);
		uint32_t line = reader_u32(&r);
		uint32_t file = reader_u32(&r);
		uint32_t symbol = reader_u32(&r);

		if (r.bad || address < before || (line > INT32_MAX && line != NONE) ||
		    (file >= names && file != NONE) || (symbol >= names && symbol != NONE))
			return false;
		before = address;
	}
	return before > 0;
}

/* Are the last bytes of the file text that ends with a line? */
static bool ends_as_text(struct blob *blob, uint64_t names)
{
	uint64_t n = min_u64(names, TAIL_BYTES);
	struct reader r = blob_view(blob, blob->size - n, n);
	uint8_t last = 0;

	while (reader_left(&r) > 0) {
		last = reader_u8(&r);
		if (r.bad || (last < ' ' && last != '\n' && last != '\r' && last != '\t'))
			return false;
	}
	return last == '\n';
}

static enum sym_status identify(struct blob *blob, const struct identity_sink *sink,
				struct sym_err *err)
{
	struct reader r = blob_view_some(blob, 0, 4);
	uint32_t count = reader_u32(&r);
	struct sym_identity id;
	uint64_t records = (uint64_t)count * RECORD_BYTES, names;

	(void)err;
	if (r.bad || count == 0 || !range_ok(4, records, blob->size))
		return SYM_NOT_MINE;
	names = blob->size - 4 - records;
	if (names == 0 || !is_sane(blob, count, names) || !ends_as_text(blob, names))
		return SYM_NOT_MINE;
	identity_start(&id, SYM_UNREAL_SYM, blob);
	id.has = SYM_HAS_SYMBOLS | SYM_HAS_DEBUG;
	return sink->found(sink->ctx, &id);
}

const struct format unreal_sym_format = {.name = "unreal_sym", .title = "Unreal .sym", .identify = identify};
