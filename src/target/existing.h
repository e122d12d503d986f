/* SPDX-License-Identifier: MIT
 * What to do where other bytes stand under a path: never poorer. */
#ifndef TARGET_EXISTING_H
#define TARGET_EXISTING_H

#include "target/target.h"

/* What became of a path, and whether its `why` is worth a warning. */
void path_settle(struct parcel_path *at, enum action action, bool warn);

/* It failed. Where it was the run that was stopped it did not: it stays pending, as if it had
 * never been begun. */
void path_fail(struct parcel_path *at, const struct sym_err *err);

/* Is it decided by --existing alone? `keep` settles the path, `replace` sets `*replace`; both
 * say why. False: what the files offer counts, as it always does between two of one run. */
bool existing_decides(enum existing existing, struct parcel_path *at, bool *replace);

/* What stands there has the size of what belongs there, and tells no checksum. True, and says why:
 * --existing replace has it sent all the same, for nothing else makes sure of the right bytes. */
bool existing_resends(enum existing existing, struct parcel_path *at) MUST_CHECK;

/* Sent over whatever stood there, which nobody could see (--existing replace): says so. It counts as stored: nobody
 * knows that anything was replaced. */
void existing_unseen(struct parcel_path *at);

/* --existing richer: what we offer against what stands there (enum sym_has). Sets `*replace`
 * where that is strictly less, else settles the path; says why. */
void existing_compare(unsigned mine, unsigned theirs, struct parcel_path *at, bool *replace);

/* The bits of enum sym_has in words: `between` stands between two, `last` before the last one. */
#define HAS_TEXT_MAX 48
void has_join(unsigned has, const char *between, const char *last, char to[HAS_TEXT_MAX]);

#endif
