/* SPDX-License-Identifier: MIT
 * symbol-upload why: what a reader asks a store for, what is there, and what nearly is. */
#include "cli/commands.h"

#include "cli/ci.h"
#include "cli/say.h"
#include "cli/sources.h"
#include "cli/stores.h"
#include "os/os.h"
#include "pipeline/json/store.h"

#include <stdlib.h>
#include <string.h>

enum { WORDS_BYTES_MAX = 4096 }; /* of a name and its identifier */

struct asker {
	const struct options *o;
	struct stores stores;
	struct why **whys;   /* one a store */
	size_t why_count;
	uint64_t asked;      /* paths, and what could not be asked for */
	uint64_t questions;  /* of the file at hand, or of all */
	/* The heading that was printed last is of this question, at this target. */
	const struct why_question *headed;
	const char *headed_target;
};

/* -------------------------------------------------------------------- text -- */

static const char *name_of(const struct why_question *q)
{
	return q->wanted ? q->asked.file : q->path ? q->path : q->words;
}

/* "crashy.pdb, which build/crashy.exe wants" */
static void print_heading(struct asker *k, const struct why_answer *a)
{
	const struct why_question *q = a->question;

	if (k->headed == q && k->headed_target == a->target)
		return;
	k->headed = q;
	k->headed_target = a->target;
	fputs(say_bold(), stdout);
	say_shown(name_of(q));
	if (q->wanted) {
		fputs(", which ", stdout);
		say_shown(q->path);
		fputs(" wants", stdout);
	}
	printf("%s\n", say_plain());
}

static void print_path(const char *word, const char *target, const char *path)
{
	printf("  %-8s ", word);
	say_shown(target);
	fputs(say_slash(target), stdout);
	say_shown(path);
}

static void print_readers(unsigned readers)
{
	const char *before = "  (";

	for (size_t i = 0; i < key_reader_count; i++) {
		if (!(readers & 1u << i))
			continue;
		printf("%s%s", before, key_readers[i].name);
		before = ", ";
	}
	if (readers)
		putchar(')');
}

static void print_remark(const char *text)
{
	printf("  %-8s ", "");
	say_shown(text);
	putchar('\n');
}

/* "another build, stored 2026-01-31" */
static void print_date(int64_t time_s)
{
	struct tm utc;
	char date[40];

	if (time_s != 0 && os_utc(time_s, &utc) && strftime(date, sizeof date, ", stored %Y-%m-%d", &utc) > 0)
		fputs(date, stdout);
}

static void print_builds(const struct why_answer *a, bool nearer)
{
	char number[SAY_NUMBER_MAX];

	if (a->builds == 0)
		return;
	printf("  %-8s %s%s %s there%s\n", "", a->all ? "" : "at least ",
	       say_number(a->builds, number), a->builds == 1 ? "file of another build is" : "files of other builds are",
	       nearer ? ", too" : ": deliver the one of this build");
}

static void print_near(const struct why_answer *a)
{
	bool nearer = false;

	for (size_t i = 0; i < a->near_count; i++) {
		const struct why_near *near = &a->near[i];

		print_path("near", a->target, near->path);
		if (near->near != KEY_NEAR_BUILD) {
			putchar('\n');
			print_remark(near->text);
			nearer = true;
			continue;
		}
		printf("  (%s", near->text);
		print_date(near->mtime_s);
		puts(")");
	}
	print_builds(a, nearer);
	if (a->near_count == 0 && a->all && a->tried == 0)
		print_remark("nothing like it is there: deliver the file");
	if (a->tried > 0)
		printf("  %-8s (the server cannot be listed: %u likely paths were asked for)\n", "", a->tried);
}

static void print_answer(struct asker *k, const struct why_answer *a)
{
	char bytes[SAY_BYTES_MAX];

	if (k->o->quiet && a->at->action == ACTION_PRESENT)
		return;
	print_heading(k, a);
	print_path(action_word(a->at->action), a->target, a->at->path);
	print_readers(a->at->readers);
	if (a->has_size)
		printf("  %s", say_bytes(a->size, bytes));
	putchar('\n');
	if (a->compressed)
		print_remark("as a compressed file, which SymSrv's readers unpack");
	if (a->at->action == ACTION_FAILED)
		print_remark(a->at->why.text);
	if (a->at->action == ACTION_MISSING)
		print_near(a);
}

static void note_absent(struct asker *k, const struct why_answer *a)
{
	struct buf where = BUF_MAX(SAY_PATH_MAX);
	bool failed = a->at->action == ACTION_FAILED;

	k->stores.bad = true;
	buf_printf(&where, "%s%s%s%s%s", a->target, say_slash(a->target), a->at->path, failed ? ": " : "",
		   failed ? a->at->why.text : "");
	ci_summary_issue(&k->stores.summary, action_word(a->at->action), name_of(a->question),
			 where.data ? where.data : a->at->path);
	buf_release(&where);
}

static void answered(void *ctx, const struct why_answer *a)
{
	struct asker *k = ctx;

	k->asked++;
	if (a->at->action != ACTION_PRESENT)
		note_absent(k, a);
	if (k->o->format == FORMAT_TEXT) {
		print_answer(k, a);
		return;
	}
	json_answer(&k->stores.line, a);
	say_print(&k->stores.line);
}

/* Reports a word or a file for which no store can be asked. */
static void refused(struct asker *k, const char *what, const struct sym_err *err)
{
	k->stores.bad = true;
	k->asked++;
	say_error(what, err);
	ci_summary_issue(&k->stores.summary, action_word(ACTION_FAILED), what, err->text);
	if (k->o->format == FORMAT_TEXT)
		return;
	json_unasked(&k->stores.line, what, err);
	say_print(&k->stores.line);
}

/* --------------------------------------------------------------- questions -- */

/* Asks all stores. SYM_NO_KEY: none of their readers asks for such a file. */
static enum sym_status ask_all(struct asker *k, const struct why_question *q, struct sym_err *err)
{
	enum sym_status status = SYM_OK;
	bool any = false;

	for (size_t i = 0; i < k->why_count; i++) {
		status = why_ask(k->whys[i], q, err);
		if (status != SYM_OK && status != SYM_NO_KEY)
			return status;
		any |= status == SYM_OK;
	}
	k->headed = NULL;
	return any ? SYM_OK : status;
}

static enum sym_status question_of_file(void *ctx, const struct why_question *q, struct sym_err *err)
{
	struct asker *k = ctx;
	enum sym_status status = ask_all(k, q, err);

	k->questions += status == SYM_OK;
	return status == SYM_NO_KEY ? SYM_OK : status;
}

static enum sym_status found(void *ctx, const struct source_file *file, struct sym_err *err)
{
	struct asker *k = ctx;
	uint64_t before = k->questions;
	struct sym_err why;
	enum sym_status status =
		why_questions(file->path, k->o->fallback_age == FALLBACK_AGE_INFO, question_of_file, k, &why);

	if (status == SYM_CANCELLED || status == SYM_NOMEM) {
		*err = why;
		return status;
	}
	if (status == SYM_NOT_MINE && !file->by_hand)
		return SYM_OK;
	if (status == SYM_OK && k->questions == before)
		status = err_set(&why, SYM_NO_KEY, "no reader of this run (--for) asks for such a file, or for "
						   "what it wants");
	if (status != SYM_OK)
		refused(k, file->path, &why);
	return SYM_OK;
}

static void unusable(void *ctx, const struct source_file *at, const struct sym_err *err)
{
	struct asker *k = ctx;

	if (at->by_hand)
		refused(k, at->path, err);
	else
		say_warning(at->path, err);
}

static enum sym_status ask_of_files(struct asker *k, const struct source_options *source, struct sym_err *err)
{
	struct source_sink sink = {.ctx = k, .found = found, .warn = unusable};

	return source_find(source, &sink, NULL, err);
}

static bool is_here(const char *word)
{
	struct os_stat st;
	struct sym_err ignored;

	return os_stat(NULL, word, OS_FOLLOW, &st, &ignored) == SYM_OK;
}

/* Asks for what a word of the command line says. `*taken`: the word after it, `next`, was its
 * identifier. */
static enum sym_status ask_of_word(struct asker *k, const char *word, const char *next, bool *taken,
				   struct sym_err *err)
{
	struct why_question q = {.words = word};
	struct buf both = BUF_MAX(WORDS_BYTES_MAX);
	struct sym_err why;
	enum sym_status status = SYM_OK;

	*taken = next && !is_here(next) && key_asked_pair(word, next, &q.asked);
	if (*taken) {
		buf_printf(&both, "%s %s", word, next);
		q.words = both.data ? both.data : word;
	} else {
		status = key_asked_words(word, &q.asked, &why);
	}
	if (status == SYM_OK)
		status = ask_all(k, &q, &why);
	if (status == SYM_CANCELLED || status == SYM_NOMEM)
		*err = why;
	else if (status != SYM_OK)
		refused(k, q.words, &why);
	buf_release(&both);
	return status == SYM_CANCELLED || status == SYM_NOMEM ? status : SYM_OK;
}

/* In the order of the command line; lists and patterns behind. */
static enum sym_status ask_everything(struct asker *k, const struct sources *sources, struct sym_err *err)
{
	const struct strings *words = &k->o->paths;
	struct source_options rest = sources->options;
	enum sym_status status = SYM_OK;

	for (size_t i = 0; i < words->count && status == SYM_OK; i++) {
		const char *next = i + 1 < words->count ? words->at[i + 1] : NULL;
		struct source_options one = sources->options;
		struct key_asked pair;
		bool taken = false;

		one.named = &sources->named[i];
		one.named_count = 1;
		one.pattern_count = 0;
		if (is_here(words->at[i]) && !(next && !is_here(next) && key_asked_pair(words->at[i], next, &pair)))
			status = ask_of_files(k, &one, err);
		else
			status = ask_of_word(k, words->at[i], next, &taken, err);
		i += taken;
	}
	rest.named += words->count;
	rest.named_count -= words->count;
	if (status == SYM_OK && rest.named_count + rest.pattern_count > 0)
		status = ask_of_files(k, &rest, err);
	return status;
}

/* ----------------------------------------------------------------- the run -- */

static enum sym_status open_stores(struct asker *k, struct sym_err *err)
{
	k->whys = calloc(k->stores.count + 1, sizeof *k->whys);
	if (!k->whys)
		return err_set(err, SYM_NOMEM, "out of memory");
	for (size_t i = 0; i < k->stores.count; i++) {
		const struct run_destination *to = &k->stores.at[i];
		struct why_options options = {.where = to->where,
					      .remote = to->remote,
					      .by_place = stores_alike(&k->stores, to->where),
					      .readers = to->readers,
					      .chosen = options_from(k->o, "for") > FROM_DEFAULT ||
							to->readers != readers_mask(&k->o->how.readers),
					      .fallback_age = k->o->fallback_age == FALLBACK_AGE_INFO,
					      .answer = answered,
					      .ctx = k};

		if (why_open(&options, &k->whys[i], err) != SYM_OK)
			return err->status;
		k->why_count++;
	}
	return SYM_OK;
}

static enum sym_status run(struct asker *k, const struct sources *sources, struct sym_err *err)
{
	enum sym_status status = stores_try(&k->stores, NULL, 0, err);

	if (status == SYM_OK)
		status = open_stores(k, err);
	if (status == SYM_OK && k->why_count > 0)
		status = ask_everything(k, sources, err);
	if (status == SYM_OK && k->why_count > 0 && k->asked == 0)
		return err_set(err, SYM_NOT_FOUND, "no file was found to ask for");
	return status;
}

int command_why(const struct options *o)
{
	struct asker k = {.o = o};
	struct sources sources = {0};
	struct sym_err err = {0};
	enum sym_status status = stores_init(&k.stores, o, &err);
	int exit_status;

	ci_begin("why");
	if (status == SYM_OK && o->paths.count + o->files.count == 0 && !o->files_from)
		status = err_set(&err, SYM_USAGE, "no question is given: name a file, or the key that was asked for");
	if (status == SYM_OK)
		status = sources_init(&sources, o, &err);
	if (status == SYM_OK)
		status = run(&k, &sources, &err);
	exit_status = stores_end(&k.stores, status, &err);
	for (size_t i = 0; i < k.why_count; i++)
		why_close(k.whys[i]);
	free(k.whys);
	sources_release(&sources);
	stores_release(&k.stores);
	ci_end();
	return exit_status;
}
