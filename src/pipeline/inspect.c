/* SPDX-License-Identifier: MIT */
#include "pipeline/inspect.h"

#include "base/err.h"
#include "base/stop.h"
#include "base/text.h"
#include "pipeline/archived.h"
#include "pipeline/probe.h"
#include "pipeline/ring.h"

#include <stdlib.h>
#include <string.h>

enum {
	KEPT_BYTES = 4096,        /* a seat keeps so much memory for the text of its next file */
	TEXT_BYTES_MAX = 1 << 20, /* of one file: slices times readers times paths */
	ARCHIVE_TEXT_BYTES_MAX = 1 << 30, /* of all files in an archive */
};

/* What is said of one file. */
struct seat {
	bool by_hand;
	bool opened; /* an archive is looked into: by hand, or matched by a pattern */
	bool other; /* no symbol file, and not named by hand */
	bool unopened; /* but an archive */
	unsigned errors;
	struct buf text;
};

struct inspection {
	const struct inspect_options *options;
	struct inspect_counts *counts;
	struct probe **probes;         /* one per worker */
	struct archive_bench *archives; /* the same */
	struct key_paths *paths;       /* key_reader_count per worker */
	struct ring *ring;
};

/* The file that one worker is looking at. */
struct looking {
	struct inspection *in;
	struct seat *seat;
	const char *path;
	const char *inside; /* its path in the archive at `path`, or NULL */
	const char *file;
	struct probe *probe;
	struct key_paths *paths;
	char member[SYM_NAME_MAX + 1]; /* name of the file inside a compressed one, else "" */
};

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

static void show_error(struct looking *l, const struct sym_err *why)
{
	l->in->options->error(&l->seat->text, l->path, l->inside, why);
	l->seat->errors++;
}

static enum sym_status show_slice(void *ctx, const struct sym_identity *found)
{
	struct looking *l = ctx;
	struct sym_identity named = *found, *id = &named;
	bool compressed = l->member[0] != '\0';
	struct inspected what = {.path = l->path,
				 .member = l->inside ? l->inside : compressed ? l->member : NULL,
				 .file = compressed ? l->member : l->file,
				 .id = id,
				 .readers = l->in->options->readers,
				 .paths = l->paths};
	struct sym_err err;

	name_wanted_pdb(id, what.file);
	if (find_paths(l->in, id, what.file, compressed, l->paths, &err) != SYM_OK) {
		show_error(l, &err);
	} else {
		if (id->kind == SYM_SOURCEMAP || id->kind == SYM_UNREAL_SYM) {
			err_set(&err, SYM_NO_KEY, "it has no identifier: only BugSplat takes it, by name");
			what.error = &err;
			l->seat->errors++;
		}
		l->in->options->slice(&l->seat->text, &what);
	}
	return SYM_OK;
}

static void show_without(void *ctx, const struct sym_err *why)
{
	show_error(ctx, why);
}

static enum sym_status look_at(struct looking *l, os_file file, uint64_t offset, uint64_t size,
			       struct sym_err *err)
{
	struct identity_sink sink = {.found = show_slice, .ctx = l, .without = show_without};

	return probe_part(l->probe, file, offset, size, &sink, l->member, err);
}

/* Makes the file at this path, which begins with the archive's, the one that is looked at. */
static void step_inside(struct looking *l, const char *path)
{
	l->inside = path + strlen(l->path) + 1;
	l->file = text_file_name(path);
}

static enum sym_status found_inside(void *ctx, const struct archived *file, bool *keep, struct sym_err *err)
{
	struct looking *l = ctx;
	enum sym_status status;
	struct sym_err why;

	(void)keep;
	(void)err;
	step_inside(l, file->path);
	status = look_at(l, file->spool, file->offset, file->size, &why);
	if (status != SYM_OK && status != SYM_NOT_MINE)
		show_error(l, &why);
	return SYM_OK;
}

static enum sym_status damaged_inside(void *ctx, const char *path, const struct sym_err *why, struct sym_err *err)
{
	(void)err;
	step_inside(ctx, path);
	show_error(ctx, why);
	return SYM_OK;
}

static uint64_t mark_inside(void *ctx)
{
	return ((struct looking *)ctx)->seat->text.size;
}

static void forget_inside(void *ctx, uint64_t mark)
{
	buf_cut(&((struct looking *)ctx)->seat->text, (size_t)mark);
}

static enum sym_status open_archive(struct looking *l, struct archive_bench *bench, os_file file, uint64_t size,
				    struct sym_err *err)
{
	struct archived_sink sink = {.ctx = l, .found = found_inside, .damaged = damaged_inside,
				     .mark = mark_inside, .forget = forget_inside};
	enum sym_status status;

	l->seat->text.max = ARCHIVE_TEXT_BYTES_MAX;
	status = archive_each(bench, l->probe, file, size, l->path, &sink, err);
	l->inside = NULL;
	return status;
}

/* Looks into one file; answers what is wrong with it. */
static enum sym_status look_into(struct inspection *in, unsigned worker, struct looking *l,
				 struct sym_err *err)
{
	struct os_stat st;
	os_file file;
	enum sym_status status = os_open(NULL, l->path, OS_FOLLOW, &file, &st, err);

	if (status != SYM_OK)
		return status;
	status = look_at(l, file, 0, st.size, err);
	if (status == SYM_NOT_MINE && probe_met_archive(l->probe)) {
		l->seat->unopened = !l->seat->opened;
		if (l->seat->opened)
			status = open_archive(l, &in->archives[worker], file, st.size, err);
	}
	os_close_quietly(file);
	return status;
}

/* Empties a text; its memory stays for the next one, unless it is a lot. */
static void reuse(struct buf *text)
{
	if (text->room > KEPT_BYTES)
		buf_release(text);
	buf_clear(text);
}

static void look(void *ctx, unsigned worker, const char *path, void *own)
{
	struct inspection *in = ctx;
	struct seat *seat = own;
	struct looking l = {.in = in, .seat = seat, .path = path, .file = text_file_name(path),
			    .probe = in->probes[worker],
			    .paths = in->paths + worker * key_reader_count};
	struct sym_err err;
	enum sym_status status;

	seat->errors = 0;
	seat->unopened = false;
	seat->text.max = TEXT_BYTES_MAX;
	reuse(&seat->text);
	status = look_into(in, worker, &l, &err);
	seat->other = status == SYM_NOT_MINE && !seat->by_hand;
	if (status != SYM_OK && !seat->other)
		show_error(&l, &err);
}

static void tell(void *ctx, const char *path, void *own)
{
	struct inspection *in = ctx;
	struct seat *seat = own;

	(void)path;
	in->options->print(in->options->ctx, &seat->text);
	in->counts->files++;
	in->counts->others += seat->other;
	in->counts->unopened += seat->other && seat->unopened;
	in->counts->errors += seat->errors > 0;
	in->counts->hand_errors += seat->errors > 0 && seat->by_hand;
}

static void release_seat(void *own)
{
	buf_release(&((struct seat *)own)->text);
}

static enum sym_status found(void *ctx, const struct source_file *file, struct sym_err *err)
{
	struct inspection *in = ctx;
	void *seat;
	enum sym_status status = ring_take(in->ring, file->path, &seat, err);

	if (status == SYM_OK)
		*(struct seat *)seat = (struct seat){.by_hand = file->by_hand,
						     .opened = file->by_hand || file->by_pattern,
						     .text = ((struct seat *)seat)->text};
	return status;
}

static void print_error(struct inspection *in, const char *path, const struct sym_err *err)
{
	struct buf text = BUF_MAX(TEXT_BYTES_MAX);

	in->options->error(&text, path, NULL, err);
	in->options->print(in->options->ctx, &text);
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
	if (!ring_settle(in->ring))
		return;
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
	in->archives = calloc(workers, sizeof *in->archives);
	good = in->paths && in->probes && in->archives;
	for (unsigned i = 0; i < workers && good; i++) {
		in->probes[i] = probe_new(in->options->fallback_age);
		good = in->probes[i] != NULL;
	}
	return good ? SYM_OK : err_set(err, SYM_NOMEM, "out of memory");
}

static enum sym_status inspect_all(struct inspection *in, struct sym_err *err)
{
	struct ring_work work = {.seat_size = sizeof(struct seat), .look = look, .tell = tell,
				 .release = release_seat, .ctx = in};
	struct source_sink sink = {.ctx = in, .found = found, .warn = unusable};
	enum sym_status status = workers_init(in, err);

	if (status == SYM_OK)
		status = ring_start(&work, in->options->workers, &in->ring, err);
	if (status != SYM_OK)
		return status;
	status = source_find(in->options->source, &sink, NULL, err);
	ring_finish(in->ring);
	return status == SYM_OK ? stop_check(err) : status;
}

enum sym_status run_inspect(const struct inspect_options *options, struct inspect_counts *counts,
			    struct sym_err *err)
{
	struct inspection in = {.options = options, .counts = counts};
	enum sym_status status;

	memset(counts, 0, sizeof *counts);
	status = inspect_all(&in, err);
	for (unsigned i = 0; in.probes && i < options->workers; i++)
		probe_free(in.probes[i]);
	for (unsigned i = 0; in.archives && i < options->workers; i++)
		archive_bench_release(&in.archives[i]);
	free(in.probes);
	free(in.archives);
	free(in.paths);
	return status;
}
