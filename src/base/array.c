/* SPDX-License-Identifier: MIT */
#include "base/array.h"

#include <stdlib.h>

void *array_grow(void *array, size_t *room, size_t count, size_t size)
{
	size_t more = *room ? *room : 16;
	void *larger;

	while (more < count && more <= SIZE_MAX / 2)
		more *= 2;
	larger = more < count || more > SIZE_MAX / size ? NULL : realloc(array, more * size);
	if (larger)
		*room = more;
	return larger;
}
