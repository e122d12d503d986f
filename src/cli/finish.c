/* SPDX-License-Identifier: MIT
 * The environment, the defaults, and what only the whole of the options can tell. */
#include "cli/rows.h"

#include "cli/config.h"
#include "cli/suggest.h"
#include "key/key.h"

#include <stdlib.h>
#include <string.h>

enum sym_status options_read_environment(struct options *o, struct sym_err *err)
{
	for (size_t i = 0; i < option_row_count; i++) {
		const struct option_row *row = &option_rows[i];
		const char *value = row->env ? getenv(row->env) : NULL;

		if (!value || !value[0] || !option_is_open(o, row, FROM_ENVIRONMENT) ||
		    !(row->commands >> o->command & 1))
			continue;
		if (option_set(o, NULL, row, value, err) != SYM_OK)
			return err_prefix(err, "%s", row->env);
		option_mark(o, row, FROM_ENVIRONMENT, 0);
	}
	return SYM_OK;
}

static enum sym_status set_default(struct options *o, const struct option_row *row,
				   struct sym_err *err)
{
	/* `inspect` shows every reader's path: it costs nothing, and nothing is written. */
	if (row->kind != OPTION_NAMES || o->command != COMMAND_INSPECT)
		return option_set(o, NULL, row, row->standard, err);
	for (size_t i = 0; i < key_reader_count; i++)
		if (option_set(o, NULL, row, key_readers[i].name, err) != SYM_OK)
			return err->status;
	return SYM_OK;
}

static enum sym_status set_defaults(struct options *o, struct sym_err *err)
{
	for (size_t i = 0; i < option_row_count; i++) {
		const struct option_row *row = &option_rows[i];

		if (!row->standard || o->origins[i].from != FROM_NOWHERE)
			continue;
		if (set_default(o, row, err) != SYM_OK)
			return err->status;
		option_mark(o, row, FROM_DEFAULT, 0);
	}
	return SYM_OK;
}

/* A named target does as the whole run where it does not say otherwise. */
static enum sym_status complete_target(const struct options *o, struct option_target *t,
				       struct sym_err *err)
{
	if (!t->has_existing)
		t->how.existing = o->how.existing;
	if (!t->has_flush)
		t->how.flush = o->how.flush;
	for (size_t i = 0; i < o->how.readers.count && !t->has_readers; i++) {
		const char *reader = o->how.readers.at[i];

		if (strings_add(&t->how.readers, reader, strlen(reader), err) != SYM_OK)
			return err->status;
	}
	return SYM_OK;
}

bool is_address(const char *to)
{
	return strstr(to, "://") != NULL || strcmp(to, "bugsplat") == 0;
}

static enum sym_status no_such_target(const struct options *o, const char *name,
				      struct sym_err *err)
{
	struct suggest nearest = suggest_for(name);
	char word[SHOWN_MAX], end[HINT_MAX];

	if (strchr(name, '/') || name[0] == '.')
		return err_set(
			err, SYM_USAGE,
			"--to takes an address or a name, not \"%s\"; a folder is given with -l",
			shown(word, name));
	for (size_t i = 0; i < o->target_count; i++)
		suggest_offer(&nearest, o->targets[i].name);
	return err_set(err, SYM_USAGE, "%s names no target \"%s\"%s",
		       o->config ? o->config : CONFIG_NAME, shown(word, name),
		       hint(end, "", nearest.best, nearest.best ? strlen(nearest.best) : 0));
}

static enum sym_status resolve(const struct options *o, const char *to,
			       struct option_destination *out, struct sym_err *err)
{
	*out = (struct option_destination){.name = to, .to = to, .how = &o->how};
	if (is_address(to))
		return SYM_OK;
	for (size_t i = 0; i < o->target_count; i++) {
		if (strcmp(o->targets[i].name, to) != 0)
			continue;
		out->to = o->targets[i].to;
		out->how = &o->targets[i].how;
		return SYM_OK;
	}
	return no_such_target(o, to, err);
}

static enum sym_status list_destinations(struct options *o, struct sym_err *err)
{
	o->destinations = calloc(o->to.count + 1, sizeof *o->destinations);
	if (!o->destinations)
		return err_set(err, SYM_NOMEM, "out of memory");
	if (o->local_path)
		o->destinations[o->destination_count++] = (struct option_destination){
			.name = o->local_path, .to = o->local_path, .folder = true, .how = &o->how};
	for (size_t i = 0; i < o->to.count; i++) {
		struct option_destination *out = &o->destinations[o->destination_count];

		if (resolve(o, o->to.at[i], out, err) != SYM_OK)
			return err->status;
		o->destination_count++;
	}
	return SYM_OK;
}

enum sym_status options_finish(struct options *o, struct sym_err *err)
{
	if (set_defaults(o, err) != SYM_OK)
		return err->status;
	if (o->quiet && o->verbose)
		return err_set(err, SYM_USAGE, "--quiet and --verbose exclude each other");
	if (o->null && !o->files_from)
		return err_set(err, SYM_USAGE,
			       "--null says how to read --files-from, which is not given");
	for (size_t i = 0; i < o->target_count; i++)
		if (complete_target(o, &o->targets[i], err) != SYM_OK)
			return err->status;
	return list_destinations(o, err);
}

/* A loop that the compiler may not drop, as it may a memset before free. */
static void wipe(char *secret)
{
	for (volatile char *c = secret; c && *c; c++)
		*c = '\0';
}

void options_release(struct options *o)
{
	for (size_t i = 0; i < option_row_count; i++) {
		const struct option_row *row = &option_rows[i];
		void *field = option_field(o, NULL, row);

		if (row->traits & OPTION_SECRET)
			wipe(*(char **)field);
		if (row->kind == OPTION_TEXT)
			free(*(char **)field);
		else if (row->kind == OPTION_LIST || row->kind == OPTION_NAMES)
			strings_release(field);
	}
	strings_release(&o->paths);
	for (size_t i = 0; i < o->target_count; i++) {
		free(o->targets[i].name);
		free(o->targets[i].to);
		strings_release(&o->targets[i].how.readers);
	}
	free(o->targets);
	free(o->destinations);
	*o = (struct options){0};
}
