/* SPDX-License-Identifier: MIT
 * The receipt is the user's, and may have been edited: every member is looked at before it is
 * used. An entry without "keys" is a file that was skipped. */
#include "pipeline/verify/receipt.h"

#include "base/err.h"
#include "base/lines.h"
#include "base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum { LINE_BYTES_MAX = 1 << 20, PIECE_BYTES = 64 << 10 };

struct reading {
	enum sym_status (*each)(void *ctx, const struct receipt_path *path, struct sym_err *err);
	void *ctx;
	struct sym_err *err;
	uint64_t line; /* from 1 */
};

bool receipt_is_delivered(const struct receipt_path *path)
{
	static const char *const words[] = {"stored", "present", "replaced"};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(path->action, words[i]) == 0)
			return true;
	return false;
}

static enum sym_status no_entry(const struct reading *r)
{
	return err_set(r->err, SYM_MALFORMED, "line %" PRIu64 " is no entry of a receipt", r->line);
}

static enum sym_status read_keys(const struct reading *r, const json_t *keys, struct receipt_path *p)
{
	enum sym_status status = SYM_OK;

	for (size_t i = 0; i < json_array_size(keys) && status == SYM_OK; i++) {
		const json_t *key = json_array_get(keys, i);

		p->key = json_string_value(json_object_get(key, "key"));
		p->action = json_string_value(json_object_get(key, "action"));
		status = p->key && p->action ? r->each(r->ctx, p, r->err) : no_entry(r);
	}
	return status;
}

static enum sym_status read_entry(const struct reading *r, const json_t *entry)
{
	const json_t *keys = json_object_get(entry, "keys"), *bytes = json_object_get(entry, "bytes");
	const char *sha256 = json_string_value(json_object_get(entry, "sha256"));
	struct receipt_path p = {.target = json_string_value(json_object_get(entry, "target")),
				 .size = (uint64_t)json_integer_value(bytes),
				 .has_sha256 = sha256 != NULL};

	if (!keys && json_is_string(json_object_get(entry, "action")))
		return SYM_OK;
	if (!p.target || !json_is_integer(bytes) || json_integer_value(bytes) < 0 || !json_is_array(keys) ||
	    (sha256 && (strlen(sha256) != 64 || !text_hex_bytes(sha256, p.sha256, 32))))
		return no_entry(r);
	return read_keys(r, keys, &p);
}

static enum sym_status read_line(void *ctx, struct buf *line, struct sym_err *err)
{
	struct reading *r = ctx;
	json_t *entry = line->failed ? NULL : json_loadb(line->data, line->size, 0, NULL);
	enum sym_status status;

	(void)err; /* r->err is it */
	r->line++;
	status = entry ? read_entry(r, entry) : no_entry(r);
	json_decref(entry);
	return status;
}

static enum sym_status read_lines(struct reading *r, FILE *file)
{
	struct lines l = {.each = read_line, .ctx = r, .end = '\n', .line = BUF_MAX(LINE_BYTES_MAX)};
	enum sym_status status = SYM_OK;
	char piece[PIECE_BYTES];
	size_t n = 1;
	int sys = 0;

	while (status == SYM_OK && n > 0 && sys == 0) {
		n = fread(piece, 1, sizeof piece, file);
		sys = ferror(file) ? errno : 0; /* before anything else sets it */
		status = lines_take(&l, piece, n, r->err);
	}
	if (status == SYM_OK && sys != 0)
		status = err_sys(r->err, SYM_IO, sys, "it cannot be read");
	else if (status == SYM_OK && l.line.size > 0)
		status = err_set(r->err, SYM_MALFORMED, "it is cut short: its last line does not end");
	buf_release(&l.line);
	return status;
}

enum sym_status receipt_read(const char *path,
			     enum sym_status (*each)(void *ctx, const struct receipt_path *path,
						     struct sym_err *err),
			     void *ctx, struct sym_err *err)
{
	struct reading r = {.each = each, .ctx = ctx, .err = err};
	FILE *file = fopen(path, "rb");
	enum sym_status status;

	if (!file)
		status = err_sys(err, errno == ENOENT ? SYM_NOT_FOUND : SYM_IO, errno, "it cannot be opened");
	else
		status = read_lines(&r, file);
	if (file)
		fclose(file);
	if (status == SYM_MALFORMED || status == SYM_NOT_FOUND || status == SYM_IO)
		err_prefix(err, "the receipt %s", path);
	return status;
}
