/* SPDX-License-Identifier: MIT
 * Rows that are found by a hash of 64 bits (base/hash.h). Two things with one hash are taken
 * for one: among some millions they meet by chance less often than a disk lies. */
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

/* The row of a hash, or NULL. Until the next table_add. */
void *table_find(const struct table *t, uint64_t hash);

/* The same; a new one, zeros behind its hash, where there was none. NULL: out of memory. */
void *table_add(struct table *t, uint64_t hash);

/* It is empty then, and ready for use. */
void table_release(struct table *t);

#endif
