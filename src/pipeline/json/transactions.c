/* SPDX-License-Identifier: MIT */
#include "pipeline/json/transactions.h"

#include "pipeline/json/line.h"

void json_transaction(struct buf *out, const char *target, const struct history_entry *e)
{
	struct json j = json_line_open(out);
	char time[LEDGER_TIME_MAX];

	ledger_time(e->line, 'T', time);
	json_set_text(&j, "target", target);
	json_set_number(&j, "transaction", e->line->id);
	json_set_text(&j, "time", time);
	json_set_text(&j, "state", e->lives ? "live" : "removed");
	if (e->removed_by)
		json_set_number(&j, "removed_by", e->removed_by);
	json_set_text(&j, "application", e->line->product);
	json_set_text(&j, "version", e->line->version);
	json_set_text(&j, "label", e->line->label);
	if (e->line->pointers)
		json_set_text(&j, "type", "pointers");
	if (e->listed)
		json_set_number(&j, "files", e->files);
	json_line_close(&j);
}

void json_removed(struct buf *out, const char *target, const struct removal_told *t, bool plan)
{
	struct json j = json_line_open(out);

	json_set_text(&j, "target", target);
	json_set_number(&j, "transaction", t->id);
	json_set_text(&j, "path", t->path);
	json_set_text(&j, "action", removal_fate_word(t->fate, plan));
	if (t->by)
		json_set_number(&j, "needed_by", t->by);
	json_set_number(&j, "files", t->files);
	json_set_number(&j, "bytes", t->bytes);
	json_line_close(&j);
}

void json_removed_all(struct buf *out, const struct removal *r)
{
	struct json j = json_line_open(out);

	json_name(&j, "summary");
	json_open(&j, '{');
	json_set_number(&j, "transactions", r->gone);
	for (unsigned i = 0; i < FATE_COUNT; i++)
		json_set_number(&j, removal_fate_word(i, r->plan), r->entries[i]);
	json_set_number(&j, "files", r->files);
	json_set_number(&j, "bytes", r->bytes);
	json_close(&j, '}');
	json_line_close(&j);
}
