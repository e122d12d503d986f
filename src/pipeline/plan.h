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

/* Enters the paths of a slice of record `index`, which offers `has`, and marks the record
 * that loses a path. Call in the order of the records. SYM_NOMEM. */
enum sym_status plan_add(struct plan *plan, const struct records *rs, size_t index, unsigned has,
			 const struct parcel *p, struct sym_err *err) MUST_CHECK;

/* The record that gets `path`; SIZE_MAX where none wants it. */
size_t plan_owner(const struct plan *plan, const char *path);

/* Are the two paths one? */
bool plan_is_one(const struct plan *plan, const char *a, const char *b);

#endif
