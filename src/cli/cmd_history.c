/* SPDX-License-Identifier: MIT
 * symbol-upload history: the transactions of a store. */
#include "cli/commands.h"

#include "base/err.h"
#include "base/json.h"
#include "base/text.h"
#include "cli/registries.h"
#include "cli/say.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { LINE_BYTES_MAX = 64 << 10, FIELD_MAX = 1100, TIME_MAX = 64 };

struct history {
	const struct options *o;
	const char *store;
	struct buf line;
	uint64_t count; /* told of this store */
};

/* As the machine that wrote it saw the clock; as written where that makes no sense. */
static void show_time(const struct ledger_line *line, char between, char to[TIME_MAX])
{
	time_t when = (time_t)line->time_s;
	char date[TIME_MAX / 2], time[TIME_MAX / 2];
	struct tm local;

	if (line->time_s != 0 && localtime_r(&when, &local) && strftime(date, sizeof date, "%Y-%m-%d", &local) > 0 &&
	    strftime(time, sizeof time, "%H:%M:%S", &local) > 0)
		snprintf(to, TIME_MAX, "%s%c%s", date, between, time);
	else
		snprintf(to, TIME_MAX, "%.*s %.*s", TIME_MAX / 2, line->date, TIME_MAX / 2 - 2, line->time);
}

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
	size_t len = line->size;

	while (len > 0 && line->data[len - 1] == ' ')
		len--;
	printf("%.*s\n", (int)len, line->data);
	buf_clear(line);
}

static void tell_text(struct history *h, const struct history_entry *e)
{
	char when[TIME_MAX], state[32], number[SAY_NUMBER_MAX];

	if (h->count++ == 0)
		printf("%s%11s  %-19s  %9s  %-14s  %-16s  %-12s  label%s\n", say_bold(), "transaction", "time",
		       "files", "state", "application", "version", say_plain());
	show_time(e->line, ' ', when);
	buf_printf(&h->line, "%11" PRIu64, e->line->id);
	add_field(&h->line, when, 19);
	buf_printf(&h->line, "  %9s", e->listed ? say_number(e->files, number) : "?");
	add_field(&h->line, state_of(e, state), 14);
	add_field(&h->line, e->line->product, 16);
	add_field(&h->line, e->line->version, 12);
	add_field(&h->line, e->line->label, 0);
	print_line(&h->line);
}

static void tell_json(struct history *h, const struct history_entry *e)
{
	struct json j = {.out = &h->line};
	char when[TIME_MAX];

	show_time(e->line, 'T', when);
	json_open(&j, '{');
	json_set_text(&j, "target", h->store);
	json_set_number(&j, "transaction", e->line->id);
	json_set_text(&j, "time", when);
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
	json_close(&j, '}');
	buf_add_char(&h->line, '\n');
	fwrite(h->line.data, 1, h->line.size, stdout);
	buf_clear(&h->line);
	h->count++;
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
	if (h->o->format == FORMAT_JSON)
		tell_json(h, e);
	else
		tell_text(h, e);
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
	struct sym_err err;
	int exit_status;

	if (o->paths.count > 0) {
		err_set(&err, SYM_USAGE, "history takes no path: -l names the store");
		say_error(NULL, &err);
		return EXIT_USAGE;
	}
	exit_status = registries_each(o, list, &h);
	buf_release(&h.line);
	return exit_status;
}
