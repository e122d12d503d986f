/* SPDX-License-Identifier: MIT
 * What a walk found, kept to be told when its turn comes. */
#ifndef SOURCE_LATER_H
#define SOURCE_LATER_H

#include "base/buf.h"
#include "base/def.h"
#include "source/walk.h"

struct finder;

struct later {
	struct buf said;             /* one after the other */
	struct source_counts counts; /* names and folders: what is found counts when it is told */
};

#define LATER_INIT {.said = BUF_MAX(SIZE_MAX / 2)}

void later_release(struct later *l);

/* Keep what finder_offer, finder_warn and finder_leaves_out were told. */
void later_found(struct later *l, const struct source_file *file, const char *name,
		 uint64_t device, uint64_t inode);
void later_warn(struct later *l, const struct source_file *at, const struct sym_err *why);
void later_left_out(struct later *l, const char *path, uint64_t device, uint64_t inode);

/* Tells it all, in order. As finder_offer; SYM_NOMEM also where not all could be kept. */
enum sym_status later_tell(const struct later *l, struct finder *f) MUST_CHECK;

#endif
