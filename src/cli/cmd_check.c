/* SPDX-License-Identifier: MIT
 * symbol-upload check: is everything there, as its readers would ask for it? */
#include "cli/commands.h"

#include "cli/ci.h"
#include "cli/report_lines.h"
#include "cli/report_text.h"
#include "cli/rows.h"
#include "cli/say.h"
#include "cli/sources.h"
#include "cli/stores.h"

#include <stdlib.h>
#include <string.h>

struct check {
	const struct options *o;
	struct stores stores;
	struct sources sources;
	const char **keys;           /* words that are no file here: asked for as they are */
	size_t key_count;
};

/* Words that name no file here are paths of the store. */
static void part_keys(struct check *c)
{
	struct source_named *named = c->sources.named;
	size_t kept = 0;

	for (size_t i = 0; i < c->sources.options.named_count; i++) {
		if (named[i].kind == SOURCE_PATH && !strstr(named[i].text, "..") && os_root_len(named[i].text) == 0 &&
		    is_no_file(named[i].text))
			c->keys[c->key_count++] = named[i].text;
		else
			named[kept++] = named[i];
	}
	c->sources.options.named_count = kept;
}

static enum sym_status check_init(struct check *c, const struct options *o, struct sym_err *err)
{
	*c = (struct check){.o = o};
	if (stores_init(&c->stores, o, err) != SYM_OK)
		return err->status;
	c->keys = calloc(o->paths.count + 1, sizeof *c->keys);
	if (!c->keys)
		return err_set(err, SYM_NOMEM, "out of memory");
	if (sources_init(&c->sources, o, err) != SYM_OK)
		return err->status;
	part_keys(c);
	return SYM_OK;
}

static void check_release(struct check *c)
{
	sources_release(&c->sources);
	stores_release(&c->stores);
	free(c->keys);
}

/* Asks for every file; `*good` where all of them are there. */
static enum sym_status check_files(struct check *c, bool *good, struct sym_err *err)
{
	const struct options *o = c->o;
	struct report_text text = {.verbose = o->verbose,
				   .quiet = o->quiet,
				   .several = c->stores.count > 1,
				   .summary = o->format == FORMAT_TEXT};
	struct reporter reporters[3] = {report_text(&text), ci_summary_reporter(&c->stores.summary)};
	struct run_options run = {.source = &c->sources.options,
				  .destinations = c->stores.at,
				  .destination_count = c->stores.count,
				  .workers = o->jobs,
				  .ask = true,
				  .ask_deep = o->deep,
				  .fallback_age = o->fallback_age == FALLBACK_AGE_INFO,
				  .reporters = reporters,
				  .reporter_count = 2,
				  .progress = say_progress};
	struct tally tally;
	enum sym_status status;

	if (o->format == FORMAT_JSON)
		reporters[run.reporter_count++] = report_json(&c->stores.line);
	status = run_delivery(&run, &tally, err);
	if (status != SYM_OK && tally.lost > 0 && !ends_the_run(status)) {
		*good = false; /* and why was told */
		return SYM_OK;
	}
	*good = tally_of(&tally, ACTION_PRESENT) > 0 && tally_of(&tally, ACTION_MISSING) == 0 &&
		tally_of(&tally, ACTION_FAILED) == 0;
	if (status == SYM_OK && tally.found == 0)
		return err_set(err, SYM_NOT_FOUND, "no file was found to ask for");
	if (status == SYM_OK && !*good && tally_of(&tally, ACTION_MISSING) + tally_of(&tally, ACTION_FAILED) == 0)
		return err_set(err, SYM_NOT_FOUND, "nothing was asked for: readers ask for none of the files that were "
						   "found");
	return status;
}

static enum sym_status check_all(struct check *c, struct sym_err *err)
{
	bool good = true;

	if (stores_try(&c->stores, c->keys, c->key_count, err) != SYM_OK)
		return err->status;
	if (c->stores.count > 0 && c->sources.options.named_count + c->o->files.count > 0 &&
	    check_files(c, &good, err) != SYM_OK)
		return err->status;
	c->stores.bad |= !good;
	return SYM_OK;
}

int command_check(const struct options *o)
{
	struct check c;
	struct sym_err err = {0};
	enum sym_status status;
	int exit_status;

	ci_begin("check");
	status = check_init(&c, o, &err);
	if (status == SYM_OK)
		status = check_all(&c, &err);
	exit_status = stores_end(&c.stores, status, &err);
	check_release(&c);
	ci_end();
	return exit_status;
}
