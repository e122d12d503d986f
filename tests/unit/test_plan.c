/* SPDX-License-Identifier: MIT
 * Who gets a path that several want, held against what going through all of them finds. */
#include "pipeline/plan.h"

#include "base/err.h"
#include "tap.h"

#include <stdio.h>
#include <stdlib.h>

enum { RECORDS = 20000, PATHS = 6000, SLICES = 2 };

static struct records records;
static struct sym_err err;

/* Most paths have one record; some have two or three, and one has thousands. */
static unsigned path_of(unsigned record, unsigned slice)
{
	if (record % 4 == 0 && slice == 0)
		return PATHS;
	return record % 3 == 0 ? record % PATHS : PATHS + 1 + record * SLICES + slice;
}

static unsigned has_of(unsigned record, unsigned slice)
{
	return (record * 7 + record / 100 + slice) % 16;
}

static void set_path(struct parcel *p, unsigned number)
{
	snprintf(p->at[0].path, sizeof p->at[0].path, "a/%u", number);
	p->count = 1;
}

static void fill(struct plan *plan)
{
	static struct parcel p;

	for (unsigned i = 0; i < RECORDS; i++)
		for (unsigned slice = 0; slice < SLICES; slice++) {
			set_path(&p, path_of(i, slice));
			if (plan_add(plan, i, has_of(i, slice), &p, &err) != SYM_OK)
				abort();
		}
}

static void test_many(void)
{
	static unsigned owner[PATHS + 1 + RECORDS * SLICES], has[ARRAY_LEN(owner)];
	static bool wanted[ARRAY_LEN(owner)], loses[RECORDS];
	unsigned right = 0, marked = 0, losers = 0;
	struct plan *plan = plan_new(false);

	fill(plan);
	plan_decide(plan, &records);
	for (unsigned i = 0; i < RECORDS; i++)
		for (unsigned k = 0; k < SLICES; k++) {
			unsigned slice = k ^ (has_of(i, 1) > has_of(i, 0)); /* the richer one first */
			unsigned path = path_of(i, slice), mine = has_of(i, slice);
			bool more = (mine & has[path]) == has[path] && mine != has[path];

			if (wanted[path] && owner[path] == i)
				continue;
			if (wanted[path])
				loses[more ? owner[path] : i] = true;
			if (wanted[path] && !more)
				continue;
			wanted[path] = true;
			owner[path] = i;
			has[path] = mine;
		}
	for (unsigned i = 0; i < RECORDS; i++) {
		losers += loses[i];
		marked += records_at(&records, i)->contested == loses[i];
		for (unsigned slice = 0; slice < SLICES; slice++) {
			static struct parcel p;

			set_path(&p, path_of(i, slice));
			right += plan_owner(plan, p.at[0].path, i) == owner[path_of(i, slice)];
		}
	}
	is_u64(right, RECORDS * SLICES, "every path has its owner");
	is_u64(marked, RECORDS, "and who loses one is marked");
	ok(losers > RECORDS / 4 && losers < RECORDS / 2, "as %u of %u are", losers, RECORDS);
	plan_free(plan);
}

static void test_few(void)
{
	struct plan *plan = plan_new(false);

	plan_decide(plan, &records);
	is_u64(plan_owner(plan, "a", 5), 5, "what nobody else wants is the record's own");
	plan_free(plan);
	plan_free(NULL);
}

int main(void)
{
	if (records_init(&records, &err) != SYM_OK)
		abort();
	for (unsigned i = 0; i < RECORDS; i++) {
		struct record *r;

		if (records_add(&records, "a/b", &r, &err) != SYM_OK)
			abort();
	}
	test_many();
	test_few();
	records_release(&records);
	return done();
}
