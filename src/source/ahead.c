/* SPDX-License-Identifier: MIT */
#include "source/ahead.h"

#include "base/err.h"
#include "source/later.h"
#include "source/scouts.h"

#include <stdlib.h>

enum {
	AHEAD_AFTER = 64,        /* folders: a walk of fewer is over before a thread has begun */
	AHEAD_FOLDERS = 16,      /* the most that one share has; all that is below them comes with it */
	AHEAD_LEVELS = 12,       /* how deep a share is walked below its first level: each holds a handle open */
	AHEAD_BYTES = 128 << 10, /* of findings, after which a share is walked no further */
};

/* Some neighbouring folders of one level, which another thread visits. */
struct share {
	struct share *next;
	size_t level, from; /* of the whole walk's branch, and the first folder there */
	struct tree t;      /* the walk through this share */
	struct finder f;    /* of this walk alone */
	struct later later;
	struct sym_err err;
	enum sym_status status;
};

/* ------------------------------------------------- in the other thread -- */

/* Can the other thread make the next step? Not into links and bundles, which depend on what only
 * the whole walk knows. */
static bool may_go_on(const struct share *p)
{
	const struct tree *t = &p->t;
	const struct level *l = branch_top(&t->b);

	if (p->status != SYM_OK || p->later.said.size > AHEAD_BYTES)
		return false;
	if (t->handed < t->files.count)
		return true;
	if (l->next == l->folders.count)
		return t->b.count > 1;
	return l->folders.at[l->next].tag == TAG_FOLDER && t->b.count <= AHEAD_LEVELS;
}

static bool share_step(void *job)
{
	struct share *p = job;

	if (!may_go_on(p))
		return false;
	p->status = tree_step(&p->t);
	return true;
}

/* -------------------------------------------------------- giving away -- */

static void share_free(struct share *p)
{
	branch_fork_release(&p->t.b);
	names_release(&p->t.files);
	later_release(&p->later);
	free(p);
}

static bool give(struct tree *t, size_t level, size_t from, size_t count)
{
	struct share *p = calloc(1, sizeof *p);

	if (!p || !branch_fork(&t->b, level, from, count, &p->t.b)) {
		free(p);
		return false;
	}
	p->level = level;
	p->from = from;
	p->later = (struct later)LATER_INIT;
	p->f = *t->f;
	p->f.later = &p->later;
	p->f.counts = &p->later.counts;
	p->f.err = &p->err;
	p->t.f = &p->f;
	p->t.exclude_from = t->exclude_from;
	p->next = t->shares;
	t->shares = p;
	scouts_give(t->f->scouts, p);
	return true;
}

/* Gives the other threads a share of a level's folders. The first share of each level stays with
 * the whole walk, which would else have to wait for them. False: there is nothing to give. */
static bool give_of(struct tree *t, size_t level)
{
	struct level *l = &t->b.levels[level];
	size_t from = l->given > l->next ? l->given : l->next, rest = l->folders.count - from;
	size_t fair = (size_t)units_of(rest, t->f->threads + 1);

	if (rest == 0 || !l->dir)
		return false;
	if (fair > AHEAD_FOLDERS)
		fair = AHEAD_FOLDERS;
	if (l->lent == 0 && fair < rest) {
		from += fair;
		rest -= fair;
	}
	if (fair > rest)
		fair = rest;
	l->given = from + fair;
	return give(t, level, from, fair);
}

/* Gives folders of the topmost level that has some: below these lies the most work. */
static void give_some(struct tree *t)
{
	while (t->given_up < t->b.count && scouts_have_room(t->f->scouts)) {
		if (!give_of(t, t->given_up))
			t->given_up++;
	}
}

/* Are there threads that read ahead? Starts them once the walk has turned out to be long. */
static bool have_scouts(struct finder *f)
{
	if (f->threads == 0 || f->scouts || f->counts->folders < AHEAD_AFTER)
		return f->scouts;
	f->scouts = scouts_start(f->threads, share_step);
	if (!f->scouts)
		f->threads = 0;
	return f->scouts;
}

/* --------------------------------------------------------- taking back -- */

/* Takes back the share that begins at the walk's next folder. NULL: there is none. */
static struct share *take_here(struct tree *t)
{
	const struct level *l = branch_top(&t->b);

	if (l->lent == 0)
		return NULL;
	for (struct share **at = &t->shares; *at; at = &(*at)->next) {
		struct share *p = *at;

		if (p->level != t->b.count - 1 || p->from != l->next)
			continue;
		*at = p->next;
		scouts_take_back(t->f->scouts, p);
		return p;
	}
	return NULL;
}

/* Moves the whole walk to where the share's walk ended. */
static enum sym_status go_there(struct tree *t, struct share *p)
{
	struct names files = t->files; /* all handed over */

	for (size_t i = 1; i < p->t.b.count; i++)
		p->t.b.levels[i].offered += t->offered;
	t->offered += p->t.offered;
	t->files = p->t.files;
	t->handed = p->t.handed;
	p->t.files = files;
	if (branch_join(&t->b, &p->t.b))
		return SYM_OK;
	return err_set(t->f->err, SYM_NOMEM, "out of memory");
}

bool ahead_visited(struct tree *t, enum sym_status *status)
{
	struct share *p;

	if (!have_scouts(t->f))
		return false;
	give_some(t);
	p = take_here(t);
	if (!p)
		return false;
	*status = later_tell(&p->later, t->f);
	if (*status == SYM_OK && p->status != SYM_OK) {
		*t->f->err = p->err;
		*status = p->status;
	}
	if (*status == SYM_OK)
		*status = go_there(t, p);
	share_free(p);
	return true;
}

void ahead_end(struct tree *t)
{
	while (t->shares) {
		struct share *p = t->shares;

		t->shares = p->next;
		scouts_take_back(t->f->scouts, p);
		share_free(p);
	}
}
