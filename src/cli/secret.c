/* SPDX-License-Identifier: MIT
 * Secrets out of files, so that they stand neither on the command line nor in the
 * environment: `@FILE`, and `@-` for standard input, as curl has it. */
#include "cli/rows.h"

#include "base/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { SECRET_BYTES_MAX = 65536 };

/* A pipe is as good as a file here: `@<(pass show symbols)` is one. */
static enum sym_status read_all(const char *name, char *to, size_t *size, struct sym_err *err)
{
	bool is_input = strcmp(name, "-") == 0;
	FILE *file = is_input ? stdin : fopen(name, "rb");
	char word[SHOWN_MAX];
	int sys = 0;

	shown(word, is_input ? "the standard input" : name);
	if (!file)
		return err_sys(err, SYM_NOT_FOUND, errno, "cannot read %s", word);
	*size = fread(to, 1, SECRET_BYTES_MAX, file);
	if (ferror(file))
		sys = errno;
	if (!is_input)
		fclose(file);
	if (sys)
		return err_sys(err, SYM_USAGE, sys, "cannot read %s", word);
	if (*size == SECRET_BYTES_MAX)
		return err_set(err, SYM_USAGE, "%s is too long for a secret", word);
	to[*size] = '\0';
	if (strlen(to) != *size)
		return err_set(err, SYM_USAGE, "%s holds a NUL", word);
	return SYM_OK;
}

/* The lines of `text`, which is cut up: a list takes them all, a single value must be one. */
static enum sym_status take_lines(struct options *o, struct option_delivery *how,
				  const struct option_row *row, char *text, const char *source,
				  struct sym_err *err)
{
	unsigned taken = 0;

	while (*text) {
		size_t len = strcspn(text, "\r\n");
		char *next = text + len + (text[len] != '\0');

		text[len] = '\0';
		if (len > 0 && taken > 0 && row->kind != OPTION_LIST)
			return err_set(err, SYM_USAGE, "%s has more than one line", source);
		if (len > 0 && option_set(o, how, row, text, err) != SYM_OK)
			return err->status;
		taken += len > 0;
		text = next;
	}
	return taken > 0 ? SYM_OK : err_set(err, SYM_USAGE, "%s is empty", source);
}

enum sym_status option_take(struct options *o, struct option_delivery *how,
			    const struct option_row *row, const char *text, struct sym_err *err)
{
	char held[SECRET_BYTES_MAX + 1];
	size_t size = 0;
	enum sym_status status;

	if (!(row->traits & OPTION_AT_FILE) || text[0] != '@')
		return option_set(o, how, row, text, err);
	if (strcmp(text, "@-") == 0 && o->input_is_secret)
		return err_set(err, SYM_USAGE, "the standard input is read for another secret");
	o->input_is_secret |= strcmp(text, "@-") == 0;
	status = read_all(text + 1, held, &size, err);
	if (status == SYM_OK)
		status = take_lines(o, how, row, held, strcmp(text, "@-") == 0 ? "the standard input" : "the file",
				    err);
	bytes_wipe(held, size);
	return status;
}
