/* SPDX-License-Identifier: MIT */
#include "target/s3/aws_json.h"

#include "base/err.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const json_t *find(const json_t *object, const char *name)
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
	char number[24];

	if (!json_is_string(value) && !json_is_integer(value))
		return true;
	if (json_is_integer(value))
		snprintf(number, sizeof number, "%lld", (long long)json_integer_value(value));
	free(*text);
	*text = strdup(json_is_string(value) ? json_string_value(value) : number);
	return *text != NULL;
}

enum sym_status json_read(const char *text, size_t size, const struct json_want *wants,
			  size_t count, struct sym_err *err)
{
	json_t *object = json_loadb(text, size, 0, NULL); /* its words would quote secrets */
	bool kept = true;

	if (!json_is_object(object)) {
		json_decref(object);
		return err_set(err, SYM_MALFORMED, "it is not a JSON object");
	}
	for (size_t i = 0; i < count; i++)
		kept = kept && keep(find(object, wants[i].name), wants[i].text);
	json_decref(object);
	return kept ? SYM_OK : err_set(err, SYM_NOMEM, "out of memory");
}
