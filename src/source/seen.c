/* SPDX-License-Identifier: MIT */
#include "source/seen.h"

#include <stdlib.h>
#include <string.h>

void seen_release(struct seen *s)
{
	free(s->at);
	*s = (struct seen){0};
}

/* The finaliser of splitmix64: every bit of the input reaches every bit of the output. */
static uint64_t mix(uint64_t x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

static struct seen_mark fingerprint(uint64_t device, uint64_t inode, const char *name,
				    uint32_t origin)
{
	size_t len = strlen(name);
	uint64_t a = mix(device + 0x9e3779b97f4a7c15u) ^ inode, b = mix(inode ^ len) + device;

	for (size_t i = 0; i < len; i += 8) {
		uint64_t word = 0;

		memcpy(&word, name + i, len - i < 8 ? len - i : 8);
		a = mix(a ^ word);
		b = mix(b + word * 0xd6e8feb86659fd93u);
	}
	return (struct seen_mark){mix(a), (uint32_t)mix(b ^ len), origin};
}

/* The place of `m`, or the empty one where it belongs. */
static struct seen_mark *find(const struct seen *s, const struct seen_mark *m)
{
	size_t i = (size_t)m->high & (s->room - 1);

	while (s->at[i].origin && (s->at[i].high != m->high || s->at[i].low != m->low))
		i = (i + 1) & (s->room - 1);
	return &s->at[i];
}

static bool grow(struct seen *s)
{
	struct seen more = {.room = s->room ? 2 * s->room : 256, .count = s->count};

	more.at = calloc(more.room, sizeof *more.at);
	if (!more.at)
		return false;
	for (size_t i = 0; i < s->room; i++) {
		if (s->at[i].origin)
			*find(&more, &s->at[i]) = s->at[i];
	}
	free(s->at);
	*s = more;
	return true;
}

enum seen_answer seen_add(struct seen *s, uint64_t device, uint64_t inode, const char *name,
			  uint32_t origin)
{
	struct seen_mark mark = fingerprint(device, inode, name, origin), *place;

	if (s->count >= s->room / 4 * 3 && !grow(s))
		return SEEN_NO_MEMORY;
	place = find(s, &mark);
	if (place->origin)
		return place->origin == origin ? SEEN_NEW : SEEN_BEFORE;
	*place = mark;
	s->count++;
	return SEEN_NEW;
}
