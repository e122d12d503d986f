/* SPDX-License-Identifier: MIT
 * What --compress makes is gzip, the same each time, and unpacks to what it was; what
 * is no smaller is not packed; and bytes that come in any pieces are recognised. */
#include "target/gzip.h"

#include "base/limits.h"
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

/* The packed bytes, to free. */
static uint8_t *packed_bytes(const struct gzipped *g)
{
	uint8_t *to = malloc((size_t)g->size);
	struct sym_err err;
	size_t got;

	if (g->memory) {
		memcpy(to, g->memory, (size_t)g->size);
	} else {
		must(os_read_at(g->file, 0, to, (size_t)g->size, &got, &err), &err);
		is_u64(got, g->size, "the file holds what was packed");
	}
	return to;
}

static void unpack_in_pieces(const uint8_t *packed, size_t size, size_t piece, struct gunzipped *out)
{
	struct gunzip *g = gunzip_new();

	gunzip_feed(g, "no", 2);
	gunzip_restart(g);
	for (size_t at = 0; at < size; at += piece)
		gunzip_feed(g, packed + at, size - at < piece ? size - at : piece);
	gunzip_end(g, out);
	gunzip_free(g);
}

static void test_there_and_back(size_t offset, size_t size, bool in_memory)
{
	os_file file = spool_of(bytes, LARGE);
	struct gzipped first, second;
	struct gunzipped back;
	struct sym_err err;
	uint8_t sha256[32], *packed, *again;

	ok(gzip_slice(file, offset, size, &first, &err) == SYM_OK, "%zu bytes are packed", size);
	ok(first.size < size, "to fewer: %llu", (unsigned long long)first.size);
	ok((first.memory != NULL) == in_memory && (first.file == OS_NO_FILE) == in_memory,
	   "into %s", in_memory ? "memory" : "a file without a name");
	packed = packed_bytes(&first);
	digest_of(packed, (size_t)first.size, sha256);
	ok(memcmp(sha256, first.sha256, 32) == 0, "whose SHA-256 is told");
	ok(packed[0] == 0x1f && packed[1] == 0x8b && memcmp(packed + 4, "\0\0\0\0", 4) == 0 &&
	   packed[9] == 3, "with no time, and always the same system, in its head");

	ok(gzip_slice(file, offset, size, &second, &err) == SYM_OK, "and once more");
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

static void test_no_gain(void)
{
	uint8_t *noise = malloc(3 << 20);
	os_file file;
	struct gzipped g;
	struct sym_err err;

	os_random(noise, 3 << 20);
	file = spool_of(noise, 3 << 20);
	ok(gzip_slice(file, 0, 3 << 20, &g, &err) == SYM_TOO_BIG, "what packs to no less is left alone");
	ok(g.file == OS_NO_FILE && !g.memory, "and nothing is kept");
	ok(gzip_slice(file, 0, 0, &g, &err) == SYM_TOO_BIG, "so is nothing at all");
	ok(gzip_slice(file, 3 << 20, 10, &g, &err) == SYM_CHANGED && err.has_offset,
	   "a file that ends early has changed");
	os_close_quietly(file);
	free(noise);
}

static void test_what_is_no_gzip(void)
{
	struct gunzipped out;
	struct gzipped g;
	struct sym_err err;
	uint8_t sha256[32], *packed;
	os_file file = spool_of(bytes, 100000);

	unpack_in_pieces((const uint8_t *)"Microsoft C/C++", 15, 4, &out);
	digest_of("Microsoft C/C++", 15, sha256);
	ok(!out.unpacked && out.size == 15 && memcmp(out.sha256, sha256, 32) == 0,
	   "bytes that are no gzip are only hashed");
	unpack_in_pieces(NULL, 0, 1, &out);
	ok(!out.unpacked && out.size == 0, "nothing is no gzip");

	must(gzip_slice(file, 0, 100000, &g, &err), &err);
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
	test_there_and_back(0, 63000, true);
	test_there_and_back(777, 2 << 20, true);
	test_there_and_back(0, LARGE, false);
	test_no_gain();
	test_what_is_no_gzip();
	free(bytes);
	return done();
}
