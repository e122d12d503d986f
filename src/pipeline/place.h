/* SPDX-License-Identifier: MIT
 * The paths of one identity at one target: what its readers ask for, each path once. */
#ifndef PIPELINE_PLACE_H
#define PIPELINE_PLACE_H

#include "target/target.h"

/* Adds a path, pending, to the parcel, or readers to one that it has. False: it holds no more. */
bool place_add(struct parcel *p, const char *path, unsigned readers);

/* Fills the parcel's paths for the readers of the mask (bit i: key_readers[i]), in the
 * order of the table. `file` is the file's name; `member` the name inside a compressed
 * file, or NULL. Paths that a program must make first are left out: they are not of
 * this file's bytes. None at all: SYM_NO_KEY with the reason. SYM_REFUSED: its name. */
enum sym_status place_identity(const struct sym_identity *id, const char *file, const char *member,
			       unsigned readers, bool two_tier, struct parcel *p,
			       struct sym_err *err) MUST_CHECK;

/* The same for a target that takes files without a key by their names: one path, the name.
 * SYM_NO_KEY for what such a target does not take either. */
enum sym_status place_keyless(const struct sym_identity *id, const char *file, struct parcel *p,
			      struct sym_err *err) MUST_CHECK;

#endif
