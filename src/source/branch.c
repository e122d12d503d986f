/* SPDX-License-Identifier: MIT */
#include "source/branch.h"

#include "base/array.h"
#include "base/err.h"
#include "base/limits.h"

#include <stdlib.h>

static void cut(struct buf *b, size_t size)
{
	b->size = size;
	if (b->data)
		b->data[size] = '\0';
}

void branch_release(struct branch *b)
{
	while (b->count > 0)
		branch_pop(b);
	free(b->levels);
	buf_release(&b->path);
	buf_release(&b->subject);
	buf_release(&b->bundle);
}

/* --------------------------------------------------------------- paths -- */

const char *branch_path(struct branch *b, const char *name)
{
	cut(&b->path, branch_top(b)->path_len);
	buf_add_text(&b->path, name);
	return b->path.data;
}

void branch_subject(struct branch *b, const char *name, const char *slashes)
{
	cut(&b->subject, branch_top(b)->subject_len);
	buf_add_text(&b->subject, name);
	buf_add_text(&b->subject, slashes);
}

const char *branch_folder(struct branch *b)
{
	if (b->path.size > 1)
		cut(&b->path, b->path.size - 1);
	return b->path.size > 0 ? b->path.data : ".";
}

void branch_folder_end(struct branch *b)
{
	if (b->path.size > 0 && b->path.data[b->path.size - 1] != '/')
		buf_add_char(&b->path, '/');
}

const char *branch_bundle(struct branch *b)
{
	size_t len = b->count > 0 ? branch_top(b)->bundle_len : 0;

	if (len == 0)
		return NULL;
	buf_clear(&b->bundle);
	buf_add(&b->bundle, b->path.data, len);
	return b->bundle.data;
}

/* -------------------------------------------------------------- levels -- */

bool level_identify(struct level *l, struct sym_err *why)
{
	struct os_stat st;

	if (l->identified)
		return true;
	if (!l->dir || os_dir_stat(l->dir, &st, why) != SYM_OK)
		return false;
	l->device = st.device;
	l->inode = st.inode;
	l->identified = true;
	return true;
}

bool branch_has(const struct branch *b, uint64_t device, uint64_t inode)
{
	struct sym_err ignored;

	for (size_t i = 0; i < b->count; i++) {
		struct level *l = &b->levels[i];

		if (level_identify(l, &ignored) && l->device == device && l->inode == inode)
			return true;
	}
	return false;
}

static void close_level(struct level *l)
{
	struct sym_err ignored;

	level_identify(l, &ignored); /* to tell whether it is the same when it is opened again */
	os_dir_close(l->dir);
	l->dir = NULL;
}

static bool add_level(struct branch *b, const struct level *l)
{
	struct level *levels = array_fit(b->levels, &b->room, b->count + 1, sizeof *levels);

	if (!levels)
		return false;
	b->levels = levels;
	b->levels[b->count++] = *l;
	if (b->count > SOURCE_HANDLES_MAX + 1) { /* the first stays open */
		struct level *above = &b->levels[b->count - 1 - SOURCE_HANDLES_MAX];

		if (above->lent == 0)
			close_level(above);
	}
	return true;
}

bool branch_push(struct branch *b, struct level fresh)
{
	fresh.path_len = b->path.size;
	fresh.subject_len = b->subject.size;
	if (add_level(b, &fresh))
		return true;
	os_dir_close(fresh.dir);
	return false;
}

void branch_pop(struct branch *b)
{
	struct level *l = branch_top(b);

	os_dir_close(l->dir);
	names_release(&l->folders);
	b->count--;
}

bool branch_fork(struct branch *b, size_t level, size_t from, size_t count, struct branch *fork)
{
	struct level *l = &b->levels[level], first = *l;

	first.folders = (struct names){.at = l->folders.at + from, .count = count};
	first.next = 0;
	first.lent = 0;
	*fork = (struct branch)BRANCH_INIT;
	buf_add(&fork->path, b->path.data, l->path_len);
	buf_add(&fork->subject, b->subject.data, l->subject_len);
	if (!fork->path.failed && !fork->subject.failed && add_level(fork, &first)) {
		l->lent++;
		return true;
	}
	branch_release(fork);
	return false;
}

void branch_fork_release(struct branch *fork)
{
	fork->levels[0].dir = NULL;
	fork->levels[0].folders = (struct names){0};
	branch_release(fork);
}

static void swap(struct buf *a, struct buf *b)
{
	struct buf was = *a;

	*a = *b;
	*b = was;
}

bool branch_join(struct branch *b, struct branch *fork)
{
	size_t i = 1;

	branch_top(b)->lent--;
	branch_top(b)->next += fork->levels[0].next;
	if (fork->count > 1) {
		swap(&b->path, &fork->path);
		swap(&b->subject, &fork->subject);
	}
	while (i < fork->count && add_level(b, &fork->levels[i])) {
		fork->levels[i].dir = NULL;
		fork->levels[i++].folders = (struct names){0};
	}
	return i == fork->count;
}

/* Opens level `i` by its name in the one above, which is open. */
static enum sym_status reopen_level(struct branch *b, size_t i, struct sym_err *why)
{
	const struct level *above = &b->levels[i - 1];
	struct level *l = &b->levels[i];
	char *end = b->path.data + l->path_len - 1;
	struct os_stat st;
	enum sym_status status;

	*end = '\0';
	status = os_dir_open(above->dir, b->path.data + above->path_len, OS_FOLLOW, &l->dir, why);
	*end = '/';
	if (status == SYM_OK)
		status = os_dir_stat(l->dir, &st, why);
	if (status == SYM_OK && (st.device != l->device || st.inode != l->inode))
		status = err_set(why, SYM_CHANGED, "the folder was moved while it was searched");
	return status;
}

enum sym_status branch_reopen(struct branch *b, struct sym_err *why)
{
	size_t last = b->count - 1, from = last;
	enum sym_status status = SYM_OK;

	while (!b->levels[from].dir)
		from--;
	for (size_t i = from + 1; i <= last && status == SYM_OK; i++) {
		status = reopen_level(b, i, why);
		/* Those near the end stay open: the way back leads through them. */
		if (i - 1 > from && i - 1 + SOURCE_HANDLES_MAX <= last)
			close_level(&b->levels[i - 1]);
	}
	return status;
}
