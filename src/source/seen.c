/* SPDX-License-Identifier: MIT */
#include "source/seen.h"

#include "base/hash.h"

enum seen_answer seen_add(struct table *seen, uint64_t device, uint64_t inode, const char *name,
			  uint32_t origin)
{
	uint64_t folder = hash_number(hash_number(HASH_START, device), inode);
	uint32_t check = (uint32_t)hash_text(~folder, name);
	struct seen_row *row = table_add(seen, hash_text(folder, name));

	if (!row)
		return SEEN_NO_MEMORY;
	if (row->origin == 0) {
		row->check = check;
		row->origin = origin;
		return SEEN_NEW;
	}
	return row->origin == origin || row->check != check ? SEEN_NEW : SEEN_BEFORE;
}
