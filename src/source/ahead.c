/* SPDX-License-Identifier: MIT */
#include "source/ahead.h"

#include "base/err.h"
#include "source/later.h"
#include "source/scouts.h"

#include <stdlib.h>

enum {
	AHEAD_AFTER = 64,        /* a walk of fewer folders is over before a thread has begun */
	AHEAD_FOLDERS = 16,      /* that are given away at a time, with all that is below them */
	AHEAD_LEVELS = 12,       /* below the first: each holds a handle open */
	AHEAD_BYTES = 128 << 10, /* that are kept, about */
};

/* Some folders of one level. */
struct part {
	struct part *next;
	size_t level, from; /* the first of them: in the walk they are part of */
	struct tree t;      /* the walk through them */
	struct finder f;    /* for that alone */
	struct later later;
	struct sym_err err;
	enum sym_status status;
};

/* ------------------------------------------------- in the other thread -- */

/* Is the next step one that can be made ahead? Links and bundles ask for what only the whole
 * walk knows. */
static bool may_go_on(const struct part *p)
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

static bool part_step(void *job)
{
	struct part *p = job;

	if (!may_go_on(p))
		return false;
	p->status = tree_step(&p->t);
	return true;
}

/* -------------------------------------------------------- giving away -- */

static void part_free(struct part *p)
{
	branch_fork_release(&p->t.b);
	names_release(&p->t.files);
	later_release(&p->later);
	free(p);
}

static bool give(struct tree *t, size_t level, size_t from, size_t count)
{
	struct part *p = calloc(1, sizeof *p);

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
	p->next = t->parts;
	t->parts = p;
	scouts_give(t->f->scouts, p);
	return true;
}

/* Gives folders of a level away, a fair share for each thread. The first share is the walk's
 * own: it shall be busy until the others are done. False: there is nothing to give. */
static bool give_of(struct tree *t, size_t level)
{
	struct level *l = &t->b.levels[level];
	size_t from = l->given > l->next ? l->given : l->next, rest = l->folders.count - from;
	size_t share = rest / (t->f->threads + 1) + (rest % (t->f->threads + 1) != 0);

	if (rest == 0 || !l->dir)
		return false;
	if (share > AHEAD_FOLDERS)
		share = AHEAD_FOLDERS;
	if (l->lent == 0 && share < rest) {
		from += share;
		rest -= share;
	}
	if (share > rest)
		share = rest;
	l->given = from + share;
	return give(t, level, from, share);
}

/* Of the topmost level that has some: the more is below what is given away, the better. */
static void give_some(struct tree *t)
{
	while (t->given_up < t->b.count && scouts_have_room(t->f->scouts)) {
		if (!give_of(t, t->given_up))
			t->given_up++;
	}
}

/* Are there threads that read ahead? Begins them where it is time. */
static bool have_scouts(struct finder *f)
{
	if (f->threads == 0 || f->scouts || f->counts->folders < AHEAD_AFTER)
		return f->scouts;
	f->scouts = scouts_start(f->threads, part_step);
	if (!f->scouts)
		f->threads = 0;
	return f->scouts;
}

/* --------------------------------------------------------- taking back -- */

/* Takes back the part that begins where the walk is. NULL: there is none. */
static struct part *take_here(struct tree *t)
{
	const struct level *l = branch_top(&t->b);

	if (l->lent == 0)
		return NULL;
	for (struct part **at = &t->parts; *at; at = &(*at)->next) {
		struct part *p = *at;

		if (p->level != t->b.count - 1 || p->from != l->next)
			continue;
		*at = p->next;
		scouts_take_back(t->f->scouts, p);
		return p;
	}
	return NULL;
}

/* Goes to where the part's walk ended. */
static enum sym_status go_there(struct tree *t, struct part *p)
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
	struct part *p;

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
	part_free(p);
	return true;
}

void ahead_end(struct tree *t)
{
	while (t->parts) {
		struct part *p = t->parts;

		t->parts = p->next;
		scouts_take_back(t->f->scouts, p);
		part_free(p);
	}
}
