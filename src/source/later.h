/* SPDX-License-Identifier: MIT
 * What a walk in another thread found, kept until the whole walk comes to the same place. */
#ifndef SOURCE_LATER_H
#define SOURCE_LATER_H

#include "base/buf.h"
#include "base/def.h"
#include "source/walk.h"

struct finder;

struct later {
	struct buf said;             /* findings in order, packed */
	struct source_counts counts; /* `seen` and `folders`; `found` is counted when all is told */
};

#define LATER_INIT {.said = BUF_MAX(SIZE_MAX / 2)}

void later_release(struct later *l);

/* Keep the arguments of a call of finder_offer, finder_warn or finder_leaves_out. */
void later_found(struct later *l, const struct source_file *file, const char *name,
		 uint64_t device, uint64_t inode);
void later_warn(struct later *l, const struct source_file *at, const struct sym_err *why);
void later_left_out(struct later *l, const char *path, uint64_t device, uint64_t inode);

/* Makes these calls, in order. Answers as finder_offer; SYM_NOMEM also where not all was kept. */
enum sym_status later_tell(const struct later *l, struct finder *f) MUST_CHECK;

#endif
