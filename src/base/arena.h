/* SPDX-License-Identifier: MIT
 * Memory that is only given back as a whole: for what grows with the number of
 * files and lives as long as the run. Not thread safe: one arena, one owner. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/def.h"

struct arena_block;

struct arena {
	struct arena_block *blocks; /* newest first */
	size_t used;                /* bytes used of the newest */
};

#define ARENA_ITEM_MAX (32u << 10) /* bytes: the largest piece */

/* `size` bytes, valid until arena_release(); aligned to 8 where `size` is a multiple of 8, else not
 * at all. NULL when out of memory or beyond ARENA_ITEM_MAX. An arena that is all zeros is empty. */
void *arena_take(struct arena *a, size_t size);

/* A copy of `size` bytes. NULL when out of memory. */
void *arena_copy(struct arena *a, const void *bytes, size_t size);

/* A NUL-terminated copy of `len` bytes. NULL when out of memory. */
char *arena_text(struct arena *a, const char *text, size_t len);

/* Frees all pieces; the arena is empty then. */
void arena_release(struct arena *a);

#endif
