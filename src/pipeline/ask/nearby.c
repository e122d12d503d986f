/* SPDX-License-Identifier: MIT
 * Some paths are likely, and asked for by themselves: where other readers look, the other
 * tier, file.ptr. What else there is tells a listing; a web server has none, and is asked for
 * a few guesses more. */
#include "pipeline/ask/nearby.h"

#include "base/err.h"
#include "base/text.h"
#include "pipeline/verify/judge.h"

#include <stdio.h>
#include <string.h>

enum {
	LISTED_MAX = 20000, /* files looked through: on S3 twenty requests */
	BUILDS_MAX = 3,     /* of other builds, that are named */
	AGES_MAX = 5,       /* guesses */
};

/* ------------------------------------------------------------ keeping the best -- */

/* Nearest first; among equals the newest, then by path. */
static bool comes_before(const struct why_near *a, const struct why_near *b)
{
	if (a->near != b->near)
		return a->near < b->near;
	if (a->mtime_s != b->mtime_s)
		return a->mtime_s > b->mtime_s;
	return strcmp(a->path, b->path) < 0;
}

static bool has_path(const struct nearby *n, const char *path)
{
	for (size_t i = 0; i < n->near_count; i++)
		if (strcmp(n->near[i].path, path) == 0)
			return true;
	return false;
}

static void keep(struct nearby *n, const struct why_near *near)
{
	size_t at = n->near_count;

	while (at > 0 && comes_before(near, &n->near[at - 1]))
		at--;
	if (at == WHY_NEAR_MAX)
		return;
	if (n->near_count < WHY_NEAR_MAX)
		n->near_count++;
	memmove(&n->near[at + 1], &n->near[at], (n->near_count - 1 - at) * sizeof *near);
	n->near[at] = *near;
}

static void add(struct nearby *n, enum key_near near, const struct target_entry *entry, bool has_size)
{
	struct why_near found = {.near = near,
				 .has_size = has_size,
				 .size = entry->size,
				 .mtime_s = entry->mtime_s};

	if (near == KEY_NEAR_NOT || has_path(n, entry->path))
		return;
	n->builds += near == KEY_NEAR_BUILD;
	text_put(found.path, found.path + sizeof found.path, entry->path);
	keep(n, &found);
}

/* ------------------------------------------------------------ likely paths -- */

/* Asks for a path, once a question. NULL: the store does not answer, or is asked no more. */
static const struct nearby_try *try_path(struct nearby *n, const char *path)
{
	struct nearby_try *try;
	struct target_answer answer = {0};
	struct sym_err ignored;
	enum sym_status status;

	for (size_t i = 0; i < n->try_count; i++)
		if (strcmp(n->tries[i].path, path) == 0)
			return &n->tries[i];
	if (n->silent || n->try_count == NEARBY_TRIED_MAX)
		return NULL;
	status = n->target->kind->ask(n->target, path, NULL, &answer, &ignored);
	n->silent = status == SYM_NET || status == SYM_AUTH || status == SYM_CANCELLED;
	try = &n->tries[n->try_count++];
	*try = (struct nearby_try){
		.there = status == SYM_OK, .has_size = answer.has_size, .size = answer.size};
	text_put(try->path, try->path + sizeof try->path, path);
	return try;
}

/* A path under which the very file, or one near it, may lie. */
static void look_at(struct nearby *n, const char *path)
{
	const struct nearby_try *try;
	enum key_near near = key_near(&n->asked, n->at->path, path);
	struct target_entry entry = {.path = path};

	if (strcmp(path, n->at->path) == 0)
		return;
	try = try_path(n, path);
	if (!try || !try->there)
		return;
	entry.size = try->size;
	add(n, near == KEY_NEAR_NOT ? KEY_NEAR_READER : near, &entry, try->has_size);
}

/* The paths of an identity for these readers, in both tiers. */
static void look_for(struct nearby *n, const struct sym_identity *id, const char *file, unsigned readers)
{
	for (size_t r = 0; r < key_reader_count; r++) {
		struct key_paths paths;
		struct sym_err ignored;

		if (!(readers & 1u << r) ||
		    key_paths_for(&key_readers[r], id, file[0] ? file : NULL, &paths, &ignored) != SYM_OK)
			continue;
		for (size_t i = 0; i < paths.count; i++) {
			look_at(n, paths.at[i].text);
			if (key_readers[r].symsrv && key_two_tier(paths.at[i].text))
				look_at(n, paths.at[i].text);
		}
	}
}

/* A .sym is made of a PDB: is that there? */
static void look_for_pdb(struct nearby *n)
{
	struct sym_identity pdb = n->asked.id;

	if (n->asked.id.kind != SYM_BREAKPAD || !text_ends_nocase(n->asked.id.name, ".pdb"))
		return;
	pdb.kind = SYM_PDB;
	look_for(n, &pdb, n->asked.id.name, 1u << (key_reader_find("windbg") - key_readers));
}

static void look_for_pointer(struct nearby *n)
{
	char path[KEY_PATH_MAX];
	char *last;

	if (!n->asked.file[0] || n->asked.id.kind == SYM_BREAKPAD)
		return;
	memcpy(path, n->at->path, sizeof path);
	last = strrchr(path, '/') + 1;
	text_put(last, path + sizeof path, "file.ptr");
	look_at(n, path);
}

static void look_in_other_letters(struct nearby *n)
{
	char path[KEY_PATH_MAX];

	memcpy(path, n->at->path, sizeof path);
	text_lower_all(path);
	look_at(n, path);
	if (n->asked.file[0] || n->asked.id.code.form != SYM_CODE_BYTES)
		return;
	/* An identifier alone: only its digits can be written in capitals. */
	memcpy(path, n->at->path, sizeof path);
	for (char *c = path, *end; *c; c = *end ? end + 1 : end) {
		end = c + strcspn(c, "/.");
		if (end - c > 4 && strspn(c, "0123456789abcdef") == (size_t)(end - c))
			for (; c < end; c++)
				*c = text_upper(*c);
	}
	look_at(n, path);
}

static void look_for_all(struct nearby *n)
{
	const struct key_asked *asked = &n->question->asked;

	look_for(n, &n->asked.id, n->asked.file, ~0u);
	look_for(n, &asked->id, asked->file, ~0u);
	look_for_pdb(n);
	look_for_pointer(n);
	look_in_other_letters(n);
}

/* Where nothing can be listed: other ages, none, and the portable PDB. */
static void guess(struct nearby *n)
{
	struct sym_identity id = n->asked.id;
	unsigned symsrv = 1u << (key_reader_find("windbg") - key_readers) |
			  1u << (key_reader_find("visualstudio") - key_readers);
	uint32_t age = id.debug.age;

	if (id.kind != SYM_PDB && id.kind != SYM_PORTABLE_PDB)
		return;
	id.kind = SYM_PDB;
	id.debug.form = SYM_DEBUG_GUID;
	look_for(n, &id, n->asked.file, symsrv);
	id.debug.form = SYM_DEBUG_AGE;
	for (id.debug.age = 1; id.debug.age <= AGES_MAX; id.debug.age++)
		look_for(n, &id, n->asked.file, symsrv);
	id.debug.age = age + 1;
	look_for(n, &id, n->asked.file, symsrv);
	id.debug.age = age - 1;
	look_for(n, &id, n->asked.file, age > 0 ? symsrv : 0);
	id.kind = SYM_PORTABLE_PDB;
	id.debug.form = SYM_DEBUG_PORTABLE;
	look_for(n, &id, n->asked.file, symsrv);
}

/* ---------------------------------------------------------------- listings -- */

static void each_entry(void *ctx, const struct target_entry *entry)
{
	struct nearby *n = ctx;

	add(n, key_near(&n->asked, n->at->path, entry->path), entry, true);
}

static bool list(struct nearby *n, const char *prefix)
{
	struct target_lister to = {.each = each_entry, .ctx = n};
	struct sym_err ignored;
	bool all;
	enum sym_status status =
		n->target->kind->list(n->target, prefix, LISTED_MAX, &to, &all, &ignored);

	n->all &= status == SYM_OK && all;
	return status == SYM_OK;
}

/* False where that is not possible, or not allowed. */
static bool list_all(struct nearby *n)
{
	char prefix[KEY_PATH_MAX], lower[KEY_PATH_MAX];

	if (!n->target->kind->list)
		return false;
	if (!key_near_prefix(&n->asked, n->at->path, prefix))
		return true;
	memcpy(lower, prefix, sizeof lower);
	text_lower_all(lower);
	if (n->target->kind->is_remote && strcmp(lower, prefix) != 0 && !list(n, lower))
		return false;
	return list(n, prefix);
}

/* ------------------------------------------------------------------ results -- */

/* Of other builds the newest are enough, and none where something comes nearer. */
static void drop_builds(struct nearby *n)
{
	size_t nearer = 0;

	while (nearer < n->near_count && n->near[nearer].near != KEY_NEAR_BUILD)
		nearer++;
	if (nearer > 0)
		n->near_count = nearer;
	else if (n->near_count > BUILDS_MAX)
		n->near_count = BUILDS_MAX;
}

/* In a folder it can be seen what a path only promises: whether the file was stored under a key
 * that it does not carry, as by the age of the info stream, and which part of a build it is. */
static void look_inside(const struct nearby *n, struct why_near *near)
{
	struct sym_err ignored;
	bool other_key = near->near == KEY_NEAR_AGE || near->near == KEY_NEAR_NO_AGE;
	bool fits;

	if (!n->root || !n->at->readers || (!other_key && near->near != KEY_NEAR_READER))
		return;
	fits = nearby_look(n->root, n->probe, near->path, n->at, n->target->two_tier, &ignored) == SYM_OK;
	near->misplaced = other_key && fits;
	if (!other_key && !fits && n->asked.id.code.form == SYM_CODE_BYTES)
		near->near = KEY_NEAR_PART;
}

void nearby_find(struct nearby *n)
{
	n->near_count = n->builds = 0;
	n->all = n->listed = true;
	n->silent = false;
	if (!key_asked_path(n->at->path, &n->asked))
		return;
	look_for_all(n);
	n->listed = list_all(n);
	if (!n->listed)
		guess(n);
	drop_builds(n);
	for (size_t i = 0; i < n->near_count; i++) {
		look_inside(n, &n->near[i]);
		nearby_explain(n, &n->near[i]);
	}
}

unsigned nearby_readers(const struct key_asked *asked, const char *path)
{
	unsigned readers = 0;

	for (size_t r = 0; r < key_reader_count; r++) {
		struct key_paths paths;
		struct sym_err ignored;

		if (key_paths_for(&key_readers[r], &asked->id, asked->file[0] ? asked->file : NULL, &paths,
				  &ignored) != SYM_OK)
			continue;
		for (size_t i = 0; i < paths.count; i++)
			if (strcmp(paths.at[i].text, path) == 0 ||
			    (key_readers[r].symsrv && key_two_tier(paths.at[i].text) &&
			     strcmp(paths.at[i].text, path) == 0))
				readers |= 1u << r;
	}
	return readers;
}

/* ------------------------------------------------------------ looking inside -- */

/* What a judgement means for who reads the path. */
static enum sym_status verdict_on(const struct judgement *j, struct sym_err *err)
{
	if (j->verdict == VERDICT_FINE || j->verdict == VERDICT_UNCHECKED)
		return SYM_OK;
	if (j->verdict == VERDICT_MISPLACED && j->belongs[0])
		return err_set(err, SYM_NOT_FOUND,
			       "another file lies there, which readers refuse: it belongs to %s; deliver the "
			       "right one with --existing replace", j->belongs);
	*err = j->why;
	return err_prefix(err, "what lies there is of no use to readers");
}

enum sym_status nearby_look(struct os_dir *root, struct probe *probe, const char *path,
			    const struct parcel_path *at, bool two_tier, struct sym_err *err)
{
	char key[KEY_PATH_MAX];
	struct place place = {.key = key, .two_tier = two_tier, .readers = at->readers};
	struct judgement judgement;
	struct os_stat st;
	os_file file;
	enum sym_status status = os_open(root, path, OS_NOFOLLOW, &file, &st, err);

	if (status != SYM_OK)
		return status;
	memcpy(key, at->path, sizeof key);
	if (path[strlen(path) - 1] == '_')
		key_compressed(key);
	judge_file(probe, file, st.size, &place, &judgement);
	os_close_quietly(file);
	return verdict_on(&judgement, err);
}
