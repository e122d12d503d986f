/* SPDX-License-Identifier: MIT */
#include "base/arena.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES (64u << 10)

struct arena_block {
	struct arena_block *older;
	_Alignas(8) unsigned char bytes[BLOCK_BYTES - 16];
};

void *arena_take(struct arena *a, size_t size)
{
	size_t at = size % 8 == 0 ? (a->used + 7) & ~(size_t)7 : a->used;

	if (size > ARENA_ITEM_MAX)
		return NULL;
	if (!a->blocks || at + size > sizeof a->blocks->bytes) {
		struct arena_block *block = malloc(sizeof *block);

		if (!block)
			return NULL;
		block->older = a->blocks;
		a->blocks = block;
		at = 0;
	}
	a->used = at + size;
	return a->blocks->bytes + at;
}

void *arena_copy(struct arena *a, const void *bytes, size_t size)
{
	void *to = arena_take(a, size);

	if (to && size > 0)
		memcpy(to, bytes, size);
	return to;
}

char *arena_text(struct arena *a, const char *text, size_t len)
{
	char *to = arena_take(a, len + 1);

	if (to) {
		memcpy(to, text, len);
		to[len] = '\0';
	}
	return to;
}

void arena_release(struct arena *a)
{
	while (a->blocks) {
		struct arena_block *older = a->blocks->older;

		free(a->blocks);
		a->blocks = older;
	}
	a->used = 0;
}
