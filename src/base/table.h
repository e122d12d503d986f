/* SPDX-License-Identifier: MIT
 * Rows that are found by a hash of 64 bits (base/hash.h). Two things with the same hash are taken
 * for one; among ten million things the chance that any two have is 1 in 370,000. */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include "base/def.h"

/* TABLE_OF(type) is ready for use. A row begins with its hash, a uint64_t, which is never 0;
 * a free one is all zeros. */
struct table {
	void *rows;
	size_t row_size;    /* bytes */
	size_t room, count; /* rows */
};

#define TABLE_OF(type) {.row_size = sizeof(type)}

/* The row of a hash, or NULL. Valid until the next table_add(). */
void *table_find(const struct table *t, uint64_t hash);

/* The row of a hash; where there is none, a new one, all zeros behind the hash. NULL: out of memory. */
void *table_add(struct table *t, uint64_t hash);

/* Empties the table, which is ready for use again. */
void table_release(struct table *t);

#endif
