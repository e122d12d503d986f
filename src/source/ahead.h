/* SPDX-License-Identifier: MIT
 * Folders that other threads visit before a walk comes to them: some neighbours at a time, in a
 * walk of their own, which keeps its findings (source/later.h). When the whole walk comes there it
 * reports these, and goes on where the other walk stopped: the order of findings is the same as
 * with one thread. */
#ifndef SOURCE_AHEAD_H
#define SOURCE_AHEAD_H

#include "source/tree.h"

/* Has another thread visited the next folder of the walk, if only in part? Then reports what was
 * found, and moves the walk to where the other stopped; `*status` as of tree_step(). In passing,
 * gives folders to threads that have nothing to do. */
bool ahead_visited(struct tree *t, enum sym_status *status);

/* Takes back all folders that were given away; before the tree is released. */
void ahead_end(struct tree *t);

#endif
