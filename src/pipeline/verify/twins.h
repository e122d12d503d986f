/* SPDX-License-Identifier: MIT
 * Files of a store that a reader takes for one and the same: paths that differ in letter case
 * alone, and a file beside its compressed form. That is as it should be while they are one
 * file, or hold the same bytes; else it depends on the reader what it gets. */
#ifndef PIPELINE_VERIFY_TWINS_H
#define PIPELINE_VERIFY_TWINS_H

#include "os/os.h"

struct twins;

/* `root`: the store's folder, with the `/` at its end, or ""; borrowed. NULL: out of memory. */
struct twins *twins_new(const char *root);
void twins_free(struct twins *twins); /* NULL is fine */

/* Notes a file by its path below the root. `member`: the name of the file that is in it, where
 * it is a compressed one, else "". From one thread at a time. False: out of memory. */
bool twins_add(struct twins *twins, const char *path, const char *member, const struct os_stat *st);

/* Compares those that have a twin with the first of their kind, and calls `differs` for each
 * that holds other bytes, in the order in which they came. */
void twins_compare(struct twins *twins,
		   void (*differs)(void *ctx, const char *path, const char *twin), void *ctx);

#endif
