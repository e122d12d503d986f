/* SPDX-License-Identifier: MIT */
#include "target/admin/history.h"

#include "base/err.h"
#include "base/stop.h"
#include "base/table.h"
#include "target/admin/list.h"

#include <stdlib.h>

/* What is known of a number. */
struct known {
	uint64_t hash; /* the number */
	const struct ledger_line *line;
	bool lives;
	uint64_t removed_by;
};

struct histories {
	struct admin admin;
	struct ledger history, server;
	struct table known;
};

static enum sym_status learn(struct histories *h, const struct ledger *ledger, bool lives, struct sym_err *err)
{
	for (size_t i = 0; i < ledger->count; i++) {
		const struct ledger_line *line = &ledger->lines[i];
		struct known *k = table_add(&h->known, line->removal ? line->of : line->id);

		if (!k)
			return err_set(err, SYM_NOMEM, "out of memory");
		if (line->removal) {
			k->removed_by = line->id;
			continue;
		}
		k->line = line;
		k->lives = lives;
	}
	return SYM_OK;
}

static int by_number(const void *a, const void *b)
{
	const struct known *const *x = a, *const *y = b;

	return ((*x)->hash > (*y)->hash) - ((*x)->hash < (*y)->hash);
}

static enum sym_status count_entry(void *ctx, const struct list_entry *entry, struct sym_err *err)
{
	uint64_t *n = ctx;

	(void)entry;
	++*n;
	return stop_check(err);
}

static enum sym_status tell(const struct histories *h, const struct known *k, history_entry_fn *each, void *ctx,
			    struct sym_err *err)
{
	struct history_entry entry = {.line = k->line, .lives = k->lives,
				      .removed_by = k->lives ? 0 : k->removed_by};
	enum sym_status status = list_read_either(&h->admin, k->hash, count_entry, &entry.files, err);

	entry.listed = status == SYM_OK;
	if (status == SYM_NOT_FOUND || status == SYM_MALFORMED) /* a removal will say so */
		status = SYM_OK;
	if (status == SYM_OK)
		each(ctx, &entry);
	return status;
}

static enum sym_status tell_all(const struct histories *h, history_entry_fn *each, void *ctx, struct sym_err *err)
{
	const struct known *rows = h->known.rows;
	const struct known **order = calloc(h->known.count + 1, sizeof *order);
	enum sym_status status = SYM_OK;
	size_t n = 0;

	if (!order)
		return err_set(err, SYM_NOMEM, "out of memory");
	for (size_t i = 0; i < h->known.room; i++)
		if (rows[i].line)
			order[n++] = &rows[i];
	qsort(order, n, sizeof *order, by_number);
	for (size_t i = 0; i < n && status == SYM_OK; i++)
		status = tell(h, order[i], each, ctx, err);
	free(order);
	return status;
}

enum sym_status history_read(struct os_dir *root, history_entry_fn *each, void *ctx, struct sym_err *err)
{
	struct histories h = {.admin = {.root = root}, .known = TABLE_OF(struct known)};
	enum sym_status status = admin_open(&h.admin, false, err);

	if (status != SYM_OK)
		return status;
	status = ledger_read(&h.admin, ADMIN_HISTORY, &h.history, err);
	if (status == SYM_OK)
		status = ledger_read(&h.admin, ADMIN_SERVER, &h.server, err);
	if (status == SYM_OK)
		status = learn(&h, &h.history, false, err);
	if (status == SYM_OK)
		status = learn(&h, &h.server, true, err);
	if (status == SYM_OK)
		status = tell_all(&h, each, ctx, err);
	table_release(&h.known);
	ledger_release(&h.history);
	ledger_release(&h.server);
	admin_close(&h.admin);
	return status;
}
