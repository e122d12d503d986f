/* SPDX-License-Identifier: MIT */
#include "pipeline/pairs/elsewhere.h"

#include "base/text.h"
#include "pipeline/ask/asking.h"
#include "pipeline/place.h"

#include <string.h>

static const struct parcel_path *path_in(const struct parcel *p, const char *path)
{
	for (size_t i = 0; i < p->count; i++)
		if (text_same_nocase(p->at[i].path, path))
			return &p->at[i];
	return NULL;
}

/* BugSplat's layout has one path for an image and its dSYM: what stands there tells nothing. */
static void leave_out_own_paths(const struct delivery *d, size_t where, const struct matter *m,
				struct parcel *wanted)
{
	struct parcel own;
	size_t kept = 0;

	delivery_paths(d, where, m->r, &m->image, &own);
	for (size_t i = 0; i < wanted->count; i++) {
		if (path_in(&own, wanted->at[i].path))
			continue;
		if (kept != i)
			memcpy(&wanted->at[kept], &wanted->at[i], sizeof wanted->at[i]);
		kept++;
	}
	wanted->count = kept;
}

/* A PDB under another name serves readers that do not ask by name. */
static bool serves_by_id(const struct delivery *d, size_t where, const struct pairing *p,
			 const struct parcel *wanted)
{
	struct parcel theirs;
	struct sym_err ignored;

	if (p->state != PAIRING_OTHER_NAME ||
	    delivery_place(d, where, records_at(d->records, p->found), &p->found_id, &theirs,
			   &ignored) != SYM_OK)
		return false;
	for (size_t i = 0; i < wanted->count; i++)
		if (!path_in(&theirs, wanted->at[i].path))
			return false;
	return true;
}

/* A .sym serves whoever asks for such files. */
static bool serves_by_sym(const struct delivery *d, size_t where, const struct pairing *p,
			  const struct parcel *wanted)
{
	unsigned readers = 0;
	struct parcel theirs;
	struct sym_err ignored;

	if (!p->has_sym || delivery_place(d, where, records_at(d->records, p->sym), &p->sym_id,
					  &theirs, &ignored) != SYM_OK)
		return false;
	for (size_t i = 0; i < theirs.count; i++)
		readers |= theirs.at[i].readers;
	for (size_t i = 0; i < wanted->count; i++)
		if (wanted->at[i].readers & ~readers)
			return false;
	return true;
}

static enum answer ask_target(struct target *t, const struct parcel *wanted, _Atomic bool *dead)
{
	enum answer answer = ANSWER_MISSING;

	for (size_t i = 0; i < wanted->count && !atomic_load(dead); i++) {
		struct sym_err err;
		enum sym_status status = asking_for(t, &wanted->at[i], &err);

		if (status == SYM_OK)
			return ANSWER_THERE;
		if (status != SYM_NOT_FOUND)
			answer = ANSWER_SILENT;
		if (status == SYM_NET || status == SYM_IO || status == SYM_CANCELLED)
			atomic_store(dead, true); /* the delivery will say why */
	}
	return atomic_load(dead) ? ANSWER_SILENT : answer;
}

bool elsewhere_is_asked(const struct delivery *d, size_t where, const struct record *image)
{
	return !image->known || !d->destinations[where].target->kind->is_remote ||
	       d->options->require_pairs;
}

enum answer elsewhere_ask(const struct delivery *d, size_t where, const struct matter *m,
			  _Atomic bool *dead)
{
	const struct destination *place = &d->destinations[where];
	struct parcel wanted;
	struct sym_err ignored;

	if (place_identity(&m->p.wanted, m->p.name, NULL, place->to->readers, place->target->two_tier,
			   &wanted, &ignored) != SYM_OK)
		return ANSWER_UNWANTED;
	if (serves_by_id(d, where, &m->p, &wanted) || serves_by_sym(d, where, &m->p, &wanted))
		return ANSWER_THERE;
	if (!elsewhere_is_asked(d, where, m->r))
		return ANSWER_THERE; /* it was told when the image was delivered */
	leave_out_own_paths(d, where, m, &wanted);
	return ask_target(place->target, &wanted, dead);
}
