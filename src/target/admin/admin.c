/* SPDX-License-Identifier: MIT */
#include "target/admin/admin.h"

#include "base/err.h"
#include "base/stop.h"
#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define ID_MAX UINT64_C(9999999999)

enum { LASTID_BYTES_MAX = 16 << 10, ID_DIGITS = 10, PAUSE_MS = 20 };

enum sym_status admin_none(struct sym_err *err)
{
	return err_set(err, SYM_NOT_FOUND, "the store keeps no transactions: it has no " ADMIN_FOLDER
					   ", which a run with --transaction or --label begins");
}

enum sym_status admin_open(struct admin *a, bool make, struct sym_err *err)
{
	enum sym_status status = make ? os_dir_make(a->root, ADMIN_FOLDER, &a->dir, err)
				      : os_dir_open(a->root, ADMIN_FOLDER, OS_NOFOLLOW, &a->dir, err);

	if (status == SYM_NOT_FOUND && !make)
		return admin_none(err);
	return status == SYM_OK ? status : err_prefix(err, ADMIN_FOLDER);
}

void admin_close(struct admin *a)
{
	os_dir_close(a->dir);
	a->dir = NULL;
}

void admin_pause(void)
{
	struct timespec ts = {.tv_nsec = PAUSE_MS * 1000000L};

	(void)nanosleep(&ts, NULL);
}

enum sym_status admin_lock(const struct admin *a, struct os_dir **lock, struct sym_err *err)
{
	enum sym_status status = os_dir_open(a->root, ADMIN_FOLDER, OS_NOFOLLOW, lock, err);

	if (status != SYM_OK)
		return err_prefix(err, ADMIN_FOLDER);
	while ((status = os_dir_lock(*lock, false, err)) == SYM_EXISTS) {
		admin_pause(); /* a lock that is waited for would not hear a stop */
		status = stop_check(err);
		if (status != SYM_OK)
			break;
	}
	if (status == SYM_OK)
		return SYM_OK;
	os_dir_close(*lock);
	*lock = NULL;
	if (status == SYM_CANCELLED)
		return status;
	return err_prefix(err, status == SYM_UNSUPPORTED ? ADMIN_FOLDER ": transactions need locks" : ADMIN_FOLDER);
}

void admin_name(uint64_t id, bool deleted, char out[ADMIN_NAME_MAX])
{
	snprintf(out, ADMIN_NAME_MAX, "%0*" PRIu64 "%s", ID_DIGITS, id, deleted ? ".deleted" : "");
}

/* ------------------------------------------------------------- the numbers -- */

uint64_t admin_number(const char *text, size_t len)
{
	uint64_t n = 0;

	if (len > ID_DIGITS)
		return 0;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return 0;
		n = 10 * n + (uint64_t)(text[i] - '0');
	}
	return n;
}

/* The number that `text` begins with, of at most ten digits; 0 where it begins with none. */
static uint64_t leading_number(const char *text)
{
	size_t digits = strspn(text, "0123456789");

	return admin_number(text, digits < ID_DIGITS ? digits : ID_DIGITS);
}

bool admin_is_line(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < ' ' && text[i] != '\t')
			return false;
	return true;
}

static enum sym_status look_at_name(void *ctx, const char *name, enum os_type type)
{
	uint64_t *last = ctx, id = leading_number(name);

	(void)type;
	if (id > *last)
		*last = id;
	return SYM_OK;
}

static const char *line_behind(const struct buf *text, const char *line)
{
	const char *end = memchr(line, '\n', text->size - (size_t)(line - text->data));

	return end ? end + 1 : NULL;
}

/* The same for the lines of a text of 000Admin. */
static enum sym_status look_at_lines(const struct admin *a, const char *name, uint64_t *last, struct sym_err *err)
{
	struct buf text = BUF_MAX(ADMIN_TEXT_BYTES_MAX);
	enum sym_status status = admin_read(a->dir, name, &text, err);

	for (const char *line = text.data; status == SYM_OK && line; line = line_behind(&text, line))
		(void)look_at_name(last, line, OS_FILE);
	buf_release(&text);
	return status == SYM_OK || status == SYM_NOT_FOUND ? SYM_OK : err_prefix(err, ADMIN_FOLDER);
}

static enum sym_status read_last(const struct admin *a, uint64_t *last, struct sym_err *err)
{
	struct buf text = BUF_MAX(LASTID_BYTES_MAX);
	enum sym_status status = admin_read(a->dir, ADMIN_LASTID, &text, err);

	*last = status == SYM_OK && text.size > 0 ? leading_number(text.data) : 0;
	buf_release(&text);
	return status == SYM_OK || status == SYM_NOT_FOUND ? SYM_OK : err_prefix(err, ADMIN_FOLDER);
}

enum sym_status admin_last(const struct admin *a, uint64_t wanted, uint64_t *last, struct sym_err *err)
{
	enum sym_status status = read_last(a, last, err);
	bool lost = *last == 0;

	if (status == SYM_OK && lost)
		status = look_at_lines(a, ADMIN_SERVER, last, err);
	if (status == SYM_OK && lost)
		status = look_at_lines(a, ADMIN_HISTORY, last, err);
	if (status == SYM_OK && os_dir_list(a->dir, look_at_name, last, err) != SYM_OK)
		return err_prefix(err, ADMIN_FOLDER);
	if (status == SYM_OK && wanted > ID_MAX - *last)
		return err_set(err, SYM_TOO_BIG,
			       ADMIN_FOLDER ": no number is left for a transaction: the highest so far is %" PRIu64,
			       *last);
	return status;
}

enum sym_status admin_write_last(const struct admin *a, uint64_t id, struct sym_err *err)
{
	struct buf text = BUF_MAX(ADMIN_NAME_MAX);
	uint64_t last;
	enum sym_status status = read_last(a, &last, err);

	if (status != SYM_OK || last >= id)
		return status;
	buf_printf(&text, "%0*" PRIu64, ID_DIGITS, id);
	status = admin_write(a, a->dir, ADMIN_LASTID, &text, err);
	buf_release(&text);
	return status == SYM_OK ? SYM_OK : err_prefix(err, ADMIN_FOLDER);
}

/* --------------------------------------------------------------- the texts -- */

enum sym_status admin_read(struct os_dir *dir, const char *name, struct buf *out, struct sym_err *err)
{
	enum sym_status status = os_read_text(dir, name, OS_NOFOLLOW, out, err);
	size_t mark = out->size > 0 ? text_mark(out->data, out->size) : 0;

	if (mark > 0) {
		memmove(out->data, out->data + mark, out->size - mark);
		buf_cut(out, out->size - mark);
	}
	return status == SYM_OK ? SYM_OK : err_prefix(err, "%s", name);
}

enum sym_status admin_write(const struct admin *a, struct os_dir *dir, const char *name,
			    const struct buf *text, struct sym_err *err)
{
	uint32_t ticket;
	enum sym_status status = text->failed ? err_set(err, SYM_NOMEM, "out of memory")
					      : staging_write(a->staging, 0, text->data, text->size, a->sync,
							      &ticket, err);

	if (status == SYM_OK)
		status = staging_replace(a->staging, ticket, dir, name, err);
	return status == SYM_OK ? SYM_OK : err_prefix(err, "%s", name);
}
