/* SPDX-License-Identifier: MIT */
#include "pipeline/plan.h"

#include "base/array.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/keyed.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/* A row keeps the path's hash, not the path: what is decided here is only who comes first; what is
 * written is decided again at the target, by the bytes. Its number is the record's, and below it what
 * the file lacks: rows of one path stand in the order of the records, and the richest of a record's first. */
enum { HAS_BITS = 6, HAS_ALL = (1 << HAS_BITS) - 1 };
_Static_assert(RECORDS_MAX <= 1u << (32 - HAS_BITS) && SYM_HAS_SOURCES < 1 << HAS_BITS, "there is room for both");

static uint32_t number_of(size_t record, unsigned has)
{
	return (uint32_t)(record << HAS_BITS | (HAS_ALL & ~has));
}

static size_t record_of(const struct keyed *row)
{
	return row->number >> HAS_BITS;
}

static unsigned has_of(const struct keyed *row)
{
	return HAS_ALL & ~row->number;
}

/* Sorted once it is decided: then each path has one row, its owner's. */
struct plan {
	bool folds_case;
	struct keyed *rows;
	size_t count, room;
};

struct plan *plan_new(bool folds_case)
{
	struct plan *plan = calloc(1, sizeof *plan);

	if (plan)
		plan->folds_case = folds_case;
	return plan;
}

void plan_free(struct plan *plan)
{
	if (plan)
		free(plan->rows);
	free(plan);
}

static uint64_t hash_of(const struct plan *plan, const char *path)
{
	char folded[KEY_PATH_MAX];

	if (!plan->folds_case)
		return hash_text(HASH_START, path);
	memcpy(folded, path, strlen(path) + 1);
	text_lower_all(folded);
	return hash_text(HASH_START, folded);
}

enum sym_status plan_add(struct plan *plan, size_t index, unsigned has,
			 const struct parcel *p, struct sym_err *err)
{
	struct keyed *rows;

	if (p->count == 0)
		return SYM_OK;
	rows = array_fit(plan->rows, &plan->room, plan->count + p->count, sizeof *rows);
	if (!rows)
		return err_set(err, SYM_NOMEM, "out of memory");
	plan->rows = rows;
	for (size_t i = 0; i < p->count; i++)
		rows[plan->count++] = (struct keyed){.key = hash_of(plan, p->at[i].path),
						     .number = number_of(index, has)};
	return SYM_OK;
}

/* Who of those that want one path gets it? Marks the others; none where it is one record's alone. */
static const struct keyed *decide(const struct keyed *from, const struct keyed *end, const struct records *rs)
{
	const struct keyed *owner = from;
	bool contested = false;

	for (const struct keyed *row = from + 1; row < end; row++) {
		const struct keyed *loser = row;
		unsigned has = has_of(row), owned = has_of(owner);

		if (record_of(row) == record_of(owner))
			continue;
		if ((has & owned) == owned && has != owned) {
			loser = owner;
			owner = row;
		}
		records_at(rs, record_of(loser))->contested = true;
		contested = true;
	}
	return contested ? owner : NULL;
}

void plan_decide(struct plan *plan, const struct records *rs)
{
	const struct keyed *end;
	struct keyed *kept = plan->rows, *smaller;

	if (plan->count == 0)
		return;
	end = plan->rows + plan->count;
	keyed_sort(plan->rows, plan->count);
	for (const struct keyed *from = plan->rows, *next; from < end; from = next) {
		const struct keyed *owner;

		for (next = from + 1; next < end && next->key == from->key;)
			next++;
		owner = decide(from, next, rs);
		if (owner)
			*kept++ = *owner;
	}
	plan->count = (size_t)(kept - plan->rows);
	plan->room = plan->count + 1;
	smaller = realloc(plan->rows, plan->room * sizeof *smaller);
	plan->rows = smaller ? smaller : plan->rows;
}

size_t plan_owner(const struct plan *plan, const char *path, size_t only)
{
	uint64_t key = hash_of(plan, path);
	const struct keyed *row = keyed_find(plan->rows, plan->count, key);

	return plan->count > 0 && row < plan->rows + plan->count && row->key == key ? record_of(row) : only;
}

bool plan_is_one(const struct plan *plan, const char *a, const char *b)
{
	return plan->folds_case ? text_same_nocase(a, b) : strcmp(a, b) == 0;
}
