/* SPDX-License-Identifier: MIT
 * symbol-upload history: the transactions of a store. */
#include "cli/commands.h"

#include "base/text.h"
#include "cli/registries.h"
#include "cli/say.h"
#include "pipeline/json/transactions.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { LINE_BYTES_MAX = 64 << 10, FIELD_MAX = 1100 };

struct history {
	const struct options *o;
	const char *store;
	struct buf line;
	uint64_t count; /* told of this store */
};

static const char *state_of(const struct history_entry *e, char to[32])
{
	if (e->lives)
		return "live";
	if (e->removed_by)
		snprintf(to, 32, "removed by %" PRIu64, e->removed_by);
	return e->removed_by ? to : "removed";
}

static void add_field(struct buf *line, const char *text, int width)
{
	char shown[FIELD_MAX];

	text_shown(shown, sizeof shown, text, strlen(text));
	buf_printf(line, "  %-*s", width, shown);
}

static void print_line(struct buf *line)
{
	while (line->size > 0 && line->data[line->size - 1] == ' ')
		line->size--;
	buf_add_char(line, '\n');
	say_print(line);
}

static void print_head(void)
{
	printf("%s%11s  %-19s  %9s  %-14s  %-16s  %-12s  label%s\n", say_bold(), "transaction", "time", "files",
	       "state", "application", "version", say_plain());
}

static void tell_text(struct history *h, const struct history_entry *e)
{
	char when[LEDGER_TIME_MAX], state[32], number[SAY_NUMBER_MAX];

	ledger_time(e->line, ' ', when);
	buf_printf(&h->line, "%11" PRIu64, e->line->id);
	add_field(&h->line, when, 19);
	buf_printf(&h->line, "  %9s", e->listed ? say_number(e->files, number) : "?");
	add_field(&h->line, state_of(e, state), 14);
	add_field(&h->line, e->line->product, 16);
	add_field(&h->line, e->line->version, 12);
	add_field(&h->line, e->line->label, 0);
	print_line(&h->line);
}

static bool is_asked_for(const char *wanted, const char *text)
{
	return !wanted || strcmp(wanted, text) == 0;
}

static void told(void *ctx, const struct history_entry *e)
{
	struct history *h = ctx;

	if (!is_asked_for(h->o->application, e->line->product) || !is_asked_for(h->o->version, e->line->version))
		return;
	if (h->count++ == 0 && h->o->format != FORMAT_JSON)
		print_head();
	if (h->o->format == FORMAT_JSON) {
		json_transaction(&h->line, h->store, e);
		say_print(&h->line);
	} else {
		tell_text(h, e);
	}
}

static enum sym_status list(void *ctx, const char *store, struct registry *registry, struct sym_err *err)
{
	struct history *h = ctx;
	enum sym_status status;

	h->store = store;
	h->count = 0;
	status = registry->kind->history(registry, told, h, err);
	if (status == SYM_OK && h->count == 0)
		say_note("There is no such transaction.");
	return status;
}

int command_history(const struct options *o)
{
	struct history h = {.o = o, .line = BUF_MAX(LINE_BYTES_MAX)};
	int exit_status;

	if (o->paths.count > 0) {
		say_issue(true, NULL, "history takes no path: use -l for the store");
		return EXIT_USAGE;
	}
	exit_status = registries_each(o, list, &h);
	buf_release(&h.line);
	return exit_status;
}
