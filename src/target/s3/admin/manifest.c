/* SPDX-License-Identifier: MIT
 * Manifests: a JSON object a line.
 *
 *   {"transaction":7,"time":"2026-11-27T10:34:19Z","product":"App","version":"1.0","label":"release","files":2}
 *   {"path":"app.pdb/7F3A…1/app.pdb","source":"/build/app.pdb","size":73728}
 *
 * Neither who writes one nor who reads it holds more than a piece in memory. */
#include "target/s3/admin/admin.h"

#include "base/err.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/lines.h"
#include "base/stop.h"
#include "base/text.h"
#include "os/os.h"
#include "target/json_read.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE_BYTES = 64 << 10 };

/* ------------------------------------------------------------------- titles -- */

void s3_title_release(struct s3_title *t)
{
	free(t->product);
	free(t->version);
	free(t->label);
	*t = (struct s3_title){0};
}

static uint64_t number_in(const char *text)
{
	char *end;
	uint64_t n = text && *text >= '0' && *text <= '9' ? strtoull(text, &end, 10) : 0;

	return n && *end == '\0' ? n : 0;
}

/* NULL becomes "". */
static bool fill_in(char **text)
{
	if (!*text)
		*text = strdup("");
	return *text != NULL;
}

enum sym_status s3_title_read(const char *text, size_t n, uint64_t id, struct s3_title *out, struct sym_err *err)
{
	char *number = NULL, *time = NULL, *files = NULL;
	const struct json_want wants[] = {{"transaction", &number}, {"time", &time},
					  {"product", &out->product}, {"version", &out->version},
					  {"label", &out->label},     {"files", &files}};
	const char *end = n > 0 ? memchr(text, '\n', n) : NULL;
	enum sym_status status;

	*out = (struct s3_title){0};
	status = end ? json_read(text, (size_t)(end - text), wants, ARRAY_LEN(wants), err) : SYM_MALFORMED;
	out->id = number_in(number);
	out->files = number_in(files);
	out->time_s = time ? aws_time_read(time) : 0;
	if (status == SYM_OK && (out->id != id || out->files == 0))
		status = SYM_MALFORMED;
	if (status == SYM_OK && !(fill_in(&out->product) && fill_in(&out->version) && fill_in(&out->label)))
		status = err_set(err, SYM_NOMEM, "out of memory");
	free(number);
	free(time);
	free(files);
	if (status == SYM_MALFORMED && n > 0 && *text == '"')
		return err_set(err, status, "this is how a store in a folder lists what it got, and it was copied "
			       "here: its transactions are listed and removed in the folder");
	if (status == SYM_MALFORMED)
		return err_set(err, status, "line 1 is no title of transaction %" PRIu64, id);
	return status;
}

/* ------------------------------------------------------------------ writing -- */

void s3_manifest_init(struct s3_manifest *m)
{
	*m = (struct s3_manifest){.spool = OS_NO_FILE,
				  .pending = BUF_MAX(2 * PIECE_BYTES),
				  .entered = TABLE_OF(uint64_t)};
}

void s3_manifest_release(struct s3_manifest *m)
{
	os_close_quietly(m->spool);
	buf_release(&m->pending);
	table_release(&m->entered);
	m->spool = OS_NO_FILE;
}

static enum sym_status write_pending(struct s3_manifest *m, struct sym_err *err)
{
	enum sym_status status = m->pending.failed ? err_set(err, SYM_NOMEM, "out of memory") : SYM_OK;

	if (status == SYM_OK && m->spool == OS_NO_FILE)
		status = os_spool(&m->spool, err);
	if (status == SYM_OK)
		status = os_write(m->spool, m->pending.data, m->pending.size, err);
	buf_clear(&m->pending);
	return status;
}

enum sym_status s3_manifest_add(struct s3_manifest *m, const char *path, const char *source, uint64_t size,
				struct sym_err *err)
{
	struct json j = {.out = &m->pending};
	uint64_t hash = hash_text(HASH_START, path);

	if (table_find(&m->entered, hash))
		return SYM_OK;
	if (!table_add(&m->entered, hash))
		return err_set(err, SYM_NOMEM, "out of memory");
	json_open(&j, '{');
	json_set_text(&j, "path", path);
	json_set_text(&j, "source", source);
	json_set_number(&j, "size", size);
	json_close(&j, '}');
	buf_add_char(&m->pending, '\n');
	m->files++;
	return m->pending.size >= PIECE_BYTES || m->pending.failed ? write_pending(m, err) : SYM_OK;
}

static void write_title(struct buf *line, uint64_t id, uint64_t files, const struct transaction_title *title)
{
	struct json j = {.out = line};
	char time[32] = "";
	struct tm utc;

	if (os_utc(os_time_s(), &utc))
		strftime(time, sizeof time, "%Y-%m-%dT%H:%M:%SZ", &utc);
	json_open(&j, '{');
	json_set_number(&j, "transaction", id);
	json_set_text(&j, "time", time);
	json_set_text(&j, "product", title->product);
	json_set_text(&j, "version", title->version);
	json_set_text(&j, "label", title->label);
	json_set_number(&j, "files", files);
	json_close(&j, '}');
	buf_add_char(line, '\n');
}

/* The title stands first, and is known last. */
enum sym_status s3_manifest_end(struct s3_manifest *m, uint64_t id, const struct transaction_title *title,
				os_file *out, uint64_t *size, struct sym_err *err)
{
	struct buf line = BUF_MAX(TITLE_BYTES_MAX);
	struct os_stat st = {0};
	uint64_t copied = 0;
	enum sym_status status = write_pending(m, err);

	*out = OS_NO_FILE;
	write_title(&line, id, m->files, title);
	if (status == SYM_OK && line.failed)
		status = err_set(err, SYM_TOO_BIG, "the title is too long");
	if (status == SYM_OK)
		status = os_file_stat(m->spool, &st, err);
	if (status == SYM_OK && st.size > S3_PUT_MAX - TITLE_BYTES_MAX)
		status = err_set(err, SYM_TOO_BIG, "the list of what the run brought is larger than 5 GiB");
	if (status == SYM_OK)
		status = os_spool(out, err);
	if (status == SYM_OK)
		status = os_write(*out, line.data, line.size, err);
	if (status == SYM_OK)
		status = os_copy(m->spool, 0, st.size, *out, &copied, err);
	if (status == SYM_OK && copied != st.size)
		status = err_set(err, SYM_IO, "a temporary file is cut short");
	*size = line.size + copied;
	buf_release(&line);
	return status;
}

/* ------------------------------------------------------------------ reading -- */

struct reading {
	uint64_t id, line; /* lines from 1 */
	uint64_t expected; /* paths, by the title */
	s3_manifest_fn *each;
	void *ctx;
};

static enum sym_status read_path(const struct reading *r, const struct buf *line, struct sym_err *err)
{
	char *path = NULL;
	const struct json_want wants[] = {{"path", &path}};
	enum sym_status status = json_read(line->data, line->size, wants, ARRAY_LEN(wants), err);

	if (status == SYM_MALFORMED || (status == SYM_OK && !path))
		status = err_set(err, SYM_MALFORMED, "line %" PRIu64 " is no path", r->line);
	if (status == SYM_OK)
		status = r->each(r->ctx, path, err);
	free(path);
	return status;
}

static enum sym_status read_title(struct reading *r, struct buf *line, struct sym_err *err)
{
	struct s3_title title;
	enum sym_status status;

	buf_add_char(line, '\n');
	status = s3_title_read(line->data, line->size, r->id, &title, err);
	r->expected = title.files;
	s3_title_release(&title);
	return status;
}

static enum sym_status read_line(void *ctx, struct buf *line, struct sym_err *err)
{
	struct reading *r = ctx;
	enum sym_status status;

	r->line++;
	if (line->failed)
		status = err_set(err, SYM_MALFORMED, "line %" PRIu64 " is too long", r->line);
	else
		status = r->line == 1 ? read_title(r, line, err) : read_path(r, line, err);
	return status == SYM_OK ? stop_check(err) : status;
}

static enum sym_status read_file(struct reading *r, os_file file, struct sym_err *err)
{
	struct lines l = {.each = read_line, .ctx = r, .end = '\n', .line = BUF_MAX(ADMIN_LINE_MAX)};
	enum sym_status status = os_read_lines(file, &l, err);

	/* One path less, and somebody's file would go. */
	if (status == SYM_OK && (l.line.size > 0 || r->line == 0 || r->line - 1 != r->expected))
		status = err_set(err, SYM_MALFORMED, "it has not the %" PRIu64 " paths that its title tells",
				 r->expected);
	buf_release(&l.line);
	return status;
}

void s3_manifest_start(struct s3 *s, uint64_t id, const char *state, struct s3_fetch *f)
{
	char name[ADMIN_NAME_MAX];

	s3_admin_name(id, state, name);
	s3_admin_fetch_start(s, name, f);
}

enum sym_status s3_manifest_read(struct s3_fetch *f, uint64_t id, s3_manifest_fn *each, void *ctx, struct sym_err *err)
{
	struct reading r = {.id = id, .each = each, .ctx = ctx};
	enum sym_status status = s3_admin_fetch_end(f, err);

	if (status != SYM_OK)
		return status;
	status = read_file(&r, f->file, err);
	os_close_quietly(f->file);
	return status == SYM_MALFORMED ? err_prefix(err, ADMIN_FOLDER "/%s", f->asked.name) : status;
}

enum sym_status s3_manifest_copy(struct s3 *s, uint64_t id, const char *from, const char *to, struct sym_err *err)
{
	char name[ADMIN_NAME_MAX];
	struct s3_body body;
	struct s3_fetch f;
	enum sym_status status;

	s3_manifest_start(s, id, from, &f);
	status = s3_admin_fetch_end(&f, err);
	if (status != SYM_OK)
		return status;
	s3_admin_name(id, to, name);
	status = s3_admin_file(f.file, f.size, &body, err);
	if (status == SYM_OK)
		status = s3_admin_put(s, name, &body, err);
	os_close_quietly(f.file);
	return status;
}
