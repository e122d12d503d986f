/* SPDX-License-Identifier: MIT
 * A source is trusted by device, inode, size, mtime and ctime, and not where it changed
 * within two seconds before the run began: file systems tell time coarsely. What stands in
 * a folder is trusted by inode, size and ctime; another target's word for --journal-age. */
#include "pipeline/recall.h"

#include "base/err.h"
#include "pipeline/journal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
	SECOND_NS = 1000000000,
	RACY_S = 2,
	NAME_BYTES = KEY_PATH_MAX + 40,
	SEEN_AGAIN_S = 86400, /* so often an entry that needs no asking is noted as still in use */
};

static int64_t started_s(const struct delivery *d)
{
	return d->started_ns / SECOND_NS;
}

static const char *place_of(const struct delivery *d, size_t where)
{
	const struct target *t = d->destinations[where].target;

	return t->place ? t->place : t->shown;
}

/* The entry that this parcel would have now, but for what stands in the target. */
static struct journal_entry entry_of(const struct delivery *d, const struct record *r,
				     const struct parcel *p)
{
	struct journal_entry e = {.when_s = started_s(d),
				  .device = r->device,
				  .inode = r->inode,
				  .size = r->size,
				  .mtime_ns = r->mtime_ns,
				  .ctime_ns = r->ctime_ns,
				  .slice_offset = p->id->slice_offset,
				  .slice_size = p->id->slice_size,
				  .has_sha256 = p->sha256 != NULL};

	if (p->sha256)
		memcpy(e.sha256, p->sha256, sizeof e.sha256);
	return e;
}

static bool mark_of(struct target *t, const char *path, struct journal_entry *e)
{
	struct target_mark mark;

	if (!t->kind->mark)
		return true;
	if (!t->kind->mark(t, path, &mark))
		return false;
	e->target_inode = mark.inode;
	e->target_size = mark.size;
	e->target_ctime_ns = mark.ctime_ns;
	return true;
}

static bool is_same_source(const struct journal_entry *a, const struct journal_entry *b)
{
	return a->device == b->device && a->inode == b->inode && a->size == b->size &&
	       a->mtime_ns == b->mtime_ns && a->ctime_ns == b->ctime_ns &&
	       a->slice_offset == b->slice_offset && a->slice_size == b->slice_size;
}

static bool is_young(const struct delivery *d, const struct journal_entry *noted)
{
	return noted->when_s <= started_s(d) && started_s(d) - noted->when_s < d->options->journal_age_s;
}

/* Several sources of a run may have one path. It is its owner's; what became of another
 * one is noted under a name that no path of a store can have. */
static const char *name_of(const struct delivery *d, size_t where, size_t index, const char *path,
			   char to[NAME_BYTES])
{
	const struct record *r = records_at(d->records, index);

	if (!r->contested || plan_owner(d->destinations[where].plan, path, index) == index)
		return path;
	snprintf(to, NAME_BYTES, "%s//%" PRIx64 ".%" PRIx64, path, r->device, r->inode);
	return to;
}

/* Whoever wants other bytes kept or replaced wants to know what there is. */
static bool is_believed(const struct delivery *d, size_t where, const struct journal_entry *noted)
{
	return noted->state == JOURNAL_THERE || d->destinations[where].to->existing == EXISTING_RICHER;
}

/* Is it known what became of this very file under `path`? */
static bool is_known(const struct delivery *d, size_t where, size_t index, const struct parcel *p,
		     const char *path, struct journal_entry *noted)
{
	const struct record *r = records_at(d->records, index);
	struct target *t = d->destinations[where].target;
	struct journal_entry now = entry_of(d, r, p);
	char name[NAME_BYTES];

	if (!journal_find(d->options->journal, place_of(d, where), name_of(d, where, index, path, name),
			  noted) ||
	    !is_same_source(noted, &now) || (r->sha256 && !noted->has_sha256) ||
	    !is_believed(d, where, noted))
		return false;
	if (!t->kind->mark)
		return is_young(d, noted) && noted->when_s > t->removed_s;
	return mark_of(t, path, &now) && noted->target_inode == now.target_inode &&
	       noted->target_size == now.target_size && noted->target_ctime_ns == now.target_ctime_ns;
}

/* Whether a store is two-tier is noted as an entry for the file that says so: its size is
 * then 1. */
#define TIER_PATH "index2.txt"

bool recall_tier(struct delivery *d, size_t where)
{
	struct target *t = d->destinations[where].target;
	struct journal_entry noted;

	if (!d->options->journal || !t->kind->meet ||
	    !journal_find(d->options->journal, place_of(d, where), TIER_PATH, &noted) || !is_young(d, &noted))
		return false;
	t->two_tier = noted.size == 1;
	return true;
}

/* What is said of a path where other bytes stand, as an earlier run found. */
static void keep(struct delivery *d, struct result *result, unsigned path, bool warn)
{
	struct sym_err why;

	err_set(&why, SYM_EXISTS, "other bytes stand under this key, as an earlier run found");
	remark_keep(&d->arena, result, path, warn, &why);
}

/* Settles all paths of a record at one target; false where one of them is not known. */
static bool settle_at(struct delivery *d, size_t where, size_t index, struct result *result)
{
	struct record *r = records_at(d->records, index);
	struct slices slices = record_slices(r);
	struct sym_identity id;
	unsigned path = 0;

	while (slices_next(&slices, &id)) {
		struct parcel p;

		delivery_paths(d, where, r, &id, &p);
		for (size_t i = 0; i < p.count; i++, path++) {
			struct journal_entry noted;

			if (!is_known(d, where, index, &p, p.at[i].path, &noted))
				return false;
			if (r->sha256)
				memcpy(r->sha256[slices.number], noted.sha256, sizeof noted.sha256);
			result->actions[path] = ACTION_PRESENT;
			if (noted.state == JOURNAL_THERE)
				continue;
			result->actions[path] = ACTION_KEPT;
			keep(d, result, path, noted.state == JOURNAL_WARNED);
		}
	}
	return true;
}

static void unsettle(struct record *r)
{
	r->known = false;
	for (struct result *result = r->results; result; result = result->next) {
		memset(result->actions, ACTION_PENDING, result->paths);
		result->remarks = NULL;
	}
}

static void settle(struct delivery *d, size_t index)
{
	struct record *r = records_at(d->records, index);
	struct result *result = r->results;

	/* What is made of a file may change though the file does not. */
	r->known = r->id_count > 0 && !r->extra->dump;
	for (size_t where = 0; where < d->destination_count && r->known; where++, result = result->next)
		r->known = settle_at(d, where, index, result);
	if (!r->known)
		unsettle(r);
}

/* What became of a path that another source owns holds only as long as that one is the same. */
static bool owners_known(const struct delivery *d, size_t index)
{
	const struct record *r = records_at(d->records, index);

	for (size_t where = 0; where < d->destination_count; where++) {
		struct slices slices = record_slices(r);
		struct sym_identity id;

		while (slices_next(&slices, &id)) {
			struct parcel p;

			delivery_paths(d, where, r, &id, &p);
			for (size_t i = 0; i < p.count; i++) {
				size_t owner = plan_owner(d->destinations[where].plan, p.at[i].path, index);

				if (!records_at(d->records, owner)->known)
					return false;
			}
		}
	}
	return true;
}

void recall_known(struct delivery *d)
{
	bool changed = d->options->journal != NULL;

	for (size_t i = 0; i < d->records->count && d->options->journal; i++)
		settle(d, i);
	while (changed) {
		changed = false;
		for (size_t i = 0; i < d->records->count; i++) {
			struct record *r = records_at(d->records, i);

			if (!r->contested || !r->known || owners_known(d, i))
				continue;
			unsettle(r);
			changed = true;
		}
	}
}

/* -------------------------------------------------------------- noting -- */

void recall_note_tiers(const struct delivery *d)
{
	for (size_t i = 0; i < d->destination_count && d->options->journal && !d->options->dry_run; i++) {
		const struct target *t = d->destinations[i].target;
		struct journal_entry e = {.when_s = started_s(d), .size = t->two_tier, .state = JOURNAL_THERE};

		if (!t->kind->meet)
			continue;
		if (!d->destinations[i].met)
			(void)journal_find(d->options->journal, place_of(d, i), TIER_PATH, &e);
		journal_note(d->options->journal, place_of(d, i), TIER_PATH, &e);
	}
}

static bool is_racy(const struct delivery *d, const struct record *r)
{
	int64_t latest = r->mtime_ns > r->ctime_ns ? r->mtime_ns : r->ctime_ns;

	return latest > d->started_ns - (int64_t)RACY_S * SECOND_NS;
}

/* Nobody was asked: the entry stays as it is. In a folder, where it was looked at, it is
 * noted as still in use, though rarely: the same run twice leaves the same journal. */
static void note_again(const struct delivery *d, size_t where, const char *name)
{
	struct journal *j = d->options->journal;
	struct journal_entry noted;

	if (!journal_find(j, place_of(d, where), name, &noted))
		return;
	if (d->destinations[where].target->kind->mark && started_s(d) - noted.when_s >= SEEN_AGAIN_S)
		noted.when_s = started_s(d);
	journal_note(j, place_of(d, where), name, &noted);
}

/* False where the outcome is not one that a later run may take over. */
static bool state_of(const struct parcel_path *at, enum journal_state *state)
{
	switch (at->action) {
	case ACTION_STORED:
	case ACTION_PRESENT:
	case ACTION_REPLACED:
		*state = JOURNAL_THERE;
		return true;
	case ACTION_KEPT:
		*state = at->warn ? JOURNAL_WARNED : JOURNAL_KEPT;
		return true;
	default:
		return false;
	}
}

static void note(const struct delivery *d, size_t where, const char *name, bool racy,
		 const struct parcel_path *at, struct journal_entry *e)
{
	if (state_of(at, &e->state) && is_believed(d, where, e) && !racy &&
	    mark_of(d->destinations[where].target, at->path, e))
		journal_note(d->options->journal, place_of(d, where), name, e);
	else
		journal_forget(d->options->journal, place_of(d, where), name);
}

void recall_note(const struct delivery *d, size_t where, size_t index, const struct parcel *p)
{
	const struct record *r = records_at(d->records, index);
	struct journal_entry e = entry_of(d, r, p);

	for (size_t i = 0; i < p->count && d->options->journal && !d->options->dry_run && !r->extra->dump; i++) {
		const struct parcel_path *at = &p->at[i];
		char to[NAME_BYTES];
		const char *name = name_of(d, where, index, at->path, to);

		if (r->known)
			note_again(d, where, name);
		else if (at->action != ACTION_PENDING) /* else the run was stopped before its turn */
			note(d, where, name, is_racy(d, r), at, &e);
	}
}
