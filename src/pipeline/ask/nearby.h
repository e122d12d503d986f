/* SPDX-License-Identifier: MIT
 * What stands in a store near a path that is not there. */
#ifndef PIPELINE_ASK_NEARBY_H
#define PIPELINE_ASK_NEARBY_H

#include "pipeline/ask/why.h"
#include "pipeline/probe.h"

#define NEARBY_TRIED_MAX 64

/* A path that was asked for on the way. */
struct nearby_try {
	char path[KEY_PATH_MAX];
	bool there;
	bool has_size;
	uint64_t size;
};

struct nearby {
	struct target *target;        /* open, and met */
	struct os_dir *root;          /* of a folder; else NULL */
	struct probe *probe;
	const struct why_question *question;
	const struct parcel_path *at; /* the path that is missing … */
	struct key_asked asked;       /* … as it reads */
	bool silent;                  /* the store does not answer any more */
	struct why_near near[WHY_NEAR_MAX];
	size_t near_count, builds;
	bool listed;                  /* the store was; else likely paths were asked for */
	bool all;                     /* as in why_answer */
	struct nearby_try tries[NEARBY_TRIED_MAX]; /* of all the paths of a question */
	size_t try_count;
};

/* Looks around `n->at`; fills near, near_count, builds and all. */
void nearby_find(struct nearby *n);

/* A path's readers, among all that there are: bit i: key_readers[i] asks for it. */
unsigned nearby_readers(const struct key_asked *asked, const char *path);

/* Is the file at `path` in the folder `root` one that the readers of `at` would take there?
 * SYM_MALFORMED, SYM_NOT_MINE and the like: it is of no use to anybody; SYM_NOT_FOUND: to them. */
enum sym_status nearby_look(struct os_dir *root, struct probe *probe, const char *path,
			    const struct parcel_path *at, bool two_tier, struct sym_err *err) MUST_CHECK;

/* One sentence on a near file (nearby_text.c): its `text`. */
void nearby_explain(const struct nearby *n, struct why_near *near);

#endif
