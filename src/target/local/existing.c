/* SPDX-License-Identifier: MIT
 * What stands in the store already: what to do about it, never poorer; and what it tells. */
#include "target/local/local.h"

#include "base/err.h"
#include "target/compare.h"
#include "target/existing.h"

#include <string.h>

void local_split(const char *path, char dir[KEY_PATH_MAX], const char **name)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) : 0;

	memcpy(dir, path, len);
	dir[len] = '\0';
	*name = slash ? slash + 1 : path;
}

/* Opens what stands under `path`, through no link. SYM_NOT_FOUND: nothing does. */
static enum sym_status look(struct local *l, const char *path, os_file *file, struct os_stat *st,
			    struct sym_err *err)
{
	if (!l->root)
		return err_set(err, SYM_NOT_FOUND, "there is no such folder");
	return os_open(l->root, path, OS_NOFOLLOW, file, st, err);
}

/* Of a file that stands there and for which its readers have no use, as far as one can tell. */
static void settle_unread(struct parcel_path *at, const struct sym_err *err, bool *replace)
{
	switch (err->status) {
	case SYM_UNSUPPORTED:
	case SYM_TOO_BIG:
		err_set(&at->why, SYM_EXISTS, "other bytes stand under this key, and what they offer is not known: %s",
			err->text);
		path_settle(at, ACTION_KEPT, true);
		break;
	case SYM_IO:
	case SYM_CHANGED:
	case SYM_NOMEM:
	case SYM_CANCELLED:
		path_fail(at, err);
		break;
	default:
		err_set(&at->why, SYM_EXISTS, "what stood there does not carry this key: %s", err->text);
		*replace = true;
	}
}

/* --existing richer: replace only what offers strictly less, or is no whole file of this key. */
static void settle_richer(struct local *l, unsigned worker, struct parcel *p,
			  struct parcel_path *at, os_file theirs, uint64_t their_size,
			  enum compared compared, bool *replace)
{
	unsigned has = 0;
	struct sym_err err;

	if (compared == COMPARED_HALF && !at->second) {
		err_set(&at->why, SYM_EXISTS, "what stood there was only the first %llu bytes of this file",
			(unsigned long long)their_size);
		*replace = true;
	} else if (l->options.look(l->options.look_ctx, worker, theirs, their_size, at, l->base.two_tier,
				   &has, &err) != SYM_OK) {
		settle_unread(at, &err, replace);
	} else {
		existing_compare(p->id->has, has, at, replace);
	}
}

enum sym_status local_open_staged(struct local *l, const struct parcel *p, struct ours *ours,
				  struct sym_err *err)
{
	char name[STAGING_NAME_MAX];
	struct os_stat st;

	if (ours->file != OS_NO_FILE)
		return SYM_OK;
	staging_name(p->ticket, name);
	if (os_open(staging_dir(l->staging, p->ticket), name, OS_NOFOLLOW, &ours->file, &st, err) !=
	    SYM_OK)
		return err_prefix(err, "the staged file is gone");
	ours->size = st.size;
	ours->device = st.device;
	ours->inode = st.inode;
	return SYM_OK;
}

void local_settle(struct local *l, unsigned worker, struct parcel *p, size_t i, struct ours *ours,
		  bool *replace)
{
	struct parcel_path *at = &p->at[i];
	struct os_stat st;
	os_file theirs;
	enum compared compared;
	struct sym_err err;
	enum sym_status status = look(l, at->path, &theirs, &st, &err);

	*replace = false;
	if (status == SYM_NOT_FOUND)
		return;
	if (status != SYM_OK) {
		err_prefix(&err, status == SYM_REFUSED ? "something else stands in its place in the store"
						       : "the file that stands there cannot be compared");
		path_fail(at, &err);
		return;
	}
	if (local_open_staged(l, p, ours, &err) != SYM_OK) {
		path_fail(at, &err);
	} else if (ours->inode && st.inode == ours->inode && st.device == ours->device) {
		/* The path's twin in another letter case, on a file system that ignores it. */
		path_settle(at, ACTION_STORED, false);
	} else if (compare_files(ours->file, ours->offset, ours->size, theirs, 0, st.size, &compared,
				 &err) != SYM_OK) {
		path_fail(at, &err);
	} else if (compared == COMPARED_SAME) {
		path_settle(at, ACTION_PRESENT, false);
	} else if (!existing_decides(l->options.existing, at, replace)) {
		settle_richer(l, worker, p, at, theirs, st.size, compared, replace);
	}
	os_close_quietly(theirs);
}

/* -------------------------------------------------------------- asking -- */

enum sym_status local_ask(struct target *t, const char *path, const struct target_sink *sink,
			  struct target_answer *out, struct sym_err *err)
{
	struct os_stat st;
	os_file file;
	enum sym_status status = look((struct local *)t, path, &file, &st, err);

	*out = (struct target_answer){0};
	if (status == SYM_NOT_FOUND)
		return err_set(err, SYM_NOT_FOUND, "nothing is there");
	if (status != SYM_OK)
		return status;
	out->has_size = true;
	out->size = st.size;
	if (sink)
		status = os_read_pieces(file, 0, UINT64_MAX, sink->take, sink->ctx, err);
	os_close_quietly(file);
	return status;
}

enum target_listed local_listed(struct target *t, const char *path)
{
	struct local *l = (struct local *)t;

	(void)path;
	return l->new && !atomic_load(&l->published) ? LISTED_ABSENT : LISTED_UNKNOWN;
}

bool local_mark(struct target *t, const char *path, struct target_mark *out)
{
	struct local *l = (struct local *)t;
	struct os_stat st;
	struct sym_err ignored;

	if (!l->root || os_stat(l->root, path, OS_NOFOLLOW, &st, &ignored) != SYM_OK || st.type != OS_FILE)
		return false;
	*out = (struct target_mark){.inode = st.inode, .size = st.size, .ctime_ns = st.ctime_ns};
	return true;
}
