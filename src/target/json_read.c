/* SPDX-License-Identifier: MIT */
#include "target/json_read.h"

#include "base/err.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const json_t *member(const json_t *object, const char *name)
{
	char first[64];
	const char *dot = strchr(name, '.');

	if (!dot)
		return json_object_get(object, name);
	snprintf(first, sizeof first, "%.*s", (int)(dot - name), name);
	return json_object_get(json_object_get(object, first), dot + 1);
}

static bool keep(const json_t *value, char **text)
{
	char number[32];

	if (json_is_integer(value))
		snprintf(number, sizeof number, "%lld", (long long)json_integer_value(value));
	else if (json_is_real(value))
		snprintf(number, sizeof number, "%.17g", json_real_value(value));
	else if (!json_is_string(value))
		return true;
	free(*text);
	*text = strdup(json_is_string(value) ? json_string_value(value) : number);
	return *text != NULL;
}

enum sym_status json_read(const char *text, size_t size, const struct json_want *wants,
			  size_t count, struct sym_err *err)
{
	json_error_t where;
	json_t *object = json_loadb(text ? text : "", size, 0, &where);
	bool kept = true;

	if (!object)
		return err_set(err, SYM_MALFORMED, "it is not JSON (line %d, column %d)", where.line, where.column);
	if (!json_is_object(object)) {
		json_decref(object);
		return err_set(err, SYM_MALFORMED, "it is not a JSON object");
	}
	for (size_t i = 0; i < count; i++)
		kept = kept && keep(member(object, wants[i].name), wants[i].text);
	json_decref(object);
	return kept ? SYM_OK : err_set(err, SYM_NOMEM, "out of memory");
}

/* jansson itself ends the depth. */
static const char *find(json_t *value, const char *name)
{
	const char *text = json_string_value(json_object_get(value, name)), *key;
	json_t *inner;
	size_t i;

	if (text)
		return text;
	json_object_foreach(value, key, inner)
		if ((text = find(inner, name)))
			return text;
	json_array_foreach(value, i, inner)
		if ((text = find(inner, name)))
			return text;
	return NULL;
}

char *json_find_text(const char *text, size_t size, const char *name)
{
	json_t *value = json_loadb(text, size, 0, NULL);
	const char *found = find(value, name);
	char *copy = found ? strdup(found) : NULL;

	json_decref(value);
	return copy;
}
