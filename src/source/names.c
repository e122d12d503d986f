/* SPDX-License-Identifier: MIT */
#include "source/names.h"

#include "base/array.h"

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

bool names_add(struct names *n, const char *text, uint8_t tag)
{
	size_t len = strlen(text) + 1;
	struct name *at = array_fit(n->at, &n->room, n->count + 1, sizeof *at);
	char *bytes = array_fit(n->bytes, &n->bytes_room, n->bytes_used + len, 1);

	n->at = at ? at : n->at;
	n->bytes = bytes ? bytes : n->bytes;
	if (!at || !bytes)
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
