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

/* A transaction, and when it was, since 1970: not before one of a lower number, whatever the clock of its
 * machine said. 0 where its date makes no sense. */
struct dated {
	const struct ledger_line *line;
	int64_t time_s;
};

static int by_number(const void *a, const void *b)
{
	const struct ledger_line *x = ((const struct dated *)a)->line, *y = ((const struct dated *)b)->line;

	return x->id != y->id ? (x->id > y->id) - (x->id < y->id) : (x > y) - (x < y);
}

/* A clock that was ahead dates nobody else. */
static void date(struct dated *lines, size_t count, int64_t now_s)
{
	int64_t latest = 0;

	for (size_t i = 0; i < count; i++) {
		int64_t told = lines[i].line->time_s;

		if (told > latest && told <= now_s)
			latest = told;
		lines[i].time_s = told > 0 && told < latest ? latest : told;
	}
}

static bool is_asked_for(const char *wanted, const char *text)
{
	return !wanted || strcmp(wanted, text) == 0;
}

/* One whose date makes no sense is not old. */
static bool is_old(const struct retention *rules, int64_t time_s)
{
	return time_s > 0 && time_s < rules->now_s && (uint64_t)(rules->now_s - time_s) > rules->older_than_s;
}

static bool lets_go(const struct retention *rules, const struct dated *dated, unsigned newer)
{
	const struct ledger_line *line = dated->line;

	if (!is_asked_for(rules->product, line->product) || !is_asked_for(rules->version, line->version))
		return false;
	if (rules->keep_last && newer < rules->keep_last)
		return false;
	if (rules->older_than_s && !is_old(rules, dated->time_s))
		return false;
	return !rules->keeps || !rules->keeps(rules->ctx, line->label);
}

/* Do the rules let this line go, too? */
static enum sym_status judge(const struct retention *rules, const struct dated *dated, struct table *products,
			     bool *goes, struct sym_err *err)
{
	struct newer *newer = table_add(products, hash_text(HASH_START, dated->line->product));

	if (!newer)
		return err_set(err, SYM_NOMEM, "out of memory");
	*goes &= lets_go(rules, dated, newer->count);
	newer->count += !dated->line->begun;
	return SYM_OK;
}

/* From the newest, by number: clocks may be wrong. What goes is moved to the end of `lines`;
 * answers where that begins. A number that several lines have, as writers without a lock leave them,
 * goes when all of them may. */
static enum sym_status sift(const struct retention *rules, struct dated *lines, size_t count, size_t *begin,
			    struct sym_err *err)
{
	struct table products = TABLE_OF(struct newer);
	enum sym_status status = SYM_OK;

	*begin = count;
	for (size_t i = count; i > 0 && status == SYM_OK;) {
		struct dated dated = lines[i - 1];
		bool goes = true;

		while (i > 0 && lines[i - 1].line->id == dated.line->id && status == SYM_OK)
			status = judge(rules, &lines[--i], &products, &goes, err);
		if (goes)
			lines[--*begin] = dated;
	}
	table_release(&products);
	return status;
}

enum sym_status retention_choose(const struct retention *rules, const struct ledger *server, uint64_t *ids,
				 size_t *count, struct sym_err *err)
{
	struct dated *lines = calloc(server->count + 1, sizeof *lines);
	size_t n = 0, begin;
	enum sym_status status;

	*count = 0;
	if (!lines)
		return err_set(err, SYM_NOMEM, "out of memory");
	for (size_t i = 0; i < server->count; i++)
		if (!server->lines[i].removal)
			lines[n++].line = &server->lines[i];
	qsort(lines, n, sizeof *lines, by_number);
	date(lines, n, rules->now_s);
	status = sift(rules, lines, n, &begin, err);
	for (size_t i = begin; status == SYM_OK && i < n; i++)
		ids[(*count)++] = lines[i].line->id;
	free(lines);
	return status;
}
