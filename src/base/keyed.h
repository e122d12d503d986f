/* SPDX-License-Identifier: MIT
 * Numbers by hashes, for lists with one row for every path or file of a run: a table that is searched
 * while it grows has up to three times the room that it needs; a list that is sorted once it is whole
 * has what it needs. */
#ifndef BASE_KEYED_H
#define BASE_KEYED_H

#include "base/def.h"

/* No byte of it is padding: there are many. */
struct __attribute__((packed, aligned(4))) keyed {
	uint64_t key; /* a hash */
	uint32_t number;
};
_Static_assert(sizeof(struct keyed) == 12, "no padding");

/* Sorts by key, and rows of one key by number; in place (qsort() may take as much memory again). */
void keyed_sort(struct keyed *rows, size_t count);

/* Of sorted rows the first that has the key; where none has, one that has another, or their end. */
const struct keyed *keyed_find(const struct keyed *rows, size_t count, uint64_t key);

#endif
