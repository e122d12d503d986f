/* SPDX-License-Identifier: MIT
 * Which files were reported already, where several sources of one run may name the
 * same. A file is a name in a folder; how it was spelled does not matter. Sixteen
 * bytes a file: 96 bits of fingerprint and the source that reported it. */
#ifndef SOURCE_SEEN_H
#define SOURCE_SEEN_H

#include "base/def.h"

struct seen_mark {
	uint64_t high;
	uint32_t low;
	uint32_t origin; /* 0 = an empty place */
};

/* Zero-initialised is empty. */
struct seen {
	struct seen_mark *at;
	size_t count, room; /* room is 0 or a power of two */
};

enum seen_answer { SEEN_NEW, SEEN_BEFORE, SEEN_NO_MEMORY };

void seen_release(struct seen *s);

/* Marks the file `name` in the folder `device`/`inode` as reported by `origin` (not 0).
 * SEEN_BEFORE only where another origin did: within one walk each path counts. */
enum seen_answer seen_add(struct seen *s, uint64_t device, uint64_t inode, const char *name,
			  uint32_t origin);

#endif
