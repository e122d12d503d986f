/* SPDX-License-Identifier: MIT */
#include "pipeline/archived.h"

#include "base/err.h"
#include "base/limits.h"
#include "base/stop.h"
#include "base/text.h"
#include "source/archive/unpacker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE = 64 << 10 };

#define UNPACKING "unpacking it to the folder for temporary files (TMPDIR)"

/* One archive, with those that are in it. */
struct unpacking {
	struct archive_bench *bench;
	struct probe *probe;
	struct archived_sink *sink;
	uint64_t left;    /* bytes that may still come out of it */
	unsigned nesting; /* archives that are open, one in the other */
	char path[SOURCE_PATH_BYTES_MAX + 1]; /* the archive's, and of the file in hand */
};

void archive_bench_release(struct archive_bench *b)
{
	if (b->spooling)
		os_close_quietly(b->spool);
	free(b->piece);
}

static enum sym_status prepare(struct archive_bench *b, struct sym_err *err)
{
	if (!b->piece)
		b->piece = malloc(PIECE);
	if (!b->piece)
		return err_set(err, SYM_NOMEM, "out of memory");
	if (!b->spooling && os_spool(&b->spool, err) != SYM_OK)
		return err_prefix(err, UNPACKING);
	b->spooling = true;
	return SYM_OK;
}

/* The end of the spool is free again. */
static void give_back(struct archive_bench *b, uint64_t end)
{
	struct sym_err ignored;

	if (os_cut(b->spool, end, &ignored) == SYM_OK)
		b->spooled = end;
}

static enum sym_status spool_piece(struct unpacking *u, size_t n, struct sym_err *err)
{
	if (n > u->left)
		return err_set(err, SYM_TOO_BIG, "it unpacks to more than %u times its size", ARCHIVE_RATIO_MAX);
	u->left -= n;
	if (os_write(u->bench->spool, u->bench->piece, n, err) != SYM_OK)
		return err_prefix(err, UNPACKING);
	u->bench->spooled += n;
	return stop_check(err);
}

/* What was found when an archive was begun with. */
struct mark {
	uint64_t told, spooled, others;
};

static struct mark set_mark(const struct unpacking *u)
{
	return (struct mark){u->sink->mark(u->sink->ctx), u->bench->spooled, u->sink->others};
}

static void go_back_to(struct unpacking *u, const struct mark *mark)
{
	u->sink->forget(u->sink->ctx, mark->told);
	give_back(u->bench, mark->spooled);
	u->sink->others = mark->others;
}

/* Spools the rest of a file of which the first `got` bytes are in the piece. `*damaged`: what is
 * wrong is this file's own matter. */
static enum sym_status spool_file(struct unpacking *u, struct unpacker *from, size_t got, bool *damaged,
				  struct sym_err *err)
{
	enum sym_status status = spool_piece(u, got, err);

	while (status == SYM_OK && got == PIECE) {
		status = unpacker_read(from, u->bench->piece, PIECE, &got, err);
		*damaged = status == SYM_MALFORMED;
		if (status == SYM_OK)
			status = spool_piece(u, got, err);
	}
	return status;
}

/* Is what is wrong with a file in the archive no matter of the others? */
static bool is_its_own(enum sym_status status)
{
	return status == SYM_MALFORMED || status == SYM_UNSUPPORTED || status == SYM_REFUSED;
}

static enum sym_status tell_damaged(struct unpacking *u, struct sym_err *err)
{
	struct sym_err why = *err;

	return u->sink->damaged(u->sink->ctx, u->path, &why, err);
}

static enum sym_status go_through(struct unpacking *u, struct part *part, uint64_t size, struct sym_err *err);

/* What lies in the spool from `start` on. `archive`: it is one itself. */
static enum sym_status take_spooled(struct unpacking *u, uint64_t start, bool archive, struct sym_err *err)
{
	struct archived file = {.path = u->path, .spool = u->bench->spool, .offset = start,
				.size = u->bench->spooled - start};
	struct part part = {u->bench->spool, start};
	uint64_t end = u->bench->spooled;
	enum sym_status status;
	bool keep = false;

	if (!archive) {
		status = u->sink->found(u->sink->ctx, &file, &keep, err);
	} else {
		status = go_through(u, &part, file.size, err);
		if (is_its_own(status))
			status = tell_damaged(u, err);
		keep = u->bench->spooled > end; /* something behind it */
	}
	if (!keep)
		give_back(u->bench, start);
	return status;
}

static enum sym_status take_file(struct unpacking *u, struct unpacker *from, struct sym_err *err)
{
	uint64_t start = u->bench->spooled;
	enum sym_status status;
	bool archive, damaged;
	size_t got;

	status = unpacker_read(from, u->bench->piece, PIECE, &got, err);
	damaged = status == SYM_MALFORMED;
	archive = status == SYM_OK && unpacker_knows(u->bench->piece, got);
	if (archive && u->nesting == ARCHIVE_NESTING_MAX) {
		(void)err_set(err, SYM_UNSUPPORTED,
			      "an archive inside of %u others is not looked into: unpack the outer ones", u->nesting);
		return tell_damaged(u, err);
	}
	if (status == SYM_OK && !archive && !probe_may_be(u->probe, u->bench->piece, got, got < PIECE)) {
		u->sink->others++;
		return SYM_OK;
	}
	if (status == SYM_OK)
		status = spool_file(u, from, got, &damaged, err);
	if (status == SYM_OK)
		return take_spooled(u, start, archive, err);
	give_back(u->bench, start);
	return damaged && !unpacker_is_one(from) ? tell_damaged(u, err) : status;
}

/* Makes the path of a file in the archive that of the file in hand; as much of it as there is room for. */
static enum sym_status enter(struct unpacking *u, size_t folder_len, const char *path, struct sym_err *err)
{
	size_t room = sizeof u->path - folder_len;
	int len = snprintf(u->path + folder_len, room, "/%s", path);

	if (len > 0 && (size_t)len < room)
		return SYM_OK;
	return err_set(err, SYM_REFUSED, "its path has more than %u bytes", SOURCE_PATH_BYTES_MAX);
}

/* All that is in the archive that is the part, whose path is that of the file in hand. */
static enum sym_status go_through(struct unpacking *u, struct part *part, uint64_t size, struct sym_err *err)
{
	const struct mark mark = set_mark(u);
	size_t len = strlen(u->path);
	struct unpacker *from;
	const char *path;
	enum sym_status status = unpacker_open(size, part_read, part, text_file_name(u->path), &from, err);

	if (status != SYM_OK)
		return status;
	u->nesting++;
	while (status == SYM_OK) {
		status = stop_check_due(os_now_ms(), err);
		if (status == SYM_OK)
			status = unpacker_next(from, &path, err);
		if (status != SYM_OK || !path)
			break;
		status = enter(u, len, path, err);
		status = status == SYM_OK ? take_file(u, from, err) : tell_damaged(u, err);
		u->path[len] = '\0';
	}
	u->nesting--;
	if (status != SYM_OK && unpacker_is_one(from))
		go_back_to(u, &mark);
	unpacker_close(from);
	return status;
}

enum sym_status archive_each(struct archive_bench *b, struct probe *probe, os_file file, uint64_t size,
			     const char *path, struct archived_sink *sink, struct sym_err *err)
{
	uint64_t much = mul_sat(size, ARCHIVE_RATIO_MAX);
	struct part part = {file, 0};
	struct unpacking *u = malloc(sizeof *u);
	enum sym_status status = u ? prepare(b, err) : err_set(err, SYM_NOMEM, "out of memory");

	sink->others = 0;
	if (status == SYM_OK) {
		*u = (struct unpacking){.bench = b, .probe = probe, .sink = sink,
					.left = much > ARCHIVE_FREE_BYTES ? much : ARCHIVE_FREE_BYTES};
		text_put(u->path, u->path + sizeof u->path, path);
		status = go_through(u, &part, size, err);
	}
	if (status == SYM_OK && sink->mark(sink->ctx) == 0)
		status = err_set(err, SYM_NOT_MINE, "an archive with no symbol file in it");
	free(u);
	return status;
}
