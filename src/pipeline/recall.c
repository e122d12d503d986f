/* SPDX-License-Identifier: MIT
 * A source is trusted by device, inode, size, mtime and ctime, and not where it changed
 * within two seconds before the run began: file systems tell time coarsely. What stands in
 * a folder is trusted by inode, size and ctime; another target's word for --journal-age. */
#include "pipeline/recall.h"

#include "pipeline/journal.h"

#include <string.h>

enum {
	SECOND_NS = 1000000000,
	RACY_S = 2,
	SEEN_AGAIN_S = 86400, /* so often an entry that needs no asking is noted as still in use */
};

static int64_t started_s(const struct delivery *d)
{
	return d->started_ns / SECOND_NS;
}

static const char *place_of(const struct delivery *d, size_t stop)
{
	const struct target *t = d->stops[stop].target;

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

/* Is this very file known to stand under `path`? Tells its hash where that was noted. */
static bool is_known(const struct delivery *d, size_t stop, const struct record *r,
		     const struct parcel *p, const char *path, struct journal_entry *noted)
{
	struct target *t = d->stops[stop].target;
	struct journal_entry now = entry_of(d, r, p);

	if (!journal_find(d->options->journal, place_of(d, stop), path, noted) ||
	    !is_same_source(noted, &now) || (r->sha256 && !noted->has_sha256))
		return false;
	if (!t->kind->mark)
		return noted->when_s <= started_s(d) &&
		       started_s(d) - noted->when_s < d->options->journal_age_s;
	return mark_of(t, path, &now) && noted->target_inode == now.target_inode &&
	       noted->target_size == now.target_size && noted->target_ctime_ns == now.target_ctime_ns;
}

static bool all_known_at(const struct delivery *d, size_t stop, const struct record *r)
{
	const uint8_t *at = r->ids;

	for (unsigned slice = 0; slice < r->id_count; slice++) {
		struct sym_identity id;
		struct parcel p;
		struct sym_err ignored;

		at = identity_unpack(at, &id);
		(void)!delivery_place(d, stop, r, &id, &p, &ignored);
		for (size_t i = 0; i < p.count; i++) {
			struct journal_entry noted;

			if (!is_known(d, stop, r, &p, p.at[i].path, &noted))
				return false;
			if (r->sha256)
				memcpy(r->sha256[slice], noted.sha256, sizeof noted.sha256);
		}
	}
	return true;
}

static void settle(struct record *r)
{
	r->known = true;
	for (struct result *result = r->results; result; result = result->next)
		memset(result->actions, ACTION_PRESENT, result->paths);
}

void recall_known(struct delivery *d)
{
	for (size_t i = 0; i < d->records->count && d->options->journal; i++) {
		struct record *r = records_at(d->records, i);
		bool known = r->id_count > 0 && !r->contested;

		for (size_t stop = 0; stop < d->stop_count && known; stop++)
			known = all_known_at(d, stop, r);
		if (known)
			settle(r);
	}
}

/* -------------------------------------------------------------- noting -- */

static bool is_racy(const struct delivery *d, const struct record *r)
{
	int64_t latest = r->mtime_ns > r->ctime_ns ? r->mtime_ns : r->ctime_ns;

	return latest > d->started_ns - (int64_t)RACY_S * SECOND_NS;
}

/* Nobody was asked: the entry stays as it is. In a folder, where it was looked at, it is
 * noted as still in use, though rarely: the same run twice leaves the same journal. */
static void note_again(const struct delivery *d, size_t stop, const struct parcel *p)
{
	struct journal *j = d->options->journal;
	struct journal_entry noted;

	for (size_t i = 0; i < p->count; i++) {
		if (!journal_find(j, place_of(d, stop), p->at[i].path, &noted))
			continue;
		if (d->stops[stop].target->kind->mark && started_s(d) - noted.when_s >= SEEN_AGAIN_S)
			noted.when_s = started_s(d);
		journal_note(j, place_of(d, stop), p->at[i].path, &noted);
	}
}

static bool is_there(enum action action)
{
	return action == ACTION_STORED || action == ACTION_PRESENT || action == ACTION_REPLACED;
}

void recall_note(const struct delivery *d, size_t stop, const struct record *r,
		 const struct parcel *p)
{
	struct journal *j = d->options->journal;
	struct journal_entry e;

	if (!j || d->options->dry_run)
		return;
	if (r->known) {
		note_again(d, stop, p);
		return;
	}
	e = entry_of(d, r, p);
	for (size_t i = 0; i < p->count; i++) {
		const struct parcel_path *at = &p->at[i];

		if (at->action == ACTION_PENDING)
			continue; /* the run was stopped before: what was noted is still true */
		if (is_there(at->action) && !is_racy(d, r) &&
		    mark_of(d->stops[stop].target, at->path, &e))
			journal_note(j, place_of(d, stop), at->path, &e);
		else
			journal_forget(j, place_of(d, stop), at->path);
	}
}
