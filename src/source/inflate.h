/* SPDX-License-Identifier: MIT
 * Deflated bytes, unpacked: given as they come, taken as they are wanted. */
#ifndef SOURCE_INFLATE_H
#define SOURCE_INFLATE_H

#include "base/def.h"

struct inflater;

enum inflate_frame {
	INFLATE_ZLIB, /* RFC 1950; what follows it is left alone */
	INFLATE_GZIP, /* RFC 1952; several in a row are one, and zeros behind them are padding, as for gzip(1) */
};

struct inflater *inflater_new(enum inflate_frame frame); /* NULL when out of memory */
void inflater_free(struct inflater *in); /* NULL is fine */
void inflater_restart(struct inflater *in);

/* The next packed bytes, when all before were used up. Borrowed until then. */
void inflater_give(struct inflater *in, const void *bytes, size_t n);

/* Unpacks up to `n` bytes; fewer when all that was given is used up. False: it is not packed so, or
 * damaged, behind the bytes that it got; then only inflater_restart and inflater_free. */
bool inflater_take(struct inflater *in, void *to, size_t n, size_t *got) MUST_CHECK;

/* Do whole frames make up all that was used, with right checksums, and is there one at least? */
bool inflater_ended(const struct inflater *in);

#endif
