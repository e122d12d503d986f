/* SPDX-License-Identifier: MIT
 * Who gets a path that several files of a run want: the one that offers strictly
 * more, else the first in the order of the walk. Never a matter of threads or time. */
#ifndef PIPELINE_PLAN_H
#define PIPELINE_PLAN_H

#include "pipeline/record.h"
#include "target/target.h"

struct plan;

/* `folds_case`: paths that differ in the case of ASCII letters are one. NULL when out of memory. */
struct plan *plan_new(bool folds_case);
void plan_free(struct plan *plan);

/* Enters the paths of a slice of record `index`, which offers `has`. SYM_NOMEM. */
enum sym_status plan_add(struct plan *plan, size_t index, unsigned has,
			 const struct parcel *p, struct sym_err *err) MUST_CHECK;

/* Once all are entered: decides, and marks the records that lose a path. Keeps in memory only what
 * several records want, which is little. */
void plan_decide(struct plan *plan, const struct records *rs);

/* The record that gets a path which several want; of any other path `only`, who alone wants it. */
size_t plan_owner(const struct plan *plan, const char *path, size_t only);

/* Are the two paths one? */
bool plan_is_one(const struct plan *plan, const char *a, const char *b);

#endif
