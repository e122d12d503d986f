/* SPDX-License-Identifier: MIT
 * A list, which is sorted when it is whole: there is a row for every path of the run, and a table
 * that is searched while it grows would need twice their room. */
#include "pipeline/plan.h"

#include "base/array.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/* A row keeps the path's hash, not the path: what is decided here is only who comes first;
 * what is written is decided again at the target, by the bytes. There is one for every path of the
 * run: no byte of it is padding. */
struct __attribute__((packed, aligned(4))) row {
	uint64_t path;
	uint32_t record : 26, has : 6;
};
_Static_assert(sizeof(struct row) == 12 && RECORDS_MAX <= 1u << 26 && SYM_HAS_SOURCES < 1 << 6,
	       "there is room for both");

/* Sorted once it is decided: then each path has one row, its owner's. */
struct plan {
	bool folds_case;
	struct row *rows;
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
	struct row *rows = p->count ? array_fit(plan->rows, &plan->room, plan->count + p->count, sizeof *rows) : NULL;

	if (p->count && !rows)
		return err_set(err, SYM_NOMEM, "out of memory");
	for (size_t i = 0; i < p->count; i++)
		rows[plan->count++] = (struct row){.path = hash_of(plan, p->at[i].path),
						   .record = (uint32_t)index & (RECORDS_MAX - 1),
						   .has = has & 0x3F};
	plan->rows = rows ? rows : plan->rows;
	return SYM_OK;
}

/* Rows of one path stand in the order of the records; of one record's the richest speaks for it. */
static bool is_before(const struct row *a, const struct row *b)
{
	if (a->path != b->path)
		return a->path < b->path;
	return a->record != b->record ? a->record < b->record : a->has > b->has;
}

static void swap(struct row *a, struct row *b)
{
	const struct row other = *a;

	*a = *b;
	*b = other;
}

/* Quicksort in place: qsort() may take as much memory again. Hashes are as good as shuffled. */
static void sort(struct row *rows, size_t count)
{
	while (count > 1) {
		const struct row middle = rows[(count - 1) / 2];
		size_t low = 0, high = count - 1, left;

		for (;; low++, high--) {
			while (is_before(&rows[low], &middle))
				low++;
			while (is_before(&middle, &rows[high]))
				high--;
			if (low >= high)
				break;
			swap(&rows[low], &rows[high]);
		}
		left = high + 1;
		if (left < count - left) { /* so that the stack stays low */
			sort(rows, left);
			rows += left;
			count -= left;
		} else {
			sort(rows + left, count - left);
			count = left;
		}
	}
}

/* Who of those that want one path gets it? Marks the others; none where it is one record's alone. */
static const struct row *decide(const struct row *from, const struct row *end, const struct records *rs)
{
	const struct row *owner = from;
	bool contested = false;

	for (const struct row *row = from + 1; row < end; row++) {
		const struct row *loser = row;

		if (row->record == owner->record)
			continue;
		if ((row->has & owner->has) == owner->has && row->has != owner->has) {
			loser = owner;
			owner = row;
		}
		records_at(rs, loser->record)->contested = true;
		contested = true;
	}
	return contested ? owner : NULL;
}

void plan_decide(struct plan *plan, const struct records *rs)
{
	const struct row *end;
	struct row *kept = plan->rows, *smaller;

	if (plan->count == 0)
		return;
	end = plan->rows + plan->count;
	sort(plan->rows, plan->count);
	for (const struct row *from = plan->rows, *next; from < end; from = next) {
		const struct row *owner;

		for (next = from + 1; next < end && next->path == from->path;)
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

static int compare(const void *key, const void *row)
{
	uint64_t path = *(const uint64_t *)key, other = ((const struct row *)row)->path;

	return (path > other) - (path < other);
}

size_t plan_owner(const struct plan *plan, const char *path, size_t only)
{
	const uint64_t key = hash_of(plan, path);
	const struct row *row = plan->count ? bsearch(&key, plan->rows, plan->count, sizeof *row, compare) : NULL;

	return row ? row->record : only;
}

bool plan_is_one(const struct plan *plan, const char *a, const char *b)
{
	return plan->folds_case ? text_same_nocase(a, b) : strcmp(a, b) == 0;
}
