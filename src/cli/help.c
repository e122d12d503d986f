/* SPDX-License-Identifier: MIT
 * --help and --for list, from the tables. */
#include "cli/options.h"

#include "key/key.h"

#include <stdio.h>
#include <string.h>

enum { COLUMNS = 79, TEXT_COLUMN = 26, COMMAND_COLUMN = 11, READER_COLUMN = 16 };

static const char *const headings[GROUP_COUNT] = {
	[GROUP_FIND] = "What to find",
	[GROUP_STORE] = "Where to, and for whom",
	[GROUP_REMOTE] = "Remote targets",
	[GROUP_S3] = "S3 (credentials are found as AWS's own tools find them)",
	[GROUP_LARGE] = "Large runs",
	[GROUP_DUMP] = "Symbols for crash dumps",
	[GROUP_TRANSACTIONS] = "Transactions of a store",
	[GROUP_BUGSPLAT] = "Application, and BugSplat (as in version 11)",
	[GROUP_CHECK] = "What counts as success",
	[GROUP_RUN] = "Report and run",
};

static void pad(struct buf *out, size_t columns)
{
	while (columns-- > 0)
		buf_add_char(out, ' ');
}

/* Adds `text`, broken at blanks, from column `from` on, which is where the line stands. */
static void add_wrapped(struct buf *out, const char *text, size_t from)
{
	size_t column = from;

	while (*text) {
		size_t word = strcspn(text, " ");

		if (column > from && column + 1 + word > COLUMNS) {
			buf_add_char(out, '\n');
			pad(out, from);
			column = from;
		} else if (column > from) {
			buf_add_char(out, ' ');
			column++;
		}
		buf_add(out, text, word);
		column += word;
		text += word + (text[word] == ' ');
	}
	buf_add_char(out, '\n');
}

/* `left`, and `text` from `column` on, below `left` where that is too wide. */
static void add_two_columns(struct buf *out, const char *left, size_t column, const char *text)
{
	size_t len = strlen(left);

	buf_add_text(out, left);
	if (len + 2 > column) {
		buf_add_char(out, '\n');
		len = 0;
	}
	pad(out, column - len);
	add_wrapped(out, text, column);
}

static void add_option(struct buf *out, const struct option_row *row)
{
	char left[COLUMNS], text[4 * COLUMNS];

	if (!row->name)
		snprintf(left, sizeof left, "  -%c", row->letter);
	else
		snprintf(left, sizeof left, "  %c%c%c --%s%s%s", row->letter ? '-' : ' ',
			 row->letter ? row->letter : ' ', row->letter ? ',' : ' ', row->name,
			 row->value ? " " : "", row->value ? row->value : "");
	snprintf(text, sizeof text, "%s%s%s%s", row->help, row->env ? " ($" : "", row->env ? row->env : "",
		 row->env ? ")" : "");
	add_two_columns(out, left, TEXT_COLUMN, text);
}

static void add_group(struct buf *out, enum command command, enum option_group group)
{
	bool any = false;

	for (size_t i = 0; i < option_row_count; i++) {
		const struct option_row *row = &option_rows[i];

		if (row->group != group || !(row->commands >> command & 1))
			continue;
		if (!any)
			buf_printf(out, "\n%s:\n", headings[group]);
		any = true;
		add_option(out, row);
	}
}

static void add_commands(struct buf *out)
{
	char left[COLUMNS];

	buf_add_text(out, "\nCommands (\"symbol-upload help COMMAND\" lists their options):\n");
	for (unsigned i = 0; i < COMMAND_COUNT; i++) {
		snprintf(left, sizeof left, "  %s", command_rows[i].name);
		add_two_columns(out, left, COMMAND_COLUMN, command_rows[i].about);
	}
}

void options_help(enum command command, struct buf *out)
{
	const struct command_row *row = &command_rows[command];

	buf_printf(out, "Usage: %s\n", row->usage);
	if (command == COMMAND_UPLOAD) {
		add_commands(out);
	} else {
		buf_add_char(out, '\n');
		add_wrapped(out, row->about, 0);
	}
	buf_printf(out, "\n%s", row->examples);
	for (unsigned group = 0; group < GROUP_COUNT; group++)
		add_group(out, command, (enum option_group)group);
	buf_add_text(out, "\nSee symbol-upload(1) for the details.\n");
}

/* Is `name` one of the readers that are meant where --for is not given? */
static bool is_standard(const char *name)
{
	const char *word = KEY_READERS_DEFAULT;
	size_t len = strlen(name), n = strcspn(word, ",");

	while (n != len || memcmp(word, name, n) != 0) {
		if (!word[n])
			return false;
		word += n + 1;
		n = strcspn(word, ",");
	}
	return true;
}

void options_list_readers(struct buf *out)
{
	char left[COLUMNS];

	for (size_t i = 0; i < key_reader_count; i++) {
		snprintf(left, sizeof left, "%c %s", is_standard(key_readers[i].name) ? '*' : ' ',
			 key_readers[i].name);
		add_two_columns(out, left, READER_COLUMN, key_readers[i].about);
	}
	buf_add_text(out, "\n* where --for is not given\n");
}
