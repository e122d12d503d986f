/* SPDX-License-Identifier: MIT */
#include "cli/report_text.h"

#include "cli/say.h"
#include "format/format.h"

#include <inttypes.h>
#include <string.h>

enum { NAMED_MAX = 20 }; /* files that are no symbol files, or have the same flaw: further ones are counted */

/* -------------------------------------------------------- line by line -- */

static void show_path(const struct delivered *d, const struct parcel_path *at)
{
	say_out_begin();
	printf("%-8s  ", action_word(at->action));
	say_shown(d->path);
	fputs(" -> ", stdout);
	say_shown(d->target);
	fputs(say_slash(d->target), stdout);
	say_shown(at->path);
	if (at->why.status != SYM_OK && !at->warn) {
		fputs(": ", stdout);
		say_shown(at->why.text);
	}
	putchar('\n');
}

/* The error of a path that is not there begins with the whole path: that has to be put right. */
static void explain_missing(const struct delivered *d, const struct parcel_path *at)
{
	struct buf where = BUF_MAX(SAY_PATH_MAX), who = BUF_MAX(256);

	report_place(d, at, true, &where);
	for (size_t i = 0; i < key_reader_count; i++)
		if (at->readers & 1u << i)
			buf_printf(&who, "%s%s", who.size ? ", " : "", key_readers[i].name);
	say_issue(true, where.data ? where.data : at->path, "missing; %s would ask for it",
		  who.data ? who.data : "nobody");
	buf_release(&where);
	buf_release(&who);
}

void report_place(const struct delivered *d, const struct parcel_path *at, bool several, struct buf *out)
{
	if (several)
		buf_printf(out, "%s%s", d->target, say_slash(d->target));
	buf_add_text(out, at->path);
}

static void explain(const struct report_text *t, const struct delivered *d, const struct parcel_path *at)
{
	struct buf where = BUF_MAX(SAY_PATH_MAX);
	bool failed = at->action == ACTION_FAILED;

	if (at->action == ACTION_MISSING) {
		explain_missing(d, at);
		return;
	}
	if (failed ? is_lost(d, at) : at->why.status == SYM_OK || !at->warn)
		return; /* one line said it of all paths of a lost target */
	if (!failed)
		buf_printf(&where, "%s ", action_word(at->action));
	report_place(d, at, t->several, &where);
	say_issue_at(failed, d->path, where.data, &at->why);
	buf_release(&where);
}

/* Was the same said of another path of the file? */
static bool is_said(const struct parcel *p, size_t i)
{
	for (size_t other = 0; other < i; other++)
		if (p->at[other].action == p->at[i].action && strcmp(p->at[other].why.text, p->at[i].why.text) == 0)
			return true;
	return false;
}

static void on_delivered(void *ctx, const struct delivered *d)
{
	struct report_text *t = ctx;

	for (size_t i = 0; i < d->parcel->count; i++) {
		const struct parcel_path *at = &d->parcel->at[i];
		bool remarkable = at->why.status != SYM_OK && at->action != ACTION_FAILED &&
				  at->action != ACTION_MISSING;

		explain(t, d, at);
		if (t->summary && !t->quiet &&
		    (t->verbose || (t->list && !is_lost(d, at)) ||
		     (remarkable && !at->warn && !is_said(d->parcel, i))))
			show_path(d, at);
	}
}

static void on_rejected(void *ctx, const struct rejected *r)
{
	struct report_text *t = ctx;

	if (r->action == ACTION_FAILED) {
		say_error(r->path, r->why);
		return;
	}
	t->skipped[r->why->status]++;
	if (r->why->status == SYM_NOT_MINE && !t->verbose && ++t->unnamed > NAMED_MAX)
		return;
	say_warning(r->path, r->why);
}

/* A folder full of other people's libraries has the same flaw many times: these are counted. */
static void on_flawed(void *ctx, const struct flawed *f)
{
	struct report_text *t = ctx;

	if (!t->verbose && (f->repeated || t->flawed[f->flaw] >= NAMED_MAX)) {
		t->folded[f->flaw]++;
		return;
	}
	t->flawed[f->flaw]++;
	say_issue(t->require_pairs && flaw_is_of_pair(f->flaw), f->path, "%s", f->text);
}

static void say_folded(const struct report_text *t)
{
	char number[SAY_NUMBER_MAX];

	for (size_t i = 0; i < FLAW_COUNT; i++)
		if (t->folded[i] > 0)
			say_issue(false, NULL, "%s more: %s (--verbose names them)", say_number(t->folded[i], number),
				  flaw_brief((enum flaw)i));
}

static void on_lost(void *ctx, size_t destination, const char *target, const struct sym_err *err)
{
	(void)ctx;
	(void)destination;
	(void)target;
	say_error(NULL, err);
}

static void on_warning(void *ctx, const char *path, const struct sym_err *err)
{
	(void)ctx;
	say_warning(path, err);
}

static void on_note(void *ctx, const char *text)
{
	(void)ctx;
	say_note("%s", text);
}

/* ------------------------------------------------------------- the table -- */

const enum action report_columns[REPORT_COLUMNS] = {ACTION_PLANNED,  ACTION_STORED, ACTION_PRESENT,
						    ACTION_REPLACED, ACTION_KEPT,   ACTION_MISSING,
						    ACTION_FAILED};

static bool column_used(const struct tally *t, enum action action)
{
	enum action always = t->asked ? ACTION_PRESENT : ACTION_STORED;

	return tally_of(t, action) > 0 || (action == always && tally_of(t, ACTION_PLANNED) == 0);
}

static void print_row(const struct tally *t, const char *name, const uint64_t count[ACTION_COUNT])
{
	char number[SAY_NUMBER_MAX];

	printf("%-14s", name);
	for (size_t c = 0; c < REPORT_COLUMNS; c++)
		if (column_used(t, report_columns[c]))
			printf("%10s", say_number(count[report_columns[c]], number));
	putchar('\n');
}

bool report_has_row(const struct tally *t, size_t kind)
{
	for (size_t c = 0; c < REPORT_COLUMNS; c++)
		if (t->count[kind][report_columns[c]] > 0)
			return true;
	return false;
}

/* Is there anything for the table to show? Not where no target could be used. */
static bool has_rows(const struct tally *t)
{
	for (size_t kind = 0; kind < SYM_KIND_COUNT; kind++)
		if (report_has_row(t, kind))
			return true;
	return t->others > 0 || t->left > 0 || t->unsearched || tally_of(t, ACTION_SKIPPED) > 0;
}

static void print_table(const struct tally *t)
{
	uint64_t all[ACTION_COUNT];

	printf("%s%-14s", say_bold(), "");
	for (size_t c = 0; c < REPORT_COLUMNS; c++)
		if (column_used(t, report_columns[c]))
			printf("%10s", action_word(report_columns[c]));
	printf("%s\n", say_plain());
	for (size_t kind = 0; kind < SYM_KIND_COUNT; kind++)
		if (report_has_row(t, kind))
			print_row(t, kind == SYM_KIND_NONE ? "unreadable" : kind_word((enum sym_kind)kind),
				  t->count[kind]);
	for (size_t c = 0; c < REPORT_COLUMNS; c++)
		all[report_columns[c]] = tally_of(t, report_columns[c]);
	print_row(t, "all", all);
}

static void print_skipped(const struct report_text *r, const struct tally *t)
{
	static const char *const reasons[ARRAY_LEN(r->skipped)] = {
		[SYM_NOT_MINE] = "no symbol file",
		[SYM_NO_KEY] = "no identifier that a reader asks for",
		[SYM_MALFORMED] = "damaged",
		[SYM_UNSUPPORTED] = "a kind that is not supported",
		[SYM_REFUSED] = "not usable as it is",
		[SYM_TOO_BIG] = "beyond a limit",
	};
	char number[SAY_NUMBER_MAX], archives[SAY_ARCHIVES_MAX];
	const char *join = ":";

	if (tally_of(t, ACTION_SKIPPED) > 0) {
		printf("skipped %s", say_number(tally_of(t, ACTION_SKIPPED), number));
		for (size_t i = 0; i < ARRAY_LEN(r->skipped); i++) {
			if (r->skipped[i] == 0)
				continue;
			printf("%s %s (%s)", join, reasons[i] ? reasons[i] : "other reasons",
			       say_number(r->skipped[i], number));
			join = ",";
		}
		putchar('\n');
	}
	if (t->others > 0)
		printf("passed over %s %s%s\n", say_number(t->others, number),
		       t->others == 1 ? "file that is no symbol file" : "files that are no symbol files",
		       say_archives(t->unopened, archives));
}

static void on_finished(void *ctx, const struct tally *t)
{
	struct report_text *r = ctx;
	char bytes[SAY_BYTES_MAX], rate[SAY_BYTES_MAX], number[SAY_NUMBER_MAX], seconds[SAY_SECONDS_MAX];
	uint64_t ms = t->milliseconds > 0 ? t->milliseconds : 1;

	say_progress_end();
	say_folded(r);
	if (r->unnamed > NAMED_MAX)
		say_issue(false, NULL, "%s more files are no symbol files (--verbose names them)",
			  say_number(r->unnamed - NAMED_MAX, number));
	if (!r->summary || r->quiet || t->found == 0 || !has_rows(t))
		return;
	print_table(t);
	print_skipped(r, t);
	say_seconds(t->milliseconds, seconds);
	if (t->asked)
		printf("asked in %s\n", seconds);
	else if (!r->list) /* nothing is written by a dry run */
		printf("%s written in %s (%s/s)\n", say_bytes(t->bytes, bytes), seconds,
		       say_bytes(t->bytes * 1000 / ms, rate));
}

struct reporter report_text(struct report_text *t)
{
	return (struct reporter){.delivered = on_delivered,
				 .rejected = on_rejected,
				 .flawed = on_flawed,
				 .lost = on_lost,
				 .warning = on_warning,
				 .note = on_note,
				 .finished = on_finished,
				 .ctx = t};
}
