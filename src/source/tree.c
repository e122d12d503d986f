/* SPDX-License-Identifier: MIT
 * A walk without recursion: one struct level for each folder of the branch it is on.
 * A folder is read once; names that cannot matter are forgotten at once, files are
 * sorted and handed over, and only the folders still to visit are kept.
 *
 * Each level keeps its folder open for as long as it has folders left, but no more
 * than SOURCE_HANDLES_MAX in all: those far above are closed, and opened again by
 * name when the walk is back. */
#include "source/tree.h"

#include "base/err.h"
#include "base/limits.h"
#include "os/os.h"
#include "source/names.h"

#include <stdlib.h>
#include <string.h>

/* What a remembered name is. */
enum tag {
	TAG_FILE,
	TAG_OTHER,  /* matches, but is a FIFO, a device, a socket */
	TAG_BROKEN, /* matches, but is a link to nothing */
	TAG_FOLDER,
	TAG_LINKED_FOLDER,
	TAG_BUNDLE,
	TAG_LINKED_BUNDLE,
};

struct level {
	struct os_dir *dir; /* NULL while closed */
	uint64_t device, inode;
	size_t shown;   /* bytes of tree.shown up to here, with the slash */
	size_t subject; /* bytes of tree.subject up to here, with the slash */
	const struct glob *glob;
	size_t subject_from; /* where the subject of `glob` begins */
	const struct bundle_kind *kind; /* of the innermost bundle around here, or NULL */
	size_t bundle;       /* bytes of tree.shown: the outermost bundle; 0 = none */
	bool bundle_root;    /* `kind` begins here */
	uint64_t offered;    /* tree.offered when this level began */
	struct names folders; /* still to visit, from `next` on */
	size_t next;
};

struct tree {
	struct finder *f;
	struct level *levels;
	size_t count, room;
	struct buf shown;    /* the path for people and for open */
	struct buf subject;  /* the path for globs: links end in two slashes */
	size_t exclude_from; /* where in `shown` the path for excludes begins */
	uint64_t offered;    /* files that matched */
	struct names files;  /* of the folder that is being read */
	struct buf bundle;   /* the text of the present bundle's path */
};

static struct level *top(struct tree *t)
{
	return &t->levels[t->count - 1];
}

static void cut(struct buf *b, size_t size)
{
	b->size = size;
	if (b->data)
		b->data[size] = '\0';
}

static enum sym_status no_memory(const struct tree *t)
{
	return err_set(t->f->err, SYM_NOMEM, "out of memory");
}

/* tree.shown with `name` behind the present folder, until the next call. */
static const char *shown(struct tree *t, const char *name)
{
	cut(&t->shown, top(t)->shown);
	buf_add_text(&t->shown, name);
	return t->shown.data;
}

/* The outermost bundle around the present folder, or NULL. */
static const char *present_bundle(struct tree *t)
{
	size_t len = t->count > 0 ? top(t)->bundle : 0;

	if (len == 0)
		return NULL;
	buf_clear(&t->bundle);
	buf_add(&t->bundle, t->shown.data, len);
	return t->bundle.data;
}

static void warn(struct tree *t, const char *name, const struct sym_err *why)
{
	finder_warn(t->f, shown(t, name), false, present_bundle(t), why);
}

/* Takes the slash off the folder in tree.shown, or puts it on again. */
static const char *take_slash(struct tree *t)
{
	if (t->shown.size > 1)
		cut(&t->shown, t->shown.size - 1);
	return t->shown.size > 0 ? t->shown.data : ".";
}

static void put_slash(struct tree *t)
{
	if (t->shown.size > 0 && t->shown.data[t->shown.size - 1] != '/')
		buf_add_char(&t->shown, '/');
}

static void warn_here(struct tree *t, const struct sym_err *why)
{
	shown(t, "");
	finder_warn(t->f, take_slash(t), false, present_bundle(t), why);
	put_slash(t);
}

/* Is the folder in tree.shown one that the run writes to? */
static bool leaves_out(struct tree *t, const struct os_stat *st)
{
	bool yes = finder_leaves_out(t->f, st->device, st->inode, take_slash(t));

	put_slash(t);
	return yes;
}

/* ------------------------------------------------------------- reading -- */

/* Is the present folder's `name`, followed by `slashes`, what the glob wants? */
static bool matches(struct tree *t, const char *name, const char *slashes)
{
	const struct level *l = top(t);
	enum glob_answer answer;

	cut(&t->subject, l->subject);
	buf_add_text(&t->subject, name);
	buf_add_text(&t->subject, slashes);
	answer = glob_match(l->glob, t->subject.data + l->subject_from,
			    t->subject.size - l->subject_from);
	if (answer == GLOB_LIMIT) {
		struct sym_err why;

		err_set(&why, SYM_TOO_BIG, "the pattern takes too long on this name; it is left out");
		warn(t, name, &why);
	}
	return answer == GLOB_YES;
}

/* Could the glob match anything below the path that `matches` has just looked at? */
static bool may_descend(struct tree *t)
{
	const struct level *l = top(t);

	return glob_may_descend(l->glob, t->subject.data + l->subject_from,
				t->subject.size - l->subject_from);
}

static bool excluded(struct tree *t, const char *name, const char *slash)
{
	if (t->f->excludes.count == 0)
		return false;
	shown(t, name);
	buf_add_text(&t->shown, slash);
	return finder_excludes(t->f, t->shown.data + t->exclude_from, t->shown.size - t->exclude_from);
}

static enum sym_status keep(struct tree *t, struct names *list, const char *name, enum tag tag)
{
	return names_add(list, name, (uint8_t)tag) ? SYM_OK : no_memory(t);
}

static enum sym_status look_at_file(struct tree *t, const char *name, enum tag tag)
{
	if (!matches(t, name, "") || excluded(t, name, ""))
		return SYM_OK;
	return keep(t, &t->files, name, tag);
}

/* A bundle that matches is taken as one; else a folder is entered if that can lead anywhere. */
static enum sym_status look_at_folder(struct tree *t, const char *name, bool link)
{
	const char *slashes = link ? "//" : "/";
	bool bundle = bundle_kind_of(name) && matches(t, name, slashes);

	if (!bundle) {
		cut(&t->subject, top(t)->subject);
		buf_add_text(&t->subject, name);
		buf_add_text(&t->subject, slashes);
		if (!may_descend(t))
			return SYM_OK;
	}
	if (excluded(t, name, "/"))
		return SYM_OK;
	return keep(t, &top(t)->folders, name,
		    bundle ? (link ? TAG_LINKED_BUNDLE : TAG_BUNDLE)
			   : (link ? TAG_LINKED_FOLDER : TAG_FOLDER));
}

static enum sym_status look_at_link(struct tree *t, const char *name)
{
	const struct bundle_kind *kind = top(t)->kind;
	struct os_stat st;
	struct sym_err ignored;

	if (kind && kind->links == BUNDLE_NO_LINKS)
		return SYM_OK;
	if (os_stat(top(t)->dir, name, OS_FOLLOW, &st, &ignored) != SYM_OK)
		return look_at_file(t, name, TAG_BROKEN);
	if (st.type == OS_DIR)
		return kind ? SYM_OK : look_at_folder(t, name, true);
	return look_at_file(t, name, st.type == OS_FILE ? TAG_FILE : TAG_OTHER);
}

static enum sym_status look_at(void *ctx, const char *name, enum os_type type)
{
	struct tree *t = ctx;

	t->f->counts->seen++;
	if (type == OS_UNKNOWN) { /* some file systems do not say */
		struct os_stat st;
		struct sym_err ignored;
		enum sym_status status = os_stat(top(t)->dir, name, OS_NOFOLLOW, &st, &ignored);

		type = status == SYM_OK ? st.type : OS_LINK; /* gone: as broken as a link to nothing */
	}
	switch (type) {
	case OS_FILE:
		return look_at_file(t, name, TAG_FILE);
	case OS_DIR:
		return look_at_folder(t, name, false);
	case OS_LINK:
		return look_at_link(t, name);
	default:
		return look_at_file(t, name, TAG_OTHER);
	}
}

/* -------------------------------------------------------- handing over -- */

static enum sym_status hand_over(struct tree *t, const struct name *n)
{
	const struct level *l = top(t);
	struct source_file file = {.path = shown(t, n->text), .bundle = present_bundle(t)};
	struct sym_err why;
	struct os_stat st;

	file.by_pattern = t->f->by_pattern && !file.bundle;
	t->offered++;
	if (t->shown.failed)
		return no_memory(t);
	if (t->shown.size > SOURCE_PATH_BYTES_MAX) {
		err_set(&why, SYM_TOO_BIG, "the path is longer than the %u bytes that can be opened",
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

/* Reads the folder on top, and hands over its files. */
static enum sym_status read_level(struct tree *t)
{
	struct sym_err why = {0};
	enum sym_status status;

	t->f->counts->folders++;
	names_clear(&t->files);
	status = os_dir_list(top(t)->dir, look_at, t, &why);
	if (status == SYM_NOMEM)
		return no_memory(t);
	if (status != SYM_OK) /* the names that did come are good */
		warn_here(t, &why);
	names_sort(&top(t)->folders);
	names_sort(&t->files);
	status = SYM_OK;
	for (size_t i = 0; i < t->files.count && status == SYM_OK; i++)
		status = hand_over(t, &t->files.at[i]);
	if (t->subject.failed || t->shown.failed)
		return no_memory(t);
	return status;
}

/* -------------------------------------------------------------- levels -- */

static void pop(struct tree *t)
{
	struct level *l = top(t);

	os_dir_close(l->dir);
	names_release(&l->folders);
	t->count--;
}

/* The folder on top is done. */
static void leave(struct tree *t)
{
	const struct level *l = top(t);

	if (l->bundle_root && l->offered == t->offered) {
		struct sym_err why;

		err_set(&why, SYM_NOT_FOUND, "%s", l->kind->empty);
		cut(&t->shown, l->shown);
		finder_warn(t->f, present_bundle(t), false, NULL, &why);
	}
	pop(t);
}

/* A new level for the open folder `dir` (taken); its paths stand in the buffers. The
 * level is not pushed where the folder must not be walked. */
static enum sym_status push(struct tree *t, struct level fresh, bool link)
{
	struct os_stat st;
	struct sym_err why;
	enum sym_status status = os_dir_stat(fresh.dir, &st, &why);

	fresh.shown = t->shown.size;
	fresh.subject = t->subject.size;
	fresh.device = st.device;
	fresh.inode = st.inode;
	fresh.offered = t->offered;
	for (size_t i = 0; i < t->count && link && status == SYM_OK; i++) {
		if (t->levels[i].device == st.device && t->levels[i].inode == st.inode)
			status = SYM_EXISTS; /* a loop: all that is there is found anyway */
	}
	if (status != SYM_OK || t->shown.failed || t->subject.failed ||
	    leaves_out(t, &st)) {
		os_dir_close(fresh.dir);
		return t->shown.failed || t->subject.failed ? no_memory(t) : SYM_OK;
	}
	if (t->count == t->room) {
		size_t room = t->room ? 2 * t->room : 16;
		struct level *levels = realloc(t->levels, room * sizeof *levels);

		if (!levels) {
			os_dir_close(fresh.dir);
			return no_memory(t);
		}
		t->levels = levels;
		t->room = room;
	}
	t->levels[t->count++] = fresh;
	if (t->count > SOURCE_HANDLES_MAX + 1) { /* the first stays open: the way back starts there */
		struct level *far = &t->levels[t->count - 1 - SOURCE_HANDLES_MAX];

		os_dir_close(far->dir);
		far->dir = NULL;
	}
	return read_level(t);
}

/* Opens the closed folder of the top level again, and those around it, from the
 * nearest one that is open. */
static enum sym_status reopen(struct tree *t, struct sym_err *why)
{
	size_t last = t->count - 1, from = last;
	enum sym_status status = SYM_OK;
	struct os_stat st;

	while (!t->levels[from].dir)
		from--;
	for (size_t i = from + 1; i <= last && status == SYM_OK; i++) {
		const struct level *parent = &t->levels[i - 1];
		struct level *l = &t->levels[i];
		char *end = t->shown.data + l->shown - 1;

		*end = '\0';
		status = os_dir_open(parent->dir, t->shown.data + parent->shown, OS_FOLLOW, &l->dir, why);
		*end = '/';
		if (status == SYM_OK)
			status = os_dir_stat(l->dir, &st, why);
		if (status == SYM_OK && (st.device != l->device || st.inode != l->inode))
			status = err_set(why, SYM_CHANGED, "the folder was moved while it was searched");
		if (i - 1 > from && i - 1 + SOURCE_HANDLES_MAX <= last) {
			os_dir_close(parent->dir);
			t->levels[i - 1].dir = NULL;
		}
	}
	return status;
}

/* Enters the next folder of the top level. */
static enum sym_status descend(struct tree *t)
{
	struct level *l = top(t);
	const struct name *n = &l->folders.at[l->next++];
	bool link = n->tag == TAG_LINKED_FOLDER || n->tag == TAG_LINKED_BUNDLE;
	bool bundle = n->tag == TAG_BUNDLE || n->tag == TAG_LINKED_BUNDLE;
	struct level fresh = {.glob = l->glob, .subject_from = l->subject_from, .kind = l->kind,
			      .bundle = l->bundle};
	const char *inner = "";
	struct sym_err why;
	enum sym_status status = SYM_OK;

	shown(t, n->text);
	cut(&t->subject, l->subject);
	buf_add_text(&t->subject, n->text);
	buf_add_text(&t->subject, link ? "//" : "/");
	if (bundle) {
		fresh.kind = bundle_kind_of(n->text);
		fresh.bundle_root = true;
		fresh.bundle = l->bundle ? l->bundle : t->shown.size;
		fresh.subject_from = t->subject.size;
		status = bundles_glob(&t->f->bundles, fresh.kind, &fresh.glob, t->f->err);
		if (status != SYM_OK)
			return status;
		inner = glob_start(fresh.glob);
	}
	if (*inner)
		buf_printf(&t->shown, "/%s", inner);
	if (t->shown.failed || t->subject.failed)
		return no_memory(t);
	status = os_dir_open(l->dir, t->shown.data + l->shown, link ? OS_FOLLOW : OS_NOFOLLOW,
			     &fresh.dir, &why);
	if (status != SYM_OK) {
		if (bundle && status == SYM_NOT_FOUND)
			err_set(&why, SYM_NOT_FOUND, "%s", fresh.kind->empty);
		warn(t, n->text, &why);
		return SYM_OK;
	}
	buf_add_char(&t->shown, '/');
	if (l->next == l->folders.count && t->count > 1) { /* no way back is needed */
		os_dir_close(l->dir);
		l->dir = NULL;
	}
	return push(t, fresh, link);
}

static enum sym_status walk_on(struct tree *t)
{
	enum sym_status status = SYM_OK;

	while (status == SYM_OK && t->count > 0) {
		struct level *l = top(t);
		struct sym_err why;

		if (l->next == l->folders.count) {
			leave(t);
		} else if (l->dir || reopen(t, &why) == SYM_OK) {
			status = descend(t);
		} else {
			warn_here(t, &why);
			l->next = l->folders.count;
		}
	}
	return status;
}

/* ------------------------------------------------------------ the start -- */

static enum sym_status begin(struct tree *t, const struct tree_start *s)
{
	const char *start = glob_start(s->glob);
	struct level first = {.glob = s->glob, .kind = s->bundle, .bundle_root = s->bundle != NULL};
	struct sym_err why;
	enum sym_status status;

	if (*start != '/') {
		buf_add_text(&t->shown, s->folder);
		if (*s->folder && s->folder[strlen(s->folder) - 1] != '/')
			buf_add_char(&t->shown, '/');
	}
	t->exclude_from = t->shown.size;
	first.bundle = s->bundle ? strlen(s->folder) : 0;
	buf_add_text(&t->shown, start);
	buf_add_text(&t->subject, "");
	if (t->shown.failed || t->subject.failed)
		return no_memory(t);
	status = os_dir_open(NULL, t->shown.size ? t->shown.data : ".", OS_FOLLOW, &first.dir, &why);
	if (status == SYM_NOT_FOUND && s->bundle)
		err_set(&why, status, "%s", s->bundle->empty);
	else if (status == SYM_NOT_FOUND && *start)
		return SYM_OK; /* a pattern that names folders which are not there: no match */
	if (status != SYM_OK) {
		finder_warn(t->f, s->bundle ? s->folder : t->shown.data, false, NULL, &why);
		return SYM_OK;
	}
	put_slash(t);
	return push(t, first, false);
}

enum sym_status tree_walk(struct finder *f, const struct tree_start *start)
{
	struct tree t = {.f = f, .shown = BUF_MAX(SOURCE_TREE_BYTES_MAX),
			 .subject = BUF_MAX(SOURCE_TREE_BYTES_MAX), .bundle = BUF_MAX(SOURCE_TREE_BYTES_MAX)};
	enum sym_status status = begin(&t, start);

	if (status == SYM_OK)
		status = walk_on(&t);
	while (t.count > 0)
		pop(&t);
	names_release(&t.files);
	buf_release(&t.shown);
	buf_release(&t.subject);
	buf_release(&t.bundle);
	free(t.levels);
	return status;
}
