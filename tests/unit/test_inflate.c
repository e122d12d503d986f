/* SPDX-License-Identifier: MIT
 * Deflated bytes are unpacked whatever the pieces in which they come and are taken; what is no frame, cut or
 * damaged is noticed; and what follows a frame is another one, padding, or left alone. */
#include "source/inflate.h"

#include "tap.h"

#include <stdio.h>

/* "symbol ", "upload", and both in one, as Python's gzip and zlib pack them. */
#define GZIP_SYMBOL                                                                                     \
	"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x2b\xae\xcc\x4d\xca\xcf\x51\x00\x00\xcb\x4d\xe1\x2d"  \
	"\x07\x00\x00\x00"
#define GZIP_UPLOAD                                                                                     \
	"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x2b\x2d\xc8\xc9\x4f\x4c\x01\x00\x1f\xe6\xbd\x17\x06"  \
	"\x00\x00\x00"
#define ZLIB_BOTH "\x78\x9c\x2b\xae\xcc\x4d\xca\xcf\x51\x28\x2d\xc8\xc9\x4f\x4c\x01\x00\x25\x4b\x05\x3c"

enum { CUT = 1, DAMAGED };

/* Gives the bytes in pieces of `give`, takes in pieces of `take`. Answers 0, CUT or DAMAGED. */
static int unpack(struct inflater *in, const char *bytes, size_t size, size_t give, size_t take, char out[100])
{
	size_t n = 0, got;

	inflater_restart(in);
	out[0] = '\0';
	for (size_t at = 0; at < size; at += give) {
		inflater_give(in, bytes + at, size - at < give ? size - at : give);
		do {
			if (n + take >= 100 || !inflater_take(in, out + n, take, &got))
				return DAMAGED;
			n += got;
			out[n] = '\0';
		} while (got == take);
	}
	return inflater_ended(in) ? 0 : CUT;
}

static void is_unpacked(enum inflate_frame frame, const char *bytes, size_t size, int want, const char *text,
			const char *what)
{
	struct inflater *in = inflater_new(frame);
	char out[100];

	for (size_t give = 1; give <= size + 1; give += size / 2)
		for (size_t take = 1; take < 20; take += 6) {
			int got = unpack(in, bytes, size, give, take, out);

			ok(got == want && strcmp(out, text) == 0,
			   "%s, in pieces of %zu, to pieces of %zu: %d, \"%s\"", what, give, take, got, out);
		}
	inflater_free(in);
}

#define IS(frame, bytes, want, text, what) is_unpacked(frame, bytes, sizeof(bytes) - 1, want, text, what)

int main(void)
{
	IS(INFLATE_GZIP, GZIP_SYMBOL, 0, "symbol ", "a gzip");
	IS(INFLATE_GZIP, GZIP_SYMBOL GZIP_UPLOAD, 0, "symbol upload", "two in a row");
	IS(INFLATE_GZIP, GZIP_SYMBOL "\0\0\0\0", 0, "symbol ", "a gzip and zeros");
	IS(INFLATE_GZIP, GZIP_SYMBOL "\0\0" GZIP_UPLOAD "\0", 0, "symbol upload", "two with zeros between them");
	IS(INFLATE_GZIP, GZIP_SYMBOL "more", DAMAGED, "symbol ", "a gzip and what is none");
	IS(INFLATE_GZIP, GZIP_SYMBOL "\x1f\x8b\x08", CUT, "symbol ", "a gzip and the beginning of another");
	is_unpacked(INFLATE_GZIP, GZIP_SYMBOL, sizeof GZIP_SYMBOL - 2, CUT, "symbol ", "a gzip that is cut");
	IS(INFLATE_GZIP, "\0\0\0", DAMAGED, "", "zeros alone");
	IS(INFLATE_GZIP, ZLIB_BOTH, DAMAGED, "", "a zlib for a gzip");
	IS(INFLATE_ZLIB, ZLIB_BOTH, 0, "symbol upload", "a zlib");
	IS(INFLATE_ZLIB, ZLIB_BOTH "more", 0, "symbol upload", "a zlib and what is none of its");
	return done();
}
