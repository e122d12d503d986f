/* SPDX-License-Identifier: MIT */
#include "target/admin/refs.h"

#include <string.h>

/* The first comma at or behind `from`, or NULL. */
static const char *comma(const char *from, const char *end)
{
	return from && from < end ? memchr(from, ',', (size_t)(end - from)) : NULL;
}

static void read_path(struct refs_line *line, const char *from, const char *end)
{
	bool quoted = from < end && *from == '"';
	const char *stop;

	from += quoted;
	stop = memchr(from, quoted ? '"' : ',', (size_t)(end - from));
	line->path = from;
	line->path_len = (size_t)((stop ? stop : end) - from);
}

static void read_line(struct refs_line *line)
{
	const char *end = line->text + line->len;
	const char *kind = comma(line->text, end), *path = comma(kind ? kind + 1 : NULL, end);

	if (!path || !admin_is_line(line->text, line->len))
		return;
	line->pointer = path - kind == 4 && memcmp(kind, ",ptr", 4) == 0;
	if (!line->pointer && (path - kind != 5 || memcmp(kind, ",file", 5) != 0))
		return;
	line->id = admin_number(line->text, (size_t)(kind - line->text));
	read_path(line, path + 1, end);
}

bool refs_next(const struct buf *text, size_t *at, struct refs_line *out)
{
	while (*at < text->size) {
		const char *from = text->data + *at, *stop = memchr(from, '\n', text->size - *at);
		size_t len = stop ? (size_t)(stop - from) : text->size - *at;

		*at += len + (stop != NULL);
		while (len > 0 && from[len - 1] == '\r')
			len--;
		if (len == 0)
			continue;
		*out = (struct refs_line){.text = from, .len = len};
		read_line(out);
		return true;
	}
	return false;
}

void refs_add(struct buf *text, const char *line, size_t len)
{
	if (text->size > 0)
		buf_add_text(text, "\r\n");
	buf_add(text, line, len);
}

bool refs_has(const struct buf *text, uint64_t id)
{
	struct refs_line line;

	for (size_t at = 0; refs_next(text, &at, &line);)
		if (line.id == id)
			return true;
	return false;
}
