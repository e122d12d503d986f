/* SPDX-License-Identifier: MIT */
#include "cli/package_json.h"

#include "base/err.h"
#include "base/limits.h"
#include "os/os.h"
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

static enum sym_status read_all(os_file file, uint64_t size, struct package_json *out,
				struct sym_err *err)
{
	char *text;
	size_t got;
	enum sym_status status;

	if (size > CONFIG_BYTES_MAX)
		return err_set(err, SYM_USAGE, PACKAGE_JSON " is larger than %u bytes", CONFIG_BYTES_MAX);
	text = malloc((size_t)size + 1);
	if (!text)
		return err_set(err, SYM_NOMEM, "out of memory");
	status = os_read_at(file, 0, text, (size_t)size, &got, err);
	if (status == SYM_OK)
		status = parse(text, got, out, err);
	free(text);
	return status;
}

enum sym_status package_json_read(struct package_json *out, struct sym_err *err)
{
	struct os_stat st;
	os_file file;
	enum sym_status status = os_open(NULL, PACKAGE_JSON, OS_FOLLOW, &file, &st, err);

	*out = (struct package_json){0};
	if (status == SYM_NOT_FOUND)
		return SYM_OK;
	if (status != SYM_OK)
		return err_prefix(err, PACKAGE_JSON);
	status = read_all(file, st.size, out, err);
	os_close_quietly(file);
	return status;
}

void package_json_release(struct package_json *p)
{
	free(p->name);
	free(p->version);
	free(p->database);
	*p = (struct package_json){0};
}
