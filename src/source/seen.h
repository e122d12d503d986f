/* SPDX-License-Identifier: MIT
 * Which files were reported already, where several sources of one run may name the
 * same. A file is a name in a folder; how it was spelled does not matter. Sixteen
 * bytes a file: 96 bits of fingerprint and the source that reported it. */
#ifndef SOURCE_SEEN_H
#define SOURCE_SEEN_H

#include "base/table.h"

enum seen_answer { SEEN_NEW, SEEN_BEFORE, SEEN_NO_MEMORY };

/* A row of the table of all files. */
struct seen_row {
	uint64_t hash;
	uint32_t check;  /* a second hash: no file is lost because two have the same first one */
	uint32_t origin; /* the source that reported it; 0: the row is new */
};

/* Marks the file `name` in the folder `device`/`inode` as reported by `origin` (not 0).
 * SEEN_BEFORE only where another origin did: within one walk each path counts. */
enum seen_answer seen_add(struct table *seen, uint64_t device, uint64_t inode, const char *name,
			  uint32_t origin);

#endif
