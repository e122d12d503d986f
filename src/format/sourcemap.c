/* SPDX-License-Identifier: MIT
 * Source maps of JavaScript (ECMA-426): a JSON object with "version": 3 and at least
 * one of the other keys below. They have no identifier; only BugSplat takes them. Known
 * by the keys of the outermost object that the first 8 KiB show, or where keys are sorted by the
 * version at the very end; and whole where the file ends with its brace. */
#include "format/format.h"

#include "base/text.h"

#include <string.h>

enum { TAIL_BYTES = 4096 };

struct json {
	const char *text; /* borrowed: the head of the file */
	size_t size, pos; /* a string that the head cuts can leave `pos` beyond `size` */
};

static void skip_blanks(struct json *json)
{
	while (json->pos < json->size && json->text[json->pos] &&
	       strchr(" \t\r\n", json->text[json->pos]))
		json->pos++;
}

static bool take_char(struct json *json, char c)
{
	skip_blanks(json);
	if (json->pos >= json->size || json->text[json->pos] != c)
		return false;
	json->pos++;
	return true;
}

static bool take_prefix(struct json *json, const char *prefix)
{
	size_t n = strlen(prefix);

	if (!range_ok(json->pos, n, json->size) || memcmp(json->text + json->pos, prefix, n) != 0)
		return false;
	json->pos += n;
	return true;
}

/* Takes a string with its quotes; false where there is none, or the head ends within. */
static bool take_string(struct json *json, const char **text, size_t *len)
{
	size_t start;

	if (!take_char(json, '"'))
		return false;
	start = json->pos;
	for (; json->pos < json->size; json->pos++) {
		if (json->text[json->pos] == '\\') {
			json->pos++;
		} else if (json->text[json->pos] == '"') {
			*text = json->text + start;
			*len = json->pos++ - start;
			return true;
		}
	}
	return false;
}

/* Moves to the comma or brace behind the next value; false where the head ends first. */
static bool skip_value(struct json *json)
{
	unsigned depth = 0;
	const char *text;
	size_t len;

	for (skip_blanks(json); json->pos < json->size; skip_blanks(json)) {
		char c = json->text[json->pos];

		if (depth == 0 && (c == ',' || c == '}'))
			return true;
		if (c == '"') {
			if (!take_string(json, &text, &len))
				return false;
			continue;
		}
		if (c == '{' || c == '[')
			depth++;
		if ((c == '}' || c == ']') && depth > 0)
			depth--;
		json->pos++;
	}
	return false;
}

/* The number 3 and nothing behind it. */
static bool is_three(struct json json)
{
	return take_char(&json, '3') && (take_char(&json, ',') || take_char(&json, '}'));
}

/* One such key is enough: the first member can fill the head of the file, as "names" does in maps
 * that Terser and Babel write. */
static bool is_map_key(const char *key, size_t len)
{
	static const char *const keys[] = {"mappings", "sources", "sections", "names", "sourcesContent"};

	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (text_is(key, len, keys[i]))
			return true;
	return false;
}

/* Is it an object with the keys of a source map? Some servers put ")]}'" on a line in
 * front, so that a page cannot run it as a script. `*open`: but for the version, behind which
 * the head did not come. */
static bool is_source_map(struct json *json, bool *open)
{
	bool version = false, map = false;
	const char *key;
	size_t len;

	take_prefix(json, "\xEF\xBB\xBF");
	if (take_prefix(json, ")]}"))
		while (json->pos < json->size && json->text[json->pos] != '\n')
			json->pos++;
	if (!take_char(json, '{'))
		return false;
	while (take_string(json, &key, &len) && take_char(json, ':')) {
		if (text_is(key, len, "version"))
			version = is_three(*json);
		else if (is_map_key(key, len))
			map = true;
		if (version && map)
			return true;
		if (!skip_value(json)) {
			*open = map;
			return false;
		}
		if (!take_char(json, ','))
			return false;
	}
	return false;
}

/* Does the text end in `word` and blanks? Then it is shorter by these. */
static bool take_back(const char *text, size_t *size, const char *word)
{
	size_t len = strlen(word), n = *size;

	while (n > 0 && (text[n - 1] == ' ' || (text[n - 1] >= '\t' && text[n - 1] <= '\r')))
		n--;
	if (n < len || memcmp(text + n - len, word, len) != 0)
		return false;
	*size = n - len;
	return true;
}

static bool ends_with(struct blob *blob, const char *const words[], size_t count)
{
	size_t n = (size_t)min_u64(blob->size, TAIL_BYTES);
	struct reader r = blob_view(blob, blob->size - n, n);
	const char *tail = (const char *)reader_bytes(&r, n);

	for (size_t i = 0; i < count; i++)
		if (!tail || !take_back(tail, &n, words[i]))
			return false;
	return true;
}

static enum sym_status identify(struct blob *blob, const struct identity_sink *sink,
				struct sym_err *err)
{
	static const char *const end[] = {"}", "3", ":", "\"version\""}; /* from behind */
	struct reader r = blob_view_some(blob, 0, 1);
	bool open = false;
	uint8_t first = reader_u8(&r);
	struct json json = {0};
	struct sym_identity id;

	if (r.bad || !first || !strchr(" \t\r\n{)\xEF", first))
		return SYM_NOT_MINE;
	r = blob_view_some(blob, 0, BLOB_WINDOW_BYTES);
	json.size = reader_left(&r);
	json.text = (const char *)reader_bytes(&r, json.size);
	if (!json.text || (!is_source_map(&json, &open) && !(open && ends_with(blob, end, ARRAY_LEN(end)))))
		return SYM_NOT_MINE;
	if (!ends_with(blob, end, 1))
		return err_at(err, SYM_MALFORMED, blob->size, "the source map is cut short: its last brace is missing");
	identity_start(&id, SYM_SOURCEMAP, blob);
	id.has = SYM_HAS_DEBUG;
	return sink->found(sink->ctx, &id);
}

const struct format sourcemap_format = {.name = "sourcemap", .title = "source map", .identify = identify};
