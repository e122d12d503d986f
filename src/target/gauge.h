/* SPDX-License-Identifier: MIT
 * How far a file is on its way: what the progress display adds to the files that are done. It
 * only ever grows, and a file never adds more than its size. Any number of threads. */
#ifndef TARGET_GAUGE_H
#define TARGET_GAUGE_H

#include "base/def.h"

#include <stdatomic.h>

/* Of one file, which goes to several targets one after the other: each is a lap. */
struct gauge {
	_Atomic uint64_t *total;  /* bytes of all files; the file's are added to it */
	uint64_t size;            /* bytes that the file adds when it is done */
	unsigned laps;            /* that it takes to be done */
	uint64_t from, most;      /* bytes: where in all of the laps the move begins, and its length */
	_Atomic int64_t moved;    /* bytes, since then; back again where a transfer begins anew */
	_Atomic uint64_t counted; /* bytes of `total` that are the file's */
};

/* A file of `size` bytes is begun. */
void gauge_init(struct gauge *g, _Atomic uint64_t *total, uint64_t size, unsigned laps);

/* What was counted stays so. The bytes [offset, offset + most) of the file are moved next, in lap number `lap` from 0.
 * What lies past the end of the file does not count. */
void gauge_begin(struct gauge *g, unsigned lap, uint64_t offset, uint64_t most);

/* So many bytes were moved, or, below 0, have to be moved again: then the total waits until
 * they are where they were. NULL: nobody wants to know. */
void gauge_move(struct gauge *g, int64_t bytes);

/* `part` bytes of a body of `whole` bytes, in bytes of the `plain` ones that the body is made
 * of: it may be packed. */
uint64_t gauge_share(uint64_t part, uint64_t whole, uint64_t plain);

/* The file is done: what is missing to its size is added. */
void gauge_end(struct gauge *g);

#endif
