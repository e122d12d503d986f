/* SPDX-License-Identifier: MIT
 * What stands in for a target that cannot be used: every file fails there, for that reason. */
#include "target/target.h"

#include <stdlib.h>
#include <string.h>

struct lost {
	struct target base;
	struct target_kind kind;
	struct sym_err why;
};

static enum sym_status refuse(struct target *t, struct sym_err *err)
{
	*err = ((struct lost *)t)->why;
	return err->status;
}

static enum sym_status lost_stage(struct target *t, unsigned worker, struct parcel *p,
				  struct sym_err *err)
{
	(void)worker;
	(void)p;
	return refuse(t, err);
}

/* What was staged while the target could be used. */
static void lost_publish(struct target *t, unsigned worker, struct parcel *p)
{
	(void)worker;
	for (size_t i = 0; i < p->count; i++) {
		if (p->at[i].action != ACTION_PENDING)
			continue;
		p->at[i].action = ACTION_FAILED;
		(void)!refuse(t, &p->at[i].why);
	}
	p->ticket = 0;
}

static enum sym_status lost_ask(struct target *t, const char *path, const struct target_sink *sink,
				struct target_answer *out, struct sym_err *err)
{
	(void)path;
	(void)sink;
	*out = (struct target_answer){0};
	return refuse(t, err);
}

/* What a journal says of it is not believed. */
static bool lost_mark(struct target *t, const char *path, struct target_mark *out)
{
	(void)t;
	(void)path;
	(void)out;
	return false;
}

static void lost_close(struct target *t)
{
	free(t->shown);
	free(t);
}

struct target *target_lost(const struct target_kind *kind, const char *shown,
			   const struct sym_err *why)
{
	struct lost *l = calloc(1, sizeof *l);

	if (!l)
		return NULL;
	l->kind = (struct target_kind){
		.scheme = kind->scheme,
		.is_remote = kind->is_remote,
		.takes_keyless = kind->takes_keyless,
		.stage = lost_stage,
		.publish = lost_publish,
		.ask = lost_ask,
		.mark = lost_mark,
		.close = lost_close,
	};
	l->base.kind = &l->kind;
	l->base.shown = strdup(shown);
	l->why = *why;
	if (l->base.shown)
		return &l->base;
	free(l);
	return NULL;
}
