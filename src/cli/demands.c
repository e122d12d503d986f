/* SPDX-License-Identifier: MIT */
#include "cli/demands.h"

#include "base/hash.h"
#include "cli/commands.h"
#include "cli/say.h"
#include "cli/sources.h"
#include "os/os.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATTERN_SHOWN_MAX = 128 };

enum sym_status demands_init(struct demands *d, const struct options *o, struct ci_summary *summary,
			     struct sym_err *err)
{
	*d = (struct demands){.o = o, .summary = summary, .met = calloc(o->expect.count + 1, sizeof *d->met)};
	return d->met ? SYM_OK : err_set(err, SYM_NOMEM, "out of memory");
}

void demands_release(struct demands *d)
{
	free(d->met);
}

static bool is_delivered(const struct parcel *p)
{
	for (size_t i = 0; i < p->count; i++)
		if (p->at[i].action == ACTION_FAILED || p->at[i].action == ACTION_PENDING)
			return false;
	return p->count > 0;
}

static void on_delivered(void *ctx, const struct delivered *d)
{
	struct demands *demands = ctx;
	const struct strings *names = &demands->o->expect;
	uint64_t path = hash_text(HASH_START, d->path);

	if (!is_delivered(d->parcel))
		return;
	for (size_t i = 0; i < names->count; i++)
		demands->met[i] |= strcmp(names->at[i], delivered_name(d)) == 0;
	demands->files += path != demands->last;
	demands->last = path;
}

struct reporter demands_reporter(struct demands *d)
{
	return (struct reporter){.delivered = on_delivered, .ctx = d};
}

/* --------------------------------------------------------------- the end -- */

uint64_t delivered_count(const struct tally *t)
{
	return tally_of(t, ACTION_STORED) + tally_of(t, ACTION_PRESENT) + tally_of(t, ACTION_REPLACED) +
	       tally_of(t, ACTION_KEPT) + tally_of(t, ACTION_PLANNED);
}

/* Prints each demand that was not met; answers whether all were. */
static bool all_met(const struct demands *d, const struct tally *t)
{
	const struct options *o = d->o;
	bool met = true;

	for (size_t i = 0; i < o->expect.count; i++) {
		if (d->met[i])
			continue;
		ci_summary_fail(d->summary, o->expect.at[i], "--expect: it was not delivered");
		met = false;
	}
	if (d->files < o->expect_min) {
		ci_summary_fail(d->summary, NULL, "--expect-min: %" PRIu64 " %s delivered, and %u %s expected",
				d->files, d->files == 1 ? "file was" : "files were", o->expect_min,
				o->expect_min == 1 ? "was" : "were");
		met = false;
	}
	if (o->require_pairs && t->unpaired > 0) {
		ci_summary_fail(d->summary, NULL, "--require-pairs: %" PRIu64 " %s without debug information",
				t->unpaired, t->unpaired == 1 ? "image is" : "images are");
		met = false;
	}
	if (o->strict && (tally_of(t, ACTION_SKIPPED) > 0 || t->warnings > 0)) {
		ci_summary_fail(d->summary, NULL, "--strict: %" PRIu64 " skipped, %" PRIu64 " warned of",
				tally_of(t, ACTION_SKIPPED), t->warnings);
		met = false;
	}
	return met;
}

static bool is_folder(const char *path)
{
	struct os_stat st;
	struct sym_err ignored;

	return os_stat(NULL, path, OS_FOLLOW, &st, &ignored) == SYM_OK && st.type == OS_DIR;
}

/* What commonly is wrong with a pattern that finds nothing; "" where nothing is seen. */
static const char *hint_of(const char *pattern, const char *path, bool any_case)
{
	static const struct {
		const char *signs;
		const char *text;
	} hints[] = {
		{"\\", ": a backslash only makes the next character a plain one; write / between folders"},
		{"'\"", ": the quotes came with it, and are looked for, too"},
		{"[", ": [ ] match one of the characters between them; a plain bracket is \\["},
	};

	if (is_folder(path))
		return ": it is a folder: give it without -f, or add /**/*";
	for (size_t i = 0; i < ARRAY_LEN(hints); i++)
		if (strpbrk(pattern, hints[i].signs))
			return hints[i].text;
	if (strpbrk(pattern, ",; ") && !strchr(pattern, '{'))
		return ": it is taken as one pattern; of several, each wants its own -f";
	for (const char *c = pattern; *c; c++)
		if ((*c >= 'A' && *c <= 'Z') || strncmp(c, "**", 2) == 0)
			return any_case ? ": a dot at the start of a name must be written out"
					: ": letter case counts (--ignore-case), and a dot at the start of a name "
					  "must be written out";
	return strchr(pattern, '*') ? ": * stays within one folder, and **/ goes into those below it" : "";
}

/* Names the first pattern alone: usually there is but one. */
static void say_nothing_found(const struct demands *d, const struct tally *t)
{
	const struct options *o = d->o;
	const char *left_out = t->left_out ? ": the folder that the run writes to is not searched" : NULL;
	char pattern[PATTERN_SHOWN_MAX], others[SAY_NUMBER_MAX + 16] = "", number[SAY_NUMBER_MAX];
	const char *first, *folder;

	if (o->files.count == 0) {
		ci_summary_fail(d->summary, NULL, "no file was found to deliver%s", left_out ? left_out : "");
		return;
	}
	first = sources_pattern(o, o->files.at[0]);
	folder = first[0] == '/' ? "" : o->directories.count > 0 ? o->directories.at[0] : ".";
	snprintf(pattern, sizeof pattern, "%s%s%s", folder, *folder ? say_slash(folder) : "", first);
	if (o->files.count > 1)
		snprintf(others, sizeof others, ", and %s more", say_number(o->files.count - 1, number));
	ci_summary_fail(d->summary, NULL, "could not find any files to upload using glob %s%s%s", pattern, others,
			left_out                    ? left_out
			: options_given(o, "files") ? hint_of(first, pattern, o->ignore_case)
						    : ": without -f, BugSplat gets source maps");
}

/* A run that fails says why, whatever was said of single files. */
static void say_nothing_used(const struct demands *d, const struct tally *t)
{
	char number[SAY_NUMBER_MAX], archives[SAY_ARCHIVES_MAX];
	const char *hint = say_archives(t->unopened, archives);
	bool others = t->others == t->found;

	if (t->found == 1)
		ci_summary_fail(d->summary, NULL, "nothing was delivered: the file that was found is %s%s",
				others ? "no symbol file" : "of no use to readers", hint);
	else
		ci_summary_fail(d->summary, NULL, "nothing was delivered: none of the %s files that were found is %s%s",
				say_number(t->found, number), others ? "a symbol file" : "of use to readers", hint);
}

static void say_empty_part(const struct options *o, const struct tally *t)
{
	char number[SAY_NUMBER_MAX];

	say_note("--shard: no file falls to part %u/%u, of %s that %s found", o->shard.index, o->shard.count,
		 say_number(t->elsewhere, number), t->elsewhere == 1 ? "was" : "were");
}

/* To run it again helps only if this run delivered something: where finding files or making .sym
 * files took all of the time, the next run gets no further. */
static void say_left(const struct demands *d, const struct tally *t)
{
	char number[SAY_NUMBER_MAX], bytes[SAY_BYTES_MAX], left[80] = "", size[SAY_BYTES_MAX + 8] = "";

	if (t->left > 0)
		snprintf(left, sizeof left, ", and %s %s left", say_number(t->left, number),
			 t->left == 1 ? "file is" : "files are");
	if (t->left > 0 && !t->left_unread)
		snprintf(size, sizeof size, " (%s)", say_bytes(t->left_bytes, bytes));
	ci_summary_fail(d->summary, NULL, "--budget: the time is over%s%s%s: %s",
			t->unsearched ? " before all files were found" : "", left, size,
			delivered_count(t) > 0 ? "run it again" : "nothing could be delivered in it, so give it more");
}

int demands_exit_status(const struct demands *d, const struct tally *t)
{
	bool met = all_met(d, t);
	bool empty = t->found == 0 && t->elsewhere > 0; /* this part of the run */

	if (t->left > 0 || t->unsearched) {
		say_left(d, t);
		return EXIT_FAILED;
	}
	if (empty)
		say_empty_part(d->o, t);
	else if (t->found == 0)
		say_nothing_found(d, t);
	else if (delivered_count(t) == 0 && t->lost == 0 && tally_of(t, ACTION_FAILED) == 0)
		say_nothing_used(d, t);
	if (t->lost > 0 || tally_of(t, ACTION_FAILED) > 0 || (delivered_count(t) == 0 && !empty))
		return EXIT_FAILED;
	return met ? EXIT_GOOD : EXIT_POLICY;
}
