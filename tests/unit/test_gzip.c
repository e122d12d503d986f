/* SPDX-License-Identifier: MIT
 * What --compress makes is gzip, the same each time, whole or in pieces, and unpacks to what
 * it was; what is no smaller is not packed; memory has a ceiling; a file that changed is
 * noticed; and bytes that come in any pieces are recognised. */
#include "target/gzip.h"

#include "base/limits.h"
#include "base/stop.h"
#include "scratch.h"
#include "tap.h"
#include "target/digest.h"

#include <stdlib.h>

enum { LARGE = 6 << 20 };

static uint8_t *bytes;

/* Text that shrinks to about a third, all over. */
static void fill(void)
{
	bytes = malloc(LARGE);
	if (!bytes)
		must(SYM_NOMEM, &(struct sym_err){.text = "out of memory"});
	for (size_t i = 0, n = 1; i < LARGE; i++, n = n * 6364136223846793005u + 1442695040888963407u)
		bytes[i] = (uint8_t)("etaoin"[(n >> 60) % 6] + (i % 64 == 0));
}

static os_file spool_of(const void *what, size_t size)
{
	struct sym_err err;
	os_file file;

	must(os_spool(&file, &err), &err);
	must(os_write(file, what, size, &err), &err);
	return file;
}

static void digest_of(const void *what, size_t size, uint8_t sha256[32])
{
	struct digest *d = digest_new();

	digest_feed(d, what, size);
	digest_end(d, sha256);
	digest_free(d);
}

static struct gzip_source slice_of(os_file file, uint64_t offset, uint64_t size)
{
	return (struct gzip_source){.file = file, .offset = offset, .size = size};
}

static void copy_out(const struct gzipped *g, uint8_t *to)
{
	struct sym_err err;
	size_t got;

	if (g->memory) {
		memcpy(to, g->memory, (size_t)g->size);
	} else {
		must(os_read_at(g->file, 0, to, (size_t)g->size, &got, &err), &err);
		is_u64(got, g->size, "the file holds what was packed");
	}
}

/* The packed bytes, to free. */
static uint8_t *packed_bytes(const struct gzipped *g)
{
	uint8_t *to = malloc((size_t)g->size);

	copy_out(g, to);
	return to;
}

static void unpack_in_pieces(const uint8_t *packed, size_t size, size_t piece, struct gunzipped *out)
{
	struct gunzip *g = gunzip_new();

	gunzip_feed(g, "no", 2);
	ok(gunzip_restart(g), "it begins again");
	for (size_t at = 0; at < size; at += piece)
		gunzip_feed(g, packed + at, size - at < piece ? size - at : piece);
	gunzip_end(g, out);
	gunzip_free(g);
}

static void test_there_and_back(size_t offset, size_t size)
{
	os_file file = spool_of(bytes, LARGE);
	struct gzip_source from = slice_of(file, offset, size);
	struct gzipped first, second;
	struct gunzipped back;
	struct sym_err err;
	uint8_t sha256[32], *packed, *again;

	ok(gzip_slice(&from, &first, &err) == SYM_OK, "%zu bytes are packed", size);
	ok(first.size < size, "to fewer: %llu", (unsigned long long)first.size);
	packed = packed_bytes(&first);
	digest_of(packed, (size_t)first.size, sha256);
	ok(memcmp(sha256, first.sha256, 32) == 0, "whose SHA-256 is told");
	ok(packed[0] == 0x1f && packed[1] == 0x8b && memcmp(packed + 4, "\0\0\0\0", 4) == 0 &&
	   packed[9] == 3, "with no time, and always the same system, in its head");

	ok(gzip_slice(&from, &second, &err) == SYM_OK, "and once more");
	again = packed_bytes(&second);
	ok(first.size == second.size && memcmp(packed, again, (size_t)first.size) == 0,
	   "to the same bytes");

	digest_of(bytes + offset, size, sha256);
	for (size_t piece = 1; piece < 1000000; piece = piece * 31 + 3) {
		if (size / piece > 100000)
			continue;
		unpack_in_pieces(packed, (size_t)first.size, piece, &back);
		ok(back.unpacked && back.plain_size == size && memcmp(back.plain_sha256, sha256, 32) == 0 &&
		   memcmp(back.sha256, first.sha256, 32) == 0,
		   "pieces of %zu bytes unpack to what it was", piece);
	}
	gzipped_release(&first);
	gzipped_release(&second);
	free(packed);
	free(again);
	os_close_quietly(file);
}

/* Pieces of `most` bytes, one after the other, are the bytes of the whole. */
static void test_pieces(uint64_t most)
{
	os_file file = spool_of(bytes, LARGE);
	struct gzip_source from = slice_of(file, 0, LARGE);
	struct gzip_stream *stream = gzip_open(&from);
	struct gzipped whole, piece;
	struct sym_err err;
	uint8_t *expected, *got = malloc(LARGE), sha256[32];
	uint64_t size = 0, plain = 0;
	bool good = true;

	must(gzip_slice(&from, &whole, &err), &err);
	expected = packed_bytes(&whole);
	while (!gzip_ended(stream)) {
		must(gzip_next(stream, most, &piece, &err), &err);
		good &= piece.size == most || (gzip_ended(stream) && piece.size < most && piece.size > 0);
		copy_out(&piece, got + size);
		digest_of(got + size, (size_t)piece.size, sha256);
		good &= memcmp(sha256, piece.sha256, 32) == 0;
		size += piece.size;
		plain += piece.plain;
		gzipped_release(&piece);
	}
	ok(gzip_gains(stream), "there is a gain");
	ok(good, "each piece has %llu bytes, but for the last, and its own hash", (unsigned long long)most);
	ok(size == whole.size && memcmp(got, expected, (size_t)size) == 0, "together they are the whole");
	is_u64(plain, whole.plain, "and were made of as many bytes");
	is_u64(plain, from.size, "which are all that there were");
	gzip_close(stream);
	gzipped_release(&whole);
	free(expected);
	free(got);
	os_close_quietly(file);
}

/* The end of the stream at the very end of a piece is told with that piece. */
static void test_last_piece(void)
{
	os_file file = spool_of(bytes, 100000);
	struct gzip_source from = slice_of(file, 0, 100000);
	struct gzip_stream *stream = gzip_open(&from);
	struct gzipped whole, piece;
	struct sym_err err;

	must(gzip_slice(&from, &whole, &err), &err);
	must(gzip_next(stream, whole.size, &piece, &err), &err);
	ok(piece.size == whole.size && gzip_ended(stream), "a piece that holds all is the last");
	gzipped_release(&piece);
	gzip_close(stream);
	stream = gzip_open(&from);
	must(gzip_next(stream, whole.size - 1, &piece, &err), &err);
	ok(!gzip_ended(stream), "with one byte less it is not");
	gzipped_release(&piece);
	must(gzip_next(stream, whole.size - 1, &piece, &err), &err);
	ok(piece.size == 1 && gzip_ended(stream), "and the next one has that byte");
	gzipped_release(&piece);
	gzipped_release(&whole);
	gzip_close(stream);
	os_close_quietly(file);
}

static os_file noise_of(size_t size)
{
	uint8_t *noise = malloc(size);
	os_file file;

	os_random(noise, size);
	file = spool_of(noise, size);
	free(noise);
	return file;
}

static void test_no_gain(void)
{
	os_file file = noise_of(3 << 20);
	struct gzip_source from = slice_of(file, 0, 3 << 20);
	struct gzip_stream *stream = gzip_open(&from);
	struct gzipped g;
	struct sym_err err;

	ok(gzip_slice(&from, &g, &err) == SYM_TOO_BIG, "what packs to no less is left alone");
	ok(g.file == OS_NO_FILE && !g.memory, "and nothing is kept");
	must(gzip_next(stream, 1 << 20, &g, &err), &err);
	ok(!gzip_gains(stream), "its first piece tells that nothing is gained so far");
	gzipped_release(&g);
	must(gzip_next(stream, 1 << 20, &g, &err), &err);
	gzipped_release(&g);
	ok(gzip_next(stream, 2 << 20, &g, &err) == SYM_TOO_BIG && !g.memory, "and the last one is refused");
	gzip_close(stream);
	from.even_larger = true;
	ok(gzip_slice(&from, &g, &err) == SYM_OK && g.size > 3 << 20, "it is packed all the same where that is wanted");
	gzipped_release(&g);
	from = slice_of(file, 0, 0);
	ok(gzip_slice(&from, &g, &err) == SYM_TOO_BIG, "nothing at all is left alone, too");
	os_close_quietly(file);
}

static void test_changes(void)
{
	os_file file = spool_of(bytes, LARGE);
	struct gzip_source from = slice_of(file, LARGE, 10);
	struct gzipped g;
	struct sym_err err;
	uint8_t sha256[32];

	ok(gzip_slice(&from, &g, &err) == SYM_CHANGED && err.has_offset, "a file that ends early has changed");
	digest_of(bytes, LARGE, sha256);
	from = slice_of(file, 0, LARGE);
	from.sha256 = sha256;
	ok(gzip_slice(&from, &g, &err) == SYM_OK, "one with the hash that it should have has not");
	gzipped_release(&g);
	sha256[31] ^= 1;
	ok(gzip_slice(&from, &g, &err) == SYM_CHANGED && !g.memory && g.file == OS_NO_FILE, "one with another has");
	os_close_quietly(file);
}

/* Asked for once, and for good: nothing comes after it. */
static void test_stop(void)
{
	os_file file = spool_of(bytes, LARGE);
	struct gzip_source from = slice_of(file, 0, LARGE);
	struct gzipped g;
	struct sym_err err;
	uint32_t crc;

	stop_ask();
	ok(gzip_slice(&from, &g, &err) == SYM_CANCELLED && !g.memory && g.file == OS_NO_FILE,
	   "packing ends when the run is to stop");
	ok(gzip_crc32(file, 0, UINT64_MAX, &crc, &err) == SYM_CANCELLED, "and so does a sum of what is in the file");
	os_close_quietly(file);
}

/* Packed bytes beyond the ceiling over all that there are go to files; what is released makes room. */
static void test_memory(void)
{
	enum { SIZE = 8 << 20, FIT = GZIP_MEMORY_BYTES_MAX / SIZE };
	os_file file = noise_of(SIZE + 4096);
	struct gzip_source from = slice_of(file, 0, SIZE + 4096);
	struct gzipped g[FIT + 1];
	struct gzip_stream *stream;
	struct sym_err err;
	size_t in_memory = 0;
	uint8_t *one, *other;

	for (size_t i = 0; i < ARRAY_LEN(g); i++) {
		stream = gzip_open(&from);
		must(gzip_next(stream, SIZE, &g[i], &err), &err);
		gzip_close(stream);
		in_memory += g[i].memory != NULL;
	}
	is_u64(in_memory, FIT, "so many pieces as fit are in memory");
	ok(!g[FIT].memory && g[FIT].file != OS_NO_FILE, "and the next one is in a file without a name");
	one = packed_bytes(&g[0]);
	other = packed_bytes(&g[FIT]);
	ok(memcmp(one, other, SIZE) == 0, "with the same bytes");
	for (size_t i = 0; i < ARRAY_LEN(g); i++)
		gzipped_release(&g[i]);
	stream = gzip_open(&from);
	must(gzip_next(stream, SIZE, &g[0], &err), &err);
	ok(g[0].memory != NULL, "when they are released there is room again");
	gzipped_release(&g[0]);
	gzip_close(stream);
	free(one);
	free(other);
	os_close_quietly(file);
}

static void test_what_is_no_gzip(void)
{
	struct gunzipped out;
	struct gzipped g;
	struct sym_err err;
	uint8_t sha256[32], *packed;
	os_file file = spool_of(bytes, 100000);
	struct gzip_source from = slice_of(file, 0, 100000);

	unpack_in_pieces((const uint8_t *)"Microsoft C/C++", 15, 4, &out);
	digest_of("Microsoft C/C++", 15, sha256);
	ok(!out.unpacked && out.size == 15 && memcmp(out.sha256, sha256, 32) == 0,
	   "bytes that are no gzip are only hashed");
	unpack_in_pieces(NULL, 0, 1, &out);
	ok(!out.unpacked && out.size == 0, "nothing is no gzip");

	must(gzip_slice(&from, &g, &err), &err);
	packed = packed_bytes(&g);
	unpack_in_pieces(packed, (size_t)g.size - 1, 1000, &out);
	ok(!out.unpacked, "a gzip that is cut short is none");
	packed[g.size - 8] ^= 1;
	unpack_in_pieces(packed, (size_t)g.size, 1000, &out);
	ok(!out.unpacked, "nor is one whose checksum is wrong");
	packed[g.size - 8] ^= 1;

	packed = realloc(packed, (size_t)(2 * g.size + 1));
	memcpy(packed + g.size, packed, (size_t)g.size);
	unpack_in_pieces(packed, (size_t)(2 * g.size), 777, &out);
	ok(out.unpacked && out.plain_size == 200000, "two in a row are one (RFC 1952, 2.2)");
	packed[2 * g.size] = 'x';
	unpack_in_pieces(packed, (size_t)(2 * g.size + 1), 777, &out);
	ok(!out.unpacked, "something behind the last is refused");
	free(packed);
	gzipped_release(&g);
	os_close_quietly(file);
}

int main(void)
{
	fill();
	test_there_and_back(0, 63000);
	test_there_and_back(777, 2 << 20);
	test_there_and_back(0, LARGE);
	test_pieces(1000);
	test_pieces(65536);
	test_pieces(1 << 20);
	test_last_piece();
	test_no_gain();
	test_changes();
	test_memory();
	test_what_is_no_gzip();
	test_stop();
	free(bytes);
	return done();
}
