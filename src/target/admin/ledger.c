/* SPDX-License-Identifier: MIT */
#include "target/admin/ledger.h"

#include "base/err.h"
#include "os/os.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIELDS = 8, TEXT_BYTES_MAX = 255 };

/* ----------------------------------------------------------------- reading -- */

/* The field at `*at`, which ends by a comma or with the line; both are cut off. */
static char *next_field(char **at)
{
	char *field = *at, *end;

	if (*field == '"') {
		field++;
		end = strchr(field, '"');
		if (end)
			*end++ = '\0';
	} else {
		end = field;
	}
	end = end ? strchr(end, ',') : NULL;
	if (end)
		*end++ = '\0';
	*at = end ? end : field + strlen(field);
	return field;
}

static bool read_id(const char *text, uint64_t *out)
{
	*out = admin_number(text, strlen(text));
	return *out > 0;
}

/* Three numbers of at most four digits, with `between` between them. */
static bool read_three(const char *text, char between, int out[3])
{
	for (int i = 0; i < 3; i++) {
		size_t digits = strspn(text, "0123456789");

		if (digits == 0 || digits > 4 || text[digits] != (i < 2 ? between : '\0'))
			return false;
		out[i] = (int)strtol(text, NULL, 10);
		text += digits + 1;
	}
	return true;
}

/* MM/DD/YYYY or MM/DD/YY, and HH:MM:SS, of the local time. mktime takes any numbers, and makes
 * March 1 of February 30. */
static int64_t time_of(const char *date, const char *time)
{
	struct tm tm = {.tm_isdst = -1};
	int day[3], clock[3];
	int64_t at;

	if (!read_three(date, '/', day) || !read_three(time, ':', clock) || clock[0] > 23 || clock[1] > 59 ||
	    clock[2] > 60)
		return 0;
	if (day[2] < 100)
		day[2] += day[2] < 70 ? 2000 : 1900;
	tm.tm_mon = day[0] - 1;
	tm.tm_mday = day[1];
	tm.tm_year = day[2] - 1900;
	tm.tm_hour = clock[0];
	tm.tm_min = clock[1];
	tm.tm_sec = clock[2];
	at = (int64_t)mktime(&tm);
	return at > 0 && tm.tm_mon == day[0] - 1 && tm.tm_mday == day[1] ? at : 0;
}

static bool read_line(char *text, struct ledger_line *out)
{
	char *field[FIELDS];

	for (size_t i = 0; i < FIELDS; i++)
		field[i] = next_field(&text);
	*out = (struct ledger_line){0};
	if (!read_id(field[0], &out->id))
		return false;
	out->removal = strcmp(field[1], "del") == 0;
	if (out->removal)
		return read_id(field[2], &out->of);
	out->pointers = strcmp(field[2], "ptr") == 0;
	out->date = field[3];
	out->time = field[4];
	out->time_s = time_of(field[3], field[4]);
	out->product = field[5];
	out->version = field[6];
	out->label = field[7];
	return strcmp(field[1], "add") == 0 && (out->pointers || strcmp(field[2], "file") == 0);
}

static size_t count_lines(const struct buf *text)
{
	size_t n = 1;

	for (size_t i = 0; i < text->size; i++)
		n += text->data[i] == '\n';
	return n;
}

static enum sym_status read_lines(struct ledger *l, struct sym_err *err)
{
	char *at = l->fields.data, *end = at + l->fields.size;

	for (uint64_t number = 1; at < end; number++) {
		char *stop = memchr(at, '\n', (size_t)(end - at));
		char *next = stop ? stop + 1 : end;
		char *last = stop ? stop : end;

		while (last > at && last[-1] == '\r')
			last--;
		*last = '\0';
		if (last > at && !(admin_is_line(at, (size_t)(last - at)) && read_line(at, &l->lines[l->count++])))
			return err_set(err, SYM_MALFORMED, "line %" PRIu64 " is no transaction", number);
		at = next;
	}
	return SYM_OK;
}

enum sym_status ledger_parse(struct ledger *out, struct sym_err *err)
{
	if (out->fields.size == 0)
		return SYM_OK;
	out->lines = calloc(count_lines(&out->fields), sizeof *out->lines);
	return out->lines ? read_lines(out, err) : err_set(err, SYM_NOMEM, "out of memory");
}

enum sym_status ledger_read(const struct admin *a, const char *name, struct ledger *out,
			    struct sym_err *err)
{
	enum sym_status status;

	*out = (struct ledger){.fields = BUF_MAX(ADMIN_TEXT_BYTES_MAX)};
	status = admin_read(a->dir, name, &out->fields, err);
	if (status == SYM_NOT_FOUND)
		return SYM_OK;
	if (status != SYM_OK)
		return err_prefix(err, ADMIN_FOLDER);
	status = ledger_parse(out, err);
	return status == SYM_OK ? status : err_prefix(err, ADMIN_FOLDER "/%s", name);
}

void ledger_release(struct ledger *l)
{
	free(l->lines);
	buf_release(&l->fields);
	*l = (struct ledger){0};
}

/* ----------------------------------------------------------------- writing -- */

void ledger_add(struct buf *text, const struct ledger_line *line)
{
	char date[32];
	struct tm local;

	if (line->removal) {
		buf_printf(text, "%010" PRIu64 ",del,%010" PRIu64 "\r\n", line->id, line->of);
		return;
	}
	if (!os_local_time(line->time_s ? line->time_s : os_time_s(), &local) ||
	    strftime(date, sizeof date, "%m/%d/%Y,%H:%M:%S", &local) == 0)
		date[0] = '\0';
	buf_printf(text, "%010" PRIu64 ",add,%s,%s,\"%s\",\"%s\",\"%s\",\r\n", line->id,
		   line->pointers ? "ptr" : "file", date, line->product, line->version, line->label);
}

enum sym_status ledger_append(const struct admin *a, const char *name, const struct buf *lines,
			      struct sym_err *err)
{
	struct buf text = BUF_MAX(ADMIN_TEXT_BYTES_MAX);
	enum sym_status status = admin_read(a->dir, name, &text, err);

	if (status == SYM_NOT_FOUND)
		status = SYM_OK;
	if (status == SYM_OK && text.size >= 2 && memcmp(text.data, "\xff\xfe", 2) == 0)
		status = err_set(err, SYM_MALFORMED, "%s is in UTF-16, to which nothing can be added", name);
	if (text.size > 0 && text.data[text.size - 1] != '\n')
		buf_add_text(&text, "\r\n");
	buf_add(&text, lines->data, lines->size);
	if (status == SYM_OK)
		status = admin_write(a, a->dir, name, &text, err);
	buf_release(&text);
	return status == SYM_OK ? status : err_prefix(err, ADMIN_FOLDER);
}

enum sym_status ledger_drop(const struct admin *a, bool (*gone)(void *ctx, uint64_t id), void *ctx,
			    struct sym_err *err)
{
	struct buf text = BUF_MAX(ADMIN_TEXT_BYTES_MAX), left = BUF_MAX(ADMIN_TEXT_BYTES_MAX);
	enum sym_status status = admin_read(a->dir, ADMIN_SERVER, &text, err);

	for (size_t at = 0; status == SYM_OK && at < text.size;) {
		const char *line = text.data + at, *stop = memchr(line, '\n', text.size - at);
		size_t len = stop ? (size_t)(stop - line) + 1 : text.size - at;

		if (!gone(ctx, admin_number(line, strspn(line, "0123456789"))))
			buf_add(&left, line, len);
		at += len;
	}
	if (status == SYM_OK)
		status = admin_write(a, a->dir, ADMIN_SERVER, &left, err);
	buf_release(&text);
	buf_release(&left);
	return status == SYM_OK ? status : err_prefix(err, ADMIN_FOLDER);
}

enum sym_status ledger_check_text(const char *what, const char *text, struct sym_err *err)
{
	size_t len = strlen(text);

	if (len > TEXT_BYTES_MAX)
		return err_set(err, SYM_REFUSED, "%s is longer than %d bytes", what, TEXT_BYTES_MAX);
	if (strchr(text, '"'))
		return err_set(err, SYM_REFUSED, "%s holds a quotation mark, which a store cannot note", what);
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			return err_set(err, SYM_REFUSED, "%s holds a control character", what);
	return SYM_OK;
}

void ledger_time(const struct ledger_line *line, char between, char to[LEDGER_TIME_MAX])
{
	char date[LEDGER_TIME_MAX / 2], time[LEDGER_TIME_MAX / 2];
	struct tm local;

	if (line->time_s != 0 && os_local_time(line->time_s, &local) &&
	    strftime(date, sizeof date, "%Y-%m-%d", &local) > 0 &&
	    strftime(time, sizeof time, "%H:%M:%S", &local) > 0)
		snprintf(to, LEDGER_TIME_MAX, "%s%c%s", date, between, time);
	else
		snprintf(to, LEDGER_TIME_MAX, "%.*s %.*s", LEDGER_TIME_MAX / 2, line->date, LEDGER_TIME_MAX / 2 - 2,
			 line->time);
}
