/* SPDX-License-Identifier: MIT */
#include "cli/stores.h"

#include "cli/bugsplat.h"
#include "cli/commands.h"
#include "cli/say.h"
#include "cli/sources.h"
#include "pipeline/json/delivery.h"
#include "pipeline/json/store.h"

#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES_MAX = 4 << 20, WHERE_BYTES_MAX = 4096 };

/* ---------------------------------------------------- what was found out -- */

static void found_in_text(struct stores *s, const struct finding *f, const char *where)
{
	char bytes[SAY_BYTES_MAX];

	if (f->why && f->harmless)
		say_warning(where, f->why);
	else if (f->why)
		say_error(where, f->why);
	else if (f->probe && s->o->verbose)
		say_note("what is not there is answered as such");
	if (*f->advice)
		say_note("%s", f->advice);
	if (f->action == ACTION_PRESENT && !s->o->quiet) {
		fputs("present   ", stdout);
		say_shown(where);
		printf("  %s\n", f->answer->has_size ? say_bytes(f->answer->size, bytes) : "");
	}
}

static void found(void *ctx, const struct finding *f)
{
	struct stores *s = ctx;
	struct buf where = BUF_MAX(WHERE_BYTES_MAX);
	/* The path that tries a store is worth showing only if an answer came. */
	const char *path = f->probe && f->answer->http == 0 && f->action == ACTION_FAILED ? NULL : f->path;
	enum action wrong = f->action == ACTION_MISSING ? ACTION_MISSING : ACTION_FAILED;

	buf_printf(&where, "%s%s%s", f->target, path ? say_slash(f->target) : "", path ? path : "");
	s->bad |= f->why && !f->harmless;
	if (f->why)
		ci_summary_issue(&s->summary, f->harmless ? "warning" : action_word(wrong), where.data, f->why->text);
	if (s->o->format == FORMAT_TEXT) {
		found_in_text(s, f, where.data);
	} else if (!f->probe || f->why) { /* a probe as it should be is none of the user's files */
		json_finding(&s->line, f);
		say_print(&s->line);
	}
	buf_release(&where);
}

/* ------------------------------------------------------------ preparing -- */

static enum sym_status add_destination(struct stores *s, size_t i, struct sym_err *err)
{
	const struct option_destination *to = &s->o->destinations[i];

	if (remote_init(&s->remotes[i], to, s->o->jobs, err) != SYM_OK)
		return err->status;
	if (options_from(s->o, "retries") <= FROM_DEFAULT && s->remotes[i].options.tries > 2)
		s->remotes[i].options.tries = 2; /* somebody is waiting for the answer */
	s->at[i] = (struct run_destination){
		.where = to->to,
		.readers = readers_mask(&to->how->readers),
		.existing = EXISTING_KEEP,
		.flush = FLUSH_NONE,
		.remote = target_kind_of(to->to)->is_remote ? &s->remotes[i].options : NULL};
	return SYM_OK;
}

enum sym_status stores_init(struct stores *s, const struct options *o, struct sym_err *err)
{
	size_t count = o->destination_count;

	*s = (struct stores){.o = o, .line = BUF_MAX(LINE_BYTES_MAX)};
	ci_summary_init(&s->summary, command_rows[o->command].name, count > 1);
	if (count == 0)
		return err_set(err, SYM_USAGE, "no store is given: use -l DIR or --to TARGET");
	for (size_t i = 0; i < count; i++)
		if (is_bugsplat(&o->destinations[i]))
			return err_set(err, SYM_USAGE, "BugSplat's own store cannot be asked");
	s->at = calloc(count, sizeof *s->at);
	s->remotes = calloc(count, sizeof *s->remotes);
	if (!s->at || !s->remotes)
		return err_set(err, SYM_NOMEM, "out of memory");
	s->count = count;
	for (size_t i = 0; i < count; i++)
		if (add_destination(s, i, err) != SYM_OK)
			return err->status;
	return SYM_OK;
}

void stores_release(struct stores *s)
{
	for (size_t i = 0; s->remotes && i < s->o->destination_count; i++)
		remote_release(&s->remotes[i]);
	free(s->at);
	free(s->remotes);
	buf_release(&s->line);
	ci_summary_release(&s->summary);
}

int stores_end(struct stores *s, enum sym_status status, const struct sym_err *why)
{
	if (status != SYM_OK)
		ci_summary_error(&s->summary, why);
	ci_summary_write(&s->summary);
	return status == SYM_OK && s->bad ? EXIT_FAILED : exit_status_for(status);
}

/* --------------------------------------------------------------- trying -- */

bool stores_alike(const struct stores *s, const char *where)
{
	unsigned count = 0;

	for (size_t i = 0; i < s->o->destination_count; i++)
		count += strcmp(s->o->destinations[i].to, where) == 0;
	return count > 1;
}

/* The line of JSON for a store that cannot be asked. */
static enum sym_status print_unusable(struct stores *s, const char *where, const struct target_options *options,
				      struct sym_err *err)
{
	struct sym_err why = *err;
	struct target *t = s->o->format == FORMAT_JSON ? target_unopened(where, options, &why) : NULL;

	if (s->o->format == FORMAT_JSON && !t)
		return err_set(err, SYM_NOMEM, "out of memory");
	if (t) {
		json_lost(&s->line, t->shown, &why);
		say_print(&s->line);
		t->kind->close(t);
	}
	return SYM_OK;
}

/* Can the store be asked at all? What is wrong with it was said. */
static enum sym_status try_one(struct stores *s, const struct run_destination *to,
			       const char *const *paths, size_t path_count, bool *usable,
			       struct sym_err *err)
{
	struct target_options target = {.workers = 1, .remote = to->remote};
	struct check_options options = {.where = to->where,
					.target = &target,
					.by_place = stores_alike(s, to->where),
					.readers = to->readers,
					.paths = paths,
					.path_count = path_count,
					.found = found,
					.ctx = s};
	enum sym_status status = check_store(&options, usable, err);

	if (status == SYM_OK || ends_the_run(status))
		return status;
	ci_summary_error(&s->summary, err);
	return print_unusable(s, to->where, &target, err);
}

enum sym_status stores_try(struct stores *s, const char *const *paths, size_t path_count,
			   struct sym_err *err)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->count; i++) {
		bool usable = false;

		if (try_one(s, &s->at[i], paths, path_count, &usable, err) != SYM_OK)
			return err->status;
		if (usable)
			s->at[kept++] = s->at[i];
	}
	s->bad |= kept < s->count;
	s->count = kept;
	return SYM_OK;
}
