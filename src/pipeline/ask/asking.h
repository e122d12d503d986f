/* SPDX-License-Identifier: MIT
 * A target that only asks: the run goes its usual way, but where it would deliver a
 * file it asks the store for it, as the file's readers do. */
#ifndef PIPELINE_ASK_ASKING_H
#define PIPELINE_ASK_ASKING_H

#include "target/target.h"

/* Opens the target of `where` and meets it; nothing is ever written to it. Statuses of target_open. */
enum sym_status asked_open(const char *where, const struct target_options *options, struct target **out,
			   struct sym_err *err) MUST_CHECK;

/* Opens the target of `where` for asking; nothing is ever written to it. `deep`: files
 * are fetched and compared. A path settles as ACTION_PRESENT, also where only the compressed
 * file is there and its readers look for that; ACTION_MISSING; or ACTION_FAILED. Statuses of
 * target_open. */
enum sym_status asking_open(const char *where, const struct target_options *options, bool deep,
			    struct target **out, struct sym_err *err) MUST_CHECK;

/* What the target is called in reports: `by_place`, its very place where it has one. */
const char *asking_name(const struct target *t, bool by_place);

/* Asks an open target, as a reader would, for the path of a file that is not at hand, and for
 * its compressed twin where such a reader looks for that. Any number of threads. SYM_OK: it
 * is there. What a listing tells is not asked for. Statuses of the target's ask(). */
enum sym_status asking_for(struct target *t, const struct parcel_path *at,
			   struct sym_err *err) MUST_CHECK;

/* The same, with what the target says of the file; `*compressed`: it is the twin that is there.
 * No listing is looked at. */
enum sym_status asking_answer(struct target *t, const struct parcel_path *at, bool *compressed,
			      struct target_answer *answer, struct sym_err *err) MUST_CHECK;

#endif
