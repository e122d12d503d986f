/* SPDX-License-Identifier: MIT
 * symbol-upload check: is everything there, as its readers would ask for it? */
#include "cli/commands.h"

#include "cli/bugsplat.h"
#include "cli/ci.h"
#include "cli/remote.h"
#include "cli/report_lines.h"
#include "cli/report_text.h"
#include "cli/rows.h"
#include "cli/say.h"
#include "cli/sources.h"
#include "pipeline/check.h"
#include "pipeline/json.h"
#include "pipeline/run.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES_MAX = 4 << 20, WHERE_BYTES_MAX = 4096 };

struct check {
	const struct options *o;
	struct option_delivery *how; /* one a destination, with fewer retries */
	struct remote *remotes;
	struct run_destination *destinations;
	size_t count;                /* of destinations that can be asked, as far as is known */
	struct sources sources;
	const char **keys;           /* words that are no file here: asked for as they are */
	size_t key_count;
	struct buf line;
	bool bad;
};

/* ---------------------------------------------------- the store itself -- */

static void found_in_text(struct check *c, const struct finding *f)
{
	struct buf where = BUF_MAX(WHERE_BYTES_MAX);
	char bytes[SAY_BYTES_MAX];
	/* Where no answer came, it does not matter what was asked for to try the store. */
	const char *path = f->probe && f->answer->http == 0 && f->action == ACTION_FAILED ? NULL : f->path;

	buf_printf(&where, "%s%s%s", f->target, path ? say_slash(f->target) : "", path ? path : "");
	if (f->why && f->harmless)
		say_warning(where.data, f->why);
	else if (f->why)
		say_error(where.data, f->why);
	else if (f->probe && c->o->verbose)
		say_note("what is not there is answered as such");
	if (*f->advice)
		say_note(f->advice);
	if (f->action == ACTION_PRESENT && !c->o->quiet)
		printf("present   %s  %s\n", where.data,
		       f->answer->has_size ? say_bytes(f->answer->size, bytes) : "");
	buf_release(&where);
}

static void found(void *ctx, const struct finding *f)
{
	struct check *c = ctx;

	c->bad |= f->why && !f->harmless;
	if (c->o->format == FORMAT_TEXT) {
		found_in_text(c, f);
		return;
	}
	if (f->probe && !f->why)
		return; /* as it should be, and none of the user's files */
	json_finding(&c->line, f);
	fwrite(c->line.data, 1, c->line.size, stdout);
	buf_clear(&c->line);
}

/* ------------------------------------------------------------ preparing -- */

/* Words that name no file here are paths of the store. */
static void part_keys(struct check *c)
{
	struct source_named *named = c->sources.named;
	size_t kept = 0;

	for (size_t i = 0; i < c->sources.options.named_count; i++) {
		struct os_stat st;
		struct sym_err ignored;

		if (named[i].kind == SOURCE_PATH && !strstr(named[i].text, "..") && named[i].text[0] != '/' &&
		    os_stat(NULL, named[i].text, OS_FOLLOW, &st, &ignored) == SYM_NOT_FOUND)
			c->keys[c->key_count++] = named[i].text;
		else
			named[kept++] = named[i];
	}
	c->sources.options.named_count = kept;
}

static enum sym_status add_destination(struct check *c, size_t i, struct sym_err *err)
{
	const struct option_destination *to = &c->o->destinations[i];
	unsigned workers = c->o->jobs ? c->o->jobs : RUN_REMOTE_WORKERS;

	(void)remote_warn(to); /* `check` has no --strict */
	c->how[i] = *to->how; /* borrows its texts */
	if (options_from(c->o, "retries") <= FROM_DEFAULT && c->how[i].retries > 1)
		c->how[i].retries = 1; /* somebody is waiting for the answer */
	c->destinations[i] = (struct run_destination){
		.where = to->to,
		.readers = readers_mask(&to->how->readers),
		.existing = EXISTING_KEEP,
		.flush = FLUSH_NONE,
		.remote = target_is_remote(to->to) ? &c->remotes[i].options : NULL};
	return remote_init(&c->remotes[i], &c->how[i], workers, err);
}

static enum sym_status check_init(struct check *c, const struct options *o, struct sym_err *err)
{
	size_t count = o->destination_count;

	*c = (struct check){.o = o,
			    .count = count,
			    .line = BUF_MAX(LINE_BYTES_MAX),
			    .how = calloc(count, sizeof *c->how),
			    .remotes = calloc(count, sizeof *c->remotes),
			    .destinations = calloc(count, sizeof *c->destinations),
			    .keys = calloc(o->paths.count + 1, sizeof *c->keys)};
	if (!c->how || !c->remotes || !c->destinations || !c->keys)
		return err_set(err, SYM_NOMEM, "out of memory");
	for (size_t i = 0; i < count; i++)
		if (add_destination(c, i, err) != SYM_OK)
			return err->status;
	if (sources_init(&c->sources, o, err) != SYM_OK)
		return err->status;
	part_keys(c);
	return SYM_OK;
}

static void check_release(struct check *c)
{
	sources_release(&c->sources);
	for (size_t i = 0; c->remotes && i < c->o->destination_count; i++)
		remote_release(&c->remotes[i]);
	free(c->how);
	free(c->remotes);
	free(c->destinations);
	free(c->keys);
	buf_release(&c->line);
}

/* -------------------------------------------------------------- the run -- */

/* Asks for every file; `*good` where all of them are there. */
static enum sym_status check_files(struct check *c, bool *good, struct sym_err *err)
{
	const struct options *o = c->o;
	struct report_text text = {.verbose = o->verbose,
				   .quiet = o->quiet,
				   .summary = o->format == FORMAT_TEXT};
	struct reporter reporters[3] = {report_text(&text)};
	struct ci_summary summary;
	struct run_options run = {.source = &c->sources.options,
				  .destinations = c->destinations,
				  .destination_count = c->count,
				  .workers = o->jobs ? workers_of(o) : 0,
				  .ask = true,
				  .ask_deep = o->deep,
				  .fallback_age = o->fallback_age == FALLBACK_AGE_INFO,
				  .reporters = reporters,
				  .reporter_count = 1,
				  .progress = say_progress};
	struct tally tally;
	enum sym_status status;

	if (o->format == FORMAT_JSON)
		reporters[run.reporter_count++] = report_json(&c->line);
	if (ci_summary_reporter(&summary, "check", &reporters[run.reporter_count]))
		run.reporter_count++;
	status = run_delivery(&run, &tally, err);
	ci_summary_release(&summary);
	*good = tally_of(&tally, ACTION_PRESENT) > 0 && tally_of(&tally, ACTION_MISSING) == 0 &&
		tally_of(&tally, ACTION_FAILED) == 0;
	if (status == SYM_OK && tally.found == 0)
		return err_set(err, SYM_NOT_FOUND, "no file was found to ask for");
	return status;
}

/* Can the store be asked at all? What is wrong with it was said. */
static enum sym_status check_one(struct check *c, const struct run_destination *to, bool *usable,
				 struct sym_err *err)
{
	struct target_options target = {.workers = 1, .remote = to->remote};
	struct check_options options = {.where = to->where,
					.target = &target,
					.readers = to->readers,
					.paths = c->keys,
					.path_count = c->key_count,
					.found = found,
					.ctx = c};
	enum sym_status status = check_store(&options, usable, err);

	if (status == SYM_OK || status == SYM_USAGE || status == SYM_NOMEM || status == SYM_CANCELLED)
		return status;
	say_error(NULL, err);
	return SYM_OK;
}

/* Each store stands by itself: one that cannot be asked does not keep the others from it. */
static enum sym_status check_all(struct check *c, struct sym_err *err)
{
	bool good = true;
	size_t kept = 0;

	for (size_t i = 0; i < c->count; i++) {
		bool usable = false;

		if (check_one(c, &c->destinations[i], &usable, err) != SYM_OK)
			return err->status;
		if (usable)
			c->destinations[kept++] = c->destinations[i];
	}
	c->bad |= kept < c->count;
	c->count = kept;
	if (kept > 0 && c->sources.options.named_count + c->o->files.count > 0 &&
	    check_files(c, &good, err) != SYM_OK)
		return err->status;
	c->bad |= !good;
	return SYM_OK;
}

int command_check(const struct options *o)
{
	struct check c = {.o = o};
	struct sym_err err = {0};
	enum sym_status status = SYM_OK;

	if (o->destination_count == 0)
		status = err_set(&err, SYM_USAGE, "nothing says what to check: give a target with --to or -l");
	for (size_t i = 0; i < o->destination_count && status == SYM_OK; i++)
		if (is_bugsplat(&o->destinations[i]))
			status = err_set(&err, SYM_USAGE, "BugSplat's own store cannot be asked");
	ci_begin("check");
	if (status == SYM_OK)
		status = check_init(&c, o, &err);
	if (status == SYM_OK)
		status = check_all(&c, &err);
	if (status != SYM_OK)
		say_error(NULL, &err);
	check_release(&c);
	ci_end();
	if (status == SYM_USAGE)
		return EXIT_USAGE;
	return status == SYM_OK && !c.bad ? EXIT_GOOD : EXIT_FAILED;
}
