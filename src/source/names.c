/* SPDX-License-Identifier: MIT */
#include "source/names.h"

#include <stdlib.h>
#include <string.h>

void names_release(struct names *n)
{
	free(n->at);
	free(n->bytes);
	*n = (struct names){0};
}

void names_clear(struct names *n)
{
	n->count = 0;
	n->bytes_used = 0;
}

/* Doubles until `need` elements of `size` bytes fit. */
static bool grow(void **memory, size_t *room, size_t need, size_t size)
{
	size_t more = *room ? *room : 16;
	void *grown;

	while (more < need)
		more *= 2;
	if (more == *room)
		return true;
	grown = realloc(*memory, more * size);
	if (!grown)
		return false;
	*memory = grown;
	*room = more;
	return true;
}

bool names_add(struct names *n, const char *text, uint8_t tag)
{
	size_t len = strlen(text) + 1;
	void *at = n->at, *bytes = n->bytes;
	bool good = grow(&at, &n->room, n->count + 1, sizeof *n->at) &&
		    grow(&bytes, &n->bytes_room, n->bytes_used + len, 1);

	n->at = at;
	n->bytes = bytes;
	if (!good)
		return false;
	memcpy(n->bytes + n->bytes_used, text, len);
	n->at[n->count++] = (struct name){.offset = n->bytes_used, .tag = tag};
	n->bytes_used += len;
	return true;
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct name *)a)->text, ((const struct name *)b)->text);
}

void names_sort(struct names *n)
{
	for (size_t i = 0; i < n->count; i++)
		n->at[i].text = n->bytes + n->at[i].offset;
	if (n->count > 1)
		qsort(n->at, n->count, sizeof *n->at, compare);
}
