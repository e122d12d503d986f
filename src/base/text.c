/* SPDX-License-Identifier: MIT */
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *hex(char *to, const uint8_t *bytes, size_t n, const char *digits)
{
	for (size_t i = 0; i < n; i++) {
		*to++ = digits[bytes[i] >> 4];
		*to++ = digits[bytes[i] & 15];
	}
	*to = '\0';
	return to;
}

char *text_hex_lower(char *to, const uint8_t *bytes, size_t n)
{
	return hex(to, bytes, n, "0123456789abcdef");
}

char *text_hex_upper(char *to, const uint8_t *bytes, size_t n)
{
	return hex(to, bytes, n, "0123456789ABCDEF");
}

char *text_hex_number(char *to, uint64_t number, unsigned digits)
{
	while (digits < 16 && number >> 4 * digits)
		digits++;
	while (digits-- > 0)
		*to++ = "0123456789abcdef"[number >> 4 * digits & 15];
	*to = '\0';
	return to;
}

char *text_copy(const char *text, size_t len)
{
	char *to = malloc(len + 1);

	if (!to)
		return NULL;
	memcpy(to, text, len);
	to[len] = '\0';
	return to;
}

void text_decode(char *text)
{
	char *to = text;
	uint8_t byte;

	for (const char *from = text; *from; from++) {
		*to = *from;
		if (*from == '%' && from[1] && text_hex_bytes(from + 1, &byte, 1) && byte) {
			*to = (char)byte;
			from += 2;
		}
		to++;
	}
	*to = '\0';
}

char *text_put(char *to, const char *end, const char *from)
{
	size_t room = (size_t)(end - to) - 1, len = (size_t)min_u64(strlen(from), room);

	memcpy(to, from, len);
	to[len] = '\0';
	return to + len;
}

void bytes_wipe(void *bytes, size_t n)
{
	for (volatile char *c = bytes; n > 0; n--)
		*c++ = '\0';
}

void text_wipe(char *text)
{
	bytes_wipe(text, text ? strlen(text) : 0);
}

void text_forget(char *text)
{
	text_wipe(text);
	free(text);
}

char *text_hide_at(char *at, size_t len)
{
	static const char instead[] = {'.', '.', '.'};
	char *behind = at + sizeof instead;

	memcpy(at, instead, sizeof instead);
	memmove(behind, at + len, strlen(at + len) + 1);
	return behind;
}

void text_hide(char *text, const char *secret)
{
	enum { SECRET_MIN = 4 };
	size_t len = secret ? strlen(secret) : 0;

	if (len < SECRET_MIN)
		return;
	while (text && (text = strstr(text, secret)))
		text = text_hide_at(text, len);
}

bool text_is_unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '.' || c == '_' || c == '~';
}

int text_hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = text_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool text_hex_bytes(const char *digits, uint8_t *to, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int high = text_hex_value(digits[2 * i]);
		int low = high < 0 ? -1 : text_hex_value(digits[2 * i + 1]);

		if (low < 0)
			return false;
		to[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

void text_base64(char *to, const void *bytes, size_t n)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const uint8_t *at = bytes;

	for (; n > 0; at += 3, to += 4) {
		uint32_t group = (uint32_t)at[0] << 16;

		group |= n > 1 ? (uint32_t)at[1] << 8 : 0;
		group |= n > 2 ? at[2] : 0u;
		to[0] = digits[group >> 18];
		to[1] = digits[group >> 12 & 63];
		to[2] = n > 1 ? digits[group >> 6 & 63] : '=';
		to[3] = n > 2 ? digits[group & 63] : '=';
		n -= n < 3 ? n : 3;
	}
	*to = '\0';
}

char text_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

char text_upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

void text_lower_all(char *text)
{
	for (; *text; text++)
		*text = text_lower(*text);
}

void text_upper_all(char *text)
{
	for (; *text; text++)
		*text = text_upper(*text);
}

bool text_is(const char *text, size_t len, const char *word)
{
	return len == strlen(word) && memcmp(text, word, len) == 0;
}

bool text_same_nocase(const char *a, const char *b)
{
	while (*a && text_lower(*a) == text_lower(*b)) {
		a++;
		b++;
	}
	return text_lower(*a) == text_lower(*b);
}

bool text_starts_nocase(const char *text, const char *beginning)
{
	while (*beginning && text_lower(*text) == text_lower(*beginning)) {
		text++;
		beginning++;
	}
	return *beginning == '\0';
}

bool text_ends_nocase(const char *text, const char *ending)
{
	size_t len = strlen(text), end = strlen(ending);

	return len >= end && text_same_nocase(text + len - end, ending);
}

const char *text_last_component(const char *path, size_t len, size_t *out_len)
{
	size_t start = len;

	while (start > 0 && path[start - 1] != '/' && path[start - 1] != '\\')
		start--;
	*out_len = len - start;
	return path + start;
}

const char *text_file_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

size_t text_mark(const char *text, size_t len)
{
	return len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

bool text_is_inside(char c)
{
	return ((uint8_t)c & 0xc0) == 0x80;
}

size_t text_utf8_len(const char *text, size_t len)
{
	uint8_t lead, second;
	size_t n;

	if (len == 0)
		return 0;
	lead = (uint8_t)text[0];
	if (lead < 0x80)
		return 1;
	n = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
	if (lead < 0xc2 || lead > 0xf4 || len < n)
		return 0;
	for (size_t i = 1; i < n; i++)
		if (!text_is_inside(text[i]))
			return 0;
	second = (uint8_t)text[1];
	if ((lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) ||
	    (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f))
		return 0;
	return n;
}

bool text_is_utf8(const char *text, size_t len)
{
	while (len > 0) {
		size_t n = (uint8_t)*text < 0x80 ? 1 : text_utf8_len(text, len);

		if (n == 0)
			return false;
		text += n;
		len -= n;
	}
	return true;
}

int text_fit(const char *text, size_t max)
{
	size_t n = strnlen(text, max), last = n;

	if (text[n] == '\0')
		return (int)n;
	while (last > 0 && n - last < 3 && text_is_inside(text[last - 1]))
		last--;
	if (last > 0 && (uint8_t)text[last - 1] >= 0xc0 && text_utf8_len(text + last - 1, n - last + 1) == 0)
		n = last - 1;
	return (int)n;
}

bool text_is_control(const char *text)
{
	uint8_t first = (uint8_t)text[0];

	return first < 0x20 || first == 0x7f || (first == 0xc2 && (uint8_t)text[1] < 0xa0);
}

bool text_is_log_command(const char *text, size_t len)
{
	static const char *const heads[] = {"##[", "##vso[", "##teamcity["};

	for (size_t i = 0; i < ARRAY_LEN(heads); i++)
		if (strlen(heads[i]) <= len && memcmp(text, heads[i], strlen(heads[i])) == 0)
			return true;
	return false;
}

/* Is it shown as it is, whatever stands around it? `#` and `:` can begin a log command. */
static bool is_harmless(char c)
{
	return c >= ' ' && c <= '~' && c != '#' && c != ':';
}

/* Is the character of `n` bytes one that is not seen, and turns the order in which others are shown,
 * or begins a line (Unicode Standard Annex 9; U+2028, U+2029)? */
static bool turns_order(const char *text, size_t n)
{
	static const struct {
		const char *first, *last;
	} ranges[] = {{"\xd8\x9c", "\xd8\x9c"},
		      {"\xe2\x80\x8e", "\xe2\x80\x8f"},
		      {"\xe2\x80\xa8", "\xe2\x80\xae"},
		      {"\xe2\x81\xa6", "\xe2\x81\xa9"}};

	for (size_t i = 0; i < ARRAY_LEN(ranges); i++)
		if (n == strlen(ranges[i].first) && memcmp(text, ranges[i].first, n) >= 0 &&
		    memcmp(text, ranges[i].last, n) <= 0)
			return true;
	return false;
}

void text_shown(char *to, size_t size, const char *text, size_t len)
{
	bool begun = false; /* with a character that no reader of a log trims */
	size_t used = 0;

	while (len > 0) {
		bool harmless = is_harmless(*text);
		size_t n = harmless ? 1 : text_utf8_len(text, len);
		char escape[5];
		const char *piece = text;
		size_t piece_len = n;

		if (!harmless &&
		    (n == 0 || text_is_control(text) || turns_order(text, n) || text_is_log_command(text, len) ||
		     (!begun && len >= 2 && memcmp(text, "::", 2) == 0))) {
			snprintf(escape, sizeof escape, "\\x%02x", (unsigned)(uint8_t)text[0]);
			piece = escape;
			piece_len = 4;
			n = 1;
		}
		if (used + piece_len + 1 > size)
			break;
		begun |= *piece > ' ' && *piece <= '~';
		memcpy(to + used, piece, piece_len);
		used += piece_len;
		text += n;
		len -= n;
	}
	if (size > 0)
		to[used] = '\0';
}
