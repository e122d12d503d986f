/* SPDX-License-Identifier: MIT */
#include "pipeline/tell.h"

#include "base/err.h"
#include "base/limits.h"
#include "base/stop.h"
#include "pipeline/recall.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Calls `function` of every reporter that has it. */
#define TELL_ALL(t, function, ...) \
	for (size_t i_ = 0; i_ < (t)->options->reporter_count; i_++) \
		if ((t)->options->reporters[i_].function) \
			(t)->options->reporters[i_].function((t)->options->reporters[i_].ctx, __VA_ARGS__)

void tell_warning(struct teller *t, const char *path, const struct sym_err *err)
{
	t->tally->warnings++;
	TELL_ALL(t, warning, path, err);
}

void tell_note(struct teller *t, const char *text)
{
	TELL_ALL(t, note, text);
}

void tell_found(struct teller *t)
{
	char path[RECORD_PATH_MAX];

	for (size_t i = 0; i < t->options->reporter_count; i++) {
		const struct reporter *r = &t->options->reporters[i];

		for (size_t n = 0; r->found && n < t->records->count; n++) {
			record_path(records_at(t->records, n), path);
			r->found(r->ctx, path);
		}
	}
}

void tell_rejected(struct teller *t, const char *path, size_t archive_len, const struct sym_err *why)
{
	struct rejected rejected = {.path = path, .archive_len = archive_len, .why = why, .action = ACTION_SKIPPED};

	switch (why->status) {
	case SYM_IO:
	case SYM_NOT_FOUND:
	case SYM_CHANGED:
	case SYM_NOMEM:
		rejected.action = ACTION_FAILED;
		break;
	default:
		break;
	}
	t->tally->count[SYM_KIND_NONE][rejected.action]++;
	TELL_ALL(t, rejected, &rejected);
}

void tell_flawed(struct teller *t, const struct flawed *f)
{
	t->tally->warnings++;
	t->tally->unpaired += flaw_is_of_pair(f->flaw);
	TELL_ALL(t, flawed, f);
}

/* What became of a file is what became of its paths; the gravest word stands for all. */
static enum action action_of(const struct parcel *p)
{
	static const enum action gravest_first[] = {ACTION_FAILED, ACTION_MISSING, ACTION_REPLACED,
						    ACTION_STORED, ACTION_PLANNED, ACTION_KEPT,
						    ACTION_PRESENT};

	for (size_t g = 0; g < ARRAY_LEN(gravest_first); g++)
		for (size_t i = 0; i < p->count; i++)
			if (p->at[i].action == gravest_first[g])
				return gravest_first[g];
	return ACTION_PENDING;
}

/* Is there a path whose turn did not come before the run was stopped? */
static bool is_left(const struct parcel *p)
{
	for (size_t i = 0; i < p->count; i++)
		if (p->at[i].action == ACTION_PENDING)
			return true;
	return false;
}

static void report_delivered(struct teller *t, const struct delivered *d)
{
	enum action action = action_of(d->parcel);

	if (action == ACTION_PENDING)
		return;
	t->tally->count[d->id->kind][action]++;
	for (size_t i = 0; i < d->parcel->count; i++)
		t->tally->warnings += d->parcel->at[i].warn;
	TELL_ALL(t, delivered, d);
}

static bool nobody_asks(enum sym_status status)
{
	return status == SYM_NO_KEY || status == SYM_NOT_MINE;
}

/* That no reader of this target asks for a slice is worth a word only if no other target
 * takes it, and then one. */
static bool is_settled_elsewhere(const struct teller *t, size_t where, const struct record *r,
				 const struct sym_identity *id)
{
	for (size_t i = 0; i < t->delivery->destination_count; i++) {
		struct parcel p;
		struct sym_err err;
		enum sym_status status = i == where ? SYM_REFUSED
						   : delivery_place(t->delivery, i, r, id, &p, &err);

		if (status == SYM_OK || (i < where && nobody_asks(status)))
			return true;
	}
	return false;
}

/* Answers whether some of it was left. */
static bool report_at(struct teller *t, size_t where, const struct record *r,
		      const struct result *result, const char *path)
{
	const struct destination *place = &t->delivery->destinations[where];
	const struct sym_err *lost = place->given_up.status != SYM_OK ? &place->given_up : &place->lost;
	const struct target_kind *kind = place->target->kind;
	struct slices slices = record_slices(r);
	struct sym_identity id;
	unsigned first = 0;
	bool left = false;

	while (slices_next(&slices, &id)) {
		struct parcel p;
		struct sym_err err;
		struct delivered d = {.path = path,
				      .archive_len = record_archive_len(r),
				      .member = r->extra->member,
				      .destination = where,
				      .target = place->shown,
				      .id = &id,
				      .parcel = &p,
				      .sha256 = r->sha256 ? r->sha256[slices.number] : NULL,
				      .attempts = result->attempts,
				      .lost = lost->status != SYM_OK ? lost : NULL};

		if (is_dumped(r, &id))
			id.slice_offset = 0; /* else it tells which worker had made what before */
		if (delivery_parcel(t->delivery, where, r, result, first, &id, &p, &err) == SYM_OK) {
			report_delivered(t, &d);
			left |= is_left(&p);
			p.sha256 = d.sha256;
			recall_note(t->delivery, where, t->told, &p);
			if (kind->enter)
				kind->enter(place->target, path, &p);
		} else if (err.status == SYM_EXISTS ||
			   (nobody_asks(err.status) && is_settled_elsewhere(t, where, r, &id))) {
			/* said, or not worth a word */
		} else if (err.status == SYM_NOT_MINE && r->in_folder) {
			t->tally->others++;
		} else {
			tell_rejected(t, path, record_archive_len(r), &err);
		}
		first += (unsigned)p.count;
	}
	return left;
}

/* A file without an identity, or one of which no .sym could be made. */
static void report_problem(struct teller *t, const struct record *r, const char *path)
{
	const struct problem *problem = r->extra->problem;
	const char *line = r->extra->dump ? r->extra->dump->messages : NULL;
	struct sym_err err;

	if (problem->status == SYM_NOT_MINE && r->in_folder) {
		t->tally->others++;
		t->tally->unopened += r->unopened;
		return;
	}
	problem_tell(problem, &err);
	tell_rejected(t, path, record_archive_len(r), &err);
	while (line && *line) {
		size_t len = strcspn(line, "\n");
		char text[DUMP_MESSAGES_BYTES_MAX + 16];

		snprintf(text, sizeof text, "  dump_syms: %.*s", (int)len, line);
		tell_note(t, text);
		line += len + (line[len] == '\n');
	}
}

/* Was the run stopped before the record had its paths, or was even looked at? */
static bool is_unplaced(const struct record *r)
{
	return stop_asked() && !r->results && (r->id_count > 0 || !(r->extra->problem || r->extra->contents));
}

static void report_record(struct teller *t, const struct record *r)
{
	const struct result *result = r->results;
	char path[RECORD_PATH_MAX];
	bool left = r->left || is_unplaced(r);

	record_path(r, path);
	if (r->extra->problem)
		report_problem(t, r, path);
	for (size_t where = 0; result; where++, result = result->next)
		left |= report_at(t, where, r, result, path);
	if (!left)
		return;
	if (t->tally->left++ == 0)
		t->first_left = t->told;
	t->tally->left_bytes += r->size;
	t->tally->left_unread |= r->size == 0;
}

/* Of a target that is given up on the way, as of one that could not be used from the first, one
 * line says it of all files. */
static void notice_given_up(struct destination *place)
{
	const struct target *t = place->target; /* NULL: not opened yet */

	if (place->lost.status != SYM_OK || !t || !target_given_up(t, &place->given_up))
		return;
	place->lost = place->given_up;
	err_prefix(&place->lost, "%s", place->shown);
}

void tell_lost(struct teller *t)
{
	for (size_t where = 0; where < t->delivery->destination_count; where++) {
		struct destination *place = &t->delivery->destinations[where];

		notice_given_up(place);
		if (place->lost.status == SYM_OK || place->lost_told)
			continue;
		place->lost_told = true;
		t->tally->lost++;
		TELL_ALL(t, lost, where, place->shown, &place->lost);
	}
}

void tell_stopped(struct teller *t)
{
	const struct tally *tally = t->tally;
	const char *early = tally->unsearched ? " before all files were found" : "";
	char path[RECORD_PATH_MAX], text[RECORD_PATH_MAX + 120], more[48] = "";

	if (!stop_asked() || (tally->left == 0 && !tally->unsearched))
		return;
	if (tally->left == 0) {
		snprintf(text, sizeof text, "Stopped%s.", early);
		tell_note(t, text);
		return;
	}
	record_path(records_at(t->records, t->first_left), path);
	if (tally->left > 1)
		snprintf(more, sizeof more, " and %" PRIu64 " more", tally->left - 1);
	snprintf(text, sizeof text, "Stopped%s: %s%s %s not %s.", early, path, more, tally->left == 1 ? "was" : "were",
		 t->options->ask ? "asked for" : "delivered");
	tell_note(t, text);
}

void tell_finished(struct teller *t)
{
	TELL_ALL(t, finished, t->tally);
}

void tell_until(struct teller *t, size_t end)
{
	tell_lost(t);
	for (; t->told < end; t->told++) {
		tell_lost(t); /* before the file that met it */
		report_record(t, records_at(t->records, t->told));
	}
}
