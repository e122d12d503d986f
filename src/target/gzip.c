/* SPDX-License-Identifier: MIT */
#include "target/gzip.h"

#include "base/err.h"
#include "base/limits.h"
#include "base/stop.h"
#include "source/inflate.h"
#include "target/digest.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#define ZLIB_CONST /* it reads through next_in, and only reads */
#include <zlib.h>

enum {
	PIECE = 64 << 10,       /* bytes read, and bytes written, at once */
	GZIP_WINDOW = 15 + 16,  /* the largest window, in gzip's frame; see deflateInit2 */
	HELD_BACK = 256 << 10,  /* bytes that were read and that deflate may still have in hand */
	OS_UNIX = 3,            /* in the header, on every system: the same bytes everywhere */
};

/* --------------------------------------------------------------- memory -- */

/* Bytes of all results that are in memory. */
static _Atomic size_t held;

static bool hold(size_t bytes)
{
	size_t was = atomic_load(&held);

	do {
		if (bytes > GZIP_MEMORY_BYTES_MAX - was)
			return false;
	} while (!atomic_compare_exchange_weak(&held, &was, was + bytes));
	return true;
}

static void forget_memory(struct gzipped *g)
{
	free(g->memory);
	g->memory = NULL;
	atomic_fetch_sub(&held, g->room);
	g->room = 0;
}

/* False where `size` bytes, in the end `most`, are too many for what memory is left. */
static bool make_room(struct gzipped *g, uint64_t size, uint64_t most)
{
	uint64_t room = g->room ? g->room : PIECE;
	uint8_t *memory;

	while (room < size)
		room *= 2;
	room = min_u64(room, most);
	if (room == g->room)
		return true;
	if (room > GZIP_MEMORY_BYTES_MAX || !hold((size_t)room - g->room))
		return false;
	memory = realloc(g->memory, (size_t)room);
	if (!memory) {
		atomic_fetch_sub(&held, (size_t)room - g->room);
		return false;
	}
	g->memory = memory;
	g->room = (size_t)room;
	return true;
}

/* Moves what is in memory to a file without a name, where the rest will follow. */
static enum sym_status spill(struct gzipped *g, struct sym_err *err)
{
	enum sym_status status = os_spool(&g->file, err);

	if (status == SYM_OK && g->memory)
		status = os_write(g->file, g->memory, (size_t)g->size, err);
	forget_memory(g);
	return status;
}

static enum sym_status put(struct gzipped *g, const uint8_t *bytes, size_t n, uint64_t most,
			   struct sym_err *err)
{
	enum sym_status status = SYM_OK;

	if (g->file == OS_NO_FILE && make_room(g, g->size + n, most)) {
		memcpy(g->memory + g->size, bytes, n);
	} else {
		if (g->file == OS_NO_FILE)
			status = spill(g, err);
		if (status == SYM_OK)
			status = os_write(g->file, bytes, n, err);
	}
	g->size += n;
	return status;
}

void gzipped_release(struct gzipped *g)
{
	forget_memory(g);
	os_close_quietly(g->file);
	*g = (struct gzipped){.file = OS_NO_FILE};
}

/* -------------------------------------------------------------- packing -- */

struct gzip_stream {
	z_stream z;
	struct gzip_source from;
	struct digest *plain;  /* of what was read */
	struct digest *packed; /* of the piece in hand */
	uint64_t taken;        /* bytes of the slice that were read */
	uint64_t made;         /* bytes of the result */
	bool ended;
	uint8_t in[PIECE], out[PIECE];
};

struct gzip_stream *gzip_open(const struct gzip_source *from)
{
	static gz_header head = {.os = OS_UNIX}; /* no name, no time */
	struct gzip_stream *g = calloc(1, sizeof *g);

	if (!g)
		return NULL;
	g->from = *from;
	g->plain = digest_new();
	g->packed = digest_new();
	if (!g->plain || !g->packed ||
	    deflateInit2(&g->z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, 8,
			 Z_DEFAULT_STRATEGY) != Z_OK) {
		gzip_close(g);
		return NULL;
	}
	(void)deflateSetHeader(&g->z, &head);
	return g;
}

void gzip_close(struct gzip_stream *g)
{
	if (!g)
		return;
	deflateEnd(&g->z); /* one that never began is only refused */
	digest_free(g->plain);
	digest_free(g->packed);
	free(g);
}

bool gzip_ended(const struct gzip_stream *g)
{
	return g->ended;
}

bool gzip_gains(const struct gzip_stream *g)
{
	return g->made + HELD_BACK < g->taken;
}

/* All was read: was it what it should have been? */
static enum sym_status check_plain(struct gzip_stream *g, struct sym_err *err)
{
	uint8_t sha256[32];

	digest_end(g->plain, sha256);
	if (memcmp(sha256, g->from.sha256, 32) == 0)
		return SYM_OK;
	return err_set(err, SYM_CHANGED, "the file changed while it was packed");
}

static enum sym_status take_in(struct gzip_stream *g, struct sym_err *err)
{
	const struct gzip_source *from = &g->from;
	size_t want = (size_t)min_u64(from->size - g->taken, PIECE);
	enum sym_status status = os_read_exactly(from->file, from->offset + g->taken, g->in, want, err);

	if (status == SYM_OK)
		status = stop_check(err);
	if (status != SYM_OK)
		return status;
	g->taken += want;
	g->z.next_in = g->in;
	g->z.avail_in = (uInt)want;
	if (from->sha256)
		digest_feed(g->plain, g->in, want);
	return from->sha256 && g->taken == from->size ? check_plain(g, err) : SYM_OK;
}

static enum sym_status give_out(struct gzip_stream *g, uint64_t most, struct gzipped *out,
				struct sym_err *err)
{
	uInt room = (uInt)min_u64(most - out->size, PIECE);
	size_t n;

	g->z.next_out = g->out;
	g->z.avail_out = room;
	/* With input, or at the end, it cannot fail. */
	g->ended = deflate(&g->z, g->taken == g->from.size ? Z_FINISH : Z_NO_FLUSH) == Z_STREAM_END;
	n = room - g->z.avail_out;
	g->made += n;
	if (g->made >= g->from.size && !g->from.even_larger)
		return err_set(err, SYM_TOO_BIG, "packing makes it no smaller");
	digest_feed(g->packed, g->out, n);
	return n > 0 ? put(out, g->out, n, most, err) : SYM_OK;
}

enum sym_status gzip_next(struct gzip_stream *g, uint64_t most, struct gzipped *out,
			  struct sym_err *err)
{
	uint64_t taken = g->taken;
	enum sym_status status = SYM_OK;

	*out = (struct gzipped){.file = OS_NO_FILE};
	if (!digest_restart(g->packed))
		return err_set(err, SYM_NOMEM, "out of memory");
	while (status == SYM_OK && out->size < most && !g->ended) {
		if (g->z.avail_in == 0 && g->taken < g->from.size)
			status = take_in(g, err);
		if (status == SYM_OK)
			status = give_out(g, most, out, err);
	}
	out->plain = g->taken - taken;
	if (status == SYM_OK)
		digest_end(g->packed, out->sha256);
	else
		gzipped_release(out);
	return status;
}

enum sym_status gzip_slice(const struct gzip_source *from, struct gzipped *out, struct sym_err *err)
{
	struct gzip_stream *g = gzip_open(from);
	enum sym_status status;

	*out = (struct gzipped){.file = OS_NO_FILE};
	if (!g)
		return err_set(err, SYM_NOMEM, "out of memory");
	status = gzip_next(g, UINT64_MAX, out, err);
	gzip_close(g);
	return status;
}

static enum sym_status add_crc(void *ctx, const void *bytes, size_t n, struct sym_err *err)
{
	uLong *crc = ctx;

	*crc = crc32(*crc, bytes, (uInt)n);
	return stop_check(err);
}

enum sym_status gzip_crc32(os_file file, uint64_t offset, uint64_t size, uint32_t *out, struct sym_err *err)
{
	uLong crc = crc32(0, NULL, 0);
	enum sym_status status = os_read_pieces(file, offset, size, add_crc, &crc, err);

	*out = (uint32_t)crc;
	return status;
}

/* ------------------------------------------------------------ unpacking -- */

struct gunzip {
	struct inflater *inflater;
	struct digest *raw, *plain;
	uint64_t size, plain_size;
	bool is_gzip; /* so far */
	uint8_t out[PIECE];
};

struct gunzip *gunzip_new(void)
{
	struct gunzip *g = calloc(1, sizeof *g);

	if (!g)
		return NULL;
	g->inflater = inflater_new(INFLATE_GZIP);
	g->raw = digest_new();
	g->plain = digest_new();
	if (!g->inflater || !g->raw || !g->plain) {
		gunzip_free(g);
		return NULL;
	}
	g->is_gzip = true;
	return g;
}

void gunzip_free(struct gunzip *g)
{
	if (!g)
		return;
	inflater_free(g->inflater);
	digest_free(g->raw);
	digest_free(g->plain);
	free(g);
}

bool gunzip_restart(struct gunzip *g)
{
	if (!digest_restart(g->raw) || !digest_restart(g->plain))
		return false;
	inflater_restart(g->inflater);
	g->size = g->plain_size = 0;
	g->is_gzip = true;
	return true;
}

/* Unpacks until the bytes are used up; whatever is no gzip ends it for good. */
static void unpack(struct gunzip *g, const void *bytes, size_t size)
{
	size_t made = PIECE;

	inflater_give(g->inflater, bytes, size);
	while (g->is_gzip && made == PIECE) {
		g->is_gzip = inflater_take(g->inflater, g->out, PIECE, &made);
		digest_feed(g->plain, g->out, made);
		g->plain_size += made;
	}
}

void gunzip_feed(struct gunzip *g, const void *bytes, size_t size)
{
	digest_feed(g->raw, bytes, size);
	g->size += size;
	unpack(g, bytes, size);
}

void gunzip_end(struct gunzip *g, struct gunzipped *out)
{
	*out = (struct gunzipped){.size = g->size,
				  .unpacked = g->is_gzip && inflater_ended(g->inflater),
				  .plain_size = g->plain_size};
	digest_end(g->raw, out->sha256);
	digest_end(g->plain, out->plain_sha256);
}
