/* SPDX-License-Identifier: MIT
 * The walk through one folder, and what all walks of a run share. */
#ifndef SOURCE_TREE_H
#define SOURCE_TREE_H

#include "base/def.h"
#include "base/table.h"
#include "source/branch.h"
#include "source/bundle.h"
#include "source/glob.h"
#include "source/walk.h"

/* One run of source_find. */
struct finder {
	const struct source_options *options;
	const struct source_sink *sink;
	struct source_counts *counts;
	struct glob_set excludes;
	struct bundles bundles;
	bool several; /* sources may name the same file: `seen` is used */
	struct table seen; /* files that were reported; rows of source/walk.c */
	uint32_t origin; /* the number of the present source, from 1 */
	bool by_pattern; /* the present walk looks for the user's patterns */
	bool *left_out;  /* for each of the options' targets: it was reported as left out */
	struct sym_err *err;
	struct later *later;   /* of a share: gets what is found; NULL: the sink gets it */
	struct scouts *scouts; /* owned; NULL while there are none */
	unsigned threads;      /* to start as scouts; 0: none */
};

/* Where a walk begins. */
struct tree_start {
	const char *folder;               /* no `/` at its end; "" is the current one */
	const struct glob *glob;          /* relative to `folder` */
	const struct bundle_kind *bundle; /* what `folder` is, or NULL */
};

/* What a remembered name is. */
enum tag {
	TAG_FILE,
	TAG_OTHER,  /* matches, but is a FIFO, a device, a socket */
	TAG_BROKEN, /* matches, but is a link to nothing */
	TAG_FOLDER,
	TAG_LINKED_FOLDER,
	TAG_BUNDLE,
	TAG_LINKED_BUNDLE,
};

/* Where a walk is. */
struct tree {
	struct finder *f;
	struct branch b;
	bool by_hand;        /* the user named the start, not a pattern that leads there */
	size_t exclude_from; /* where in b.path the path for excludes begins */
	uint64_t offered;    /* files that matched */
	struct names files;  /* of the present folder; the first `handed` are handed over */
	size_t handed;
	struct share *shares; /* see source/ahead.c: folders that other threads visit */
	size_t given_up;     /* the first so many levels have no more folders to give away */
};

/* Hands over one more file of the present folder, or else goes to the next folder: down into
 * it, or back up. As tree_walk. */
enum sym_status tree_step(struct tree *t) MUST_CHECK;

/* Walks, and hands over every file that matches. SYM_OK, SYM_NOMEM, or what the
 * sink's `found` answered; the reason is in f->err. */
enum sym_status tree_walk(struct finder *f, const struct tree_start *start) MUST_CHECK;

/* Hands one file over, unless another source reported it before. It is `name` in the folder
 * device/inode, which count only where several sources may name the same. */
enum sym_status finder_offer(struct finder *f, const struct source_file *file, const char *name,
			     uint64_t device, uint64_t inode) MUST_CHECK;

/* Does an exclude match `relative`, the part of `path` that excludes see? A folder's path ends in
 * `/`. One that takes too long to tell counts as a match, and is warned of. */
bool finder_excludes(struct finder *f, const char *path, const char *relative, size_t len);

/* The user's pattern that takes too long on this subject of `glob`, which is made of several. */
const char *finder_slow_pattern(const struct finder *f, const struct glob *glob, const char *subject, size_t len);

/* Is this a folder that the run writes to? Then reports it as left out, once. */
bool finder_leaves_out(struct finder *f, uint64_t device, uint64_t inode, const char *path);

/* Hands a warning to the sink. `path` may be longer than what can be opened. */
void finder_warn(struct finder *f, const char *path, bool by_hand, const char *bundle,
		 const struct sym_err *why);

#endif
