/* SPDX-License-Identifier: MIT */
#include "pipeline/rehearse.h"

#include "base/err.h"
#include "target/compare.h"

#include <string.h>

/* The slice that a dry run found would be written under a path. */
struct owned {
	const struct record *r;
	struct sym_identity id;
};

/* False where the owner's slice would not be written: the target keeps what it has. */
static bool find_owned(const struct delivery *d, size_t where, const char *path, struct owned *out)
{
	const struct plan *plan = d->destinations[where].plan;
	const struct result *result;
	struct slices slices;
	unsigned number = 0;

	out->r = records_at(d->records, plan_owner(plan, path, SIZE_MAX));
	result = out->r->results;
	slices = record_slices(out->r);
	for (size_t i = 0; i < where && result; i++)
		result = result->next;
	while (result && slices_next(&slices, &out->id)) {
		struct parcel p;

		delivery_paths(d, where, out->r, &out->id, &p);
		for (size_t i = 0; i < p.count; i++, number++)
			if (plan_is_one(plan, p.at[i].path, path))
				return result->actions[number] == ACTION_PLANNED;
	}
	return false;
}

static enum sym_status compare(const struct owned *owned, const struct parcel *p, enum compared *out)
{
	char path[RECORD_PATH_MAX];
	struct os_stat st;
	struct sym_err ignored;
	uint64_t offset = owned->id.slice_offset;
	os_file file = OS_NO_FILE;
	bool in_spool = record_in_spool(owned->r, &owned->id, &file, &offset);
	enum sym_status status = SYM_OK;

	record_path(owned->r, path);
	if (!in_spool)
		status = os_open(NULL, path, OS_FOLLOW, &file, &st, &ignored);
	if (status == SYM_OK)
		status = compare_files(p->source, p->id->slice_offset, p->id->slice_size, file,
				       offset, owned->id.slice_size, out, &ignored);
	if (!in_spool)
		os_close_quietly(file);
	return status;
}

/* The owner was chosen because it offers more, or comes first. */
static void settle_kept(const struct destination *place, const struct owned *owned, unsigned mine,
			struct parcel_path *at)
{
	unsigned theirs = owned->id.has;
	bool poorer = (mine & theirs) == mine && mine != theirs;
	bool by_option = place->to->existing == EXISTING_KEEP;

	at->action = ACTION_KEPT;
	at->warn = !place->target->kind->takes_keyless && (by_option || !poorer);
	err_set(&at->why, SYM_EXISTS, "another file of this run goes there%s",
		place->target->kind->takes_keyless ? ""
		: by_option                    ? " (--existing keep)"
		: poorer                       ? " and offers more"
					       : ", and neither offers more than the other");
}

void rehearse(const struct delivery *d, size_t where, struct parcel *p,
	      void (*settled)(void *ctx, const struct parcel_path *at), void *ctx)
{
	size_t kept = 0;

	for (size_t i = 0; i < p->count; i++) {
		struct parcel_path *at = &p->at[i];
		enum compared compared;
		struct owned owned;

		if (at->second && find_owned(d, where, at->path, &owned) &&
		    compare(&owned, p, &compared) == SYM_OK) {
			if (compared == COMPARED_SAME)
				at->action = ACTION_PRESENT;
			else
				settle_kept(&d->destinations[where], &owned, p->id->has, at);
			settled(ctx, at);
			continue;
		}
		if (kept != i)
			memcpy(&p->at[kept], at, sizeof *at);
		kept++;
	}
	p->count = kept;
}
