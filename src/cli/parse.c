/* SPDX-License-Identifier: MIT
 * The command line. Version 11 read it with npm's command-line-args, and what was
 * right there is read the same here: `--name=value`, clusters of letters, `-` at
 * the start of a value only behind `=`, the same option twice an error. What was an
 * accident there (an option without its value) is an error that says so. */
#include "cli/rows.h"

#include "cli/suggest.h"

#include <string.h>

struct parse {
	int argc;
	char **argv;
	int next; /* the argument to read next */
	bool has_command;
	bool may_be_misspelt; /* the first path stands where a command could */
	const struct option_row *empty; /* whose value counts as none; NULL: none has */
	struct options *o;
	struct sym_err *err;
};

/* Options of older versions, and what to use instead. */
static const struct {
	char letter;
	const char *name;
	const char *instead;
} gone[] = {
	{'u', NULL, "--clientId and --clientSecret: BugSplat's API takes no user and password"},
	{'p', NULL, "--clientId and --clientSecret: BugSplat's API takes no user and password"},
	{'\0', "threads", "--jobs"},
};

/* The option as errors name it: without its value, which may be a secret. */
static const char *called(char to[SHOWN_MAX], const char *arg)
{
	char name[SHOWN_MAX];
	size_t len = strncmp(arg, "--", 2) == 0 ? strcspn(arg, "=") : 2;

	if (len >= sizeof name)
		len = sizeof name - 1;
	memcpy(name, arg, len);
	name[len] = '\0';
	return shown(to, name);
}

static enum sym_status unknown(struct parse *p, const char *arg, size_t name_len)
{
	bool is_long = strncmp(arg, "--", 2) == 0;
	char word[SHOWN_MAX], end[HINT_MAX];
	const char *name = called(word, arg), *best = NULL;

	for (size_t i = 0; i < ARRAY_LEN(gone); i++)
		if (is_long ? gone[i].name && strcmp(name + 2, gone[i].name) == 0
			    : name[1] == gone[i].letter)
			return err_set(p->err, SYM_USAGE, "there is no option %s any more; use %s",
				       name, gone[i].instead);
	if (is_long && name_len > 0)
		best = option_nearest(name + 2, 0);
	return err_set(p->err, SYM_USAGE, "unknown option %s%s", name,
		       best ? hint(end, "--", best) : "; --help lists all");
}

/* In place: it is this memory of which `ps` shows the command line. */
static void blank(char *secret)
{
	memset(secret, '*', strlen(secret));
}

static void blank_address(char *address)
{
	struct address_parts at = address_parts(address);

	if (at.host > at.user)
		memset(address + at.user, '*', at.host - at.user - 1);
	if (address[at.query])
		blank(address + at.query + 1);
}

static enum sym_status take(struct parse *p, const struct option_row *row, const char *name,
			    char *value)
{
	struct options *o = p->o;
	enum sym_status status = SYM_OK;
	bool many = row->kind == OPTION_LIST || row->kind == OPTION_NAMES;

	if (!value[0] && (row->traits & OPTION_EMPTY_OK)) {
		p->empty = row;
		return SYM_OK;
	}
	if (!value[0])
		return err_set(p->err, SYM_USAGE, "%s has an empty value", name);
	if (!many && o->origins[row - option_rows].from == FROM_ARGV)
		return err_set(p->err, SYM_USAGE, "%s is given twice", name);
	if (row->kind == OPTION_NAMES && strcmp(value, "list") == 0)
		o->list_readers = true;
	else
		status = option_take(o, NULL, row, value, p->err);
	if (row->traits & OPTION_SECRET)
		blank(value);
	if (row->traits & OPTION_URL)
		blank_address(value);
	option_mark(o, row, (struct option_origin){.from = FROM_ARGV});
	if (status == SYM_NOT_FOUND)
		p->err->status = SYM_USAGE; /* a secret's file */
	return status == SYM_OK ? SYM_OK : err_prefix(p->err, "%s", name);
}

static enum sym_status take_flag(struct parse *p, const struct option_row *row, const char *name)
{
	char yes[] = "true";

	return take(p, row, name, yes);
}

/* The value that follows its option as an argument of its own. */
static enum sym_status take_next(struct parse *p, const struct option_row *row, const char *arg)
{
	char *value = p->next < p->argc ? p->argv[p->next] : NULL;
	char name[SHOWN_MAX];

	called(name, arg);
	if (value && (value[0] != '-' || strcmp(value, "-") == 0)) {
		p->next++;
		return take(p, row, name, value);
	}
	if (row->letter == 'v')
		return err_set(p->err, SYM_USAGE,
			       "%s needs the application's version; -V prints the program's, and --verbose says more",
			       name);
	return err_set(p->err, SYM_USAGE, "%s needs a value%s%s%s", name,
		       value ? "; one that begins with \"-\" is given as --" : "",
		       value ? row->name : "", value ? "=VALUE" : "");
}

static enum sym_status read_long(struct parse *p, char *arg)
{
	size_t len = strcspn(arg + 2, "=");
	char *equals = arg[2 + len] ? arg + 2 + len : NULL;
	const struct option_row *row = option_by_name(arg + 2, len);
	char name[SHOWN_MAX];

	if (!row)
		return unknown(p, arg, len);
	called(name, arg);
	if (row->kind == OPTION_FLAG && equals)
		return err_set(p->err, SYM_USAGE, "%s takes no value", name);
	if (row->kind == OPTION_FLAG)
		return take_flag(p, row, name);
	if (equals)
		return take(p, row, name, equals + 1);
	return take_next(p, row, arg);
}

/* `-nq`, `-f VALUE`, `-fVALUE`, `-f=VALUE`: the first letter that takes a value takes the rest. */
static enum sym_status read_letters(struct parse *p, char *arg)
{
	/* -database, as version 11's own messages wrote it. */
	if (arg[2] && option_by_name(arg + 1, strcspn(arg + 1, "=")))
		return err_set(p->err, SYM_USAGE, "long options have two dashes: -%.*s",
			       (int)strcspn(arg, "="), arg);
	for (char *c = arg + 1; *c; c++) {
		const struct option_row *row = option_by_letter(*c);
		const char alone[] = {'-', *c, '\0'};
		enum sym_status status;

		if (!row)
			return unknown(p, alone, 1);
		if (row->kind != OPTION_FLAG && !c[1])
			return take_next(p, row, alone);
		if (row->kind != OPTION_FLAG)
			return take(p, row, alone, c + 1 + (c[1] == '='));
		if (c[1] == '=')
			return err_set(p->err, SYM_USAGE, "%s takes no value", alone);
		status = take_flag(p, row, alone);
		if (status != SYM_OK)
			return status;
	}
	return SYM_OK;
}

/* The first word may be a verb; a path of that name is written ./name. */
static enum sym_status read_word(struct parse *p, char *word, bool may_be_command)
{
	if (!word[0])
		return err_set(p->err, SYM_USAGE, "a path is empty");
	if (may_be_command && !p->has_command && p->o->paths.count == 0) {
		p->may_be_misspelt = true;
		for (unsigned i = 0; i < COMMAND_COUNT; i++) {
			if (strcmp(command_rows[i].name, word) != 0)
				continue;
			p->o->command = (enum command)i;
			p->has_command = true;
			p->may_be_misspelt = false;
			return SYM_OK;
		}
	}
	if (strings_add(&p->o->paths, word, strlen(word), p->err) != SYM_OK)
		return p->err->status;
	if (strstr(word, "://"))
		blank_address(word);
	return SYM_OK;
}

/* A first word that is neither a command nor a file may have been meant for one. */
static void guess_command(struct parse *p)
{
	struct suggest nearest;

	if (!p->may_be_misspelt || !is_no_file(p->o->paths.at[0]))
		return;
	nearest = suggest_for(p->o->paths.at[0]);
	for (unsigned i = 0; i < COMMAND_COUNT; i++)
		suggest_offer(&nearest, command_rows[i].name);
	p->o->meant = nearest.best;
}

static enum sym_status check_command(struct parse *p)
{
	char end[HINT_MAX];

	if (p->empty && !option_may_be_empty(p->o, p->empty))
		return err_set(p->err, SYM_USAGE, "-%c has an empty value", p->empty->letter);
	for (size_t i = 0; i < option_row_count; i++) {
		const struct option_row *row = &option_rows[i];

		if (p->o->origins[i].from == FROM_ARGV && !(row->commands >> p->o->command & 1))
			return err_set(p->err, SYM_USAGE, "%s takes no --%s%s",
				       command_rows[p->o->command].name, row->name,
				       command_hint(end, p->o));
	}
	return SYM_OK;
}

enum sym_status options_parse(int argc, char **argv, struct options *o, struct sym_err *err)
{
	struct parse p = {.argc = argc, .argv = argv, .next = 1, .o = o, .err = err};
	enum sym_status status = SYM_OK;
	/* A file of this name comes with a target, and so with more words. */
	bool only_words = false, asks_help = argc > 1 && argc <= 3 && strcmp(argv[1], "help") == 0;
	char word[SHOWN_MAX], end[HINT_MAX];

	if (argc == 2 && (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-v") == 0 ||
			  strcmp(argv[1], "version") == 0)) {
		o->program_version = true;
		return SYM_OK;
	}
	if (asks_help) {
		o->help = true;
		p.next++;
	}
	while (status == SYM_OK && p.next < argc) {
		char *arg = argv[p.next++];

		if (only_words || arg[0] != '-' || !arg[1])
			status = read_word(&p, arg, !only_words);
		else if (strcmp(arg, "--") == 0)
			only_words = true;
		else if (arg[1] == '-')
			status = read_long(&p, arg);
		else
			status = read_letters(&p, arg);
	}
	if (status != SYM_OK)
		return status;
	guess_command(&p);
	if (asks_help && o->paths.count > 0)
		return err_set(err, SYM_USAGE, "there is no command %s%s", shown(word, o->paths.at[0]),
			       command_hint(end, o));
	return check_command(&p);
}
