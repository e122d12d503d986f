/* SPDX-License-Identifier: MIT
 * Open addressing: the row of a hash stands where its low bits say, or behind those that stand
 * there already. */
#include "base/table.h"

#include <stdlib.h>
#include <string.h>

enum { ROOM_AT_FIRST = 256 }; /* a power of two */

static uint64_t *row_at(const struct table *t, size_t i)
{
	return (uint64_t *)(void *)((char *)t->rows + i * t->row_size);
}

/* The row that has the hash, or the free one where it belongs. */
static uint64_t *row_for(const struct table *t, uint64_t hash)
{
	size_t i = (size_t)hash & (t->room - 1);

	while (*row_at(t, i) != 0 && *row_at(t, i) != hash)
		i = (i + 1) & (t->room - 1);
	return row_at(t, i);
}

/* Makes room for one more, if a quarter would not stay free. */
static bool grow(struct table *t)
{
	struct table larger = {.row_size = t->row_size, .count = t->count};

	if (t->count < t->room - t->room / 4)
		return true;
	larger.room = t->room ? 2 * t->room : ROOM_AT_FIRST;
	larger.rows = calloc(larger.room, larger.row_size);
	if (!larger.rows)
		return false;
	for (size_t i = 0; i < t->room; i++)
		if (*row_at(t, i))
			memcpy(row_for(&larger, *row_at(t, i)), row_at(t, i), t->row_size);
	free(t->rows);
	*t = larger;
	return true;
}

void *table_find(const struct table *t, uint64_t hash)
{
	uint64_t *row = t->room ? row_for(t, hash) : NULL;

	return row && *row ? row : NULL;
}

void *table_add(struct table *t, uint64_t hash)
{
	uint64_t *row = table_find(t, hash);

	if (row)
		return row;
	if (!grow(t))
		return NULL;
	row = row_for(t, hash);
	*row = hash;
	t->count++;
	return row;
}

void table_release(struct table *t)
{
	free(t->rows);
	*t = (struct table){.row_size = t->row_size};
}
