/* SPDX-License-Identifier: MIT
 * --print-config: the options as symbol-upload.yaml would say them. */
#include "cli/rows.h"

#include "base/limits.h"
#include "base/text.h"
#include "cli/config.h"
#include "target/xfer/xfer.h"

#include <inttypes.h>
#include <string.h>

enum { NOTE_COLUMN = 40 };

/* The inside of a double-quoted YAML scalar (YAML 1.1, 5.7). text_shown's \xNN is one of
 * its escapes, so that no byte reaches the terminal as a control. */
static void add_escaped(struct buf *out, const char *text, size_t len)
{
	while (len > 0) {
		size_t n = text_utf8_len(text, len);
		char piece[8];

		n = n ? n : 1;
		if (len > 1 && text[0] == '$' && text[1] == '{')
			buf_add_char(out, '$'); /* the reader would take it for a variable */
		if (*text == '"' || *text == '\\')
			buf_add_char(out, '\\');
		text_shown(piece, sizeof piece, text, n);
		buf_add_text(out, piece);
		text += n;
		len -= n;
	}
}

/* A proxy's may come without its scheme. */
struct address_parts address_parts(const char *address)
{
	const char *scheme = strstr(address, "://"), *host, *end;

	xfer_authority(address, &host, &end);
	return (struct address_parts){.user = scheme ? (size_t)(scheme - address) + 3 : 0,
				      .host = (size_t)(host - address),
				      .query = (size_t)(end - address) + strcspn(end, "?#")};
}

static void add_address(struct buf *out, const char *to)
{
	struct address_parts at = address_parts(to);

	add_escaped(out, to, at.user);
	if (at.host > at.user)
		buf_add_text(out, "...@");
	add_escaped(out, to + at.host, at.query - at.host);
	if (to[at.query])
		buf_add_text(out, "?...");
}

const char *shown_address(char to[SHOWN_MAX], const char *address)
{
	struct buf out = BUF_MAX(CONFIG_VALUE_MAX);

	add_address(&out, address);
	shown(to, out.data ? out.data : "");
	buf_release(&out);
	return to;
}

static void add_text(struct buf *out, const struct option_row *row, const char *text)
{
	buf_add_char(out, '"');
	if (row->traits & OPTION_URL)
		add_address(out, text);
	else
		add_escaped(out, text, strlen(text));
	buf_add_char(out, '"');
}

static void add_list(struct buf *out, const struct option_row *row, const struct strings *list)
{
	buf_add_char(out, '[');
	for (size_t i = 0; i < list->count; i++) {
		if (i > 0)
			buf_add_text(out, ", ");
		add_text(out, row, list->at[i]);
	}
	buf_add_char(out, ']');
}

static void add_choice(struct buf *out, const char *choices, unsigned position)
{
	for (; position > 0; position--)
		choices += strcspn(choices, "|") + 1;
	buf_add(out, choices, strcspn(choices, "|"));
}

static void add_value(struct buf *out, const struct options *o, const struct option_delivery *how,
		      const struct option_row *row)
{
	const void *value = option_field(o, how, row);

	switch (row->kind) {
	case OPTION_FLAG:
		buf_add_text(out, *(const bool *)value ? "true" : "false");
		break;
	case OPTION_TEXT:
		add_text(out, row, *(char *const *)value);
		break;
	case OPTION_LIST:
	case OPTION_NAMES:
		add_list(out, row, value);
		break;
	case OPTION_NUMBER:
		buf_printf(out, "%u", *(const unsigned *)value);
		break;
	case OPTION_CHOICE:
		add_choice(out, row->value, *(const unsigned *)value);
		break;
	case OPTION_TIME:
		buf_printf(out, "%us", *(const unsigned *)value);
		break;
	case OPTION_BYTES:
		buf_printf(out, "%" PRIu64, *(const uint64_t *)value);
		break;
	case OPTION_PART: {
		const struct option_part *part = value;

		buf_printf(out, "%u/%u", part->index, part->count);
		break;
	}
	}
}

/* Ends a line that began at `start` with a comment: where the value came from. */
static void add_note(struct buf *out, size_t start, const struct options *o,
		     const struct option_row *row, struct option_origin origin)
{
	static const char *const places[] = {[FROM_DEFAULT] = "default", [FROM_PACKAGE] = "package.json",
					     [FROM_ARGV] = "command line"};

	do
		buf_add_char(out, ' ');
	while (!out->failed && out->size - start < NOTE_COLUMN);
	if (origin.from == FROM_CONFIG)
		buf_printf(out, "# %s:%u\n", config_name(o), origin.place.line);
	else
		buf_printf(out, "# %s\n", origin.from == FROM_ENVIRONMENT ? row->env : places[origin.from]);
}

static void add_target(struct buf *out, const struct options *o, const struct option_target *t)
{
	size_t start = out->size;

	buf_add_text(out, "  \"");
	add_escaped(out, t->name, strlen(t->name));
	buf_add_text(out, "\":");
	add_note(out, start, o, NULL, (struct option_origin){FROM_CONFIG, t->place});
	buf_add_text(out, "    to: \"");
	add_address(out, t->to ? t->to : "");
	buf_add_text(out, "\"\n");
	for (size_t i = 0; i < option_row_count; i++) {
		if (!t->given[i])
			continue;
		if (option_rows[i].traits & OPTION_SECRET) {
			buf_printf(out, "    # %s is set, not shown\n", option_rows[i].name);
			continue;
		}
		buf_printf(out, "    %s: ", option_rows[i].name);
		add_value(out, o, &t->how, &option_rows[i]);
		buf_add_char(out, '\n');
	}
}

void options_print_config(const struct options *o, struct buf *out)
{
	for (size_t i = 0; i < option_row_count; i++) {
		const struct option_row *row = &option_rows[i];
		size_t start = out->size;

		if ((row->traits & OPTION_ARGV_ONLY) || o->origins[i].from == FROM_NOWHERE ||
		    !(row->commands >> o->command & 1))
			continue;
		if (row->traits & OPTION_SECRET) {
			buf_printf(out, "# %s is set, not shown", row->name);
		} else {
			buf_printf(out, "%s: ", row->name);
			add_value(out, o, NULL, row);
		}
		add_note(out, start, o, row, o->origins[i]);
	}
	if (o->command == COMMAND_INSPECT || o->target_count == 0)
		return;
	buf_add_text(out, "targets:\n");
	for (size_t i = 0; i < o->target_count; i++)
		add_target(out, o, &o->targets[i]);
}
