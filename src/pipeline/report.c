/* SPDX-License-Identifier: MIT */
#include "pipeline/report.h"

#include "base/text.h"

#include <string.h>

uint64_t tally_of(const struct tally *t, enum action action)
{
	uint64_t sum = 0;

	for (size_t kind = 0; kind < SYM_KIND_COUNT; kind++)
		sum += t->count[kind][action];
	return sum;
}

const char *delivered_name(const struct delivered *d)
{
	return d->member ? d->member : text_file_name(d->path);
}

bool is_lost(const struct delivered *d, const struct parcel_path *at)
{
	return d->lost && at->action == ACTION_FAILED && strcmp(d->lost->text, at->why.text) == 0;
}
