/* SPDX-License-Identifier: MIT
 * Folders that other threads visit before a walk comes to them: some neighbours at a time, in a
 * walk of their own, which keeps what is to be told. When the walk comes there it tells that,
 * and goes on itself where the other was, so that nobody can see that there were two. */
#ifndef SOURCE_AHEAD_H
#define SOURCE_AHEAD_H

#include "source/tree.h"

/* Has the next folder of the walk been visited, if only in part? Tells of it, and goes to where
 * that ended; `*status` is as tree_step's. Now and then gives folders away. */
bool ahead_visited(struct tree *t, enum sym_status *status);

/* The walk ends, maybe early: takes back what was given away. */
void ahead_end(struct tree *t);

#endif
