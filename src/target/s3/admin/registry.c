/* SPDX-License-Identifier: MIT
 * The registry of a store in a bucket. */
#include "target/registry.h"

#include "base/array.h"
#include "base/err.h"
#include "base/stop.h"
#include "target/s3/admin/admin.h"

#include <stdlib.h>
#include <string.h>

extern const struct registry_kind bucket_registry;

enum {
	STALL_MAX_S = 60, /* of a request */
	AT_ONCE = 32,     /* titles */
};

/* Gets the title of a number; another status than SYM_OK ends it. */
typedef enum sym_status title_fn(void *ctx, const struct roster_number *n, const struct s3_title *title,
				 struct sym_err *err);

struct bucket_registry {
	struct registry base;
	struct s3 *s;
};

static struct s3 *bucket_of(struct registry *r)
{
	return ((struct bucket_registry *)r)->s;
}

static void bucket_close(struct registry *r)
{
	if (r)
		s3_free(bucket_of(r));
	free(r);
}

static enum sym_status bucket_open(const char *where, const struct remote_options *remote, struct registry **out,
				   struct sym_err *err)
{
	struct remote_options here = *remote;
	const struct target_options options = {.workers = 1, .remote = &here};
	struct bucket_registry *b = calloc(1, sizeof *b);
	struct target *t;
	enum sym_status status;

	if (!b)
		return err_set(err, SYM_NOMEM, "out of memory");
	b->base.kind = &bucket_registry;
	/* A deletion that hangs shall not be heard when the removal is taken for dead. */
	here.connect.stall_timeout_s = (unsigned)min_u64(here.connect.stall_timeout_s, STALL_MAX_S);
	here.connect.connect_timeout_s = (unsigned)min_u64(here.connect.connect_timeout_s, STALL_MAX_S);
	status = s3_open(where, &options, &t, err);
	if (status != SYM_OK) {
		free(b);
		return status;
	}
	b->s = (struct s3 *)t;
	*out = &b->base;
	return SYM_OK;
}

static enum sym_status read_roster(struct s3 *s, struct roster *out, struct sym_err *err)
{
	enum sym_status status = s3_roster_read(s, out, err);

	if (status == SYM_OK && out->last == 0)
		return admin_none(err);
	return status;
}

/* ------------------------------------------------------------------- titles -- */

/* Titles on their way, as many as are asked for at once. */
struct asking {
	struct s3 *s;
	const struct roster_number *numbers[AT_ONCE];
	struct s3_asked asked[AT_ONCE];
	size_t count;
	title_fn *each;
	void *ctx;
};

static void ask_for(struct asking *a, size_t i, const char *state)
{
	char name[ADMIN_NAME_MAX];

	s3_admin_name(a->numbers[i]->id, state, name);
	s3_admin_begin_start(a->s, name, &a->asked[i]);
}

/* A removal may give the manifest another state while we ask. SYM_NOT_FOUND: its own run took it back. */
static enum sym_status take_title(struct asking *a, size_t i, struct s3_title *out, struct sym_err *err)
{
	static const char *const later[] = {".going", ".deleted"};
	struct buf text = BUF_MAX(TITLE_BYTES_MAX);
	enum sym_status status = s3_admin_begin_end(&a->asked[i], &text, err);

	for (size_t n = 0; n < ARRAY_LEN(later) && status == SYM_NOT_FOUND; n++) {
		ask_for(a, i, later[n]);
		status = s3_admin_begin_end(&a->asked[i], &text, err);
	}
	if (status == SYM_OK)
		status = s3_title_read(text.data, text.size, a->numbers[i]->id, out, err);
	buf_release(&text);
	return status == SYM_MALFORMED ? err_prefix(err, ADMIN_FOLDER "/%s", a->asked[i].name) : status;
}

/* Waits for each that was asked for, whatever becomes of those before it. */
static enum sym_status take_all(struct asking *a, struct sym_err *err)
{
	enum sym_status status = SYM_OK;

	for (size_t i = 0; i < a->count; i++) {
		struct s3_title title = {0};
		struct sym_err why;
		enum sym_status taken = take_title(a, i, &title, &why);

		if (taken == SYM_OK && status == SYM_OK)
			taken = a->each(a->ctx, a->numbers[i], &title, &why);
		if (taken != SYM_OK && taken != SYM_NOT_FOUND && status == SYM_OK) {
			status = taken;
			*err = why;
		}
		s3_title_release(&title);
	}
	a->count = 0;
	return status == SYM_OK ? stop_check(err) : status;
}

/* Calls `each` for the numbers that have a manifest, or only for those that no removal has ended. */
static enum sym_status each_title(struct s3 *s, bool unended, title_fn *each, void *ctx, struct sym_err *err)
{
	struct asking *a = calloc(1, sizeof *a);
	struct roster roster;
	enum sym_status status = read_roster(s, &roster, err);

	if (status == SYM_OK && !a)
		status = err_set(err, SYM_NOMEM, "out of memory");
	if (a)
		*a = (struct asking){.s = s, .each = each, .ctx = ctx};
	for (size_t i = 0; i < roster.count && status == SYM_OK; i++) {
		const struct roster_number *n = &roster.numbers[i];

		if (!s3_roster_manifest(n) || (unended && !s3_roster_lives(n) && !s3_roster_goes(n)))
			continue;
		a->numbers[a->count] = n;
		ask_for(a, a->count++, s3_roster_manifest(n));
		if (a->count == AT_ONCE)
			status = take_all(a, err);
	}
	if (status == SYM_OK)
		status = take_all(a, err);
	s3_roster_release(&roster);
	free(a);
	return status;
}

static struct ledger_line line_of(const struct s3_title *title)
{
	return (struct ledger_line){.id = title->id, .time_s = title->time_s, .date = "", .time = "",
				    .product = title->product, .version = title->version, .label = title->label};
}

/* ------------------------------------------------------------------ history -- */

struct telling {
	history_entry_fn *each;
	void *ctx;
};

static enum sym_status tell(void *ctx, const struct roster_number *n, const struct s3_title *title,
			    struct sym_err *err)
{
	const struct telling *t = ctx;
	const struct ledger_line line = line_of(title);
	const struct history_entry entry = {.line = &line, .lives = s3_roster_lives(n), .listed = true,
					    .files = title->files};

	(void)err;
	t->each(t->ctx, &entry);
	return SYM_OK;
}

static enum sym_status bucket_history(struct registry *r, history_entry_fn *each, void *ctx, struct sym_err *err)
{
	struct telling t = {.each = each, .ctx = ctx};

	return each_title(bucket_of(r), false, tell, &t, err);
}

/* ------------------------------------------------------------------- living -- */

/* The ledger's texts move while they grow: where each line's begin. */
struct gathering {
	struct ledger *ledger;
	size_t *begins, begins_room, lines_room;
};

static enum sym_status gather(void *ctx, const struct roster_number *n, const struct s3_title *title,
			      struct sym_err *err)
{
	const char *const texts[] = {title->product, title->version, title->label};
	struct gathering *g = ctx;
	struct ledger *l = g->ledger;
	struct ledger_line *lines = array_fit(l->lines, &g->lines_room, l->count + 1, sizeof *lines);
	size_t *begins = array_fit(g->begins, &g->begins_room, l->count + 1, sizeof *begins);

	l->lines = lines ? lines : l->lines;
	g->begins = begins ? begins : g->begins;
	if (!lines || !begins)
		return err_set(err, SYM_NOMEM, "out of memory");
	g->begins[l->count] = l->fields.size;
	l->lines[l->count] = line_of(title);
	l->lines[l->count++].begun = s3_roster_goes(n);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		buf_add(&l->fields, texts[i], strlen(texts[i]) + 1);
	return l->fields.failed ? err_set(err, SYM_NOMEM, "out of memory") : SYM_OK;
}

static enum sym_status bucket_living(struct registry *r, struct ledger *out, struct sym_err *err)
{
	struct gathering g = {.ledger = out};
	enum sym_status status;

	*out = (struct ledger){.fields = BUF_MAX(ADMIN_TEXT_BYTES_MAX)};
	status = each_title(bucket_of(r), true, gather, &g, err);
	for (size_t i = 0; i < out->count && status == SYM_OK; i++) {
		out->lines[i].product = out->fields.data + g.begins[i];
		out->lines[i].version = out->lines[i].product + strlen(out->lines[i].product) + 1;
		out->lines[i].label = out->lines[i].version + strlen(out->lines[i].version) + 1;
	}
	free(g.begins);
	return status;
}

/* ------------------------------------------------------------------ removal -- */

static enum sym_status bucket_remove(struct registry *r, struct removal *removal, struct sym_err *err)
{
	return s3_removal_run(bucket_of(r), removal, err);
}

const struct registry_kind bucket_registry = {
	.open = bucket_open,
	.history = bucket_history,
	.living = bucket_living,
	.remove = bucket_remove,
	.close = bucket_close,
};
