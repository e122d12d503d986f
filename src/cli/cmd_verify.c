/* SPDX-License-Identifier: MIT
 * symbol-upload verify: is every file of a store whole, and where its readers ask for it? */
#include "cli/commands.h"

#include "cli/bugsplat.h"
#include "cli/ci.h"
#include "cli/rows.h"
#include "cli/say.h"
#include "cli/signal.h"
#include "cli/sources.h"
#include "format/format.h"
#include "pipeline/json/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
	LINE_BYTES_MAX = 1 << 20,
	NAMED_MAX = 20, /* files that cannot be checked: the others are counted */
};

struct verify {
	const struct options *o;
	const char *receipt;
	const char *store;
	struct buf line;
	struct ci_summary summary;
	uint64_t unchecked; /* files of this store that cannot be checked, so far */
	bool bad;           /* something is wrong */
	bool warned;
};

/* ------------------------------------------------------- file by file -- */

/* "no reader asks for it here; it belongs to app.pdb/KEY/app.pdb" */
static void add_why(struct buf *out, const struct verified *v)
{
	const char *other = v->twin ? v->twin : v->judgement->belongs;

	buf_add_text(out, v->why->text);
	if (v->why->has_offset)
		buf_printf(out, " (at offset 0x%" PRIx64 ")", v->why->offset);
	if (*other)
		buf_printf(out, "%s%s", v->twin ? ": " : "; by its key it belongs to ", other);
}

static void tell_issue(struct verify *c, const struct verified *v, bool fault)
{
	const struct judgement *j = v->judgement;
	const char *word = j ? verdict_word(j->verdict) : "";
	bool named = !j || j->verdict != VERDICT_UNCHECKED || c->o->verbose || c->unchecked++ < NAMED_MAX;
	struct buf text = BUF_MAX(2 * SAY_PATH_MAX);

	buf_printf(&text, "%s%s", word, j ? ": " : "");
	add_why(&text, v);
	ci_summary_issue(&c->summary, fault ? word : "warning", v->path,
			 text.data ? text.data + (fault ? strlen(word) + 2 : 0) : "");
	if (named && c->o->format == FORMAT_TEXT)
		say_issue(fault, v->path, "%s", text.data ? text.data : "");
	buf_release(&text);
}

static void told(void *ctx, const struct verified *v)
{
	struct verify *c = ctx;
	const struct judgement *j = v->judgement;
	bool fault = j && verdict_is_fault(j->verdict);

	if (fault || !j || j->odd || j->verdict == VERDICT_UNCHECKED)
		tell_issue(c, v, fault);
	if (c->o->format == FORMAT_JSON) {
		json_verified(&c->line, c->store, v);
		say_print(&c->line);
	} else if (j && !fault && c->o->verbose && !c->o->quiet) {
		say_out_begin();
		printf("%-10s ", verdict_word(j->verdict));
		say_shown(v->path);
		putchar('\n');
	}
}

/* ------------------------------------------------------------ the summary -- */

/* The columns: what is fine, and whatever else there is. */
static bool column_used(const struct verify_counts *c, enum verdict verdict)
{
	return verdict == VERDICT_FINE || (verdict < VERDICT_OTHER && verified_of(c, verdict) > 0);
}

static void print_head(const struct verify_counts *c)
{
	printf("%s%-14s", say_bold(), "");
	for (unsigned i = 0; i < VERDICT_COUNT; i++)
		if (column_used(c, i))
			printf("%11s", verdict_word(i));
	printf("%s\n", say_plain());
}

static void print_row(const struct verify_counts *c, const char *name, const uint64_t count[VERDICT_COUNT])
{
	char number[SAY_NUMBER_MAX];

	printf("%-14s", name);
	for (unsigned i = 0; i < VERDICT_COUNT; i++)
		if (column_used(c, i))
			printf("%11s", say_number(count[i], number));
	putchar('\n');
}

static bool has_row(const uint64_t count[VERDICT_COUNT])
{
	for (unsigned i = 0; i < VERDICT_OTHER; i++)
		if (count[i] > 0)
			return true;
	return false;
}

static void print_table(const struct verify_counts *c)
{
	uint64_t all[VERDICT_COUNT];

	print_head(c);
	for (unsigned kind = 0; kind < SYM_KIND_COUNT; kind++)
		if (has_row(c->count[kind]))
			print_row(c, kind == SYM_KIND_NONE ? "unknown" : kind_word(kind), c->count[kind]);
	for (unsigned i = 0; i < VERDICT_COUNT; i++)
		all[i] = verified_of(c, i);
	print_row(c, "all", all);
}

/* "passed over 3 files of the store itself, 2 that are no symbol files" */
static void print_passed_over(const struct verify_counts *c)
{
	uint64_t own = verified_of(c, VERDICT_OWN), other = verified_of(c, VERDICT_OTHER);
	char number[SAY_NUMBER_MAX];

	if (own > 0)
		printf("passed over %s %s of the store itself\n", say_number(own, number),
		       own == 1 ? "file" : "files");
	if (other > 0)
		printf("passed over %s %s\n", say_number(other, number),
		       other == 1 ? "file that is no symbol file" : "files that are no symbol files");
}

static void print_receipt(const struct verify_counts *c)
{
	char number[SAY_NUMBER_MAX];

	if (c->undelivered > 0)
		printf("the receipt has %s %s that the run did not deliver\n",
		       say_number(c->undelivered, number), c->undelivered == 1 ? "path" : "paths");
	if (c->moved) {
		fputs("the receipt is of ", stdout);
		say_shown(c->elsewhere_at);
		puts(": this store is taken for a copy of it");
	}
	if (c->elsewhere == 0)
		return;
	printf("the receipt has %s %s of other targets, such as ", say_number(c->elsewhere, number),
	       c->elsewhere == 1 ? "path" : "paths");
	say_shown(c->elsewhere_at);
	putchar('\n');
}

static void say_unnamed(const struct verify *c, const struct verify_counts *counts)
{
	char number[SAY_NUMBER_MAX];
	uint64_t unchecked = verified_of(counts, VERDICT_UNCHECKED);

	if (!c->o->verbose && unchecked > NAMED_MAX)
		say_issue(false, NULL, "%s more files cannot be checked (--verbose names them)",
			  say_number(unchecked - NAMED_MAX, number));
}

/* "store: 12 fine, 1 damaged." */
static void add_to_summary(struct verify *c, const struct verify_counts *counts)
{
	struct buf *whole = &c->summary.whole;
	char number[SAY_NUMBER_MAX];

	ci_add_markdown(whole, c->store);
	for (unsigned i = 0; i < VERDICT_OTHER; i++)
		if (column_used(counts, i))
			buf_printf(whole, "%s %s %s", i == VERDICT_FINE ? ":" : ",",
				   say_number(verified_of(counts, i), number), verdict_word(i));
	buf_add_text(whole, ".\n");
}

static void sum_up(struct verify *c, const struct verify_counts *counts)
{
	char seconds[SAY_SECONDS_MAX];

	say_progress_end();
	if (c->o->format == FORMAT_JSON) {
		json_verified_all(&c->line, counts, c->receipt != NULL);
		say_print(&c->line);
		return;
	}
	say_unnamed(c, counts);
	if (c->o->quiet)
		return;
	print_table(counts);
	print_passed_over(counts);
	print_receipt(counts);
	printf("verified in %s\n", say_seconds(counts->milliseconds, seconds));
}

/* A summary in JSON would be taken for that of the whole store: there is none. */
static void say_stopped(struct verify *c, const struct verify_counts *counts)
{
	say_note("Stopped: %s was not verified to its end.", c->store);
	if (c->o->format == FORMAT_TEXT)
		sum_up(c, counts);
}

/* -------------------------------------------------------------- the run -- */

/* Was anything there to be verified? */
static enum sym_status check_any(const struct verify *c, const struct verify_counts *counts,
				 struct sym_err *err)
{
	for (unsigned i = 0; i < VERDICT_OTHER; i++)
		if (verified_of(counts, i) > 0)
			return SYM_OK;
	if (c->receipt && counts->elsewhere > 0)
		return err_set(err, SYM_NOT_FOUND, "%s: by the receipt nothing was delivered here, but to %s",
			       c->store, counts->elsewhere_at);
	if (c->receipt)
		return err_set(err, SYM_NOT_FOUND, "%s: by the receipt nothing was delivered", c->store);
	return err_set(err, SYM_NOT_FOUND, options_given(c->o, "files") ? "%s: no symbol file of this store is selected"
								 : "%s: there is no symbol file in this store",
		       c->store);
}

static enum sym_status verify_one(struct verify *c, const struct option_destination *to,
				  const struct source_options *select, struct sym_err *err)
{
	const struct options *o = c->o;
	struct verify_options options = {.store = target_local_path(to->to),
					 .select = select,
					 .receipt = c->receipt,
					 .workers = run_workers(o->jobs),
					 .readers = readers_mask(&to->how->readers),
					 .fallback_age = o->fallback_age == FALLBACK_AGE_INFO,
					 .told = told,
					 .progress = say_progress,
					 .ctx = c};
	struct verify_counts counts;
	enum sym_status status;

	c->store = options.store;
	c->unchecked = 0;
	status = run_verify(&options, &counts, err);
	if (status == SYM_CANCELLED)
		say_stopped(c, &counts);
	if (status != SYM_OK)
		return status;
	for (unsigned i = 0; i < VERDICT_COUNT; i++)
		c->bad |= verdict_is_fault(i) && verified_of(&counts, i) > 0;
	c->warned |= counts.warnings + verified_of(&counts, VERDICT_UNCHECKED) > 0;
	sum_up(c, &counts);
	add_to_summary(c, &counts);
	return check_any(c, &counts, err);
}

/* Refuses options that make no run. */
static enum sym_status check_demands(const struct options *o, struct sym_err *err)
{
	char word[SHOWN_MAX];

	if (o->paths.count > 0)
		return err_set(err, SYM_USAGE, "verify takes no path such as %s: use -l for the store, and -f "
					       "to verify a part of it", shown(word, o->paths.at[0]));
	if (o->destination_count == 0)
		return err_set(err, SYM_USAGE, "no store is given: use -l DIR");
	if (options_given(o, "receipt") && (options_given(o, "files") || options_given(o, "exclude")))
		return err_set(err, SYM_USAGE, "--receipt says what to verify: -f and --exclude do not go with it");
	for (size_t i = 0; i < o->destination_count; i++) {
		const struct option_destination *to = &o->destinations[i];

		if (is_bugsplat(to))
			return err_set(err, SYM_USAGE, "BugSplat's own store cannot be verified");
		if (!is_local(to))
			return err_set(err, SYM_USAGE, "%s is not a folder: use \"check --deep\", which fetches and "
						       "compares the files", shown_address(word, to->to));
	}
	return SYM_OK;
}

static enum sym_status verify_all(struct verify *c, struct sym_err *err)
{
	struct sources sources;
	enum sym_status status = sources_init(&sources, c->o, err);

	/* What symbol-upload.yaml says of sources and receipts is meant for uploads. */
	if (!options_given(c->o, "files"))
		sources.options.pattern_count = 0;
	if (!options_given(c->o, "exclude"))
		sources.options.exclude_count = 0;
	/* Each store stands by itself. */
	for (size_t i = 0; i < c->o->destination_count && status == SYM_OK; i++) {
		ci_summary_write(&c->summary); /* of the store before */
		status = verify_one(c, &c->o->destinations[i], &sources.options, err);
		if (status != SYM_OK && !ends_the_run(status)) {
			ci_summary_error(&c->summary, err);
			c->bad = true;
			status = SYM_OK;
		}
	}
	sources_release(&sources);
	return status;
}

/* Prints what ended the run. With --strict a warning is enough to fail. */
static int exit_status_of(struct verify *c, enum sym_status status, struct sym_err *err)
{
	bool strict = c->o->strict && c->warned;

	if (signal_status())
		return signal_status();
	if (status == SYM_OK && (c->bad || !strict))
		return c->bad ? EXIT_FAILED : EXIT_GOOD;
	if (status == SYM_OK)
		err_set(err, SYM_REFUSED, "--strict: there were warnings");
	ci_summary_error(&c->summary, err);
	return status == SYM_OK ? EXIT_POLICY : exit_status_for(status);
}

int command_verify(const struct options *o)
{
	struct verify c = {.o = o,
			   .receipt = options_given(o, "receipt") ? o->receipt : NULL,
			   .line = BUF_MAX(LINE_BYTES_MAX)};
	struct sym_err err;
	int exit_status;

	if (check_demands(o, &err) != SYM_OK) {
		say_error(NULL, &err);
		return EXIT_USAGE;
	}
	signal_stops();
	ci_begin("verify");
	ci_summary_init(&c.summary, "verify", false);
	exit_status = exit_status_of(&c, verify_all(&c, &err), &err);
	ci_summary_write(&c.summary);
	ci_summary_release(&c.summary);
	buf_release(&c.line);
	ci_end();
	return exit_status;
}
