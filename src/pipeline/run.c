/* SPDX-License-Identifier: MIT */
#include "pipeline/run.h"

#include "base/err.h"
#include "base/hash.h"
#include "base/stop.h"
#include "pipeline/ask/asking.h"
#include "pipeline/crew.h"
#include "pipeline/deliver.h"
#include "pipeline/pairs/pairs.h"
#include "pipeline/recall.h"
#include "pipeline/tell.h"
#include "pipeline/verify/judge.h"
#include "target/digest.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
	FEED_FILES = 64, /* found files are handed to the crew by so many */
	RUN_SCOUTS = 2,  /* read folders ahead; more than one: where folders are far away, they wait */
};

struct run {
	const struct run_options *options;
	struct tally *tally;
	struct records records;
	struct bench *benches;
	unsigned finders;    /* threads that identify; the delivery has its own number */
	struct crew *crew;
	struct delivery delivery;
	struct teller teller;
	_Atomic uint64_t identified; /* files that the workers are done with */
	uint64_t progress_at_ms;
};

/* -------------------------------------------------------------- finding -- */

static void show_finding(struct run *run)
{
	struct run_progress p = {.phase = RUN_FINDING, .files_done = run->records.count};
	uint64_t now = os_now_ms();

	if (!run->options->progress || now - run->progress_at_ms < 100)
		return;
	run->progress_at_ms = now;
	run->options->progress(run->options->progress_ctx, &p);
}

/* Does the path fall into this run's part? Machines that see the same paths agree. */
static bool is_ours(const struct run_options *o, const char *path)
{
	return hash_text(HASH_START, path) % o->shards == o->shard - 1;
}

static enum sym_status found(void *ctx, const struct source_file *file, struct sym_err *err)
{
	struct run *run = ctx;
	struct record *r;
	enum sym_status status;

	if (run->options->shards > 1 && !is_ours(run->options, file->path)) {
		run->tally->elsewhere++;
		return SYM_OK;
	}
	status = records_add(&run->records, file->path, &r, err);
	if (status != SYM_OK)
		return status;
	r->in_folder = !file->by_hand && !file->by_pattern;
	if (run->records.count % FEED_FILES == 0) {
		crew_allow(run->crew, run->records.count);
		show_finding(run);
	}
	return stop_check(err);
}

static void found_unusable(void *ctx, const struct source_file *at, const struct sym_err *err)
{
	struct run *run = ctx;

	/* What the user named and is not there is a failure, and so is what nobody could look at for
	 * want of memory; the rest is a warning. */
	if (at->by_hand || err->status == SYM_NOMEM)
		tell_rejected(&run->teller, at->path, 0, err);
	else
		tell_warning(&run->teller, at->path, err);
}

static void left_out(void *ctx, const char *path)
{
	struct run *run = ctx;
	char text[RECORD_PATH_MAX + 80];

	snprintf(text, sizeof text, "%s is not searched: the run writes to it", path);
	tell_note(&run->teller, text);
	run->tally->left_out = true;
}

static void identify_job(void *ctx, unsigned worker, size_t index)
{
	struct run *run = ctx;

	record_identify(&run->benches[worker], records_at(&run->records, index));
	atomic_fetch_add(&run->identified, 1);
}

/* Once all are found, dumping is what takes the time, or a large archive. */
static void show_identifying(void *ctx)
{
	struct run *run = ctx;
	struct run_progress p = {.phase = run->options->dumper ? RUN_DUMPING : RUN_READING,
				 .files = run->records.count,
				 .files_done = atomic_load(&run->identified)};

	run->options->progress(run->options->progress_ctx, &p);
}

/* The folders this run writes to, which it must not search. */
static enum sym_status target_folders(const struct run_options *o, struct source_folder **out,
				      size_t *count, struct sym_err *err)
{
	*count = 0;
	*out = calloc(o->destination_count + 1, sizeof **out);
	if (!*out)
		return err_set(err, SYM_NOMEM, "out of memory");
	for (size_t i = 0; i < o->destination_count; i++) {
		const char *path = target_local_path(o->destinations[i].where);
		struct os_stat st;
		struct sym_err ignored;

		if (!path || os_stat(NULL, path, OS_FOLLOW, &st, &ignored) != SYM_OK)
			continue;
		(*out)[*count].device = st.device;
		(*out)[(*count)++].inode = st.inode;
	}
	return SYM_OK;
}

/* Files in archives come behind all others, in the order of the archives. */
static enum sym_status add_contents(struct run *run, struct sym_err *err)
{
	size_t count = run->records.count;
	enum sym_status status = SYM_OK;

	for (size_t i = 0; i < count && status == SYM_OK; i++) {
		const struct record *r = records_at(&run->records, i);

		if (!r->extra->contents)
			continue;
		run->tally->others += r->extra->contents->others;
		status = records_add_contents(&run->records, r, err);
	}
	return status;
}

/* Walks and identifies at the same time. */
static enum sym_status find_all(struct run *run, struct sym_err *err)
{
	struct source_options source = *run->options->source;
	struct source_sink sink = {.ctx = run, .found = found, .warn = found_unusable, .left_out = left_out};
	struct source_folder *folders;
	enum sym_status status = target_folders(run->options, &folders, &source.target_count, err);

	if (status != SYM_OK)
		return status;
	source.targets = folders;
	source.ahead = run->finders > 1 ? RUN_SCOUTS : 0;
	run->crew = crew_start(run->finders, 0, identify_job, run);
	if (run->crew) {
		status = source_find(&source, &sink, NULL, err);
		run->tally->unsearched = status == SYM_CANCELLED;
		if (run->tally->unsearched && !stop_asked())
			status = SYM_OK; /* the time is over: what was found is told of */
		crew_allow(run->crew, run->records.count);
		crew_finish(run->crew, run->options->progress ? show_identifying : NULL, run);
	} else {
		status = err_set(err, SYM_NOMEM, "cannot start a thread");
	}
	free(folders);
	if (status == SYM_OK || status == SYM_CANCELLED) {
		enum sym_status added = add_contents(run, err);

		status = added == SYM_OK ? status : added;
	}
	run->tally->found = run->records.count;
	return status == SYM_OK ? stop_check(err) : status;
}

/* ----------------------------------------------------------- delivering -- */

/* A target_look_fn: who reads the path would take what lies there, packed or not. */
static enum sym_status look(void *ctx, unsigned worker, os_file file, uint64_t size,
			    const struct parcel_path *at, bool two_tier, unsigned *has,
			    struct sym_err *err)
{
	const struct run *run = ctx;
	const struct place place = {.key = at->path, .two_tier = two_tier, .readers = at->readers};
	struct judgement judgement;

	judge_file(run->benches[worker].probe, file, size, &place, &judgement);
	*has = judgement.has;
	if (judgement.readers)
		return SYM_OK;
	if (judgement.kind != SYM_KIND_NONE)
		return err_set(err, SYM_NOT_FOUND, "it is the file of another key");
	*err = judgement.why;
	return err->status;
}

static void note_of_target(void *ctx, const char *text)
{
	tell_note(ctx, text);
}

bool ends_the_run(enum sym_status status)
{
	return status == SYM_USAGE || status == SYM_NOMEM || status == SYM_CANCELLED;
}

static enum sym_status open_target(struct run *run, size_t i, struct sym_err *err)
{
	const struct run_options *o = run->options;
	const struct run_destination *to = &o->destinations[i];
	struct delivery *d = &run->delivery;
	struct destination *place = &d->destinations[i];
	struct target_options options = {.existing = to->existing,
					 .flush = to->flush,
					 .workers = d->workers,
					 .dry_run = o->dry_run,
					 .remote = to->remote,
					 .transaction = to->transaction,
					 .note = note_of_target,
					 .note_ctx = &run->teller,
					 .look = look,
					 .look_ctx = run};
	struct sym_err why;
	enum sym_status status = o->ask ? asking_open(to->where, &options, o->ask_deep, &place->target, &why)
					: target_open(to->where, &options, &place->target, &why);

	place->to = to;
	if (status == SYM_OK) {
		place->shown = place->target->shown;
		return SYM_OK;
	}
	place->target = NULL;
	*err = why;
	return ends_the_run(status) ? status : delivery_lose(d, i, &options, &why, err);
}

/* One bucket's name at two endpoints: there the very place is told instead. */
static void tell_apart(struct delivery *d)
{
	for (size_t i = 0; i < d->destination_count; i++)
		for (size_t k = 0; k < d->destination_count; k++) {
			const struct target *t = d->destinations[i].target, *other = d->destinations[k].target;

			if (t->place && other->place && strcmp(t->shown, other->shown) == 0 &&
			    strcmp(t->place, other->place) != 0)
				d->destinations[i].shown = t->place;
		}
}

/* Folders last: opening makes them, and what is wrong with another target's options shall be
 * told before anything is written. */
static enum sym_status open_targets(struct run *run, struct sym_err *err)
{
	const struct run_options *o = run->options;
	struct delivery *d = &run->delivery;

	d->destinations = calloc(o->destination_count, sizeof *d->destinations);
	if (!d->destinations)
		return err_set(err, SYM_NOMEM, "out of memory");
	d->destination_count = o->destination_count;
	for (unsigned local = 0; local <= 1; local++)
		for (size_t i = 0; i < o->destination_count; i++)
			if (target_kind_of(o->destinations[i].where)->is_remote != local &&
			    open_target(run, i, err) != SYM_OK)
				return err->status;
	tell_apart(d);
	return delivery_goes_on(d, err);
}

static bool anything_identified(const struct run *run)
{
	for (size_t i = 0; i < run->records.count; i++)
		if (records_at(&run->records, i)->id_count > 0)
			return true;
	return false;
}

/* What was delivered stays so; the store lacks a mark, and that is told. */
static void finish_target(struct destination *place, bool changed)
{
	struct target *t = place->target; /* NULL: the run was stopped before it was opened */
	struct sym_err why;

	if (t && t->kind->finish && t->kind->finish(t, changed, &why) != SYM_OK)
		place->lost = why;
}

static void close_targets(struct delivery *d)
{
	for (size_t i = 0; i < d->destination_count; i++) {
		struct target *t = d->destinations[i].target;

		if (t)
			t->kind->close(t);
		plan_free(d->destinations[i].plan);
	}
	free(d->destinations);
}

static enum sym_status deliver_all(struct run *run, struct sym_err *err)
{
	struct delivery *d = &run->delivery;
	enum sym_status status = open_targets(run, err);
	bool changed;

	if (status == SYM_OK)
		status = delivery_prepare(d, err);
	/* Where no time is left for any file, nothing is lacking that they would want. */
	if (status == SYM_OK && run->options->pairs && !stop_is_due(os_now_ms()))
		status = pairs_check(d, &run->teller, err);
	if (status == SYM_OK) {
		delivery_foresee(d, &run->teller);
		recall_note_tiers(d);
		status = delivery_run(d, &run->teller, err);
	}
	tell_until(&run->teller, run->records.count);
	tell_stopped(&run->teller);
	run->tally->bytes = atomic_load(&d->bytes_written);
	if (!stop_is_due(os_now_ms()))
		stop_due_at(0); /* all was delivered in time: for the stores' marks there is as much as ever */
	changed = tally_of(run->tally, ACTION_STORED) + tally_of(run->tally, ACTION_REPLACED) > 0;
	for (size_t i = 0; i < d->destination_count && (status == SYM_OK || status == SYM_CANCELLED); i++)
		finish_target(&d->destinations[i], changed);
	tell_lost(&run->teller);
	close_targets(d);
	arena_release(&d->arena);
	return status;
}

/* ------------------------------------------------------------ the whole -- */

unsigned run_workers(unsigned asked)
{
	enum { MOST = 64, HANDLES = 4 }; /* that one holds: its file, what it writes, and folders */
	unsigned n = asked ? asked : os_cpu_count(), fit = os_handle_limit() / HANDLES;

	if (n > fit)
		n = fit > 0 ? fit : 1;
	return n < MOST ? n : MOST;
}

/* Reading is for processors, waiting for servers is not. */
static void choose_workers(struct run *run)
{
	const struct run_options *o = run->options;

	run->finders = run->delivery.workers = run_workers(o->workers);
	for (size_t i = 0; i < o->destination_count && !o->workers; i++)
		if (target_kind_of(o->destinations[i].where)->is_remote && run->finders < RUN_REMOTE_WORKERS)
			run->delivery.workers = run_workers(RUN_REMOTE_WORKERS);
}

/* Is there a target that takes what has no key, or (`takes` is false) one that does not? */
static bool any_keyless(const struct run_options *o, bool takes)
{
	for (size_t i = 0; i < o->destination_count; i++)
		if (target_kind_of(o->destinations[i].where)->takes_keyless == takes)
			return true;
	return false;
}

/* One for each worker of the larger crew: only one crew is at work at a time. */
static enum sym_status benches_init(struct run *run, struct sym_err *err)
{
	run->benches = calloc(run->delivery.workers, sizeof *run->benches);
	if (!run->benches)
		return err_set(err, SYM_NOMEM, "out of memory");
	for (unsigned i = 0; i < run->delivery.workers; i++) {
		run->benches[i].takes_zips = any_keyless(run->options, true);
		run->benches[i].opens_zips = any_keyless(run->options, false);
		run->benches[i].dump.dumper = run->options->dumper;
		run->benches[i].dump.keep_originals = run->options->keep_originals;
		run->benches[i].probe = probe_new(run->options->fallback_age);
		if (!run->benches[i].probe)
			return err_set(err, SYM_NOMEM, "out of memory");
	}
	return SYM_OK;
}

static void benches_release(struct run *run)
{
	for (unsigned i = 0; run->benches && i < run->delivery.workers; i++) {
		probe_free(run->benches[i].probe);
		dump_bench_release(&run->benches[i].dump);
		archive_bench_release(&run->benches[i].archive);
		hasher_free(run->benches[i].hasher);
		arena_release(&run->benches[i].arena);
	}
	free(run->benches);
}

enum sym_status run_delivery(const struct run_options *options, struct tally *tally,
			     struct sym_err *err)
{
	struct run run = {.options = options, .tally = tally};
	uint64_t start = os_now_ms();
	enum sym_status status;

	memset(tally, 0, sizeof *tally);
	tally->asked = options->ask;
	run.delivery.options = options;
	run.delivery.records = &run.records;
	run.delivery.started_ns = os_time_ns();
	stop_due_at(options->budget_ms ? start + options->budget_ms : 0);
	run.teller = (struct teller){.options = options,
				     .tally = tally,
				     .records = &run.records,
				     .delivery = &run.delivery};
	choose_workers(&run);
	status = records_init(&run.records, err);
	if (status == SYM_OK)
		status = benches_init(&run, err);
	run.delivery.benches = run.benches;
	if (status == SYM_OK)
		status = find_all(&run, err);
	if (status == SYM_OK)
		tell_found(&run.teller);
	if (status == SYM_OK && anything_identified(&run)) {
		status = deliver_all(&run, err);
	} else if (status == SYM_OK || status == SYM_CANCELLED) {
		tell_until(&run.teller, run.records.count);
		tell_stopped(&run.teller);
	}
	tally->milliseconds = os_now_ms() - start;
	tell_finished(&run.teller);
	benches_release(&run);
	records_release(&run.records);
	return status;
}
