/* SPDX-License-Identifier: MIT
 * A walk without recursion. A folder is read once; names that cannot matter are
 * forgotten at once, files are sorted and handed over, and only the folders still to
 * visit are kept. */
#include "source/tree.h"

#include "base/err.h"
#include "base/limits.h"
#include "base/stop.h"
#include "base/text.h"
#include "os/os.h"
#include "source/ahead.h"

#include <string.h>

static enum sym_status no_memory(const struct tree *t)
{
	return err_set(t->f->err, SYM_NOMEM, "out of memory");
}

static bool out_of_memory(const struct tree *t)
{
	return t->b.path.failed || t->b.subject.failed;
}

static void warn(struct tree *t, const char *name, const struct sym_err *why)
{
	finder_warn(t->f, branch_path(&t->b, name), false, branch_bundle(&t->b), why);
}

/* A warning of the present folder itself. */
static void warn_here(struct tree *t, const struct sym_err *why)
{
	branch_path(&t->b, "");
	finder_warn(t->f, branch_folder(&t->b), t->by_hand && t->b.count == 1, branch_bundle(&t->b),
		    why);
	branch_folder_end(&t->b);
}

/* ------------------------------------------------------------- reading -- */

/* Is the present folder's `name`, followed by `slashes`, what the glob wants? */
static bool matches(struct tree *t, const char *name, const char *slashes)
{
	const struct level *l = branch_top(&t->b);
	enum glob_answer answer;
	const char *subject;
	struct sym_err why;
	size_t len;

	branch_subject(&t->b, name, slashes);
	subject = t->b.subject.data + l->subject_from;
	len = t->b.subject.size - l->subject_from;
	answer = glob_match(l->glob, subject, len);
	if (answer == GLOB_LIMIT) {
		const char *slow = finder_slow_pattern(t->f, l->glob, subject, len);

		err_set(&why, SYM_TOO_BIG, "the pattern `%.*s` takes too long on this name; it is left out",
			text_fit(slow, 100), slow);
		warn(t, name, &why);
	} else if (answer == GLOB_NO_MEMORY) {
		err_set(&why, SYM_NOMEM, "out of memory");
		warn(t, name, &why);
	}
	return answer == GLOB_YES;
}

/* Is this folder a bundle that matches, or could anything in it match? */
static bool wants_folder(struct tree *t, const char *name, bool link, bool *bundle)
{
	const struct level *l = branch_top(&t->b);
	const char *slashes = link ? "//" : "/";

	*bundle = !t->f->options->store && bundle_kind_of(name) && matches(t, name, slashes);
	if (*bundle)
		return true;
	branch_subject(&t->b, name, slashes);
	return glob_may_descend(l->glob, t->b.subject.data + l->subject_from,
				t->b.subject.size - l->subject_from);
}

static bool excluded(struct tree *t, const char *name, const char *slash)
{
	if (t->f->excludes.count == 0)
		return false;
	branch_path(&t->b, name);
	buf_add_text(&t->b.path, slash);
	return finder_excludes(t->f, t->b.path.data, t->b.path.data + t->exclude_from,
			       t->b.path.size - t->exclude_from);
}

static enum sym_status keep_file(struct tree *t, const char *name, enum tag tag)
{
	if (excluded(t, name, ""))
		return SYM_OK;
	return names_add(&t->files, name, (uint8_t)tag) ? SYM_OK : no_memory(t);
}

static enum sym_status keep_folder(struct tree *t, const char *name, bool link, bool bundle)
{
	enum tag tag = bundle ? (link ? TAG_LINKED_BUNDLE : TAG_BUNDLE)
			      : (link ? TAG_LINKED_FOLDER : TAG_FOLDER);

	if (excluded(t, name, "/"))
		return SYM_OK;
	return names_add(&branch_top(&t->b)->folders, name, (uint8_t)tag) ? SYM_OK : no_memory(t);
}

/* What a link leads to costs a system call: only where that could matter. */
static enum sym_status look_at_link(struct tree *t, const char *name)
{
	const struct bundle_kind *kind = branch_top(&t->b)->kind;
	bool file, folder, bundle = false;
	struct sym_err ignored;
	struct os_stat st;

	if (kind && kind->links == BUNDLE_NO_LINKS)
		return SYM_OK;
	file = matches(t, name, "");
	folder = !kind && wants_folder(t, name, true, &bundle);
	if (!file && !folder)
		return SYM_OK;
	if (os_stat(branch_top(&t->b)->dir, name, OS_FOLLOW, &st, &ignored) != SYM_OK)
		return file ? keep_file(t, name, TAG_BROKEN) : SYM_OK;
	if (st.type == OS_DIR)
		return folder ? keep_folder(t, name, true, bundle) : SYM_OK;
	return file ? keep_file(t, name, st.type == OS_FILE ? TAG_FILE : TAG_OTHER) : SYM_OK;
}

static enum sym_status look_at(void *ctx, const char *name, enum os_type type)
{
	struct tree *t = ctx;
	bool bundle;

	t->f->counts->seen++;
	if (type == OS_UNKNOWN) { /* some file systems do not say */
		struct os_stat st;
		struct sym_err ignored;
		enum sym_status status =
			os_stat(branch_top(&t->b)->dir, name, OS_NOFOLLOW, &st, &ignored);

		/* What is gone is as broken as a link to nothing. */
		type = status == SYM_OK ? st.type : OS_LINK;
	}
	if (type == OS_LINK)
		return look_at_link(t, name);
	if (type == OS_DIR)
		return wants_folder(t, name, false, &bundle) ? keep_folder(t, name, false, bundle)
							     : SYM_OK;
	return matches(t, name, "") ? keep_file(t, name, type == OS_FILE ? TAG_FILE : TAG_OTHER)
				    : SYM_OK;
}

/* -------------------------------------------------------- handing over -- */

static enum sym_status hand_over(struct tree *t, const struct name *n)
{
	struct level *l = branch_top(&t->b);
	struct source_file file = {.path = branch_path(&t->b, n->text),
				   .bundle = branch_bundle(&t->b)};
	struct sym_err why;
	struct os_stat st;

	file.by_pattern = t->f->by_pattern && !file.bundle;
	t->offered++;
	if (t->f->several)
		level_identify(l, &why);
	if (out_of_memory(t))
		return no_memory(t);
	if (t->b.path.size > SOURCE_PATH_BYTES_MAX) {
		err_set(&why, SYM_TOO_BIG,
			"the path is longer than the %u bytes that can be opened",
			SOURCE_PATH_BYTES_MAX);
	} else if (n->tag == TAG_FILE) {
		return finder_offer(t->f, &file, n->text, l->device, l->inode);
	} else if (n->tag == TAG_OTHER) {
		err_set(&why, SYM_REFUSED, "it is not a regular file");
	} else if (os_stat(l->dir, n->text, OS_FOLLOW, &st, &why) == SYM_OK) {
		return finder_offer(t->f, &file, n->text, l->device, l->inode);
	} else {
		err_prefix(&why, "the link leads nowhere");
	}
	finder_warn(t->f, file.path, false, file.bundle, &why);
	return SYM_OK;
}

/* Reads the present folder. */
static enum sym_status read_folder(struct tree *t)
{
	struct level *l = branch_top(&t->b);
	struct sym_err why = {0};
	enum sym_status status;

	t->f->counts->folders++;
	t->handed = 0;
	names_clear(&t->files);
	status = os_dir_list(l->dir, look_at, t, &why);
	if (status == SYM_NOMEM)
		return no_memory(t);
	if (status != SYM_OK) /* the names that did come are good */
		warn_here(t, &why);
	names_sort(&l->folders);
	names_sort(&t->files);
	return out_of_memory(t) ? no_memory(t) : SYM_OK;
}

/* ------------------------------------------------------------- walking -- */

/* Goes into the open folder `fresh.dir` (taken), whose paths stand in the branch, unless
 * it is not to be walked. */
static enum sym_status enter(struct tree *t, struct level fresh, bool link)
{
	bool skip = false;
	struct sym_err why;

	if ((link || t->f->options->target_count > 0) && !level_identify(&fresh, &why)) {
		finder_warn(t->f, branch_folder(&t->b), t->by_hand && t->b.count == 0, branch_bundle(&t->b), &why);
		branch_folder_end(&t->b);
		skip = true;
	}
	/* A link back to where the walk came from: what is there is found anyway. */
	skip = skip || (link && branch_has(&t->b, fresh.device, fresh.inode));
	if (!skip) {
		skip = finder_leaves_out(t->f, fresh.device, fresh.inode, branch_folder(&t->b));
		branch_folder_end(&t->b);
	}
	if (skip || out_of_memory(t)) {
		os_dir_close(fresh.dir);
		return skip ? SYM_OK : no_memory(t);
	}
	fresh.offered = t->offered;
	if (!branch_push(&t->b, fresh))
		return no_memory(t);
	return read_folder(t);
}

/* What changes where the folder in the branch's paths is a bundle. `*inner` is the way
 * from there to the files that count. */
static enum sym_status begin_bundle(struct tree *t, const char *name, struct level *fresh,
				    const char **inner)
{
	enum sym_status status;

	fresh->kind = bundle_kind_of(name);
	fresh->bundle_root = true;
	fresh->subject_from = t->b.subject.size;
	if (fresh->bundle_len == 0)
		fresh->bundle_len = t->b.path.size;
	status = bundles_glob(&t->f->bundles, fresh->kind, &fresh->glob, t->f->err);
	if (status == SYM_OK)
		*inner = glob_start(fresh->glob);
	return status;
}

/* Goes into the next folder of the present one. */
static enum sym_status descend(struct tree *t)
{
	struct level *l = branch_top(&t->b);
	const struct name *n = &l->folders.at[l->next++];
	bool link = n->tag == TAG_LINKED_FOLDER || n->tag == TAG_LINKED_BUNDLE;
	bool bundle = n->tag == TAG_BUNDLE || n->tag == TAG_LINKED_BUNDLE;
	struct level fresh = {.glob = l->glob,
			      .subject_from = l->subject_from,
			      .kind = l->kind,
			      .bundle_len = l->bundle_len};
	const char *inner = "";
	struct sym_err why;
	enum sym_status status = SYM_OK;

	branch_path(&t->b, n->text);
	branch_subject(&t->b, n->text, link ? "//" : "/");
	if (bundle)
		status = begin_bundle(t, n->text, &fresh, &inner);
	if (status != SYM_OK)
		return status;
	if (*inner)
		buf_printf(&t->b.path, "/%s", inner);
	if (out_of_memory(t))
		return no_memory(t);
	status = os_dir_open(l->dir, t->b.path.data + l->path_len, link ? OS_FOLLOW : OS_NOFOLLOW,
			     &fresh.dir, &why);
	if (status != SYM_OK) {
		if (bundle && status == SYM_NOT_FOUND)
			err_set(&why, SYM_NOT_FOUND, "%s", fresh.kind->empty);
		warn(t, n->text, &why);
		return SYM_OK;
	}
	buf_add_char(&t->b.path, '/');
	return enter(t, fresh, link);
}

/* The present folder is done. */
static void leave(struct tree *t)
{
	const struct level *l = branch_top(&t->b);

	if (l->bundle_root && l->offered == t->offered) {
		struct sym_err why;

		err_set(&why, SYM_NOT_FOUND, "%s", l->kind->empty);
		branch_path(&t->b, "");
		finder_warn(t->f, branch_bundle(&t->b), t->by_hand && t->b.count == 1, NULL, &why);
	}
	branch_pop(&t->b);
	if (t->given_up > t->b.count)
		t->given_up = t->b.count;
}

enum sym_status tree_step(struct tree *t)
{
	struct level *l = branch_top(&t->b);
	struct sym_err why;

	if (t->handed < t->files.count)
		return hand_over(t, &t->files.at[t->handed++]);
	if (l->next == l->folders.count) {
		leave(t);
	} else if (l->dir || branch_reopen(&t->b, &why) == SYM_OK) {
		return descend(t);
	} else {
		warn_here(t, &why);
		l->next = l->folders.count;
	}
	return SYM_OK;
}

static enum sym_status walk_on(struct tree *t)
{
	enum sym_status status = SYM_OK;

	while (status == SYM_OK && t->b.count > 0) {
		bool all_handed = t->handed == t->files.count;

		if (all_handed) /* a tree in which nothing is found, and so nobody is called, can be large, too */
			status = stop_check_due(os_now_ms(), t->f->err);
		if (status == SYM_OK && (!all_handed || !ahead_visited(t, &status)))
			status = tree_step(t);
	}
	return status;
}

static enum sym_status begin(struct tree *t, const struct tree_start *s)
{
	const char *start = glob_start(s->glob);
	struct level first = {.glob = s->glob, .kind = s->bundle, .bundle_root = s->bundle != NULL};
	struct buf *path = &t->b.path;
	struct sym_err why;
	enum sym_status status;

	t->by_hand = s->bundle || !*start;
	if (os_root_len(start) == 0) {
		buf_add_text(path, s->folder);
		if (*s->folder && s->folder[strlen(s->folder) - 1] != '/')
			buf_add_char(path, '/');
	}
	t->exclude_from = path->size;
	first.bundle_len = s->bundle ? strlen(s->folder) : 0;
	buf_add_text(path, start);
	buf_add_text(&t->b.subject, "");
	if (out_of_memory(t))
		return no_memory(t);
	status = os_dir_open(NULL, path->size ? path->data : ".", OS_FOLLOW, &first.dir, &why);
	if (status == SYM_NOT_FOUND && s->bundle)
		err_set(&why, status, "%s", s->bundle->empty);
	else if (status == SYM_NOT_FOUND && *start)
		return SYM_OK; /* a pattern that names folders which are not there: no match */
	if (status != SYM_OK) {
		const char *shown = path->size ? path->data : ".";

		finder_warn(t->f, s->bundle ? s->folder : shown, t->by_hand, NULL, &why);
		return SYM_OK;
	}
	branch_folder_end(&t->b);
	return enter(t, first, false);
}

enum sym_status tree_walk(struct finder *f, const struct tree_start *start)
{
	struct tree t = {.f = f, .b = BRANCH_INIT};
	enum sym_status status = begin(&t, start);

	if (status == SYM_OK)
		status = walk_on(&t);
	ahead_end(&t);
	branch_release(&t.b);
	names_release(&t.files);
	return status;
}
