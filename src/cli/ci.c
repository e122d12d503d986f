/* SPDX-License-Identifier: MIT
 *
 * GitHub     https://docs.github.com/actions/using-workflows/workflow-commands-for-github-actions
 * Azure      https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands
 * GitLab     https://docs.gitlab.com/ci/jobs/job_logs/#expand-and-collapse-job-log-sections
 * TeamCity   https://www.jetbrains.com/help/teamcity/service-messages.html */
#include "cli/ci.h"

#include "base/err.h"
#include "base/text.h"
#include "cli/report_text.h"
#include "cli/say.h"
#include "format/format.h"
#include "os/os.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	LISTED_MAX = 50, /* files in a summary: the log has them all */
	WHOLE_BYTES_MAX = 64 << 10,
	ISSUES_BYTES_MAX = 256 << 10,
	SUMMARY_BYTES_MAX = 512 << 10, /* GitHub takes 1 MiB a step */
};

/* A character, and what it is written as. */
struct escape {
	char c;
	const char *as;
};

static const struct escape github_data[] = {{'%', "%25"}, {'\r', "%0D"}, {'\n', "%0A"}, {0}};
static const struct escape github_property[] = {{'%', "%25"}, {'\r', "%0D"}, {'\n', "%0A"},
						{':', "%3A"}, {',', "%2C"},  {0}};
static const struct escape azure_data[] = {{'%', "%AZP25"}, {'\r', "%0D"}, {'\n', "%0A"},
					   {';', "%3B"},    {']', "%5D"},  {0}};
static const struct escape teamcity_data[] = {{'|', "||"}, {'\'', "|'"}, {'[', "|["}, {']', "|]"},
					      {'\r', "|r"}, {'\n', "|n"}, {0}};

static void add_escaped(struct buf *out, const char *text, const struct escape *escapes)
{
	for (; *text; text++) {
		const struct escape *e = escapes;

		while (e->c && e->c != *text)
			e++;
		if (e->c)
			buf_add_text(out, e->as);
		else
			buf_add_char(out, *text);
	}
}

/* ---------------------------------------------------------- annotations -- */

typedef void issue_fn(struct buf *out, bool error, const char *file, const char *text);

static void github_issue(struct buf *out, bool error, const char *file, const char *text)
{
	buf_printf(out, "::%s title=symbol-upload", error ? "error" : "warning");
	if (file) {
		buf_add_text(out, ",file=");
		add_escaped(out, file, github_property);
	}
	buf_add_text(out, "::");
	add_escaped(out, text, github_data);
}

static void azure_issue(struct buf *out, bool error, const char *file, const char *text)
{
	buf_printf(out, "##vso[task.logissue type=%s;", error ? "error" : "warning");
	if (file) {
		buf_add_text(out, "sourcepath=");
		add_escaped(out, file, azure_data);
		buf_add_char(out, ';');
	}
	buf_add_char(out, ']');
	add_escaped(out, text, azure_data);
}

static void teamcity_issue(struct buf *out, bool error, const char *file, const char *text)
{
	(void)file;
	buf_add_text(out, "##teamcity[message text='");
	add_escaped(out, text, teamcity_data);
	buf_printf(out, "' status='%s']", error ? "ERROR" : "WARNING");
}

/* ------------------------------------------------ where a summary goes -- */

typedef void summary_fn(const struct buf *text);

static bool write_text(const char *path, const char *mode, const struct buf *text)
{
	FILE *file = text->failed ? NULL : fopen(path, mode);
	bool good = file && fwrite(text->data, 1, text->size, file) == text->size;
	struct sym_err err;

	if (file && fclose(file) != 0)
		good = false;
	if (!good) {
		err_sys(&err, SYM_IO, text->failed ? ENOMEM : errno, "the summary of this step cannot be written");
		say_warning(path, &err);
	}
	return good;
}

/* GitHub reads a file that it names. */
static void github_summary(const struct buf *text)
{
	const char *path = getenv("GITHUB_STEP_SUMMARY");

	if (path && *path)
		write_text(path, "a", text);
}

/* Azure Pipelines is told of one that lies where its own temporary files do. */
static void azure_summary(const struct buf *text)
{
	const char *folder = getenv("AGENT_TEMPDIRECTORY");
	struct buf path = BUF_MAX(4096);
	uint32_t random;

	if (!folder || !*folder)
		return;
	os_random(&random, sizeof random);
	buf_printf(&path, "%s/symbol-upload-%08" PRIx32 ".md", folder, random);
	if (!path.failed && write_text(path.data, "wx", text))
		fprintf(stderr, "##vso[task.uploadsummary]%s\n", path.data);
	buf_release(&path);
}

/* ------------------------------------------------------------- the table -- */

static const struct system {
	const char *variable; /* set to anything but "false": this is the one */
	issue_fn *issue;      /* NULL: it knows no annotations */
	summary_fn *summary;  /* NULL: nobody reads one */
	bool folds;           /* knows GitLab's sections */
} systems[] = {
	{"GITHUB_ACTIONS", github_issue, github_summary, false},
	{"TF_BUILD", azure_issue, azure_summary, false},
	{"TEAMCITY_VERSION", teamcity_issue, NULL, false},
	{"GITLAB_CI", NULL, NULL, true},
};

static const struct system *ci; /* NULL: none of them */

void ci_init(void)
{
	ci = NULL;
	for (size_t i = 0; i < ARRAY_LEN(systems) && !ci; i++) {
		const char *value = getenv(systems[i].variable);

		if (value && *value && strcmp(value, "false") != 0)
			ci = &systems[i];
	}
}

/* Can an annotation point to it? An address cannot be pointed to, and a name that has to be
 * shown otherwise than it is would not be found. */
static bool is_plain_file(const char *path)
{
	char shown[4096];

	if (!path || strstr(path, "://"))
		return false;
	text_shown(shown, sizeof shown, path, strlen(path));
	return strcmp(shown, path) == 0;
}

bool ci_issue(struct buf *out, bool error, const char *path, const char *text)
{
	if (!ci || !ci->issue)
		return false;
	ci->issue(out, error, is_plain_file(path) ? path : NULL, text);
	buf_add_char(out, '\n');
	return true;
}

/* -------------------------------------------------------------- sections -- */

void ci_begin(const char *command)
{
	if (ci && ci->folds)
		fprintf(stderr, "\033[0Ksection_start:%" PRId64 ":symbol_upload_%lu\r\033[0Ksymbol-upload %s\n",
			os_time_s(), os_process_id(), command);
}

void ci_end(void)
{
	if (ci && ci->folds)
		fprintf(stderr, "\033[0Ksection_end:%" PRId64 ":symbol_upload_%lu\r\033[0K\n", os_time_s(),
			os_process_id());
}

/* --------------------------------------------------------------- summary -- */

/* Markdown's and HTML's own characters become entities. */
void ci_add_markdown(struct buf *out, const char *text)
{
	char shown[2048];

	text_shown(shown, sizeof shown, text, strlen(text));
	for (const char *c = shown; *c; c++) {
		if (strchr("&<>|`*_[]\\#~!()@", *c))
			buf_printf(out, "&#%d;", *c);
		else
			buf_add_char(out, *c);
	}
}

void ci_summary_init(struct ci_summary *s, const char *command, bool several)
{
	*s = (struct ci_summary){.command = command,
				 .several = several,
				 .whole = BUF_MAX(WHOLE_BYTES_MAX),
				 .issues = BUF_MAX(ISSUES_BYTES_MAX)};
}

void ci_summary_release(struct ci_summary *s)
{
	buf_release(&s->whole);
	buf_release(&s->issues);
}

void ci_summary_issue(struct ci_summary *s, const char *word, const char *path, const char *why)
{
	if (s->issue_count++ >= LISTED_MAX)
		return;
	buf_printf(&s->issues, "| %s | ", word);
	ci_add_markdown(&s->issues, path);
	buf_add_text(&s->issues, " | ");
	ci_add_markdown(&s->issues, why);
	buf_add_text(&s->issues, " |\n");
}

static void add_failure(struct ci_summary *s, const char *name, const char *text)
{
	buf_printf(&s->whole, "%s%s: ", s->whole.size > 0 ? "\n" : "", action_word(ACTION_FAILED));
	if (name) {
		ci_add_markdown(&s->whole, name);
		buf_add_text(&s->whole, ": ");
	}
	ci_add_markdown(&s->whole, text);
	buf_add_char(&s->whole, '\n');
}

void ci_summary_error(struct ci_summary *s, const struct sym_err *err)
{
	say_error(NULL, err);
	add_failure(s, NULL, err->text);
}

void ci_summary_fail(struct ci_summary *s, const char *name, const char *format, ...)
{
	char text[SAY_PATH_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	say_issue(true, name, "%s", text);
	add_failure(s, name, text);
}

/* A summary that cannot be written is no reason to fail. */
void ci_summary_write(struct ci_summary *s)
{
	struct buf text = BUF_MAX(SUMMARY_BYTES_MAX);
	char number[SAY_NUMBER_MAX];

	buf_printf(&text, "### symbol-upload %s\n\n", s->command);
	buf_add(&text, s->whole.data, s->whole.size);
	if (s->issue_count > 0)
		buf_printf(&text, "\n| | file | why |\n|---|---|---|\n%s",
			   s->issues.data && !s->issues.failed ? s->issues.data : "");
	if (s->issue_count > LISTED_MAX)
		buf_printf(&text, "\n… and %s more.\n", say_number(s->issue_count - LISTED_MAX, number));
	buf_add_char(&text, '\n');
	if (ci && ci->summary && s->whole.size + s->issue_count > 0)
		ci->summary(&text);
	buf_release(&text);
	buf_clear(&s->whole);
	buf_clear(&s->issues);
	s->issue_count = 0;
}

/* ------------------------------------------------------- of a delivery -- */

static void on_delivered(void *ctx, const struct delivered *d)
{
	struct ci_summary *s = ctx;

	for (size_t i = 0; i < d->parcel->count; i++) {
		const struct parcel_path *at = &d->parcel->at[i];
		struct buf what = BUF_MAX(2 * SAY_PATH_MAX);

		if (is_lost(d, at) || (at->action != ACTION_FAILED && at->action != ACTION_MISSING && !at->warn))
			continue;
		report_place(d, at, s->several, &what);
		if (at->action != ACTION_MISSING)
			buf_printf(&what, ": %s", at->why.text);
		ci_summary_issue(s, action_word(at->action), d->path, what.data ? what.data : "");
		buf_release(&what);
	}
}

static void on_rejected(void *ctx, const struct rejected *r)
{
	if (r->why->status != SYM_NOT_MINE)
		ci_summary_issue(ctx, action_word(r->action), r->path, r->why->text);
}

static void on_lost(void *ctx, size_t destination, const char *target, const struct sym_err *err)
{
	(void)destination;
	ci_summary_issue(ctx, action_word(ACTION_FAILED), target, err->text);
}

static void on_flawed(void *ctx, const struct flawed *f)
{
	if (!f->repeated)
		ci_summary_issue(ctx, "warning", f->path, f->text);
}

static void add_row(struct buf *out, const struct tally *t, const char *name, const uint64_t *count)
{
	char number[SAY_NUMBER_MAX];

	buf_printf(out, "| %s |", name);
	for (size_t c = 0; c < REPORT_COLUMNS; c++)
		if (tally_of(t, report_columns[c]) > 0)
			buf_printf(out, " %s |", say_number(count[report_columns[c]], number));
	buf_add_char(out, '\n');
}

static void add_table(struct buf *out, const struct tally *t)
{
	bool any = false;

	for (size_t c = 0; c < REPORT_COLUMNS; c++)
		any |= tally_of(t, report_columns[c]) > 0;
	if (!any)
		return;
	buf_add_text(out, "| |");
	for (size_t c = 0; c < REPORT_COLUMNS; c++)
		if (tally_of(t, report_columns[c]) > 0)
			buf_printf(out, " %s |", action_word(report_columns[c]));
	buf_add_text(out, "\n|---|");
	for (size_t c = 0; c < REPORT_COLUMNS; c++)
		if (tally_of(t, report_columns[c]) > 0)
			buf_add_text(out, "---:|");
	buf_add_char(out, '\n');
	for (size_t kind = 0; kind < SYM_KIND_COUNT; kind++)
		if (report_has_row(t, kind))
			add_row(out, t, kind == SYM_KIND_NONE ? "unreadable" : kind_word((enum sym_kind)kind),
				t->count[kind]);
	buf_add_char(out, '\n');
}

static void on_finished(void *ctx, const struct tally *t)
{
	struct ci_summary *s = ctx;
	char number[SAY_NUMBER_MAX], bytes[SAY_BYTES_MAX];

	add_table(&s->whole, t);
	buf_printf(&s->whole, "%s found, %s written", say_number(t->found, number), say_bytes(t->bytes, bytes));
	if (tally_of(t, ACTION_SKIPPED) > 0)
		buf_printf(&s->whole, ", %s skipped", say_number(tally_of(t, ACTION_SKIPPED), number));
	if (t->left > 0)
		buf_printf(&s->whole, ", %s left", say_number(t->left, number));
	if (t->unsearched)
		buf_add_text(&s->whole, ", more not looked for");
	buf_printf(&s->whole, ", in %" PRIu64 ".%" PRIu64 " s.\n", t->milliseconds / 1000,
		   t->milliseconds / 100 % 10);
}

struct reporter ci_summary_reporter(struct ci_summary *s)
{
	return (struct reporter){.delivered = on_delivered,
				 .rejected = on_rejected,
				 .flawed = on_flawed,
				 .lost = on_lost,
				 .finished = on_finished,
				 .ctx = s};
}
