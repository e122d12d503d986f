/* SPDX-License-Identifier: MIT
 * What of a record goes to a target, and what became of it there. */
#include "pipeline/deliver.h"

#include "base/err.h"
#include "pipeline/place.h"

enum sym_status delivery_place(const struct delivery *d, size_t where, const struct record *r,
			       const struct sym_identity *id, struct parcel *p, struct sym_err *err)
{
	const struct destination *place = &d->destinations[where];
	const char *name = is_dumped(r, id) ? r->extra->dump->name : r->name;
	enum sym_status status = place_identity(id, name, r->extra->member, place->to->readers,
						place->target->two_tier, p, err);

	if (place->target->kind->takes_keyless && r->extra->spooled.zip_goes)
		status = err_set(err, SYM_EXISTS, "the zip that it is in goes there as it is");
	else if (place->target->kind->takes_keyless && r->extra->member)
		status = err_set(err, SYM_UNSUPPORTED, "BugSplat takes no file that is packed as in a "
						       "store: unpack it");
	else if (place->target->kind->takes_keyless && status == SYM_NO_KEY)
		status = place_keyless(id, name, p, err);
	if (status != SYM_OK)
		p->count = 0;
	return status;
}

void delivery_paths(const struct delivery *d, size_t where, const struct record *r,
		    const struct sym_identity *id, struct parcel *p)
{
	struct sym_err ignored;

	(void)!delivery_place(d, where, r, id, p, &ignored);
}

static void recall_remarks(const struct result *result, unsigned first, struct parcel *p)
{
	for (const struct remark *m = result->remarks; m; m = m->next) {
		struct parcel_path *at;

		if (m->path < first || m->path - first >= p->count)
			continue;
		at = &p->at[m->path - first];
		if (at->why.status != SYM_OK)
			continue; /* the newest remark comes first */
		at->warn = m->warn;
		problem_tell(m->why, &at->why);
	}
}

enum sym_status delivery_parcel(const struct delivery *d, size_t where, const struct record *r,
				const struct result *result, unsigned first,
				const struct sym_identity *id, struct parcel *p,
				struct sym_err *err)
{
	enum sym_status status = delivery_place(d, where, r, id, p, err);

	for (size_t i = 0; i < p->count; i++)
		p->at[i].action = result->actions[first + i];
	recall_remarks(result, first, p);
	return status;
}
