/* SPDX-License-Identifier: MIT */
#include "pipeline/plan.h"

#include "base/err.h"
#include "base/hash.h"
#include "base/table.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/* A row keeps the path's hash, not the path: what is decided here is only who comes first;
 * what is written is decided again at the target, by the bytes. */
struct row {
	uint64_t path;
	uint32_t record;
	uint8_t has;
};

struct plan {
	bool folds_case;
	struct table rows;
};

struct plan *plan_new(bool folds_case)
{
	struct plan *plan = malloc(sizeof *plan);

	if (plan)
		*plan = (struct plan){.folds_case = folds_case, .rows = TABLE_OF(struct row)};
	return plan;
}

void plan_free(struct plan *plan)
{
	if (!plan)
		return;
	table_release(&plan->rows);
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

enum sym_status plan_add(struct plan *plan, const struct records *rs, size_t index, unsigned has,
			 const struct parcel *p, struct sym_err *err)
{
	for (size_t i = 0; i < p->count; i++) {
		size_t before = plan->rows.count;
		struct row *row = table_add(&plan->rows, hash_of(plan, p->at[i].path));

		if (!row)
			return err_set(err, SYM_NOMEM, "out of memory");
		if (plan->rows.count > before) {
			row->record = (uint32_t)index;
			row->has = (uint8_t)has;
		} else if (row->record == index) {
			continue;
		} else if ((has & row->has) == row->has && has != row->has) {
			records_at(rs, row->record)->contested = true;
			row->record = (uint32_t)index;
			row->has = (uint8_t)has;
		} else {
			records_at(rs, index)->contested = true;
		}
	}
	return SYM_OK;
}

size_t plan_owner(const struct plan *plan, const char *path)
{
	const struct row *row = table_find(&plan->rows, hash_of(plan, path));

	return row ? row->record : SIZE_MAX;
}

bool plan_is_one(const struct plan *plan, const char *a, const char *b)
{
	return plan->folds_case ? text_same_nocase(a, b) : strcmp(a, b) == 0;
}
