/* SPDX-License-Identifier: MIT
 * Arrays on the heap that grow by doubling. An empty one is NULL, with room for 0. */
#ifndef BASE_ARRAY_H
#define BASE_ARRAY_H

#include "base/def.h"

/* array_fit() where there is not room enough yet. */
void *array_grow(void *array, size_t *room, size_t count, size_t size);

/* Makes room for `count` (not 0) elements of `size` bytes each. Answers the array, which may have
 * moved; `*room` is what it has room for. NULL: out of memory, and `array` stays as it was. */
static inline void *array_fit(void *array, size_t *room, size_t count, size_t size)
{
	return count <= *room ? array : array_grow(array, room, count, size);
}

#endif
