/* SPDX-License-Identifier: MIT
 * A store in a folder. A file is staged, flushed, and then given its name without
 * replacing; its further paths are hard links. Under a final name there is never
 * half a file. */
#include "target/local/local.h"

#include "base/err.h"
#include "base/stop.h"
#include "target/compare.h"
#include "target/existing.h"
#include "target/registry.h"

#include <stdlib.h>
#include <string.h>

extern const struct registry_kind folder_registry;

enum { LONG_FLUSH_BYTES = 16 << 20 }; /* so many may keep a slow disk busy for seconds */

static struct local *local_of(struct target *t)
{
	return (struct local *)t;
}

/* --------------------------------------------------------------- failing -- */

/* A file could not be written. Where none can be any more this is said once, and not of each file:
 * this is the last that was tried, and `err` becomes what all of them fail for. Answers its status. */
static enum sym_status fail(struct local *l, struct sym_err *err)
{
	if (!os_takes_nothing(err->sys))
		return err->status;
	err_sys(err, SYM_IO, err->sys, "nothing more can be written there");
	target_give_up(&l->base, err);
	(void)target_given_up(&l->base, err);
	return err->status;
}

/* ------------------------------------------------------------- staging -- */

static size_t pending_count(const struct parcel *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->count; i++)
		n += p->at[i].action == ACTION_PENDING;
	return n;
}

/* Copies the slice into the open staged file. */
static enum sym_status fill_staged(struct local *l, struct parcel *p, os_file file,
				   struct sym_err *err)
{
	enum sym_status status = staging_fill(file, p->source, p->id->slice_offset, p->id->slice_size,
					      p->gauge, err);

	return staging_end(file, l->options.flush == FLUSH_EACH, status, err);
}

static enum sym_status stage_copy(struct local *l, unsigned worker, struct parcel *p,
				  struct sym_err *err)
{
	os_file file;
	enum sym_status status;

	if (!l->staging) {
		target_give_up(&l->base, &l->closed);
		*err = l->closed;
	}
	if (!l->staging || target_given_up(&l->base, err))
		return err->status;
	status = staging_create(l->staging, worker, &file, &p->ticket, err);
	if (status != SYM_OK)
		return fail(l, err);
	status = fill_staged(l, p, file, err);
	if (status == SYM_OK) {
		atomic_fetch_add(&l->unflushed, p->id->slice_size);
		return SYM_OK;
	}
	staging_remove(l->staging, p->ticket);
	p->ticket = 0;
	return fail(l, err);
}

/* ---------------------------------------------------------- publishing -- */

/* Copies the parcel's staged file to another one. */
static enum sym_status copy_staged(struct local *l, struct parcel *p, struct ours *ours, struct os_dir *dir,
				   const char *name, struct sym_err *err)
{
	os_file file;
	enum sym_status status = local_open_staged(l, p, ours, err);

	if (status == SYM_OK)
		status = os_create(dir, name, &file, err);
	if (status != SYM_OK)
		return status;
	status = staging_fill(file, ours->file, 0, ours->size, NULL, err);
	return staging_end(file, l->options.flush != FLUSH_NONE, status, err); /* the batch was flushed before */
}

/* A second staged file with the same bytes: another name for it, or a copy where the
 * file system has no links (or no more for this file). */
static enum sym_status stage_again(struct local *l, unsigned worker, struct parcel *p,
				   struct ours *ours, uint32_t *ticket, struct sym_err *err)
{
	uint32_t number = staging_number(l->staging, worker);
	struct os_dir *dir = staging_dir(l->staging, number);
	char from[STAGING_NAME_MAX], to[STAGING_NAME_MAX];
	enum sym_status status;

	staging_name(p->ticket, from);
	staging_name(number, to);
	status = os_link(staging_dir(l->staging, p->ticket), from, dir, to, err);
	if (status == SYM_UNSUPPORTED)
		status = copy_staged(l, p, ours, dir, to, err);
	if (status == SYM_OK)
		*ticket = number;
	else
		staging_remove(l->staging, number);
	return status;
}

/* Puts a staged file in the place of what stands there, under the key folder's lock:
 * two runs that both offer more must not undo each other. */
static void replace_locked(struct local *l, unsigned worker, struct parcel *p, size_t i,
			   struct ours *ours, struct os_dir *dir, const char *name)
{
	struct parcel_path *at = &p->at[i];
	uint32_t ticket;
	bool replace;
	struct sym_err err;
	enum sym_status status = os_dir_lock(dir, true, &err);

	if (status == SYM_UNSUPPORTED) {
		at->action = ACTION_KEPT;
		at->warn = true;
		err_set(&at->why, SYM_EXISTS,
			"other bytes stand under this key, and this file system has no locks to replace them safely");
		return;
	}
	if (status == SYM_OK) {
		local_settle(l, worker, p, i, ours, &replace);
		if (at->action != ACTION_PENDING || !replace)
			return;
		status = stage_again(l, worker, p, ours, &ticket, &err);
	}
	if (status == SYM_OK)
		status = staging_replace(l->staging, ticket, dir, name, &err);
	if (status == SYM_OK) {
		at->action = ACTION_REPLACED;
		return;
	}
	(void)fail(l, &err);
	path_fail(at, &err);
}

/* Gives the staged bytes the name `dir`/`name`: the staged file itself for the last
 * path of the parcel, another link of it for those before. */
static enum sym_status give_name(struct local *l, unsigned worker, struct parcel *p,
				 struct ours *ours, bool last, struct os_dir *dir,
				 const char *name, struct sym_err *err)
{
	char staged[STAGING_NAME_MAX];
	uint32_t ticket = p->ticket;
	enum sym_status status;

	if (last) {
		status = staging_publish(l->staging, ticket, dir, name, err);
		if (status == SYM_OK)
			p->ticket = 0;
		return status;
	}
	staging_name(ticket, staged);
	status = os_link(staging_dir(l->staging, ticket), staged, dir, name, err);
	if (status != SYM_UNSUPPORTED)
		return status;
	status = stage_again(l, worker, p, ours, &ticket, err);
	if (status != SYM_OK)
		return status;
	status = staging_publish(l->staging, ticket, dir, name, err);
	if (status != SYM_OK)
		staging_remove(l->staging, ticket);
	return status;
}

/* The name in `dir` has reached the disk, and the names of the folders above it, which may be
 * new: `folder` is the way to `dir`, and is cut on the way back. */
static enum sym_status sync_names(struct local *l, char *folder, struct os_dir *dir,
				  struct sym_err *err)
{
	enum sym_status status = os_sync_dir(dir, err);

	for (char *slash; status == SYM_OK && (slash = strrchr(folder, '/'));) {
		struct os_dir *above;

		*slash = '\0';
		status = os_dir_open(l->root, folder, OS_NOFOLLOW, &above, err);
		if (status != SYM_OK)
			break;
		status = os_sync_dir(above, err);
		os_dir_close(above);
	}
	return status == SYM_OK ? os_sync_dir(l->root, err) : status;
}

/* The folder of a new file is new itself, as a rule. */
static bool publish_in_new_folder(struct local *l, unsigned worker, struct parcel *p,
				  struct parcel_path *at, bool last, struct ours *ours,
				  const char *folder)
{
	struct sym_err err;

	if (l->options.flush == FLUSH_EACH || !os_dir_make_new(l->root, folder) ||
	    give_name(l, worker, p, ours, last, l->root, at->path, &err) != SYM_OK)
		return false;
	at->action = ACTION_STORED;
	return true;
}

static void publish_path(struct local *l, unsigned worker, struct parcel *p, size_t i, bool last,
			 struct ours *ours)
{
	struct parcel_path *at = &p->at[i];
	char folder[KEY_PATH_MAX];
	const char *name;
	struct os_dir *dir;
	struct sym_err err;
	enum sym_status status;
	bool replace = false;

	local_split(at->path, folder, &name);
	if (publish_in_new_folder(l, worker, p, at, last, ours, folder))
		return;
	status = os_dir_make(l->root, folder, &dir, &err);
	if (status == SYM_OK) {
		status = give_name(l, worker, p, ours, last, dir, name, &err);
		if (status == SYM_OK)
			at->action = ACTION_STORED;
		if (status == SYM_EXISTS) {
			status = SYM_OK;
			local_settle(l, worker, p, i, ours, &replace);
		}
		if (replace)
			replace_locked(l, worker, p, i, ours, dir, name);
		if (l->options.flush == FLUSH_EACH &&
		    (at->action == ACTION_STORED || at->action == ACTION_REPLACED))
			status = sync_names(l, folder, dir, &err);
		os_dir_close(dir);
	}
	/* Neither published nor settled: it was there, and then it was not. Somebody empties the
	 * store, if it is not that the run was stopped. */
	if (status == SYM_OK && at->action == ACTION_PENDING && stop_check(&err) == SYM_OK)
		err_set(&err, SYM_CHANGED, "the store changed while it was written");
	if (status != SYM_OK || at->action == ACTION_PENDING) {
		(void)fail(l, &err);
		path_fail(at, &err);
	}
}

static void local_publish(struct target *t, unsigned worker, struct parcel *p)
{
	struct local *l = local_of(t);
	struct ours ours = {.file = OS_NO_FILE};
	size_t left = pending_count(p);

	if (left == 0)
		return;
	atomic_store_explicit(&l->published, true, memory_order_relaxed);
	for (size_t i = 0; i < p->count; i++)
		if (p->at[i].action == ACTION_PENDING)
			publish_path(l, worker, p, i, --left == 0, &ours);
	os_close_quietly(ours.file);
	if (p->ticket)
		staging_remove(l->staging, p->ticket);
	p->ticket = 0;
}

/* --------------------------------------------------------------- steps -- */

static void local_unstage(struct target *t, unsigned worker, struct parcel *p)
{
	(void)worker;
	if (p->ticket)
		staging_remove(local_of(t)->staging, p->ticket);
	p->ticket = 0;
}

/* Where no batch is flushed between the two steps they are one, if the source is still what
 * was copied. */
static enum sym_status publish_now(struct target *t, unsigned worker, struct parcel *p,
				   struct sym_err *err)
{
	enum sym_status status = compare_state(p->source, p->as_it_was, err);

	if (status == SYM_OK)
		local_publish(t, worker, p);
	else
		local_unstage(t, worker, p);
	return status;
}

static enum sym_status local_stage(struct target *t, unsigned worker, struct parcel *p,
				   struct sym_err *err)
{
	struct local *l = local_of(t);
	struct ours ours = {.file = p->source, .offset = p->id->slice_offset, .size = p->id->slice_size};
	enum sym_status status;
	bool replace;

	for (size_t i = 0; i < p->count; i++) {
		if (!l->new || p->at[i].second)
			local_settle(l, worker, p, i, &ours, &replace);
		if (p->at[i].action != ACTION_PENDING)
			continue;
		if (l->options.dry_run)
			p->at[i].action = ACTION_PLANNED;
		else
			p->at[i].why.status = SYM_OK; /* what stands there when it is published counts */
	}
	if (pending_count(p) == 0)
		return SYM_OK;
	status = stage_copy(l, worker, p, err);
	if (status == SYM_OK && l->options.flush != FLUSH_BATCH)
		status = publish_now(t, worker, p, err);
	return status;
}

/* To be able to leave costs some milliseconds, which many bytes cost anyway. */
static enum sym_status local_flush(struct target *t, struct sym_err *err)
{
	struct local *l = local_of(t);
	bool long_wait = atomic_exchange(&l->unflushed, 0) >= LONG_FLUSH_BYTES;

	if (l->options.flush != FLUSH_BATCH || os_sync_all(l->root, long_wait ? stop_asked : NULL, err) == SYM_OK)
		return SYM_OK;
	return err_prefix(err, "%s", t->shown);
}

/* -------------------------------------------------------------- the end -- */

/* index.txt holds a dot: BugSplat's sign of a one-tier store, as version 11 writes it. */
static enum sym_status write_index(struct local *l, struct sym_err *err)
{
	uint32_t ticket;
	struct os_stat st;
	enum sym_status status = os_stat(l->root, "index.txt", OS_NOFOLLOW, &st, err);

	if (status != SYM_NOT_FOUND)
		return status;
	status = staging_write(l->staging, 0, ".", 1, l->options.flush != FLUSH_NONE, &ticket, err);
	if (status != SYM_OK)
		return status;
	status = staging_publish(l->staging, ticket, l->root, "index.txt", err);
	return status == SYM_EXISTS ? SYM_OK : status; /* another run was first */
}

/* pingme.txt tells by its time of the last change. It is touched last: it speaks of all
 * before it. A store whose run was killed before has none. */
static enum sym_status mark_change(struct local *l, bool changed, struct sym_err *err)
{
	struct os_stat st;

	if (!changed && os_stat(l->root, "pingme.txt", OS_NOFOLLOW, &st, err) == SYM_OK)
		return SYM_OK;
	return os_touch(l->root, "pingme.txt", err) == SYM_OK ? SYM_OK : err_prefix(err, "pingme.txt");
}

static void local_enter(struct target *t, const char *source, const struct parcel *p)
{
	struct local *l = local_of(t);

	if (l->transaction)
		transaction_enter(l->transaction, source, p);
}

static enum sym_status local_finish(struct target *t, bool changed, struct sym_err *err)
{
	struct local *l = local_of(t);
	enum sym_status status = SYM_OK;

	if (!l->staging)
		return SYM_OK;
	if (!t->two_tier && write_index(l, err) != SYM_OK)
		status = err_prefix(err, "index.txt");
	if (status == SYM_OK && l->transaction && !stop_asked())
		status = transaction_commit(l->transaction, err);
	if (status == SYM_OK || status == SYM_CANCELLED)
		status = mark_change(l, changed, err);
	return status == SYM_OK ? SYM_OK : err_prefix(err, "%s", t->shown);
}

const struct target_kind local_target = {
	.scheme = "file",
	.registry = &folder_registry,
	.open = local_open,
	.stage = local_stage,
	.unstage = local_unstage,
	.flush = local_flush,
	.publish = local_publish,
	.enter = local_enter,
	.ask = local_ask,
	.listed = local_listed,
	.list = local_list,
	.mark = local_mark,
	.finish = local_finish,
	.close = local_close,
};
