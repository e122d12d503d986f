/* SPDX-License-Identifier: MIT */
#include "source/inflate.h"

#include <stdlib.h>
#define ZLIB_CONST /* it reads through next_in, and only reads */
#include <zlib.h>

struct inflater {
	z_stream z;
	enum inflate_frame frame;
	enum { AT_START, IN_FRAME, BEHIND_FRAME } at;
};

struct inflater *inflater_new(enum inflate_frame frame)
{
	struct inflater *in = calloc(1, sizeof *in);

	if (!in)
		return NULL;
	if (inflateInit2(&in->z, frame == INFLATE_GZIP ? MAX_WBITS + 16 : MAX_WBITS) != Z_OK) {
		free(in);
		return NULL;
	}
	in->frame = frame;
	return in;
}

void inflater_free(struct inflater *in)
{
	if (!in)
		return;
	inflateEnd(&in->z);
	free(in);
}

void inflater_restart(struct inflater *in)
{
	(void)inflateReset(&in->z);
	in->z.avail_in = 0;
	in->at = AT_START;
}

void inflater_give(struct inflater *in, const void *bytes, size_t n)
{
	in->z.next_in = bytes;
	in->z.avail_in = (uInt)n;
}

static void pass_padding(z_stream *z)
{
	while (z->avail_in > 0 && *z->next_in == 0) {
		z->next_in++;
		z->avail_in--;
	}
}

/* Is there a frame to go on with, or the first byte of the next one? */
static bool find_frame(struct inflater *in)
{
	if (in->at == IN_FRAME)
		return true;
	if (in->at == BEHIND_FRAME && in->frame == INFLATE_ZLIB)
		in->z.avail_in = 0;
	if (in->at == BEHIND_FRAME)
		pass_padding(&in->z);
	if (in->z.avail_in == 0)
		return false;
	(void)inflateReset(&in->z);
	in->at = IN_FRAME;
	return true;
}

bool inflater_take(struct inflater *in, void *to, size_t n, size_t *got)
{
	int answer = Z_OK;

	in->z.next_out = to;
	in->z.avail_out = (uInt)n;
	while (answer == Z_OK && in->z.avail_out > 0 && find_frame(in)) {
		answer = inflate(&in->z, Z_NO_FLUSH);
		if (answer == Z_STREAM_END) {
			in->at = BEHIND_FRAME;
			answer = Z_OK;
		}
	}
	*got = n - in->z.avail_out;
	return answer == Z_OK || answer == Z_BUF_ERROR; /* nothing is left of what was given */
}

bool inflater_ended(const struct inflater *in)
{
	return in->at == BEHIND_FRAME;
}
