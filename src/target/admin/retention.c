/* SPDX-License-Identifier: MIT */
#include "target/admin/retention.h"

#include "base/err.h"
#include "base/hash.h"
#include "base/table.h"

#include <stdlib.h>
#include <string.h>

/* How many newer transactions of a product there are. */
struct newer {
	uint64_t hash;
	unsigned count;
};

static int by_number(const void *a, const void *b)
{
	const struct ledger_line *const *x = a, *const *y = b;

	return (*x)->id != (*y)->id ? ((*x)->id > (*y)->id) - ((*x)->id < (*y)->id) : (*x > *y) - (*x < *y);
}

static bool is_asked_for(const char *wanted, const char *text)
{
	return !wanted || strcmp(wanted, text) == 0;
}

/* One whose date makes no sense is not old. */
static bool is_old(const struct retention *rules, const struct ledger_line *line)
{
	return line->time_s > 0 && line->time_s < rules->now_s &&
	       (uint64_t)(rules->now_s - line->time_s) > rules->older_than_s;
}

static bool lets_go(const struct retention *rules, const struct ledger_line *line, unsigned newer)
{
	if (!is_asked_for(rules->product, line->product) || !is_asked_for(rules->version, line->version))
		return false;
	if (rules->keep_last && newer < rules->keep_last)
		return false;
	if (rules->older_than_s && !is_old(rules, line))
		return false;
	return !rules->keeps || !rules->keeps(rules->ctx, line->label);
}

/* Do the rules let this line go, too? */
static enum sym_status judge(const struct retention *rules, const struct ledger_line *line, struct table *products,
			     bool *goes, struct sym_err *err)
{
	struct newer *newer = table_add(products, hash_text(HASH_START, line->product));

	if (!newer)
		return err_set(err, SYM_NOMEM, "out of memory");
	*goes &= lets_go(rules, line, newer->count);
	newer->count += !line->begun;
	return SYM_OK;
}

/* From the newest, by number: clocks may be wrong. What goes is moved to the end of `lines`;
 * answers where that begins. A number that several lines have, as writers without a lock leave them,
 * goes when all of them may. */
static enum sym_status sift(const struct retention *rules, const struct ledger_line **lines, size_t count,
			    size_t *begin, struct sym_err *err)
{
	struct table products = TABLE_OF(struct newer);
	enum sym_status status = SYM_OK;

	*begin = count;
	for (size_t i = count; i > 0 && status == SYM_OK;) {
		const struct ledger_line *line = lines[i - 1];
		bool goes = true;

		while (i > 0 && lines[i - 1]->id == line->id && status == SYM_OK)
			status = judge(rules, lines[--i], &products, &goes, err);
		if (goes)
			lines[--*begin] = line;
	}
	table_release(&products);
	return status;
}

enum sym_status retention_choose(const struct retention *rules, const struct ledger *server, uint64_t *ids,
				 size_t *count, struct sym_err *err)
{
	const struct ledger_line **lines = calloc(server->count + 1, sizeof *lines);
	size_t n = 0, begin;
	enum sym_status status;

	*count = 0;
	if (!lines)
		return err_set(err, SYM_NOMEM, "out of memory");
	for (size_t i = 0; i < server->count; i++)
		if (!server->lines[i].removal)
			lines[n++] = &server->lines[i];
	qsort(lines, n, sizeof *lines, by_number);
	status = sift(rules, lines, n, &begin, err);
	for (size_t i = begin; status == SYM_OK && i < n; i++)
		ids[(*count)++] = lines[i]->id;
	free(lines);
	return status;
}
