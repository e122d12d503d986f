/* SPDX-License-Identifier: MIT
 * Before the first file is sent: who gets which path, and what is there already. */
#include "pipeline/deliver.h"

#include "base/err.h"
#include "base/stop.h"
#include "pipeline/recall.h"
#include "pipeline/tell.h"

#include <stdlib.h>

enum sym_status delivery_lose(struct delivery *d, size_t where, const struct target_options *options,
			      const struct sym_err *why, struct sym_err *err)
{
	struct destination *place = &d->destinations[where];
	struct target *t = place->target, *other;

	other = t ? target_lost(t->kind, place->shown, why) : target_unopened(place->to->where, options, why);
	if (!other)
		return err_set(err, SYM_NOMEM, "out of memory");
	if (t)
		t->kind->close(t);
	place->target = other;
	place->shown = other->shown;
	place->lost = *why;
	return SYM_OK;
}

enum sym_status delivery_goes_on(struct delivery *d, struct sym_err *err)
{
	for (size_t i = 0; i < d->destination_count; i++)
		if (d->destinations[i].lost.status == SYM_OK)
			return SYM_OK;
	*err = d->destinations[0].lost;
	return err->status;
}

static bool wants_sha256(const struct delivery *d)
{
	bool wanted = d->options->want_sha256;

	for (size_t i = 0; i < d->destination_count; i++)
		wanted |= d->destinations[i].target->kind->wants_sha256;
	return wanted && !d->options->dry_run;
}

/* The paths of one record at one target: counted, and entered in the plan. */
static enum sym_status plan_record(struct delivery *d, size_t where, size_t index, uint16_t *paths,
				   struct sym_err *err)
{
	struct record *r = records_at(d->records, index);
	struct slices slices = record_slices(r);
	enum sym_status status = SYM_OK;
	struct sym_identity id;
	struct parcel p;

	while (status == SYM_OK && slices_next(&slices, &id)) {
		delivery_paths(d, where, r, &id, &p); /* where there are none, the report says why */
		*paths += (uint16_t)p.count;
		status = plan_add(d->destinations[where].plan, index, id.has, &p, err);
	}
	return status;
}

/* Gives each record its result at one more target, empty. */
static enum sym_status add_results(struct delivery *d, const uint16_t *paths, struct sym_err *err)
{
	for (size_t i = 0; i < d->records->count; i++) {
		struct record *r = records_at(d->records, i);
		struct result **last = &r->results;

		if (r->id_count == 0)
			continue;
		while (*last)
			last = &(*last)->next;
		*last = result_new(&d->arena, paths[i], r->id_count);
		if (!*last)
			return err_set(err, SYM_NOMEM, "out of memory");
	}
	return SYM_OK;
}

/* Gives each contested path at one target its owner, and then each record its result: until it is
 * decided a plan is large. */
static enum sym_status plan_target(struct delivery *d, size_t where, struct sym_err *err)
{
	struct destination *place = &d->destinations[where];
	uint16_t *paths = calloc(d->records->count, sizeof *paths);
	enum sym_status status = SYM_OK;

	place->plan = plan_new(place->target->folds_case);
	if (!paths || !place->plan)
		status = err_set(err, SYM_NOMEM, "out of memory");
	for (size_t i = 0; i < d->records->count && status == SYM_OK; i++)
		status = plan_record(d, where, i, &paths[i], err);
	if (status == SYM_OK) {
		plan_decide(place->plan, d->records);
		status = add_results(d, paths, err);
	}
	free(paths);
	return status;
}

static enum sym_status make_room_for_hashes(struct delivery *d, struct sym_err *err)
{
	for (size_t i = 0; i < d->records->count; i++) {
		struct record *r = records_at(d->records, i);

		if (r->id_count == 0)
			continue;
		r->sha256 = arena_take(&d->arena, r->id_count * sizeof *r->sha256);
		if (!r->sha256)
			return err_set(err, SYM_NOMEM, "out of memory");
	}
	return SYM_OK;
}

/* One target after the other, and the hashes last, for the same reason. */
static enum sym_status plan_all(struct delivery *d, struct sym_err *err)
{
	enum sym_status status = SYM_OK;

	for (size_t i = 0; i < d->destination_count && status == SYM_OK; i++)
		status = plan_target(d, i, err);
	return status == SYM_OK && wants_sha256(d) ? make_room_for_hashes(d, err) : status;
}

/* As before plan_all. */
static void forget_plan(struct delivery *d)
{
	for (size_t i = 0; i < d->destination_count; i++) {
		plan_free(d->destinations[i].plan);
		d->destinations[i].plan = NULL;
	}
	for (size_t i = 0; i < d->records->count; i++) {
		struct record *r = records_at(d->records, i);

		r->results = NULL;
		r->sha256 = NULL;
		r->contested = r->known = false;
	}
	arena_release(&d->arena);
}

enum sym_status delivery_meet(struct delivery *d, size_t where, struct sym_err *err)
{
	struct destination *place = &d->destinations[where];
	struct sym_err why;

	if (place->met || !place->target->kind->meet || place->target->kind->meet(place->target, &why) == SYM_OK) {
		place->met = true;
		return SYM_OK;
	}
	place->met = true;
	if (why.status == SYM_CANCELLED)
		return stop_check(err);
	return delivery_lose(d, where, NULL, &why, err);
}

/* Is the run to be noted, whatever the journal knows? */
static bool wants_transaction(const struct destination *place)
{
	const struct transaction_title *title = place->to->transaction;

	return title && title->wanted && place->target->kind->enter;
}

/* Meets the targets that only the journal spoke for; did it say what they say? */
static enum sym_status meet_the_others(struct delivery *d, bool *same, struct sym_err *err)
{
	enum sym_status status = SYM_OK;

	*same = true;
	for (size_t i = 0; i < d->destination_count && status == SYM_OK; i++) {
		const struct target *t = d->destinations[i].target;
		bool two_tier = t->two_tier;
		int64_t removed_s = t->removed_s;

		status = delivery_meet(d, i, err);
		t = d->destinations[i].target;
		*same &= t->two_tier == two_tier && t->removed_s == removed_s;
	}
	return status == SYM_OK ? delivery_goes_on(d, err) : status;
}

static bool anything_to_do(const struct delivery *d)
{
	for (size_t i = 0; i < d->records->count; i++) {
		const struct record *r = records_at(d->records, i);

		if (r->id_count > 0 && !r->known)
			return true;
	}
	return false;
}

/* Those that the journal does not speak for. */
static enum sym_status meet_first(struct delivery *d, struct sym_err *err)
{
	enum sym_status status = SYM_OK;

	for (size_t i = 0; i < d->destination_count && status == SYM_OK; i++)
		if (wants_transaction(&d->destinations[i]) || !recall_tier(d, i))
			status = delivery_meet(d, i, err);
	return status == SYM_OK ? delivery_goes_on(d, err) : status;
}

enum sym_status delivery_prepare(struct delivery *d, struct sym_err *err)
{
	bool same;
	enum sym_status status = meet_first(d, err);

	if (status == SYM_OK)
		status = plan_all(d, err);
	if (status != SYM_OK)
		return status;
	recall_known(d);
	if (!anything_to_do(d))
		return SYM_OK;
	status = meet_the_others(d, &same, err);
	if (status != SYM_OK || same)
		return status;
	forget_plan(d);
	status = plan_all(d, err);
	if (status == SYM_OK)
		recall_known(d);
	return status;
}

/* What one record brings to one target. */
static void foresee_record(const struct delivery *d, size_t where, const struct record *r, struct teller *teller)
{
	struct target *t = d->destinations[where].target;
	struct slices slices = record_slices(r);
	struct sym_identity id;
	char path[RECORD_PATH_MAX];

	while (slices_next(&slices, &id)) {
		struct sym_err why;
		struct parcel p;

		delivery_paths(d, where, r, &id, &p);
		p.mtime_ns = r->mtime_ns;
		if (p.count == 0 || t->kind->foresee(t, &p, &why) == SYM_OK)
			continue;
		record_path(r, path);
		tell_warning(teller, path, &why);
	}
}

void delivery_foresee(struct delivery *d, struct teller *t)
{
	for (size_t where = 0; where < d->destination_count && !d->options->dry_run; where++) {
		if (!d->destinations[where].target->kind->foresee)
			continue;
		for (size_t i = 0; i < d->records->count && !stop_asked(); i++)
			if (!records_at(d->records, i)->known)
				foresee_record(d, where, records_at(d->records, i), t);
	}
}
