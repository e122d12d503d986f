/* SPDX-License-Identifier: MIT
 * Records go to their targets: the second half of a run. */
#ifndef PIPELINE_DELIVER_H
#define PIPELINE_DELIVER_H

#include "pipeline/identify.h"
#include "pipeline/plan.h"
#include "pipeline/run.h"

#include <stdatomic.h>

struct teller; /* pipeline/tell.h */

/* A destination that is open. Functions are told which one by its place among all: `where`. */
struct destination {
	const struct run_destination *to;
	struct target *target;
	const char *shown;     /* the target for people and reports; a text of the target's */
	struct plan *plan;
	bool met;              /* the target was asked what it is */
	struct sym_err lost;   /* why it cannot be used; SYM_OK while it can. Says which one it is */
	bool lost_told;
	struct sym_err given_up; /* why, where it was lost on the way: as its files have it, without its name */
};

struct delivery {
	const struct run_options *options;
	struct records *records;
	unsigned workers;            /* threads that deliver */
	struct bench *benches;       /* one per worker */
	struct arena arena;          /* results; the planning thread's */
	struct destination *destinations;
	size_t destination_count;
	int64_t started_ns;          /* the run began; since 1970 */
	uint64_t bytes;              /* of the files that are to be delivered */
	_Atomic uint64_t files_done, bytes_written; /* by the workers */
	_Atomic uint64_t bytes_done; /* those under way too: target/gauge.h */
};

/* The target, which may not be open yet, cannot be used: another one takes its place, where
 * every file fails. The run goes on. SYM_NOMEM. */
enum sym_status delivery_lose(struct delivery *d, size_t where, const struct target_options *options,
			      const struct sym_err *why, struct sym_err *err) MUST_CHECK;

/* SYM_OK while there is a target that can be used; else why the first one cannot. */
enum sym_status delivery_goes_on(struct delivery *d, struct sym_err *err) MUST_CHECK;

/* Meets the targets, gives each record its results and each contested path its owner, and
 * settles what the journal knows. Makes no request where the journal knows everything. */
enum sym_status delivery_prepare(struct delivery *d, struct sym_err *err) MUST_CHECK;

/* Lets the target learn what it must, if it has not yet: before anything is asked of it. One that
 * is not to be used is lost. SYM_NOMEM, SYM_CANCELLED. */
enum sym_status delivery_meet(struct delivery *d, size_t where, struct sym_err *err) MUST_CHECK;

/* Asks every target what it foresees (target.h) of the parcels that will go to it, and warns of each that
 * it would not take. */
void delivery_foresee(struct delivery *d, struct teller *t);

/* The parcel of one identity, with the paths that the readers of that target ask for and
 * nothing else. SYM_OK, or why it has no path. */
enum sym_status delivery_place(const struct delivery *d, size_t where, const struct record *r,
			       const struct sym_identity *id, struct parcel *p,
			       struct sym_err *err) MUST_CHECK;

/* The same, where it does not matter why there are none: `p->count` is 0 then. */
void delivery_paths(const struct delivery *d, size_t where, const struct record *r,
		    const struct sym_identity *id, struct parcel *p);

/* Delivers everything, and tells of each record, from this thread, as soon as its results and those
 * of all before it are final. SYM_CANCELLED; a target's last words. */
enum sym_status delivery_run(struct delivery *d, struct teller *t, struct sym_err *err) MUST_CHECK;

/* The parcel of one slice with what became of its paths: what the reports show.
 * `first` is the number of the slice's first path. SYM_OK, or why it has no path. */
enum sym_status delivery_parcel(const struct delivery *d, size_t where, const struct record *r,
				const struct result *result, unsigned first,
				const struct sym_identity *id, struct parcel *p,
				struct sym_err *err) MUST_CHECK;

#endif
