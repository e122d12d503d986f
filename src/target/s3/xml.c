/* SPDX-License-Identifier: MIT */
#include "target/s3/xml.h"

#include "base/err.h"
#include "base/text.h"

#include <expat.h>
#include <stdio.h>
#include <string.h>

enum {
	DEPTH_MAX = 12,        /* S3's deepest answer has 5 */
	PATH_SIZE = 256,       /* bytes of the names from the root */
	TEXT_MAX = 64 << 10,   /* bytes of one element's text: session tokens are the longest */
};

struct walk {
	XML_Parser parser;
	const struct xml_rows *rows;
	size_t count;
	void *ctx;
	char path[PATH_SIZE];
	size_t ends[DEPTH_MAX]; /* where each level's path ends */
	size_t depth;
	struct buf text;        /* of the innermost element */
	struct buf *values;     /* of the row that is being read: XML_COLUMNS_MAX for each kind */
	bool refused;
};

static void refuse(struct walk *w)
{
	w->refused = true;
	XML_StopParser(w->parser, XML_FALSE);
}

static void on_doctype(void *ctx, const XML_Char *name, const XML_Char *system,
		       const XML_Char *public, int internal)
{
	(void)name;
	(void)system;
	(void)public;
	(void)internal;
	refuse(ctx);
}

static void on_start(void *ctx, const XML_Char *name, const XML_Char **attributes)
{
	struct walk *w = ctx;
	size_t used = w->depth ? w->ends[w->depth - 1] : 0;
	int n = snprintf(w->path + used, sizeof w->path - used, "%s%s", used ? "/" : "", name);

	(void)attributes;
	if (w->depth == DEPTH_MAX || n < 0 || (size_t)n >= sizeof w->path - used) {
		w->path[used] = '\0';
		refuse(w);
		return;
	}
	w->ends[w->depth++] = used + (size_t)n;
	buf_clear(&w->text);
}

static void on_text(void *ctx, const XML_Char *text, int n)
{
	struct walk *w = ctx;

	buf_add(&w->text, text, (size_t)n);
	if (w->text.failed)
		refuse(w);
}

/* Keeps the text of the element that ends, where it is a column of a row. */
static void keep_column(struct walk *w, const struct xml_rows *rows, struct buf *values)
{
	size_t parent = w->depth > 1 ? w->ends[w->depth - 2] : 0;
	const char *name = w->path + parent + 1;

	if (parent == 0 || strlen(rows->row) != parent || strncmp(w->path, rows->row, parent) != 0)
		return;
	for (size_t i = 0; i < XML_COLUMNS_MAX && rows->columns[i]; i++) {
		if (strcmp(rows->columns[i], name) != 0)
			continue;
		buf_clear(&values[i]);
		if (w->text.size > 0)
			buf_add(&values[i], w->text.data, w->text.size);
		if (values[i].failed)
			refuse(w);
	}
}

static void end_row(struct walk *w, const struct xml_rows *rows, struct buf *values)
{
	const char *texts[XML_COLUMNS_MAX];

	if (strcmp(w->path, rows->row) != 0)
		return;
	for (size_t i = 0; i < XML_COLUMNS_MAX; i++)
		texts[i] = values[i].data ? values[i].data : "";
	rows->each(w->ctx, texts);
	for (size_t i = 0; i < XML_COLUMNS_MAX; i++)
		buf_clear(&values[i]);
}

static void on_end(void *ctx, const XML_Char *name)
{
	struct walk *w = ctx;

	(void)name;
	if (w->refused)
		return;
	for (size_t i = 0; i < w->count; i++) {
		keep_column(w, &w->rows[i], &w->values[i * XML_COLUMNS_MAX]);
		end_row(w, &w->rows[i], &w->values[i * XML_COLUMNS_MAX]);
	}
	w->depth--;
	w->path[w->depth ? w->ends[w->depth - 1] : 0] = '\0';
	buf_clear(&w->text);
}

static enum sym_status parse(struct walk *w, const char *bytes, size_t size, struct sym_err *err)
{
	XML_SetUserData(w->parser, w);
	XML_SetElementHandler(w->parser, on_start, on_end);
	XML_SetCharacterDataHandler(w->parser, on_text);
	XML_SetStartDoctypeDeclHandler(w->parser, on_doctype);
	if (size <= INT32_MAX && XML_Parse(w->parser, bytes, (int)size, 1) == XML_STATUS_OK)
		return SYM_OK;
	if (XML_GetErrorCode(w->parser) == XML_ERROR_NO_MEMORY)
		return err_set(err, SYM_NOMEM, "out of memory");
	if (w->refused || size > INT32_MAX)
		return err_set(err, SYM_MALFORMED, "the server's answer is not XML as S3 writes it");
	return err_set(err, SYM_MALFORMED, "the server's answer is not whole XML (%s)",
		       XML_ErrorString(XML_GetErrorCode(w->parser)));
}

enum sym_status xml_read(const void *bytes, size_t size, const struct xml_rows *rows, size_t count,
			 void *ctx, struct sym_err *err)
{
	enum { ROWS_MAX = 4 };
	struct buf values[ROWS_MAX * XML_COLUMNS_MAX];
	struct walk w = {.rows = rows, .count = count, .ctx = ctx, .text = BUF_MAX(TEXT_MAX),
			 .values = values};
	const char *text = bytes;
	enum sym_status status;

	if (count > ROWS_MAX)
		return err_set(err, SYM_TOO_BIG, "too many kinds of rows");
	for (size_t i = 0; i < ARRAY_LEN(values); i++)
		values[i] = (struct buf)BUF_MAX(TEXT_MAX);
	while (size > 0 && *text && strchr(" \t\r\n", *text)) { /* S3 sends blanks while it works */
		text++;
		size--;
	}
	w.parser = XML_ParserCreate(NULL);
	status = w.parser ? parse(&w, text, size, err) : err_set(err, SYM_NOMEM, "out of memory");
	XML_ParserFree(w.parser);
	buf_forget(&w.text); /* STS answers with keys */
	for (size_t i = 0; i < ARRAY_LEN(values); i++)
		buf_forget(&values[i]);
	return status;
}

/* --------------------------------------------------------------- errors -- */

static void keep_error(void *ctx, const char *const values[XML_COLUMNS_MAX])
{
	struct s3_error *e = ctx;

	text_shown(e->code, sizeof e->code, values[0], strlen(values[0]));
	text_shown(e->message, sizeof e->message, values[1], strlen(values[1]));
	snprintf(e->region, sizeof e->region, "%s", values[2]);
}

bool xml_read_error(const void *bytes, size_t size, struct s3_error *out)
{
	static const struct xml_rows rows[] = {
		{"Error", {"Code", "Message", "Region"}, keep_error},               /* S3 */
		{"ErrorResponse/Error", {"Code", "Message"}, keep_error},           /* STS */
	};
	struct sym_err ignored;

	*out = (struct s3_error){0};
	if (size == 0)
		return false;
	return xml_read(bytes, size, rows, ARRAY_LEN(rows), out, &ignored) == SYM_OK && out->code[0];
}

void xml_escape(struct buf *out, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '&':
			buf_add_text(out, "&amp;");
			break;
		case '<':
			buf_add_text(out, "&lt;");
			break;
		case '>':
			buf_add_text(out, "&gt;");
			break;
		default:
			buf_add_char(out, *text);
		}
	}
}
