/* SPDX-License-Identifier: MIT
 * The only user of zlib. */
#include "target/gzip.h"

#include "base/err.h"
#include "base/limits.h"
#include "target/digest.h"

#include <stdlib.h>
#include <string.h>
#define ZLIB_CONST /* it reads through next_in, and only reads */
#include <zlib.h>

enum {
	PIECE = 64 << 10,       /* bytes read, and bytes written, at once */
	GZIP_WINDOW = 15 + 16,  /* the largest window, in gzip's frame; see deflateInit2 */
	OS_UNIX = 3,            /* in the header, on every system: the same bytes everywhere */
};

/* -------------------------------------------------------------- packing -- */

struct packing {
	z_stream z;
	struct digest *digest;
	uint8_t *in, *out;       /* PIECE bytes each */
	uint64_t limit;          /* bytes: of so many the result is no gain */
	bool (*stopped)(void);   /* or NULL */
	struct gzipped *result;
	size_t room;             /* bytes of result->memory */
};

/* Moves what is in memory to a file without a name, where the rest will follow. */
static enum sym_status spill(struct gzipped *g, struct sym_err *err)
{
	enum sym_status status = os_spool(&g->file, err);

	if (status == SYM_OK)
		status = os_write(g->file, g->memory, (size_t)g->size, err);
	free(g->memory);
	g->memory = NULL;
	return status;
}

static bool make_room(struct packing *p, size_t size)
{
	size_t room = p->room ? p->room : PIECE;
	uint8_t *memory;

	while (room < size)
		room *= 2;
	if (p->result->memory && room == p->room)
		return true;
	memory = realloc(p->result->memory, room);
	if (!memory)
		return false;
	p->result->memory = memory;
	p->room = room;
	return true;
}

static enum sym_status put(struct packing *p, const uint8_t *bytes, size_t n, struct sym_err *err)
{
	struct gzipped *g = p->result;
	enum sym_status status = SYM_OK;

	if (g->size + n >= p->limit)
		return err_set(err, SYM_TOO_BIG, "packing makes it no smaller");
	digest_feed(p->digest, bytes, n);
	if (g->file == OS_NO_FILE && g->size + n <= GZIP_MEMORY_BYTES_MAX) {
		if (!make_room(p, (size_t)g->size + n))
			return err_set(err, SYM_NOMEM, "out of memory");
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

/* Packs what z.next_in holds; `flush` is Z_FINISH for the last of it. */
static enum sym_status pack_piece(struct packing *p, int flush, struct sym_err *err)
{
	enum sym_status status = SYM_OK;
	size_t made = PIECE;

	while (made == PIECE && status == SYM_OK) {
		p->z.next_out = p->out;
		p->z.avail_out = PIECE;
		(void)deflate(&p->z, flush); /* with room for output it cannot fail */
		made = PIECE - p->z.avail_out;
		status = put(p, p->out, made, err);
	}
	return status;
}

static enum sym_status pack_all(struct packing *p, os_file from, uint64_t offset, uint64_t size,
				struct sym_err *err)
{
	enum sym_status status = SYM_OK;
	uint64_t at = 0;

	do {
		size_t want = (size_t)min_u64(size - at, PIECE), got;

		status = os_read_at(from, offset + at, p->in, want, &got, err);
		if (status == SYM_OK && got < want)
			status = err_at(err, SYM_CHANGED, offset + at + got,
					"the file became shorter while it was read");
		if (status == SYM_OK && p->stopped && p->stopped())
			status = err_set(err, SYM_CANCELLED, "stopped");
		if (status != SYM_OK)
			return status;
		at += got;
		p->z.next_in = p->in;
		p->z.avail_in = (uInt)got;
		status = pack_piece(p, at == size ? Z_FINISH : Z_NO_FLUSH, err);
	} while (status == SYM_OK && at < size);
	return status;
}

static enum sym_status packing_init(struct packing *p, struct sym_err *err)
{
	static gz_header head = {.os = OS_UNIX}; /* no name, no time */

	p->digest = digest_new();
	p->in = malloc(2 * (size_t)PIECE);
	if (!p->digest || !p->in ||
	    deflateInit2(&p->z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, 8,
			 Z_DEFAULT_STRATEGY) != Z_OK)
		return err_set(err, SYM_NOMEM, "out of memory");
	p->out = p->in + PIECE;
	(void)deflateSetHeader(&p->z, &head);
	return SYM_OK;
}

/* `limit`: bytes that the result must not reach. */
static enum sym_status pack(os_file from, uint64_t offset, uint64_t size, uint64_t limit,
			    bool (*stopped)(void), struct gzipped *out, struct sym_err *err)
{
	struct packing p = {.result = out, .limit = limit, .stopped = stopped};
	enum sym_status status;

	*out = (struct gzipped){.file = OS_NO_FILE};
	status = packing_init(&p, err);
	if (status == SYM_OK)
		status = pack_all(&p, from, offset, size, err);
	if (status == SYM_OK)
		digest_end(p.digest, out->sha256);
	if (p.out)
		deflateEnd(&p.z);
	free(p.in);
	digest_free(p.digest);
	if (status != SYM_OK)
		gzipped_release(out);
	return status;
}

enum sym_status gzip_slice(os_file from, uint64_t offset, uint64_t size, struct gzipped *out,
			   struct sym_err *err)
{
	return pack(from, offset, size, size, NULL, out, err);
}

enum sym_status gzip_whole(os_file from, uint64_t offset, uint64_t size, bool (*stopped)(void),
			   struct gzipped *out, struct sym_err *err)
{
	return pack(from, offset, size, UINT64_MAX, stopped, out, err);
}

void gzipped_release(struct gzipped *g)
{
	free(g->memory);
	os_close_quietly(g->file);
	*g = (struct gzipped){.file = OS_NO_FILE};
}

enum sym_status gzip_crc32(os_file file, uint32_t *out, struct sym_err *err)
{
	uint8_t *piece = malloc(PIECE);
	enum sym_status status = SYM_OK;
	uLong crc = crc32(0, NULL, 0);
	uint64_t at = 0;
	size_t got = 1;

	if (!piece)
		return err_set(err, SYM_NOMEM, "out of memory");
	while (status == SYM_OK && got > 0) {
		status = os_read_at(file, at, piece, PIECE, &got, err);
		if (status == SYM_OK)
			crc = crc32(crc, piece, (uInt)got);
		at += got;
	}
	free(piece);
	*out = (uint32_t)crc;
	return status;
}

/* ------------------------------------------------------------ unpacking -- */

struct gunzip {
	z_stream z;
	struct digest *raw, *plain;
	uint64_t size, plain_size;
	bool is_gzip;   /* so far */
	bool between;   /* no stream is open: at the start, and after each end */
	uint8_t out[PIECE];
};

struct gunzip *gunzip_new(void)
{
	struct gunzip *g = calloc(1, sizeof *g);

	if (!g)
		return NULL;
	g->raw = digest_new();
	g->plain = digest_new();
	if (!g->raw || !g->plain || inflateInit2(&g->z, GZIP_WINDOW) != Z_OK) {
		digest_free(g->raw);
		digest_free(g->plain);
		free(g);
		return NULL;
	}
	g->is_gzip = g->between = true;
	return g;
}

void gunzip_free(struct gunzip *g)
{
	if (!g)
		return;
	inflateEnd(&g->z);
	digest_free(g->raw);
	digest_free(g->plain);
	free(g);
}

void gunzip_restart(struct gunzip *g)
{
	digest_restart(g->raw);
	digest_restart(g->plain);
	(void)inflateReset(&g->z);
	g->size = g->plain_size = 0;
	g->is_gzip = g->between = true;
}

/* Unpacks until the bytes are used up; whatever is no gzip ends it for good. */
static void unpack(struct gunzip *g)
{
	while (g->is_gzip && !(g->between && g->z.avail_in == 0)) {
		size_t made;
		int answer;

		if (g->between)
			(void)inflateReset(&g->z);
		g->between = false;
		g->z.next_out = g->out;
		g->z.avail_out = PIECE;
		answer = inflate(&g->z, Z_NO_FLUSH);
		if (answer == Z_BUF_ERROR)
			return; /* no input left, and nothing more to give */
		made = PIECE - g->z.avail_out;
		digest_feed(g->plain, g->out, made);
		g->plain_size += made;
		g->between = answer == Z_STREAM_END;
		g->is_gzip = answer == Z_OK || answer == Z_STREAM_END;
	}
}

void gunzip_feed(struct gunzip *g, const void *bytes, size_t size)
{
	const uint8_t *at = bytes;

	digest_feed(g->raw, bytes, size);
	g->size += size;
	while (size > 0 && g->is_gzip) {
		size_t piece = size < PIECE ? size : PIECE;

		g->z.next_in = at;
		g->z.avail_in = (uInt)piece;
		unpack(g);
		at += piece;
		size -= piece;
	}
}

void gunzip_end(struct gunzip *g, struct gunzipped *out)
{
	*out = (struct gunzipped){.size = g->size,
				  .unpacked = g->is_gzip && g->between && g->size > 0,
				  .plain_size = g->plain_size};
	digest_end(g->raw, out->sha256);
	digest_end(g->plain, out->plain_sha256);
}
