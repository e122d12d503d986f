/* SPDX-License-Identifier: MIT */
#include "pipeline/inspect.h"

#include "base/err.h"
#include "base/limits.h"
#include "base/stop.h"
#include "pipeline/crew.h"
#include "pipeline/probe.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum {
	AHEAD_FILES = 1024,       /* looked at, but not yet printed */
	FEED_FILES = 32,          /* found files are handed to the crew by so many */
	KEPT_BYTES = 4096,        /* a seat keeps so much memory for the text of its next file */
	TEXT_BYTES_MAX = 1 << 20, /* of one file: slices times readers times paths */
};

/* One file on its way; a ring of AHEAD_FILES of these is all the memory there is. */
struct seat {
	struct buf path;
	bool by_hand;
	bool ready;
	struct buf text;
};

struct inspection {
	const struct inspect_options *options;
	struct inspect_counts *counts; /* under `lock` */
	struct probe **probes;         /* one per worker */
	struct key_paths *paths;       /* key_reader_count per worker */
	struct crew *crew;
	size_t taken;                  /* seats given out; the walk's thread */
	pthread_mutex_t lock;          /* over `printed`, `awaited`, and what is printed */
	pthread_cond_t room;           /* `printed` reached `awaited` */
	size_t printed;
	size_t awaited;
	struct seat ring[AHEAD_FILES];
};

/* The file that one worker is looking at. */
struct looking {
	struct inspection *in;
	struct seat *seat;
	const char *file;
	struct key_paths *paths;
	struct probed probed;
	unsigned slices;
	unsigned errors;
};

static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Each reader's paths; SYM_REFUSED where a name makes that impossible. */
static enum sym_status find_paths(const struct inspection *in, const struct sym_identity *id,
				  const char *file, bool compressed, struct key_paths *paths,
				  struct sym_err *err)
{
	for (size_t r = 0; r < key_reader_count; r++) {
		enum sym_status status;

		paths[r].count = 0;
		if (!(in->options->readers & 1u << r) || (compressed && !key_readers[r].symsrv))
			continue;
		status = key_paths_for(&key_readers[r], id, file, &paths[r], err);
		if (status != SYM_OK)
			return status;
		for (size_t i = 0; compressed && i < paths[r].count; i++)
			key_compressed(paths[r].at[i].text);
	}
	return SYM_OK;
}

/* A record that names no PDB means the one called like the image. */
static void name_wanted_pdb(struct sym_identity *id, const char *file)
{
	char name[KEY_PDB_NAME_MAX];

	key_pdb_of(file, name);
	for (unsigned i = 0; i < id->wants_count && id->kind == SYM_PE; i++)
		if (!id->wants[i].name[0] && strlen(name) <= SYM_NAME_MAX)
			memcpy(id->wants[i].name, name, strlen(name) + 1);
}

static enum sym_status show_slice(void *ctx, const struct sym_identity *found)
{
	struct looking *l = ctx;
	struct sym_identity named = *found, *id = &named;
	bool compressed = l->probed.member[0] != '\0';
	struct inspected what = {.path = l->seat->path.data,
				 .member = compressed ? l->probed.member : NULL,
				 .file = compressed ? l->probed.member : l->file,
				 .id = id,
				 .readers = l->in->options->readers,
				 .paths = l->paths};
	struct sym_err err;

	name_wanted_pdb(id, what.file);
	if (find_paths(l->in, id, what.file, compressed, l->paths, &err) != SYM_OK) {
		l->in->options->error(&l->seat->text, what.path, &err);
		l->errors++;
	} else {
		if (id->kind == SYM_SOURCEMAP || id->kind == SYM_UNREAL_SYM) {
			err_set(&err, SYM_NO_KEY, "it has no identifier: only BugSplat takes it, by name");
			what.error = &err;
			l->errors++;
		}
		l->in->options->slice(&l->seat->text, &what);
		l->slices++;
	}
	return SYM_OK;
}

static void show_without(void *ctx, const struct sym_err *why)
{
	struct looking *l = ctx;

	l->in->options->error(&l->seat->text, l->seat->path.data, why);
	l->errors++;
}

/* Looks into one file; answers what is wrong with it. */
static enum sym_status look_into(struct inspection *in, unsigned worker, struct looking *l,
				 struct sym_err *err)
{
	struct identity_sink sink = {.found = show_slice, .ctx = l, .without = show_without};
	struct os_stat st;
	os_file file;
	enum sym_status status = os_open(NULL, l->seat->path.data, OS_FOLLOW, &file, &st, err);

	if (status != SYM_OK)
		return status;
	status = probe_file(in->probes[worker], file, st.size, &sink, &l->probed, err);
	os_close_quietly(file);
	return status;
}

/* Prints whatever is next in the walk's order and ready. Under the lock. */
static void print_ready(struct inspection *in)
{
	while (in->ring[in->printed % AHEAD_FILES].ready) {
		struct seat *seat = &in->ring[in->printed % AHEAD_FILES];

		if (seat->text.size > 0)
			in->options->print(in->options->ctx, seat->text.data, seat->text.size);
		seat->ready = false;
		if (++in->printed == in->awaited)
			pthread_cond_signal(&in->room);
	}
}

static void inspect_job(void *ctx, unsigned worker, size_t index)
{
	struct inspection *in = ctx;
	struct seat *seat = &in->ring[index % AHEAD_FILES];
	struct looking l = {.in = in, .seat = seat, .file = name_of(seat->path.data),
			    .paths = in->paths + worker * key_reader_count};
	struct sym_err err;
	enum sym_status status = look_into(in, worker, &l, &err);
	bool other = status == SYM_NOT_MINE && !seat->by_hand;

	if (status != SYM_OK && !other) {
		in->options->error(&seat->text, seat->path.data, &err);
		l.errors++;
	}
	pthread_mutex_lock(&in->lock);
	in->counts->files++;
	in->counts->slices += l.slices;
	in->counts->others += other;
	in->counts->errors += l.errors > 0;
	in->counts->hand_errors += l.errors > 0 && seat->by_hand;
	seat->ready = true;
	print_ready(in);
	pthread_mutex_unlock(&in->lock);
}

/* Waits until at most `waiting` files are unprinted. */
static void wait_for_printing(struct inspection *in, size_t waiting)
{
	pthread_mutex_lock(&in->lock);
	in->awaited = in->taken - waiting;
	while (in->printed < in->awaited && !stop_asked())
		crew_wait_a_tick(&in->room, &in->lock);
	pthread_mutex_unlock(&in->lock);
}

/* Gives the crew what was found. Where the ring is full then, half of it is awaited: who
 * slept for each seat would be woken for each file. */
static void hand_over(struct inspection *in)
{
	bool full;

	crew_allow(in->crew, in->taken);
	pthread_mutex_lock(&in->lock);
	full = in->taken - in->printed > AHEAD_FILES - FEED_FILES;
	pthread_mutex_unlock(&in->lock);
	if (full)
		wait_for_printing(in, AHEAD_FILES / 2);
}

/* Empties a text; its memory stays for the next one, unless it is a lot. */
static void reuse(struct buf *text)
{
	if (text->room > KEPT_BYTES)
		buf_release(text);
	buf_clear(text);
}

static enum sym_status found(void *ctx, const struct source_file *file, struct sym_err *err)
{
	struct inspection *in = ctx;
	struct seat *seat = &in->ring[in->taken % AHEAD_FILES];

	if (in->taken % FEED_FILES == 0)
		hand_over(in);
	if (stop_check(err) != SYM_OK)
		return err->status;
	reuse(&seat->path);
	reuse(&seat->text);
	buf_add_text(&seat->path, file->path);
	if (seat->path.failed)
		return err_set(err, SYM_NOMEM, "out of memory");
	seat->by_hand = file->by_hand;
	in->taken++;
	return SYM_OK;
}

static void print_error(struct inspection *in, const char *path, const struct sym_err *err)
{
	struct buf text = BUF_MAX(TEXT_BYTES_MAX);

	in->options->error(&text, path, err);
	if (text.size > 0)
		in->options->print(in->options->ctx, text.data, text.size);
	buf_release(&text);
}

/* A path that was named or matched but cannot be used: said in its place. */
static void unusable(void *ctx, const struct source_file *at, const struct sym_err *err)
{
	struct inspection *in = ctx;

	if (!at->by_hand) {
		in->options->note(in->options->ctx, at->path, err);
		return;
	}
	crew_allow(in->crew, in->taken);
	wait_for_printing(in, 0);
	in->counts->errors++; /* the crew is idle */
	in->counts->hand_errors++;
	print_error(in, at->path, err);
}

static enum sym_status workers_init(struct inspection *in, struct sym_err *err)
{
	unsigned workers = in->options->workers;
	bool good;

	in->paths = calloc(workers * key_reader_count, sizeof *in->paths);
	in->probes = calloc(workers, sizeof(struct probe *));
	good = in->paths && in->probes;
	for (unsigned i = 0; i < workers && good; i++) {
		in->probes[i] = probe_new(in->options->fallback_age);
		good = in->probes[i] != NULL;
	}
	return good ? SYM_OK : err_set(err, SYM_NOMEM, "out of memory");
}

static enum sym_status inspect_all(struct inspection *in, struct sym_err *err)
{
	struct source_sink sink = {.ctx = in, .found = found, .warn = unusable};
	struct source_counts counts;
	enum sym_status status = workers_init(in, err);

	if (status != SYM_OK)
		return status;
	in->crew = crew_start(in->options->workers, 0, inspect_job, in);
	if (!in->crew)
		return err_set(err, SYM_NOMEM, "cannot start a thread");
	status = source_find(in->options->source, &sink, &counts, err);
	crew_allow(in->crew, in->taken);
	crew_finish(in->crew, NULL, NULL);
	return status == SYM_OK ? stop_check(err) : status;
}

static void release(struct inspection *in)
{
	for (unsigned i = 0; in->probes && i < in->options->workers; i++)
		probe_free(in->probes[i]);
	for (size_t i = 0; i < AHEAD_FILES; i++) {
		buf_release(&in->ring[i].path);
		buf_release(&in->ring[i].text);
	}
	free(in->probes);
	free(in->paths);
	pthread_cond_destroy(&in->room);
	pthread_mutex_destroy(&in->lock);
	free(in);
}

enum sym_status run_inspect(const struct inspect_options *options, struct inspect_counts *counts,
			    struct sym_err *err)
{
	struct inspection *in = calloc(1, sizeof *in);
	enum sym_status status;

	memset(counts, 0, sizeof *counts);
	if (!in)
		return err_set(err, SYM_NOMEM, "out of memory");
	in->options = options;
	in->counts = counts;
	for (size_t i = 0; i < AHEAD_FILES; i++) {
		in->ring[i].path.max = SOURCE_PATH_BYTES_MAX;
		in->ring[i].text.max = TEXT_BYTES_MAX;
	}
	pthread_mutex_init(&in->lock, NULL);
	pthread_cond_init(&in->room, NULL);
	status = inspect_all(in, err);
	release(in);
	return status;
}
