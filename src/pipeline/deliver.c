/* SPDX-License-Identifier: MIT
 * Batches of records. Where a target is flushed by batches, all of one is staged, flushed, and
 * then published; else each record goes its whole way by itself. */
#include "pipeline/deliver.h"

#include "base/err.h"
#include "base/stop.h"
#include "pipeline/crew.h"
#include "pipeline/rehearse.h"
#include "pipeline/tell.h"
#include "target/compare.h"
#include "target/digest.h"

#include <string.h>

enum {
	READ_TRIES = 3,      /* of a source that changes while it is read */
	BATCH_FILES = 16384, /* what a killed run may have to do again … */
};
#define BATCH_BYTES (2ull << 30) /* … and how much room on the disk it holds */

/* Contested paths that another record owns come last, when their owners are done. */
enum round { ROUND_OWNERS, ROUND_OTHERS };

struct batch {
	struct delivery *d;
	enum round round;
	bool in_steps; /* stage all, flush, publish all; else one file after the other */
	size_t from, end;  /* its records */
	enum run_step step; /* what the crew is at */
	struct crew *crew; /* at work on it */
	size_t final;      /* records below it are settled: none before it is contested */
	struct teller *teller;
};

/* -------------------------------------------------------------- parcels -- */

/* Leaves in the parcel the paths whose turn it is in this round; answers how many
 * paths the slice has in all. `pending_only`: those that are settled are left out. */
static unsigned pick_paths(const struct batch *b, size_t where, size_t index,
			   const struct record *r, const struct result *result, unsigned first,
			   bool pending_only, struct parcel *p)
{
	unsigned all = (unsigned)p->count;
	size_t kept = 0;

	for (unsigned i = 0; i < all; i++) {
		const struct plan *plan = b->d->destinations[where].plan;
		bool own = !r->contested || plan_owner(plan, p->at[i].path, index) == index;

		if (own != (b->round == ROUND_OWNERS))
			continue;
		if (pending_only && result->actions[first + i] != ACTION_PENDING)
			continue;
		if (kept != i)
			memcpy(&p->at[kept], &p->at[i], sizeof p->at[i]);
		p->at[kept].number = (uint16_t)(first + i);
		p->at[kept].second = !own;
		kept++;
	}
	p->count = kept;
	return all;
}

/* -------------------------------------------------------------- staging -- */

/* One parcel in hand. */
struct turn {
	struct delivery *d;
	unsigned worker;
	size_t where;
	struct target *target;
	struct result *result;
	unsigned slice;
	unsigned before; /* parcels of this reading that the target had before it */
	struct parcel *p;
	const struct sym_err *err; /* why it fails, where it does */
};

typedef void turn_fn(struct turn *t);

/* What there is of a source while its parcels are staged. */
struct open_source {
	bool open;
	os_file file;      /* OS_NO_FILE also where all of it is in a spool */
	struct os_stat st; /* before any of it was read */
	const void *bytes; /* as parcel.bytes */
};

static const struct open_source no_source = {.file = OS_NO_FILE};

/* Where the bytes of a slice are: in its file, or in a spool, where its offset is another one. */
static os_file source_of(const struct record *r, struct sym_identity *id, const struct open_source *source)
{
	os_file spool;

	return source->open && record_in_spool(r, id, &spool, &id->slice_offset) ? spool : source->file;
}

/* Calls `each` with a parcel for every slice at every target that has paths in this round. */
static void each_parcel(const struct batch *b, unsigned worker, size_t index,
			const struct open_source *source, bool pending_only, turn_fn *each,
			const struct sym_err *err)
{
	struct record *r = records_at(b->d->records, index);
	struct result *result = r->results;
	struct sym_identity id;
	struct parcel p;

	for (size_t where = 0; where < b->d->destination_count; where++, result = result->next) {
		struct turn t = {.d = b->d, .worker = worker, .where = where,
				 .target = b->d->destinations[where].target, .result = result, .p = &p,
				 .err = err};
		struct slices slices = record_slices(r);
		unsigned first = 0;

		while (slices_next(&slices, &id)) {
			t.slice = slices.number;
			delivery_paths(b->d, where, r, &id, &p);
			first += pick_paths(b, where, index, r, result, first, pending_only, &p);
			p.source = source_of(r, &id, source);
			p.as_it_was = p.source == source->file ? &source->st : NULL; /* nobody changes a spool */
			p.bytes = source->bytes;
			p.mtime_ns = r->mtime_ns;
			p.sha256 = r->sha256 ? r->sha256[t.slice] : NULL;
			p.gauge = &b->d->benches[worker].gauge;
			p.ticket = result_tickets(result)[t.slice];
			if (p.count == 0)
				continue;
			each(&t);
			t.before++;
		}
	}
}

/* What was said of a path in a reading that was done again. */
static void drop_remarks(struct result *result, unsigned path)
{
	for (struct remark **m = &result->remarks; *m;) {
		if ((*m)->path == path)
			*m = (*m)->next;
		else
			m = &(*m)->next;
	}
}

/* Takes over what the target settled. What is pending stays so for publishing. */
static void keep_action(void *ctx, const struct parcel_path *at)
{
	struct turn *t = ctx;

	t->result->actions[at->number] = (uint8_t)at->action;
	drop_remarks(t->result, at->number);
	if (at->action != ACTION_PENDING && at->why.status != SYM_OK)
		remark_keep(&t->d->benches[t->worker].arena, t->result, at->number, at->warn, &at->why);
}

static void keep_actions(struct turn *t)
{
	bool written = false;

	for (size_t i = 0; i < t->p->count; i++) {
		keep_action(t, &t->p->at[i]);
		written |= t->p->at[i].action == ACTION_STORED || t->p->at[i].action == ACTION_REPLACED;
	}
	if (written)
		atomic_fetch_add(&t->d->bytes_written, t->p->id->slice_size);
}

static void take_back(struct turn *t)
{
	if (t->target->kind->unstage)
		t->target->kind->unstage(t->target, t->worker, t->p);
	result_tickets(t->result)[t->slice] = 0;
}

/* Every path whose turn it is fails for the same reason. */
static void fail(struct turn *t)
{
	for (size_t i = 0; i < t->p->count; i++) {
		t->p->at[i].action = ACTION_FAILED;
		t->p->at[i].why = *t->err;
	}
	keep_actions(t);
}

static void count_attempts(struct result *result, unsigned more)
{
	result->attempts = (uint8_t)min_u64(result->attempts + more, UINT8_MAX);
}

static void stage(struct turn *t)
{
	struct sym_err err;
	enum sym_status status;

	count_attempts(t->result, t->before == 0 ? 1 : 0); /* one for each reading of the source … */
	if (t->d->options->dry_run)
		rehearse(t->d, t->where, t->p, keep_action, t);
	if (t->p->count == 0)
		return;
	gauge_begin(t->p->gauge, (unsigned)t->where, t->p->as_it_was ? t->p->id->slice_offset : 0,
		    t->p->id->slice_size);
	status = t->target->kind->stage(t->target, t->worker, t->p, &err);
	count_attempts(t->result, t->p->attempts > 1 ? t->p->attempts - 1 : 0); /* … and those beyond */
	result_tickets(t->result)[t->slice] = t->p->ticket;
	if (status == SYM_OK || status == SYM_CANCELLED) {
		keep_actions(t);
		return;
	}
	t->err = &err;
	fail(t);
}

static void publish(struct turn *t)
{
	if (t->target->kind->publish)
		t->target->kind->publish(t->target, t->worker, t->p);
	result_tickets(t->result)[t->slice] = 0;
	keep_actions(t);
}

/* The source as it was when its keys were read: SYM_OK, or why it cannot be had. */
static enum sym_status open_current(struct delivery *d, unsigned worker, struct record *r,
				   struct open_source *out, struct sym_err *err)
{
	char path[RECORD_PATH_MAX];
	enum sym_status status;

	*out = no_source;
	out->open = true;
	if (record_archive_len(r) > 0)
		return SYM_OK;
	record_path(r, path);
	status = os_open(NULL, path, OS_FOLLOW, &out->file, &out->st, err);
	if (status != SYM_OK || record_is_current(r, &out->st))
		return status;
	status = record_refresh(&d->benches[worker], r, out->file, &out->st, err);
	if (status != SYM_OK)
		os_close_quietly(out->file);
	return status;
}

/* Is the source still in the state in which it was opened? */
static enum sym_status check_state(const struct open_source *source, struct sym_err *err)
{
	return source->file == OS_NO_FILE ? SYM_OK : compare_state(source->file, &source->st, err);
}

/* The hashes that receipts and remote targets want, once for all of them. `bytes`: of the one
 * slice of a small file, or NULL. What is sent from there must be of one state. */
static enum sym_status hash_slices(struct bench *bench, struct record *r, struct open_source *source,
				   struct sym_err *err)
{
	struct slices slices = record_slices(r);
	struct sym_identity id;
	enum sym_status status = SYM_OK;

	source->bytes = NULL;
	if (r->sha256 && !bench->hasher)
		bench->hasher = hasher_new();
	if (r->sha256 && !bench->hasher)
		return err_set(err, SYM_NOMEM, "out of memory");
	while (r->sha256 && status == SYM_OK && slices_next(&slices, &id)) {
		os_file file = source_of(r, &id, source); /* moves id.slice_offset */

		status = hasher_file(bench->hasher, file, id.slice_offset, id.slice_size,
				     r->sha256[slices.number], &source->bytes, err);
	}
	if (r->id_count > 1)
		source->bytes = NULL; /* they are the last one's */
	return status == SYM_OK && source->bytes ? check_state(source, err) : status;
}

/* Did every target write the file under all its paths? Each looked at the source before it did. */
static bool is_written(const struct record *r)
{
	for (const struct result *result = r->results; result; result = result->next)
		for (unsigned i = 0; i < result->paths; i++)
			if (result->actions[i] != ACTION_STORED && result->actions[i] != ACTION_REPLACED)
				return false;
	return true;
}

/* Stages all parcels of one record from one reading of it. SYM_CHANGED: the file did, and
 * nothing stays staged. What was written stands: a second reading would only find it there. */
static enum sym_status stage_once(const struct batch *b, unsigned worker, size_t index,
				  struct sym_err *err)
{
	struct record *r = records_at(b->d->records, index);
	struct open_source source;
	enum sym_status status = open_current(b->d, worker, r, &source, err);

	if (status != SYM_OK)
		return status;
	status = hash_slices(&b->d->benches[worker], r, &source, err);
	if (status != SYM_OK) {
		os_close_quietly(source.file);
		return status;
	}
	each_parcel(b, worker, index, &source, false, stage, NULL);
	if (!is_written(r))
		status = check_state(&source, err);
	os_close_quietly(source.file);
	if (status != SYM_OK)
		each_parcel(b, worker, index, &no_source, false, take_back, NULL);
	return status;
}

static void stage_record(const struct batch *b, unsigned worker, size_t index)
{
	struct sym_err err;
	enum sym_status status = SYM_CHANGED;

	for (int i = 0; i < READ_TRIES && status == SYM_CHANGED; i++)
		status = stage_once(b, worker, index, &err);
	if (status != SYM_OK && status != SYM_CANCELLED)
		each_parcel(b, worker, index, &no_source, false, fail, &err);
}

/* -------------------------------------------------------------- batches -- */

static bool has_turn(const struct batch *b, const struct record *r)
{
	return r->id_count > 0 && !r->known && !r->left &&
	       (b->round == ROUND_OWNERS || r->contested);
}

/* What the file adds to the bytes that the progress is told in: nothing where nothing is read of it. */
static uint64_t bytes_of(const struct record *r)
{
	return r->id_count > 0 && !r->known ? r->size : 0;
}

static void stage_job(void *ctx, unsigned worker, size_t index)
{
	const struct batch *b = ctx;
	struct record *r = records_at(b->d->records, index);
	struct gauge *gauge = &b->d->benches[worker].gauge;

	gauge_init(gauge, &b->d->bytes_done, b->round == ROUND_OWNERS ? bytes_of(r) : 0,
		   (unsigned)b->d->destination_count);
	if (stop_is_due(os_now_ms()))
		r->left |= has_turn(b, r); /* or it was, before anything could be made of it */
	if (has_turn(b, r))
		stage_record(b, worker, index);
	gauge_end(gauge);
	if (b->round == ROUND_OWNERS)
		atomic_fetch_add(&b->d->files_done, 1);
}

static void publish_job(void *ctx, unsigned worker, size_t index)
{
	const struct batch *b = ctx;
	const struct record *r = records_at(b->d->records, index);

	if (has_turn(b, r))
		each_parcel(b, worker, index, &no_source, true, publish, NULL);
}

/* All records below `end` are done, in this round. */
static void settle_until(struct batch *b, size_t end)
{
	while (b->final < end && !records_at(b->d->records, b->final)->contested)
		b->final++;
	tell_until(b->teller, b->final);
}

/* `named`: files of the batch that have their names, while they get them. */
static void show_progress(const struct batch *b, enum run_step step, size_t named)
{
	struct delivery *d = b->d;
	struct run_progress p = {.phase = RUN_DELIVERING,
				 .step = step,
				 .named = named,
				 .to_name = b->end - b->from,
				 .files = d->records->count,
				 .bytes = d->bytes,
				 .files_done = atomic_load(&d->files_done),
				 .bytes_done = atomic_load(&d->bytes_done)};

	if (d->options->progress)
		d->options->progress(d->options->progress_ctx, &p);
}

/* What is settled is told while the crew goes on. In steps nothing is before the last. */
static void tick(void *ctx)
{
	struct batch *b = ctx;

	if (!b->in_steps && b->round == ROUND_OWNERS)
		settle_until(b, crew_done(b->crew));
	show_progress(b, b->step, crew_done(b->crew) - b->from);
}

static enum sym_status run_jobs(struct batch *b, crew_job_fn *job, struct sym_err *err)
{
	b->crew = crew_start(b->d->workers, b->from, job, b);
	if (!b->crew)
		return err_set(err, SYM_NOMEM, "cannot start a thread");
	crew_allow(b->crew, b->end);
	crew_finish(b->crew, tick, b);
	return stop_check(err);
}

/* Each target stands by itself: one whose disk fails takes nothing more, and the others do. */
static enum sym_status flush_all(const struct batch *b, struct sym_err *err)
{
	struct delivery *d = b->d;

	show_progress(b, RUN_FLUSHING, 0);
	for (size_t i = 0; i < d->destination_count; i++) {
		struct target *t = d->destinations[i].target;
		struct sym_err why;

		if (!t->kind->flush || t->kind->flush(t, &why) == SYM_OK)
			continue;
		if (why.status == SYM_CANCELLED)
			return stop_check(err);
		if (delivery_lose(d, i, NULL, &why, err) != SYM_OK)
			return err->status;
	}
	return delivery_goes_on(d, err);
}

/* Write, flush, publish, flush: a loss of power finds whole files or none. */
static enum sym_status run_batch(struct batch *b, size_t from, size_t end, struct sym_err *err)
{
	enum sym_status status;

	b->from = from;
	b->end = end;
	b->step = RUN_WRITING;
	status = run_jobs(b, stage_job, err);
	if (status != SYM_OK || !b->in_steps)
		return status;
	status = flush_all(b, err);
	b->step = RUN_PUBLISHING;
	if (status == SYM_OK)
		status = run_jobs(b, publish_job, err);
	return status == SYM_OK ? flush_all(b, err) : status;
}

/* What goes its whole way by itself needs no batches, at whose ends the crew would wait for the last. */
static size_t batch_end(const struct batch *b, size_t from)
{
	const struct records *records = b->d->records;
	uint64_t bytes = 0;
	size_t end = from;

	if (!b->in_steps)
		return records->count;
	while (end < records->count && end - from < BATCH_FILES && bytes < BATCH_BYTES)
		bytes += bytes_of(records_at(records, end++));
	return end;
}

/* Must all of a batch be on the disk before any of it gets its name? */
static bool works_in_steps(const struct delivery *d)
{
	for (size_t i = 0; i < d->destination_count; i++)
		if (d->destinations[i].to->flush == FLUSH_BATCH)
			return !d->options->dry_run;
	return false;
}

enum sym_status delivery_run(struct delivery *d, struct teller *t, struct sym_err *err)
{
	struct batch b = {.d = d,
			  .round = ROUND_OWNERS,
			  .in_steps = works_in_steps(d),
			  .teller = t};
	enum sym_status status = SYM_OK;

	for (size_t i = 0; i < d->records->count; i++)
		d->bytes += bytes_of(records_at(d->records, i));
	for (size_t from = 0; from < d->records->count && status == SYM_OK;) {
		size_t end = batch_end(&b, from);

		status = run_batch(&b, from, end, err);
		if (status == SYM_OK)
			settle_until(&b, end);
		from = end;
	}
	b.round = ROUND_OTHERS;
	if (status == SYM_OK && b.final < d->records->count)
		status = run_batch(&b, b.final, d->records->count, err);
	if (status == SYM_OK)
		tell_until(t, d->records->count);
	return status;
}
