/* SPDX-License-Identifier: MIT */
#include "target/bugsplat/sent.h"

#include "base/hash.h"

#include <string.h>

void bugsplat_sent_add(struct table *sent, const char *path, const uint8_t sha256[32])
{
	struct bugsplat_sent_row *row = table_add(sent, hash_text(HASH_START, path));

	if (row)
		memcpy(&row->bytes, sha256, sizeof row->bytes);
}

enum bugsplat_known bugsplat_sent_find(const struct table *sent, const char *path,
				       const uint8_t sha256[32])
{
	const struct bugsplat_sent_row *row = table_find(sent, hash_text(HASH_START, path));

	if (!row)
		return SENT_NOTHING;
	return memcmp(&row->bytes, sha256, sizeof row->bytes) == 0 ? SENT_SAME : SENT_OTHER;
}
