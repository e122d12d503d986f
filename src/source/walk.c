/* SPDX-License-Identifier: MIT
 * The sources of a run, one after the other: names and lists as given, then each
 * folder for all patterns at once. Walking itself is tree.c. */
#include "source/walk.h"

#include "base/err.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/lines.h"
#include "base/stop.h"
#include "base/text.h"
#include "os/os.h"
#include "source/later.h"
#include "source/scouts.h"
#include "source/tree.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------- what walks call back -- */

void finder_warn(struct finder *f, const char *path, bool by_hand, const char *bundle,
		 const struct sym_err *why)
{
	struct source_file file = {.path = path, .by_hand = by_hand, .bundle = bundle};

	if (f->later)
		later_warn(f->later, &file, why);
	else
		f->sink->warn(f->sink->ctx, &file, why);
}

bool finder_leaves_out(struct finder *f, uint64_t device, uint64_t inode, const char *path)
{
	for (size_t i = 0; i < f->options->target_count; i++) {
		const struct source_folder *target = &f->options->targets[i];

		if (target->device != device || target->inode != inode)
			continue;
		if (f->later) {
			later_left_out(f->later, path, device, inode);
			return true;
		}
		if (!f->left_out[i])
			f->sink->left_out(f->sink->ctx, path);
		f->left_out[i] = true;
		return true;
	}
	return false;
}

static unsigned exclude_flags(const struct source_options *o)
{
	return (o->ignore_case ? GLOB_IGNORE_CASE : 0) | GLOB_DOT | GLOB_BASE_NAME | GLOB_WHOLE;
}

static unsigned pattern_flags(const struct source_options *o)
{
	return (o->ignore_case ? GLOB_IGNORE_CASE : 0) | (o->store ? GLOB_DOT : 0);
}

/* The first pattern that takes too long on this path; else `otherwise`. They are compiled together,
 * so that each has to be tried again by itself. */
static const char *slow_one(const char *const *patterns, size_t count, unsigned flags, const char *relative,
			    size_t len, const char *otherwise)
{
	for (size_t i = 0; i < count; i++) {
		struct glob_set one;
		struct sym_err ignored;
		bool slow = glob_set_init(&one, &patterns[i], 1, flags | GLOB_WHOLE, &ignored) == SYM_OK &&
			    glob_set_match(&one, relative, len) == GLOB_LIMIT;

		glob_set_release(&one);
		if (slow)
			return patterns[i];
	}
	return otherwise;
}

const char *finder_slow_pattern(const struct finder *f, const struct glob *glob, const char *subject, size_t len)
{
	const struct source_options *o = f->options;
	const char *start = glob_start(glob), *found = "-f";
	struct buf relative = BUF_MAX(SOURCE_TREE_BYTES_MAX);

	buf_printf(&relative, "%s%s", start, *start && start[strlen(start) - 1] != '/' ? "/" : "");
	buf_add(&relative, subject, len);
	if (!relative.failed)
		found = slow_one(o->patterns, o->pattern_count, pattern_flags(o), relative.data, relative.size,
				 found);
	buf_release(&relative);
	return found;
}

bool finder_excludes(struct finder *f, const char *path, const char *relative, size_t len)
{
	enum glob_answer answer = glob_set_match(&f->excludes, relative, len);
	struct sym_err why;

	if (answer == GLOB_LIMIT) {
		const char *slow = slow_one(f->options->excludes, f->options->exclude_count,
					    exclude_flags(f->options), relative, len, "--exclude");

		err_set(&why, SYM_TOO_BIG, "the exclude `%.*s` takes too long on this name; it is left out",
			text_fit(slow, 100), slow);
		finder_warn(f, path, false, NULL, &why);
	} else if (answer == GLOB_NO_MEMORY) {
		err_set(&why, SYM_NOMEM, "out of memory");
		finder_warn(f, path, false, NULL, &why);
	}
	return answer != GLOB_NO;
}

/* Where several sources of one run may name the same file: one that was reported. A file is a name in
 * a folder; how it was spelled does not matter. */
struct seen_row {
	uint64_t hash;
	uint32_t check;  /* a second hash: no file is lost because two have the same first one */
	uint32_t origin; /* the source that reported it, from 1; 0: the row is new */
};

/* Marks the file as reported by the present source. `*before`: another one did; within one walk each
 * path counts. False: out of memory. */
static bool note_seen(struct finder *f, uint64_t device, uint64_t inode, const char *name, bool *before)
{
	uint64_t folder = hash_number(hash_number(HASH_START, device), inode);
	uint32_t check = (uint32_t)hash_text(~folder, name);
	struct seen_row *row = table_add(&f->seen, hash_text(folder, name));

	if (!row)
		return false;
	if (row->origin == 0) {
		row->check = check;
		row->origin = f->origin;
	}
	*before = row->origin != f->origin && row->check == check;
	return true;
}

enum sym_status finder_offer(struct finder *f, const struct source_file *file, const char *name,
			     uint64_t device, uint64_t inode)
{
	bool before = false;

	if (f->later) {
		later_found(f->later, file, name, device, inode);
		return SYM_OK;
	}
	if (f->several && !note_seen(f, device, inode, name, &before))
		return err_set(f->err, SYM_NOMEM, "out of memory");
	if (before)
		return SYM_OK;
	f->counts->found++;
	return f->sink->found(f->sink->ctx, file, f->err);
}

/* --------------------------------------------------------- named by hand -- */

/* A file that the user named: known by its folder and its name there. */
static enum sym_status offer_named(struct finder *f, const char *path)
{
	struct source_file file = {.path = path, .by_hand = true};
	const char *slash = strrchr(path, '/'), *relative = path;
	char folder[SOURCE_PATH_BYTES_MAX + 1] = ".";
	struct os_stat st = {0};
	struct sym_err ignored;

	while (strncmp(relative, "./", 2) == 0)
		relative += 2;
	if (finder_excludes(f, path, relative, strlen(relative)))
		return SYM_OK;
	if (slash) {
		size_t root = os_root_len(path), len = (size_t)(slash - path);

		len = len < root ? root : len;
		memcpy(folder, path, len);
		folder[len] = '\0';
	}
	if (f->several && os_stat(NULL, folder, OS_FOLLOW, &st, &ignored) != SYM_OK)
		st = (struct os_stat){0}; /* then the name alone must tell */
	return finder_offer(f, &file, slash ? slash + 1 : path, st.device, st.inode);
}

/* Everything in the folder `path`, or what counts where it is a bundle. `path` has no
 * slash at its end unless it is the root. */
static enum sym_status walk_named(struct finder *f, const char *path)
{
	static const char *const everything[] = {"**/*"};
	const char *folder = strcmp(path, ".") == 0 ? "" : path;
	struct tree_start start = {.folder = folder,
				   .bundle = f->options->store ? NULL : bundle_kind_of(path)};
	struct glob_set all = {0};
	enum sym_status status;

	if (start.bundle) {
		status = bundles_glob(&f->bundles, start.bundle, &start.glob, f->err);
	} else {
		status = glob_set_init(&all, everything, ARRAY_LEN(everything), GLOB_DOT, f->err);
		if (status == SYM_OK)
			start.glob = all.at[0];
	}
	if (status == SYM_OK)
		status = tree_walk(f, &start);
	glob_set_release(&all);
	return status;
}

/* Bytes of the path without the slashes at its end; a root keeps its own. */
static size_t len_without_slash(const char *path)
{
	size_t len = strlen(path), root = os_root_len(path);

	while (len > root && path[len - 1] == '/')
		len--;
	return len;
}

/* Warns that a path which the user named cannot be used; the others are looked for all the same. */
static enum sym_status pass_over(struct finder *f, const char *path, const struct sym_err *why)
{
	finder_warn(f, path, true, NULL, why);
	return SYM_OK;
}

/* One path that the user named. */
static enum sym_status find_path(struct finder *f, const char *named)
{
	char path[SOURCE_PATH_BYTES_MAX + 1];
	size_t len = strlen(named);
	struct os_stat st;
	struct sym_err why;

	f->origin++;
	if (len > SOURCE_PATH_BYTES_MAX) {
		err_set(&why, SYM_TOO_BIG, "the path is longer than the %u bytes that can be opened",
			SOURCE_PATH_BYTES_MAX);
		return pass_over(f, named, &why);
	}
	if (len == 0) {
		err_set(&why, SYM_USAGE, "the path is empty");
		return pass_over(f, named, &why);
	}
	memcpy(path, named, len + 1);
	os_path_settle(path);
	if (os_stat(NULL, path, OS_FOLLOW, &st, &why) != SYM_OK) {
		/* EINVAL: on Windows, where no shell expands it, a name cannot even hold a `*`. */
		if ((why.status == SYM_NOT_FOUND || why.sys == EINVAL) && strpbrk(path, "*?[{"))
			err_set(&why, SYM_NOT_FOUND, "no such file; a pattern is given with -f");
		else if (strcmp(path, "-") == 0)
			err_set(&why, SYM_NOT_FOUND, "no such file; --files-from - reads a list of files");
		return pass_over(f, path, &why);
	}
	if (st.type == OS_FILE)
		return offer_named(f, path);
	if (st.type != OS_DIR) {
		err_set(&why, SYM_REFUSED, "it is not a regular file");
		return pass_over(f, path, &why);
	}
	path[len_without_slash(path)] = '\0';
	return walk_named(f, path);
}

/* ---------------------------------------------------------------- lists -- */

/* One path; where lines end with line breaks, they may end as on Windows. */
static enum sym_status find_line(void *ctx, struct buf *line, struct sym_err *err)
{
	struct finder *f = ctx;
	struct sym_err why;

	(void)err; /* f->err is it */
	if (!f->options->nul_lists && line->size > 0 && line->data[line->size - 1] == '\r')
		line->data[--line->size] = '\0';
	if (!line->failed)
		return line->size > 0 ? find_path(f, line->data) : SYM_OK;
	err_set(&why, SYM_TOO_BIG, "a path in the list is longer than %u bytes", SOURCE_PATH_BYTES_MAX);
	return pass_over(f, line->data ? line->data : "", &why);
}

static bool begins_with(const char *piece, size_t n, const char *mark)
{
	return n >= strlen(mark) && memcmp(piece, mark, strlen(mark)) == 0;
}

/* PowerShell begins its lists with a byte order mark, and up to version 5 writes them in UTF-16. */
static enum sym_status pass_mark(const char **text, size_t *n, const char *name, struct sym_err *err)
{
	size_t mark = text_mark(*text, *n);

	if (begins_with(*text, *n, "\xff\xfe") || begins_with(*text, *n, "\xfe\xff"))
		return err_set(err, SYM_USAGE, "the list %s is in UTF-16; it has to be in UTF-8", name);
	*text += mark;
	*n -= mark;
	return SYM_OK;
}

static enum sym_status find_lines(struct finder *f, FILE *list, const char *name)
{
	struct lines l = {.each = find_line, .ctx = f, .end = f->options->nul_lists ? '\0' : '\n',
			  .line = BUF_MAX(SOURCE_PATH_BYTES_MAX)};
	enum sym_status status = SYM_OK;
	char piece[4096];
	size_t n;

	for (bool first = true; status == SYM_OK && (n = fread(piece, 1, sizeof piece, list)) > 0; first = false) {
		const char *text = piece;

		if (first && l.end == '\n')
			status = pass_mark(&text, &n, name, f->err);
		if (status == SYM_OK && l.end == '\n' && memchr(text, '\0', n))
			status = err_set(f->err, SYM_USAGE,
					 "the list %s holds a NUL; names that end in NUL want -0", name);
		if (status == SYM_OK)
			status = lines_take(&l, text, n, f->err);
	}
	if (status == SYM_OK)
		status = stop_check(f->err); /* it interrupts the reading, too */
	if (status == SYM_OK && ferror(list))
		status = err_sys(f->err, SYM_IO, errno, "cannot read the list %s", name);
	if (status == SYM_OK) /* what stands behind the last line break */
		status = find_line(f, &l.line, f->err);
	buf_release(&l.line);
	return status;
}

static enum sym_status find_list(struct finder *f, const char *name)
{
	FILE *list;
	enum sym_status status;

	if (strcmp(name, "-") == 0)
		return find_lines(f, stdin, "on standard input");
	list = fopen(name, "rb");
	if (!list)
		return err_sys(f->err, errno == ENOENT ? SYM_NOT_FOUND : SYM_IO, errno,
			       "cannot open the list %s", name);
	status = find_lines(f, list, name);
	fclose(list);
	return status;
}

/* ------------------------------------------------------------- patterns -- */

/* `-d` as it is shown in front of what is found: without `./`, and without `/` at its end. */
static char *folder_prefix(const char *folder)
{
	while (strncmp(folder, "./", 2) == 0)
		folder += 1 + strspn(folder + 1, "/");
	return text_copy(folder, strcmp(folder, ".") == 0 ? 0 : len_without_slash(folder));
}

static enum sym_status find_patterns(struct finder *f, const struct glob_set *globs,
				     const char *folder)
{
	struct tree_start start = {0};
	enum sym_status status = SYM_OK;
	struct os_stat st;
	struct sym_err why;
	char *prefix;

	if (os_stat(NULL, *folder ? folder : ".", OS_FOLLOW, &st, &why) != SYM_OK)
		return pass_over(f, folder, &why);
	if (st.type != OS_DIR) {
		err_set(&why, SYM_REFUSED, "it is not a folder");
		return pass_over(f, folder, &why);
	}
	prefix = folder_prefix(folder);
	if (!prefix)
		return err_set(f->err, SYM_NOMEM, "out of memory");
	f->by_pattern = true;
	for (size_t i = 0; i < globs->count && status == SYM_OK; i++) {
		f->origin++;
		start.folder = prefix;
		start.glob = globs->at[i];
		status = tree_walk(f, &start);
	}
	free(prefix);
	return status;
}

/* ------------------------------------------------------------ the whole -- */

static enum sym_status find_all(struct finder *f, const struct glob_set *globs)
{
	const struct source_options *o = f->options;
	enum sym_status status = SYM_OK;

	for (size_t i = 0; i < o->named_count && status == SYM_OK; i++)
		status = o->named[i].kind == SOURCE_LIST ? find_list(f, o->named[i].text)
							 : find_path(f, o->named[i].text);
	if (o->folder_count == 0 && status == SYM_OK)
		status = find_patterns(f, globs, ".");
	for (size_t i = 0; i < o->folder_count && globs->count > 0 && status == SYM_OK; i++)
		status = find_patterns(f, globs, o->folders[i]);
	return status;
}

/* Could two of the sources name the same file? */
static bool may_repeat(const struct source_options *o, const struct glob_set *globs)
{
	size_t walks = globs->count * (o->folder_count ? o->folder_count : 1);

	for (size_t i = 0; i < o->named_count; i++) {
		if (o->named[i].kind == SOURCE_LIST)
			return true;
	}
	return o->named_count + walks > 1;
}

enum sym_status source_find(const struct source_options *options, const struct source_sink *sink,
			    struct source_counts *counts, struct sym_err *err)
{
	struct source_counts own = {0};
	struct finder f = {.options = options, .sink = sink, .counts = counts ? counts : &own, .err = err,
			   .threads = options->ahead, .seen = TABLE_OF(struct seen_row)};
	struct glob_set globs = {0};
	enum sym_status status;

	*f.counts = own;
	status = glob_set_init(&globs, options->patterns, options->pattern_count, pattern_flags(options),
			       err);
	if (status == SYM_OK)
		status = glob_set_init(&f.excludes, options->excludes, options->exclude_count,
				       exclude_flags(options), err);
	if (status == SYM_OK) {
		f.left_out = calloc(options->target_count + 1, sizeof *f.left_out);
		f.several = may_repeat(options, &globs);
		status = f.left_out ? find_all(&f, &globs)
				    : err_set(err, SYM_NOMEM, "out of memory");
	}
	scouts_finish(f.scouts);
	free(f.left_out);
	table_release(&f.seen);
	bundles_release(&f.bundles);
	glob_set_release(&f.excludes);
	glob_set_release(&globs);
	return status;
}
