/* SPDX-License-Identifier: MIT */
#include "pipeline/ask/why.h"

#include "base/err.h"
#include "base/stop.h"
#include "base/text.h"
#include "pipeline/ask/asking.h"
#include "pipeline/ask/nearby.h"
#include "pipeline/pairs/pairing.h"
#include "pipeline/place.h"

#include <stdlib.h>
#include <string.h>

struct why {
	struct why_options options;
	struct nearby nearby; /* with the target, and its folder where it is one */
};

/* --------------------------------------------------------------- the store -- */

static enum sym_status open_folder(struct why *w, struct sym_err *err)
{
	const char *folder = target_local_path(w->options.where);
	enum sym_status status;

	if (!folder)
		return SYM_OK;
	status = os_dir_open(NULL, folder, OS_FOLLOW, &w->nearby.root, err);
	if (status == SYM_OK || status == SYM_NOT_FOUND) /* nothing is there, then */
		return SYM_OK;
	return err_prefix(err, "%s", folder);
}

enum sym_status why_open(const struct why_options *options, struct why **out, struct sym_err *err)
{
	struct target_options looking = {.workers = 1, .remote = options->remote};
	struct why *w = calloc(1, sizeof *w);
	enum sym_status status;

	if (!w)
		return err_set(err, SYM_NOMEM, "out of memory");
	w->options = *options;
	w->nearby.probe = probe_new(options->fallback_age);
	status = w->nearby.probe ? asked_open(options->where, &looking, &w->nearby.target, err)
				 : err_set(err, SYM_NOMEM, "out of memory");
	if (status == SYM_OK)
		status = open_folder(w, err);
	if (status != SYM_OK) {
		why_close(w);
		return status;
	}
	*out = w;
	return SYM_OK;
}

void why_close(struct why *w)
{
	if (!w)
		return;
	if (w->nearby.target)
		w->nearby.target->kind->close(w->nearby.target);
	os_dir_close(w->nearby.root);
	probe_free(w->nearby.probe);
	free(w);
}

/* --------------------------------------------------------------- the paths -- */

/* Unlike a delivery's, these paths are also those of a .sym that somebody has to make. */
static enum sym_status add_reader(const struct why *w, const struct key_asked *asked, size_t reader,
				  struct parcel *p, struct sym_err *err)
{
	const struct key_reader *row = &key_readers[reader];
	struct key_paths paths;
	enum sym_status status =
		key_paths_for(row, &asked->id, asked->file[0] ? asked->file : NULL, &paths, err);

	if (status != SYM_OK)
		return status;
	for (size_t i = 0; i < paths.count; i++) {
		if (w->nearby.target->two_tier && row->symsrv && !key_two_tier(paths.at[i].text))
			continue;
		(void)place_add(p, paths.at[i].text, 1u << reader);
	}
	return SYM_OK;
}

/* The path that the user gave, below the tier that the store has. */
static void add_as_asked(const struct why *w, const struct key_asked *asked, struct parcel *p)
{
	unsigned readers = nearby_readers(asked, asked->path);
	bool symsrv = key_reads_symsrv(readers) ||
		      (asked->file[0] && asked->id.kind != SYM_BREAKPAD); /* where no reader has the path */
	char path[KEY_PATH_MAX];

	memcpy(path, asked->path, sizeof path);
	if (!w->nearby.target->two_tier || !symsrv || key_two_tier(path))
		(void)place_add(p, path, readers);
}

static enum sym_status find_paths(const struct why *w, const struct key_asked *asked, struct parcel *p,
				  struct sym_err *err)
{
	unsigned readers = w->options.readers;
	enum sym_status status = SYM_OK;

	p->count = 0;
	if (asked->path[0])
		add_as_asked(w, asked, p);
	if (!w->options.chosen && asked->path[0])
		readers = 0;
	else if (!w->options.chosen && asked->reader)
		readers = 1u << (key_reader_find(asked->reader) - key_readers);
	for (size_t i = 0; i < key_reader_count && status == SYM_OK; i++)
		if (readers & 1u << i)
			status = add_reader(w, asked, i, p, err);
	if (status == SYM_OK && p->count == 0)
		return err_set(err, SYM_NO_KEY, "no reader of this run (--for) asks for such a file");
	return status;
}

/* ---------------------------------------------------------------- asking -- */

static enum sym_status note_has(void *ctx, const struct sym_identity *id)
{
	*(unsigned *)ctx |= id->has;
	return SYM_OK;
}

/* BugSplat asks for a dSYM where it asks for its image. */
static bool is_bare_image(const struct why *w, const char *path)
{
	unsigned has = 0;
	struct identity_sink sink = {.found = note_has, .ctx = &has};
	char member[SYM_NAME_MAX + 1];
	struct sym_err ignored;
	struct os_stat st;
	os_file file;
	bool read;

	if (os_open(w->nearby.root, path, OS_NOFOLLOW, &file, &st, &ignored) != SYM_OK)
		return false;
	read = probe_part(w->nearby.probe, file, 0, st.size, &sink, member, &ignored) == SYM_OK;
	os_close_quietly(file);
	return read && !(has & SYM_HAS_DEBUG);
}

/* In a folder it can be seen whether the file is the one. */
static void look_inside(struct why *w, struct parcel_path *at, struct why_answer *answer)
{
	char path[KEY_PATH_MAX];

	memcpy(path, at->path, sizeof path);
	if (answer->compressed)
		key_compressed(path);
	if (answer->has_size && answer->size == 0) {
		err_set(&at->why, SYM_MALFORMED, "it is there, and empty: deliver the file again");
		at->action = ACTION_FAILED;
	} else if (w->nearby.root && at->readers &&
		   nearby_look(w->nearby.root, w->nearby.probe, path, at, w->nearby.target->two_tier,
			       &at->why) != SYM_OK) {
		at->action = ACTION_FAILED;
	} else if (w->nearby.root && answer->question->asked.id.traits & SYM_DSYM && is_bare_image(w, path)) {
		err_set(&at->why, SYM_NOT_FOUND, "the image itself lies there, without debug information: deliver "
						 "its dSYM");
		at->action = ACTION_FAILED;
	}
}

static void ask(struct why *w, const struct why_question *question, struct parcel_path *at)
{
	struct nearby *n = &w->nearby;
	struct why_answer answer = {.question = question, .at = at, .all = true};
	struct target_answer told = {0};
	enum sym_status status;

	answer.target = asking_name(n->target, w->options.by_place);
	status = asking_answer(n->target, at, &answer.compressed, &told, &at->why);

	at->action = status == SYM_OK	       ? ACTION_PRESENT
		     : status == SYM_NOT_FOUND ? ACTION_MISSING
					       : ACTION_FAILED;
	answer.compressed &= status == SYM_OK;
	answer.has_size = status == SYM_OK && told.has_size;
	answer.size = told.size;
	if (status == SYM_OK) {
		at->why.status = SYM_OK;
		look_inside(w, at, &answer);
	} else if (status == SYM_NOT_FOUND) {
		n->question = question;
		n->at = at;
		nearby_find(n);
		answer.near = n->near;
		answer.near_count = n->near_count;
		answer.builds = n->builds;
		answer.all = n->all;
		answer.tried = n->listed ? 0 : (unsigned)n->try_count;
	}
	w->options.answer(w->options.ctx, &answer);
}

enum sym_status why_ask(struct why *w, const struct why_question *question, struct sym_err *err)
{
	struct parcel paths;
	enum sym_status status = find_paths(w, &question->asked, &paths, err);

	if (status != SYM_OK)
		return status;
	w->nearby.try_count = 0;
	for (size_t i = 0; i < paths.count; i++) {
		if (stop_check(err) != SYM_OK)
			return err->status;
		ask(w, question, &paths.at[i]);
	}
	return SYM_OK;
}

/* ------------------------------------------------------------- questions -- */

/* The file at hand, while it tells its slices. */
struct at_hand {
	const char *path, *file;
	const char *member; /* in it, where it is a compressed one; else "" */
	why_question_fn *each;
	void *ctx;
	struct sym_err *err;
};

static void set_question(struct why_question *q, const struct at_hand *h, const struct sym_identity *id,
			 const char *file, bool wanted)
{
	*q = (struct why_question){.path = h->path, .wanted = wanted};
	q->asked.id = *id;
	memcpy(q->asked.file, file, strnlen(file, SYM_NAME_MAX));
}

static enum sym_status ask_of_slice(void *ctx, const struct sym_identity *id)
{
	struct at_hand *h = ctx;
	const char *file = h->member[0] ? h->member : h->file;
	uint8_t packed[PACK_BYTES_MAX];
	struct sym_identity image;
	struct why_question q;
	struct pairing pair;
	enum sym_status status;

	set_question(&q, h, id, file, false);
	status = h->each(h->ctx, &q, h->err);
	(void)identity_pack(id, file, packed);
	(void)identity_unpack(packed, &image);
	/* Of a weak one, too: nothing says that it was ever made, but gdb asks all the same. */
	if (status != SYM_OK || !pairing_wanted(&image, file, &pair))
		return status;
	set_question(&q, h, &pair.wanted, pair.name, true);
	return h->each(h->ctx, &q, h->err);
}

enum sym_status why_questions(const char *path, bool fallback_age, why_question_fn *each, void *ctx,
			      struct sym_err *err)
{
	struct probe *probe = probe_new(fallback_age);
	char member[SYM_NAME_MAX + 1];
	struct at_hand h = {.path = path, .file = text_file_name(path), .member = member, .each = each,
			    .ctx = ctx, .err = err};
	struct identity_sink sink = {.found = ask_of_slice, .ctx = &h};
	struct os_stat st;
	os_file file;
	enum sym_status status;

	status = probe ? os_open(NULL, path, OS_FOLLOW, &file, &st, err)
		       : err_set(err, SYM_NOMEM, "out of memory");
	if (status == SYM_OK) {
		status = probe_part(probe, file, 0, st.size, &sink, member, err);
		os_close_quietly(file);
	}
	probe_free(probe);
	return status;
}
