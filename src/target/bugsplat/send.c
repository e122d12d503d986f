/* SPDX-License-Identifier: MIT
 * One file to the service: packed, announced, put, confirmed. What fails on the way begins
 * again at the announcement: a presigned address is good for one try. */
#include "target/bugsplat/bugsplat.h"

#include "base/err.h"
#include "base/hash.h"
#include "source/archive/zip.h"
#include "target/body.h"
#include "target/compare.h"
#include "target/digest.h"
#include "target/gzip.h"

#include <string.h>

#define SIZE_BY_DEFAULT 25000000000u /* bytes: for a dry run, which does not ask; see size.c */

/* One file in hand. */
struct turn {
	struct bugsplat *b;
	unsigned worker;            /* its number in the log */
	struct parcel *p;
	struct bugsplat_file file;
	struct xfer_body body;
	struct gzipped packed;      /* the body of what has a key … */
	os_file zip;                /* … and of what has none and is no zip yet */
	uint8_t sha256[32];         /* of the body, or of a zip's content: same bytes, same hash */
	uint64_t not_before_ms;
	struct bugsplat_failure failure;
};

/* -------------------------------------------------------------- packing -- */

static enum sym_status pack_symbol(struct turn *t, struct sym_err *err)
{
	const struct sym_identity *id = t->p->id;
	const struct gzip_source from = {.file = t->p->source,
					 .offset = id->slice_offset,
					 .size = id->slice_size,
					 .even_larger = true};
	enum sym_status status = gzip_slice(&from, &t->packed, err);

	if (status != SYM_OK)
		return status;
	t->file.size = id->slice_size;
	t->body = body_packed(t->p, &t->packed);
	memcpy(t->sha256, t->packed.sha256, sizeof t->sha256);
	return SYM_OK;
}

/* What is a zip goes as it is. */
static enum sym_status pack_zip(struct turn *t, struct sym_err *err)
{
	const struct sym_identity *id = t->p->id;
	enum sym_status status = SYM_OK;

	t->body = body_plain(t->p);
	if (id->kind != SYM_ZIP) {
		t->body = (struct xfer_body){.gauge = t->p->gauge, .plain = id->slice_size};
		status = os_spool(&t->zip, err);
		if (status == SYM_OK)
			status = zip_file(t->p->source, id->slice_size, t->p->at[0].path, t->p->mtime_ns,
					  t->zip, &t->body.size, err);
		t->body.file = t->zip;
	}
	t->file.size = t->body.size;
	return status == SYM_OK ? digest_file(t->p->source, 0, id->slice_size, t->sha256, err) : status;
}

/* The body, out of the file as it was when its key was read: SYM_CHANGED where it is that no
 * longer. */
static enum sym_status pack(struct turn *t, struct sym_err *err)
{
	enum sym_status status = t->file.id[0] ? pack_symbol(t, err) : pack_zip(t, err);

	return status == SYM_OK ? compare_state(t->p->source, t->p->as_it_was, err) : status;
}

/* -------------------------------------------------------------- sending -- */

/* One attempt. What has no key needs no confirmation. */
static bool send_once(struct turn *t)
{
	struct bugsplat_answer answer;
	bool good;

	if (!bugsplat_announce(t->b, &t->file, t->not_before_ms, &answer, &t->failure))
		return false;
	good = bugsplat_put(t->b, answer.url, &t->body, t->file.id[0], &t->failure);
	bugsplat_answer_release(&answer);
	return good && (!t->file.id[0] || bugsplat_confirm(t->b, &t->file, &t->failure));
}

/* Attempts until one is final. */
static enum sym_status insist(struct turn *t, struct sym_err *err)
{
	for (t->p->attempts = 1; !send_once(t); t->p->attempts++) {
		if (t->failure.too_big)
			bugsplat_too_big(t->b, t->file.size, &t->failure.err);
		if (bugsplat_again(t->b, &t->failure, t->p->attempts, &t->not_before_ms))
			continue;
		*err = t->failure.err;
		retry_count(err, t->p->attempts);
		if (t->failure.leave_alone)
			target_give_up(&t->b->base, err);
		return err->status;
	}
	return SYM_OK;
}

/* The line that version 11 has for each worker. There a worker's files are fixed; here all take
 * from one queue, and the log tells even shares, of which the sum is right. */
static void log_shares(const struct bugsplat *b)
{
	unsigned files = (unsigned)b->planned, workers = b->options.workers;

	for (unsigned i = 0; i < workers && i < files; i++)
		bugsplat_log(b, "Worker %u uploading %u symbol files...", i + 1,
			     files / workers + (i < files % workers));
}

/* Where all begins: how many files there are, and how many at once. Answers the worker's
 * number in the log, where those that have nothing to do have none. */
static unsigned begin(struct bugsplat *b, unsigned worker)
{
	unsigned number;
	bool first;

	pthread_mutex_lock(&b->lock);
	first = b->began_ms == 0;
	if (first)
		b->began_ms = os_now_ms();
	if (b->numbers[worker] == 0)
		b->numbers[worker] = ++b->numbered;
	number = b->numbers[worker];
	pthread_mutex_unlock(&b->lock);
	if (first)
		log_shares(b);
	return number;
}

/* Without memory the path is not kept: its second file is sent, too. */
static void note_sent(const struct turn *t, const char *path)
{
	struct bugsplat_sent *sent;

	pthread_mutex_lock(&t->b->lock);
	sent = table_add(&t->b->sent, hash_text(HASH_START, path));
	if (sent)
		memcpy(&sent->bytes, t->sha256, sizeof sent->bytes);
	t->b->files++;
	t->b->bytes += t->body.size;
	pthread_mutex_unlock(&t->b->lock);
}

static enum sym_status send_body(struct turn *t, struct parcel_path *at, struct sym_err *err)
{
	const char *name = t->file.name;
	uint64_t began_ms = os_now_ms(), took_ms;
	char size[BUGSPLAT_SIZE_MAX], rate[BUGSPLAT_SIZE_MAX];
	enum sym_status status;

	bugsplat_log(t->b, "Worker %u uploading %s...", t->worker, name);
	status = insist(t, err);
	if (status == SYM_OK) {
		took_ms = os_now_ms() - began_ms;
		bugsplat_size_text(t->body.size, size);
		bugsplat_size_text(t->body.size * 1000 / (took_ms > 0 ? took_ms : 1), rate);
		bugsplat_log(t->b, "Worker %u uploaded %s! (%s @ %s/sec)", t->worker, name, size, rate);
		note_sent(t, at->path);
		at->action = ACTION_STORED;
	} else if (status != SYM_CANCELLED) {
		bugsplat_log(t->b, "Worker %u failed to upload %s: %s", t->worker, name, err->text);
	}
	return status;
}

/* ------------------------------------------------------------- deciding -- */

/* Settles what needs no request, nor a look at the file. */
static bool settle_early(struct bugsplat *b, const struct parcel *p, struct parcel_path *at)
{
	bool keyed = strchr(at->path, '/') != NULL;

	if (b->options.dry_run) {
		at->action = ACTION_PLANNED;
		at->warn = p->id->slice_size >= SIZE_BY_DEFAULT;
		if (at->warn)
			err_set(&at->why, SYM_TOO_BIG, "BugSplat takes files below 25 GB, unless your "
						       "database has another limit");
	} else if ((keyed || p->id->kind == SYM_ZIP) &&
		   bugsplat_is_too_big(b, p->id->slice_size, &at->why)) {
		at->action = ACTION_FAILED;
	}
	return at->action != ACTION_PENDING;
}

/* Settles a path that another file of this run owns, where that was sent. */
static bool settle_second(const struct turn *t, struct parcel_path *at)
{
	const struct bugsplat_sent *sent;

	if (!at->second)
		return false;
	pthread_mutex_lock(&t->b->lock);
	sent = table_find(&t->b->sent, hash_text(HASH_START, at->path));
	if (sent)
		at->action = memcmp(&sent->bytes, t->sha256, sizeof sent->bytes) == 0 ? ACTION_PRESENT : ACTION_KEPT;
	pthread_mutex_unlock(&t->b->lock);
	if (at->action == ACTION_KEPT)
		err_set(&at->why, SYM_EXISTS, "another file of this run has this key, and was sent");
	return at->action != ACTION_PENDING;
}

static enum sym_status take_turn(struct bugsplat *b, unsigned worker, struct parcel *p,
				 struct parcel_path *at, struct sym_err *err)
{
	struct turn t = {.b = b, .worker = begin(b, worker), .p = p, .packed.file = OS_NO_FILE,
			 .zip = OS_NO_FILE};
	enum sym_status status;

	bugsplat_file_of(p->id, at->path, &t.file);
	t.file.mtime_ns = p->mtime_ns;
	status = pack(&t, err);
	if (status == SYM_OK && !settle_second(&t, at))
		status = send_body(&t, at, err);
	gzipped_release(&t.packed);
	os_close_quietly(t.zip);
	return status;
}

enum sym_status bugsplat_stage(struct target *target, unsigned worker, struct parcel *p,
			       struct sym_err *err)
{
	struct bugsplat *b = (struct bugsplat *)target;

	if (!b->options.dry_run && target_given_up(target, err))
		return err->status;
	for (size_t i = 0; i < p->count; i++) {
		struct parcel_path *at = &p->at[i];
		enum sym_status status = SYM_OK;

		if (!settle_early(b, p, at))
			status = take_turn(b, worker, p, at, err);
		if (status == SYM_CANCELLED || status == SYM_CHANGED)
			return status; /* the run ends, or the caller begins anew */
		if (status != SYM_OK) {
			at->action = ACTION_FAILED;
			at->why = *err;
		}
		target_hear(target, at, os_now_ms());
	}
	return SYM_OK;
}
