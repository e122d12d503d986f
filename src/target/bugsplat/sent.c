/* SPDX-License-Identifier: MIT */
#include "target/bugsplat/sent.h"

#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

static struct bugsplat_sent_row *row_for(struct bugsplat_sent_row *rows, size_t room, uint64_t path)
{
	size_t i = (size_t)path & (room - 1);

	while (rows[i].path && rows[i].path != path)
		i = (i + 1) & (room - 1);
	return &rows[i];
}

static bool make_room(struct bugsplat_sent *s)
{
	size_t room = s->room ? 2 * s->room : 256;
	struct bugsplat_sent_row *rows;

	if (s->room > 0 && s->count < s->room - s->room / 4)
		return true;
	rows = calloc(room, sizeof *rows);
	if (!rows)
		return false;
	for (size_t i = 0; i < s->room; i++)
		if (s->rows[i].path)
			*row_for(rows, room, s->rows[i].path) = s->rows[i];
	free(s->rows);
	s->rows = rows;
	s->room = room;
	return true;
}

void bugsplat_sent_add(struct bugsplat_sent *s, const char *path, const uint8_t sha256[32])
{
	uint64_t hash = hash_text(HASH_START, path);
	struct bugsplat_sent_row *row;

	if (!make_room(s))
		return;
	row = row_for(s->rows, s->room, hash);
	s->count += row->path == 0;
	row->path = hash;
	memcpy(&row->bytes, sha256, sizeof row->bytes);
}

enum bugsplat_known bugsplat_sent_find(const struct bugsplat_sent *s, const char *path,
				       const uint8_t sha256[32])
{
	uint64_t hash = hash_text(HASH_START, path);
	const struct bugsplat_sent_row *row;

	if (s->room == 0)
		return SENT_NOTHING;
	row = row_for(s->rows, s->room, hash);
	if (!row->path)
		return SENT_NOTHING;
	return memcmp(&row->bytes, sha256, sizeof row->bytes) == 0 ? SENT_SAME : SENT_OTHER;
}

void bugsplat_sent_release(struct bugsplat_sent *s)
{
	free(s->rows);
	*s = (struct bugsplat_sent){0};
}
