/* SPDX-License-Identifier: MIT
 * Text into values, by the kinds of the table. */
#include "cli/rows.h"

#include "base/array.h"
#include "base/text.h"
#include "cli/suggest.h"
#include "key/key.h"
#include "os/os.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *shown(char to[SHOWN_MAX], const char *text)
{
	text_shown(to, SHOWN_MAX, text, strlen(text));
	return to;
}

bool is_no_file(const char *path)
{
	struct sym_err ignored;
	bool there;

	return os_is_there(NULL, path, OS_FOLLOW, &there, &ignored) == SYM_OK && !there;
}

const char *hint(char to[HINT_MAX], const char *before, const char *best)
{
	to[0] = '\0';
	if (best)
		snprintf(to, HINT_MAX, "; did you mean %s%.*s?", before, (int)strcspn(best, "|"), best);
	return to;
}

const char *command_hint(char to[HINT_MAX], const struct options *o)
{
	return hint(to, "the command ", o->meant);
}

enum sym_status strings_add(struct strings *s, const char *text, size_t len, struct sym_err *err)
{
	char *copy = text_copy(text, len), **at = array_fit(s->at, &s->room, s->count + 1, sizeof *at);

	s->at = at ? at : s->at;
	if (!at || !copy) {
		free(copy);
		return err_set(err, SYM_NOMEM, "out of memory");
	}
	s->at[s->count++] = copy;
	return SYM_OK;
}

void strings_release(struct strings *s)
{
	for (size_t i = 0; i < s->count; i++)
		free(s->at[i]);
	free(s->at);
	*s = (struct strings){0};
}

static enum sym_status strings_copy(const struct strings *from, struct strings *to,
				    struct sym_err *err)
{
	for (size_t i = 0; i < from->count; i++)
		if (strings_add(to, from->at[i], strlen(from->at[i]), err) != SYM_OK)
			return err->status;
	return SYM_OK;
}

/* ---------------------------------------------------------------- setters -- */

/* Reads `text` into a value of the row. */
typedef enum sym_status set_fn(void *to, const struct option_row *row, const char *text, struct sym_err *err);

static enum sym_status refuse(const char *text, const char *why, struct sym_err *err)
{
	char word[SHOWN_MAX];

	return err_set(err, SYM_USAGE, "\"%s\" is %s", shown(word, text), why);
}

static enum sym_status set_flag(void *to, const struct option_row *row, const char *text, struct sym_err *err)
{
	bool *flag = to;

	(void)row;
	*flag = strcmp(text, "true") == 0;
	return *flag || strcmp(text, "false") == 0 ? SYM_OK : refuse(text, "neither true nor false", err);
}

/* Bytes of the text; of a secret without the line's end that CI systems keep when one is pasted. */
static size_t length_of(const struct option_row *row, const char *text)
{
	size_t len = strlen(text);

	while ((row->traits & OPTION_SECRET) && len > 0 && strchr("\r\n", text[len - 1]))
		len--;
	return len;
}

static enum sym_status set_text(void *to, const struct option_row *row, const char *text, struct sym_err *err)
{
	char *copy = text_copy(text, length_of(row, text)), **old = to;

	if (!copy)
		return err_set(err, SYM_NOMEM, "out of memory");
	free(*old);
	*old = copy;
	return SYM_OK;
}

static enum sym_status add_text(void *to, const struct option_row *row, const char *text, struct sym_err *err)
{
	return strings_add(to, text, length_of(row, text), err);
}

/* A whole number at the start of `text`; answers what follows, or NULL where none is
 * there or it does not fit. */
static const char *read_number(const char *text, uint64_t most, uint64_t *out)
{
	const char *c = text;

	for (*out = 0; *c >= '0' && *c <= '9'; c++) {
		uint64_t digit = (uint64_t)(*c - '0');

		if (*out > (most - digit) / 10)
			return NULL;
		*out = 10 * *out + digit;
	}
	return c == text ? NULL : c;
}

static enum sym_status set_number(void *to, const struct option_row *row, const char *text, struct sym_err *err)
{
	enum { MOST = 1000000 };
	char word[SHOWN_MAX];
	uint64_t value;

	if (!text[0] || text[strspn(text, "0123456789")])
		return refuse(text, "not a whole number", err);
	if (!read_number(text, MOST, &value) || value < row->least)
		return err_set(err, SYM_USAGE, "%s is not in %u to %d", shown(word, text), row->least, MOST);
	*(unsigned *)to = (unsigned)value;
	return SYM_OK;
}

/* "90", "90s", "20m", "1h30m", "2d": a number without a unit is seconds. */
static enum sym_status set_time(void *to, const struct option_row *row, const char *text, struct sym_err *err)
{
	static const struct {
		char letter;
		unsigned seconds;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
	static const uint64_t most = UINT64_C(36500) * 86400; /* a prune may look years back */
	char word[SHOWN_MAX];
	uint64_t sum = 0, number;
	const char *c = text;

	do {
		size_t unit = 0;

		c = read_number(c, most, &number);
		while (c && *c && unit < ARRAY_LEN(units) && units[unit].letter != *c)
			unit++;
		if (!c || unit == ARRAY_LEN(units))
			return refuse(text, "not a time, such as 90s, 1h30m or 20d", err);
		sum += number * units[unit].seconds;
		c += *c != '\0';
	} while (*c);
	if (sum < row->least || sum > most)
		return err_set(err, SYM_USAGE, "%s is not in %u s to 36500 d", shown(word, text), row->least);
	*(unsigned *)to = (unsigned)sum;
	return SYM_OK;
}

/* "500000", "500K", "20M", "1G": by 1024, as curl's --limit-rate. */
static enum sym_status set_bytes(void *to, const struct option_row *row, const char *text, struct sym_err *err)
{
	static const char units[] = "KMGT";
	const uint64_t most = UINT64_MAX >> 44; /* so that T still fits */
	uint64_t *bytes = to;
	const char *c = read_number(text, most, bytes);
	const char *unit = c && *c ? strchr(units, text_upper(*c)) : NULL;

	(void)row;
	if (unit) {
		*bytes <<= 10 * (unit - units + 1);
		c++;
	}
	if (!c || *c || *bytes == 0)
		return refuse(text, "not a number of bytes, such as 500K, 20M or 1G", err);
	return SYM_OK;
}

static enum sym_status set_part(void *to, const struct option_row *row, const char *text, struct sym_err *err)
{
	enum { MOST = 1000000 };
	uint64_t index = 0, count = 0;
	const char *c = read_number(text, MOST, &index);

	(void)row;
	if (c && *c == '/')
		c = read_number(c + 1, MOST, &count);
	if (!c || *c || index == 0 || index > count)
		return refuse(text, "not a part, such as 1/4 or 4/4", err);
	*(struct option_part *)to = (struct option_part){(unsigned)index, (unsigned)count};
	return SYM_OK;
}

static enum sym_status set_choice(void *to, const struct option_row *row, const char *text, struct sym_err *err)
{
	char word[SHOWN_MAX], end[HINT_MAX];
	const char *choices = row->value, *choice = choices;
	size_t len = strlen(text);

	for (unsigned i = 0;; i++) {
		size_t n = strcspn(choice, "|");

		if (n == len && memcmp(choice, text, n) == 0) {
			*(unsigned *)to = i;
			return SYM_OK;
		}
		if (!choice[n])
			break;
		choice += n + 1;
	}
	return err_set(err, SYM_USAGE, "\"%s\" is not one of %s%s", shown(word, text), choices,
		       hint(end, "", suggest_choice(text, choices)));
}

static enum sym_status add_reader(struct strings *to, const char *name, struct sym_err *err)
{
	struct suggest nearest = suggest_for(name);
	char word[SHOWN_MAX], end[HINT_MAX];

	for (size_t i = 0; i < to->count; i++)
		if (strcmp(to->at[i], name) == 0)
			return SYM_OK;
	if (key_reader_find(name))
		return strings_add(to, name, strlen(name), err);
	for (size_t i = 0; i < key_reader_count; i++)
		suggest_offer(&nearest, key_readers[i].name);
	return err_set(err, SYM_USAGE, "no reader is called \"%s\"%s", shown(word, name),
		       nearest.best ? hint(end, "", nearest.best) : "; \"--for list\" shows all");
}

/* Readers by commas, blanks around them allowed. */
static enum sym_status add_readers(void *to, const struct option_row *row, const char *text, struct sym_err *err)
{
	(void)row;
	for (;;) {
		size_t n = strcspn(text, ","), start = strspn(text, " "), end = n;
		enum sym_status status;
		char *name;

		while (end > start && text[end - 1] == ' ')
			end--;
		name = text_copy(text + start, end > start ? end - start : 0);
		if (!name)
			return err_set(err, SYM_NOMEM, "out of memory");
		status = add_reader(to, name, err);
		free(name);
		if (status != SYM_OK || !text[n])
			return status;
		text += n + 1;
	}
}

void *option_field(const struct options *o, const struct option_delivery *how, const struct option_row *row)
{
	if (how && (row->traits & OPTION_PER_TARGET))
		return (char *)how + (row->offset - offsetof(struct options, how));
	return (char *)o + row->offset;
}

enum sym_status option_set(struct options *o, struct option_delivery *how,
			   const struct option_row *row, const char *text, struct sym_err *err)
{
	static set_fn *const setters[] = {
		[OPTION_FLAG] = set_flag,     [OPTION_TEXT] = set_text,     [OPTION_LIST] = add_text,
		[OPTION_NAMES] = add_readers, [OPTION_NUMBER] = set_number, [OPTION_CHOICE] = set_choice,
		[OPTION_TIME] = set_time,     [OPTION_BYTES] = set_bytes,   [OPTION_PART] = set_part,
	};

	return setters[row->kind](option_field(o, how, row), row, text, err);
}

enum sym_status option_copy(const struct option_delivery *from, struct option_delivery *to,
			    const struct option_row *row, struct sym_err *err)
{
	static const size_t plain[] = {[OPTION_FLAG] = sizeof(bool), [OPTION_NUMBER] = sizeof(unsigned),
				       [OPTION_CHOICE] = sizeof(unsigned), [OPTION_TIME] = sizeof(unsigned),
				       [OPTION_BYTES] = sizeof(uint64_t), [OPTION_PART] = sizeof(struct option_part)};
	size_t at = row->offset - offsetof(struct options, how);
	const void *value = (const char *)from + at;
	void *copy = (char *)to + at;
	const char *text;

	if (row->kind == OPTION_LIST || row->kind == OPTION_NAMES)
		return strings_copy(value, copy, err);
	if (row->kind == OPTION_TEXT) {
		text = *(char *const *)value;
		return text ? set_text(copy, row, text, err) : SYM_OK;
	}
	memcpy(copy, value, plain[row->kind]);
	return SYM_OK;
}

void option_release(const struct option_row *row, void *field)
{
	struct strings *list = field;
	char **text = field;

	switch (row->kind) {
	case OPTION_TEXT:
		if (row->traits & OPTION_SECRET)
			text_wipe(*text);
		free(*text);
		*text = NULL;
		break;
	case OPTION_LIST:
	case OPTION_NAMES:
		for (size_t i = 0; i < list->count && (row->traits & OPTION_SECRET); i++)
			text_wipe(list->at[i]);
		strings_release(list);
		break;
	default:
		break;
	}
}

void option_forget(struct options *o, const char *name)
{
	const struct option_row *row = option_named(name);

	option_release(row, option_field(o, NULL, row));
	option_mark(o, row, (struct option_origin){.from = FROM_NOWHERE});
}

void option_mark(struct options *o, const struct option_row *row, struct option_origin origin)
{
	o->origins[row - option_rows] = origin;
}

/* The traits of rows whose values in the file are overridden, because the command line says which
 * files, where to, or how much is printed: it is then meant to say all of that. */
static unsigned settled_by_argv(const struct options *o)
{
	unsigned settled = o->paths.count > 0 ? OPTION_SELECTS : 0;

	for (size_t i = 0; i < option_row_count; i++)
		if (o->origins[i].from == FROM_ARGV)
			settled |= option_rows[i].traits;
	return settled & (OPTION_SELECTS | OPTION_DELIVERS | OPTION_VOICE);
}

bool option_is_open(const struct options *o, const struct option_row *row, enum option_from from)
{
	return o->origins[row - option_rows].from <= from &&
	       (from != FROM_CONFIG || !(row->traits & settled_by_argv(o)));
}
