/* SPDX-License-Identifier: MIT */
#include "base/buf.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buf_release(struct buf *b)
{
	size_t max = b->max;

	free(b->data);
	*b = (struct buf)BUF_MAX(max);
}

void buf_forget(struct buf *b)
{
	bytes_wipe(b->data, b->size);
	buf_release(b);
}

void buf_clear(struct buf *b)
{
	b->size = 0;
	b->failed = false;
	if (b->data)
		b->data[0] = '\0';
}

void buf_cut(struct buf *b, size_t size)
{
	if (size >= b->size)
		return;
	b->size = size;
	b->data[size] = '\0';
}

static bool grow(struct buf *b, size_t n)
{
	size_t room = b->room ? b->room : 64;
	char *data;

	while (room <= b->size + n)
		room *= 2;
	data = realloc(b->data, room);
	if (!data) {
		b->failed = true;
		return false;
	}
	b->data = data;
	b->room = room;
	return true;
}

/* Room for `n` more bytes and a NUL. */
static bool reserve(struct buf *b, size_t n)
{
	if (b->failed || n > b->max || b->size > b->max - n) {
		b->failed = true;
		return false;
	}
	return n < b->room - b->size || grow(b, n);
}

void buf_reserve(struct buf *b, size_t n)
{
	size_t left = b->max - b->size;

	if (reserve(b, n < left ? n : left))
		b->data[b->size] = '\0';
}

void buf_add(struct buf *b, const void *bytes, size_t n)
{
	if (!reserve(b, n))
		return;
	if (n > 0)
		memcpy(b->data + b->size, bytes, n);
	b->size += n;
	b->data[b->size] = '\0';
}

void buf_add_text(struct buf *b, const char *text)
{
	buf_add(b, text, strlen(text));
}

void buf_add_char(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void buf_add_tail(struct buf *b, const void *bytes, size_t n)
{
	size_t skip = n > b->max ? n - b->max : 0;
	size_t drop = n - skip > b->max - b->size ? n - skip - (b->max - b->size) : 0;

	if (drop > 0) {
		memmove(b->data, b->data + drop, b->size - drop);
		b->size -= drop;
	}
	buf_add(b, (const char *)bytes + skip, n - skip);
}

void buf_add_encoded(struct buf *b, const char *text, size_t n, const char *also)
{
	const char *end = text + n;

	while (text < end) {
		const char *from = text;
		char hex[3];

		while (text < end && (text_is_unreserved(*text) || (*text && strchr(also, *text))))
			text++;
		buf_add(b, from, (size_t)(text - from));
		if (text == end)
			break;
		text_hex_upper(hex, (const uint8_t *)text++, 1);
		buf_add_char(b, '%');
		buf_add(b, hex, 2);
	}
}

void buf_printf(struct buf *b, const char *format, ...)
{
	size_t free_bytes = b->room - b->size;
	va_list args, again;
	int n;

	va_start(args, format);
	va_copy(again, args);
	n = vsnprintf(b->data ? b->data + b->size : NULL, free_bytes, format, args);
	va_end(args);
	if (n < 0)
		b->failed = true;
	else if (reserve(b, (size_t)n)) {
		if ((size_t)n >= free_bytes)
			vsnprintf(b->data + b->size, (size_t)n + 1, format, again);
		b->size += (size_t)n;
	} else if (b->data) {
		b->data[b->size] = '\0';
	}
	va_end(again);
}
