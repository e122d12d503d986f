/* SPDX-License-Identifier: MIT
 * What a run has delivered, so that a second file for the same path is not sent over the
 * first: 16 bytes a path. The service cannot be asked. */
#ifndef TARGET_BUGSPLAT_SENT_H
#define TARGET_BUGSPLAT_SENT_H

#include "base/table.h"

/* Of a table. */
struct bugsplat_sent_row {
	uint64_t path;  /* its hash */
	uint64_t bytes; /* the first eight bytes of the content's SHA-256 */
};

enum bugsplat_known { SENT_NOTHING, SENT_SAME, SENT_OTHER };

/* Without memory the path is not kept: its second file is sent, too. */
void bugsplat_sent_add(struct table *sent, const char *path, const uint8_t sha256[32]);

/* Has this run delivered something under `path`? */
enum bugsplat_known bugsplat_sent_find(const struct table *sent, const char *path,
				       const uint8_t sha256[32]);

#endif
