/* SPDX-License-Identifier: MIT */
#include "pipeline/json/line.h"

#include "base/err.h"
#include "base/limits.h"
#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct json json_line_open(struct buf *out)
{
	struct json j = {.out = out};

	json_open(&j, '{');
	return j;
}

void json_line_close(struct json *j)
{
	json_close(j, '}');
	buf_add_char(j->out, '\n');
}

void json_set_path(struct json *j, const char *path)
{
	size_t len = strlen(path);
	char *coded;

	json_name(j, "path");
	json_text(j, path);
	if (text_is_utf8(path, len))
		return;
	coded = malloc(TEXT_BASE64_SIZE(len));
	if (!coded)
		return;
	text_base64(coded, path, len);
	json_set_text(j, "path_base64", coded);
	free(coded);
}

void json_set_source(struct json *j, const char *path, size_t archive_len, const char *member)
{
	char archive[SOURCE_PATH_BYTES_MAX + 1];

	if (archive_len > 0) {
		memcpy(archive, path, archive_len);
		archive[archive_len] = '\0';
		member = path + archive_len + 1;
		path = archive;
	}
	json_set_path(j, path);
	json_set_text(j, "member", member);
}

void json_set_error(struct json *j, const char *name, const struct sym_err *err)
{
	json_name(j, name);
	json_open(j, '{');
	json_set_text(j, "code", status_word(err->status));
	json_set_text(j, "message", err->text);
	if (err->has_offset)
		json_set_number(j, "offset", err->offset);
	json_close(j, '}');
}

void json_add_want(struct json *j, const char *name, const struct sym_debug_id *debug,
		   const uint32_t *crc32)
{
	char text[KEY_ID_MAX];

	json_open(j, '{');
	json_set_text(j, "name", name);
	key_debug_text(debug, text);
	json_set_text(j, "debug_id", text);
	if (crc32) {
		snprintf(text, sizeof text, "%08" PRIx32, *crc32);
		json_set_text(j, "crc32", text);
	}
	json_close(j, '}');
}

void json_set_readers(struct json *j, unsigned mask)
{
	json_name(j, "reader");
	json_open(j, '[');
	for (size_t r = 0; r < key_reader_count; r++)
		if (mask & 1u << r)
			json_text(j, key_readers[r].name);
	json_close(j, ']');
}

void json_set_outcome(struct json *j, const struct parcel_path *at)
{
	json_set_text(j, "key", at->path);
	json_set_readers(j, at->readers);
	json_set_text(j, "action", action_word(at->action));
}

void json_set_seconds(struct json *j, uint64_t milliseconds)
{
	json_name(j, "seconds");
	buf_printf(j->out, "%" PRIu64 ".%03u", milliseconds / 1000, (unsigned)(milliseconds % 1000));
}
