/* SPDX-License-Identifier: MIT */
#include "cli/package_json.h"

#include "base/err.h"
#include "base/limits.h"
#include "cli/config.h"
#include "target/json_read.h"

#include <stdlib.h>
#include <string.h>

#define PACKAGE_JSON "package.json"

static void drop_empty(char **text)
{
	if (!*text || **text)
		return;
	free(*text);
	*text = NULL;
}

static enum sym_status parse(const char *text, size_t size, struct package_json *out,
			     struct sym_err *err)
{
	const struct json_want wants[] = {
		{"name", &out->name},
		{"version", &out->version},
		{"database", &out->database},
	};
	size_t bom = size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
	enum sym_status status = json_read(text + bom, size - bom, wants, ARRAY_LEN(wants), err);

	for (size_t i = 0; i < ARRAY_LEN(wants); i++)
		drop_empty(wants[i].text);
	if (status == SYM_MALFORMED)
		err->status = SYM_USAGE;
	return status == SYM_OK ? SYM_OK : err_prefix(err, PACKAGE_JSON);
}

enum sym_status package_json_read(struct package_json *out, struct sym_err *err)
{
	struct buf text = BUF_MAX(CONFIG_BYTES_MAX);
	enum sym_status status = config_load(PACKAGE_JSON, &text, err);

	*out = (struct package_json){0};
	if (status == SYM_OK)
		status = parse(text.data ? text.data : "", text.size, out, err);
	else if (status == SYM_NOT_FOUND)
		status = SYM_OK;
	buf_release(&text);
	return status;
}

void package_json_release(struct package_json *p)
{
	free(p->name);
	free(p->version);
	free(p->database);
	*p = (struct package_json){0};
}
