/* SPDX-License-Identifier: MIT */
#include "pipeline/plan.h"

#include "base/err.h"
#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

/* A row keeps the path's hash, not the path: 64 good bits over some millions of paths
 * meet by chance less often than a disk lies, and what is decided here is only who
 * comes first; what is written is decided again at the target, by the bytes. */
struct row {
	uint64_t hash; /* 0 = empty */
	uint32_t record;
	uint8_t has;
};

struct plan {
	struct row *rows;
	size_t room; /* a power of two */
	size_t count;
};

struct plan *plan_new(void)
{
	struct plan *plan = calloc(1, sizeof *plan);

	if (!plan)
		return NULL;
	plan->room = 1024;
	plan->rows = calloc(plan->room, sizeof *plan->rows);
	if (!plan->rows) {
		free(plan);
		return NULL;
	}
	return plan;
}

void plan_free(struct plan *plan)
{
	if (!plan)
		return;
	free(plan->rows);
	free(plan);
}

static struct row *row_for(struct row *rows, size_t room, uint64_t hash)
{
	size_t i = (size_t)hash & (room - 1);

	while (rows[i].hash && rows[i].hash != hash)
		i = (i + 1) & (room - 1);
	return &rows[i];
}

static bool grow(struct plan *plan)
{
	size_t room = plan->room * 2;
	struct row *rows = calloc(room, sizeof *rows);

	if (!rows)
		return false;
	for (size_t i = 0; i < plan->room; i++)
		if (plan->rows[i].hash)
			*row_for(rows, room, plan->rows[i].hash) = plan->rows[i];
	free(plan->rows);
	plan->rows = rows;
	plan->room = room;
	return true;
}

enum sym_status plan_add(struct plan *plan, const struct records *rs, size_t index, unsigned has,
			 const struct parcel *p, struct sym_err *err)
{
	for (size_t i = 0; i < p->count; i++) {
		uint64_t hash = hash_text(HASH_START, p->at[i].path);
		struct row *row;

		if (plan->count >= plan->room - plan->room / 4 && !grow(plan))
			return err_set(err, SYM_NOMEM, "out of memory");
		row = row_for(plan->rows, plan->room, hash);
		if (!row->hash) {
			*row = (struct row){.hash = hash, .record = (uint32_t)index, .has = (uint8_t)has};
			plan->count++;
			continue;
		}
		if (row->record == index)
			continue;
		if ((has & row->has) == row->has && has != row->has) {
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
	return row_for(plan->rows, plan->room, hash_text(HASH_START, path))->record;
}
