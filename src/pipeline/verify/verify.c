/* SPDX-License-Identifier: MIT */
#include "pipeline/verify/verify.h"

#include "base/err.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/stop.h"
#include "base/table.h"
#include "base/text.h"
#include "pipeline/ring.h"
#include "pipeline/verify/receipt.h"
#include "pipeline/verify/twins.h"
#include "target/admin/lacking.h"
#include "target/digest.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct seat {
	struct expected expected;
	struct os_stat st;
	struct judgement judgement;
};

struct verification {
	const struct verify_options *options;
	struct verify_counts *counts;
	char folder[SOURCE_PATH_BYTES_MAX + 1]; /* the store, without `./` before it and `/` behind it */
	char root[SOURCE_PATH_BYTES_MAX + 2];   /* what stands before the paths in it: with a `/`, or "" */
	struct place place;                   /* `key` differs for each file */
	struct judge *judges;                 /* one a worker */
	struct ring *ring;
	struct twins *twins;
	bool no_memory;         /* the twins are not all known */
	uint64_t told_count;
	uint64_t progress_at_ms;
	/* Reading the receipt. */
	struct table named;     /* hashes of the entries so far */
	char target[SOURCE_PATH_BYTES_MAX + 1]; /* the last one that was compared … */
	bool target_is_ours;    /* … with this store */
	char other[SOURCE_PATH_BYTES_MAX + 1]; /* the first one that is not this store; "" = none so far */
	bool several;           /* there is more than this one */
	bool is_named;          /* the receipt knows this store */
};

enum { PATH_MAX_BYTES = 2 * SOURCE_PATH_BYTES_MAX }; /* of what a receipt or a transaction names */

/* Of what lies in the store under `key`. */
static void path_of(const struct verification *v, const char *key, char out[PATH_MAX_BYTES])
{
	text_put(text_put(out, out + PATH_MAX_BYTES, v->root), out + PATH_MAX_BYTES, key);
}

uint64_t verified_of(const struct verify_counts *c, enum verdict verdict)
{
	uint64_t sum = 0;

	for (size_t kind = 0; kind < SYM_KIND_COUNT; kind++)
		sum += c->count[kind][verdict];
	return sum;
}

static void look(void *ctx, unsigned worker, const char *path, void *own)
{
	struct verification *v = ctx;
	struct seat *seat = own;
	struct place place = v->place;

	place.key = path + strlen(v->root);
	judge_path(&v->judges[worker], path, &place, &seat->expected, &seat->st, &seat->judgement);
}

/* ------------------------------------------------------------- telling -- */

static void tell_judgement(struct verification *v, const char *path, const struct judgement *j)
{
	struct verified told = {.path = path, .key = path + strlen(v->root), .judgement = j,
				.why = j->why.status == SYM_OK ? NULL : &j->why};

	v->counts->count[j->kind][j->verdict]++;
	v->counts->warnings += j->odd;
	v->options->told(v->options->ctx, &told);
}

static void show_progress(struct verification *v)
{
	struct run_progress p = {.phase = RUN_VERIFYING, .files_done = v->told_count};
	uint64_t now = os_now_ms();

	if (!v->options->progress || now - v->progress_at_ms < 100)
		return;
	v->progress_at_ms = now;
	v->options->progress(v->options->ctx, &p);
}

/* Something that was there when the store was listed, and was removed since: none of its faults. A link
 * that leads nowhere stands. */
static bool is_gone(const char *path, const struct sym_err *why)
{
	struct sym_err ignored;
	bool there;

	return why->status == SYM_NOT_FOUND &&
	       os_is_there(NULL, path, OS_NOFOLLOW, &there, &ignored) == SYM_OK && !there;
}

static void tell(void *ctx, const char *path, void *own)
{
	struct verification *v = ctx;
	struct seat *seat = own;
	const struct judgement *j = &seat->judgement;

	if (j->why.status == SYM_CANCELLED)
		return; /* it was not looked at to the end */
	if (j->verdict == VERDICT_UNREADABLE && is_gone(path, &j->why))
		return;
	tell_judgement(v, path, j);
	if (++v->told_count % 64 == 0)
		show_progress(v); /* here, where one thread at a time has the word */
	if (j->verdict == VERDICT_FINE &&
	    !twins_add(v->twins, path + strlen(v->root), j->member, &seat->st))
		v->no_memory = true;
}

static void tell_twin(void *ctx, const char *key, const char *twin)
{
	struct verification *v = ctx;
	char path[PATH_MAX_BYTES];
	struct sym_err why;
	struct verified told = {.path = path, .key = key, .twin = twin, .why = &why};

	path_of(v, key, path);
	err_set(&why, SYM_EXISTS, "some readers take another file for the same, which has other bytes");
	v->counts->warnings++;
	v->options->told(v->options->ctx, &told);
}

static void tell_lacking(void *ctx, uint64_t transaction, const char *key)
{
	struct verification *v = ctx;
	char path[PATH_MAX_BYTES];
	struct judgement j = {.verdict = VERDICT_MISSING};

	path_of(v, key, path);
	err_set(&j.why, SYM_NOT_FOUND, "nothing is there, and transaction %" PRIu64 " of the store needs it",
		transaction);
	tell_judgement(v, path, &j);
}

/* What the store says of itself, where the whole of it is verified. */
static enum sym_status check_transactions(struct verification *v, struct sym_err *err)
{
	struct os_dir *root;
	enum sym_status status;

	if (v->options->receipt || v->options->select->pattern_count > 0)
		return SYM_OK;
	status = os_dir_open(NULL, v->folder, OS_FOLLOW, &root, err);
	if (status == SYM_OK) {
		status = lacking_find(root, v->place.two_tier, tell_lacking, v, err);
		os_dir_close(root);
	}
	return status == SYM_OK || status == SYM_CANCELLED ? status : err_prefix(err, "%s", v->folder);
}

/* ------------------------------------------------------------- finding -- */

static enum sym_status take(struct verification *v, const char *path, const struct expected *expected,
			    struct sym_err *err)
{
	void *seat;
	enum sym_status status = ring_take(v->ring, path, &seat, err);

	if (status != SYM_OK)
		return status;
	((struct seat *)seat)->expected = *expected;
	return SYM_OK;
}

static enum sym_status found(void *ctx, const struct source_file *file, struct sym_err *err)
{
	return take(ctx, file->path, &(struct expected){0}, err);
}

/* A link to nothing, a FIFO, a folder that cannot be read: said in its place. */
static void unusable(void *ctx, const struct source_file *at, const struct sym_err *err)
{
	struct verification *v = ctx;
	struct judgement j;

	judge_unopened(err, &j);
	if (ring_settle(v->ring) && !is_gone(at->path, err))
		tell_judgement(v, at->path, &j);
}

static enum sym_status walk(struct verification *v, struct sym_err *err)
{
	const char *folder = v->folder;
	struct source_named whole = {SOURCE_PATH, folder};
	struct source_options source = *v->options->select;
	struct source_sink sink = {.ctx = v, .found = found, .warn = unusable};

	source.store = true;
	source.folders = &folder;
	source.folder_count = 1;
	source.named = &whole;
	source.named_count = source.pattern_count == 0;
	return source_find(&source, &sink, NULL, err);
}

/* ------------------------------------------------------------ the receipt -- */

/* Is the target that a receipt names this store: the same words, or the same folder? */
static bool is_ours(struct verification *v, const char *target)
{
	struct os_stat ours, theirs;
	struct sym_err ignored;

	if (v->target[0] && strcmp(v->target, target) == 0)
		return v->target_is_ours;
	text_put(v->target, v->target + sizeof v->target, target);
	v->target_is_ours =
		v->counts->moved || strcmp(target, v->options->store) == 0 ||
		(os_stat(NULL, target, OS_FOLLOW, &theirs, &ignored) == SYM_OK &&
		 os_stat(NULL, v->options->store, OS_FOLLOW, &ours, &ignored) == SYM_OK &&
		 ours.device == theirs.device && ours.inode == theirs.inode);
	return v->target_is_ours;
}

/* Below the root, and not back out of it. */
static bool is_safe(const struct verification *v, const char *key)
{
	if (strlen(v->root) + strlen(key) > SOURCE_PATH_BYTES_MAX)
		return false;
	for (const char *part = key;; part++) {
		size_t len = strcspn(part, "/");

		if (len == 0 || (len <= 2 && strncmp(part, "..", len) == 0))
			return false;
		part += len;
		if (!*part)
			return true;
	}
}

static enum sym_status tell_unsafe(struct verification *v, const char *path)
{
	struct judgement j;
	struct sym_err why;

	err_set(&why, SYM_REFUSED, "the receipt's path is none below a store");
	judge_unopened(&why, &j);
	if (ring_settle(v->ring))
		tell_judgement(v, path, &j);
	return SYM_OK;
}

/* Of a file: where it lies, and what it is. */
static uint64_t hash_of(const struct receipt_path *p)
{
	uint64_t sha256 = 0;

	if (p->has_sha256)
		memcpy(&sha256, p->sha256, sizeof sha256);
	return hash_text(hash_number(hash_number(HASH_START, p->size), sha256), p->key);
}

static void note_elsewhere(struct verification *v, const char *target)
{
	struct verify_counts *counts = v->counts;

	if (counts->elsewhere++ == 0) {
		text_put(v->other, v->other + sizeof v->other, target);
		text_put(counts->elsewhere_at, counts->elsewhere_at + sizeof counts->elsewhere_at, target);
	}
	v->several |= strcmp(v->other, target) != 0;
}

static enum sym_status take_path(void *ctx, const struct receipt_path *p, struct sym_err *err)
{
	struct verification *v = ctx;
	struct expected expected = {.any = true, .has_sha256 = p->has_sha256, .size = p->size};
	char path[PATH_MAX_BYTES];
	size_t named = v->named.count;

	if (!is_ours(v, p->target)) {
		note_elsewhere(v, p->target);
		return SYM_OK;
	}
	v->is_named = true;
	if (!receipt_is_delivered(p)) {
		v->counts->undelivered++;
		return SYM_OK;
	}
	if (!table_add(&v->named, hash_of(p)))
		return err_set(err, SYM_NOMEM, "out of memory");
	if (v->named.count == named)
		return SYM_OK; /* two sources have brought the same file */
	path_of(v, p->key, path);
	if (!is_safe(v, p->key))
		return tell_unsafe(v, path);
	memcpy(expected.sha256, p->sha256, sizeof expected.sha256);
	return take(v, path, &expected, err);
}

/* A store that was copied or moved since is not where its receipt says: a receipt of one target
 * alone is held against whatever store it is asked about. */
static enum sym_status take_receipt(struct verification *v, struct sym_err *err)
{
	enum sym_status status = receipt_read(v->options->receipt, take_path, v, err);

	if (status != SYM_OK || v->is_named || v->several || v->counts->elsewhere == 0)
		return status;
	v->counts->moved = true;
	v->target[0] = '\0';
	v->counts->elsewhere = 0;
	return receipt_read(v->options->receipt, take_path, v, err);
}

/* ------------------------------------------------------------ the whole -- */

static enum sym_status set_root(struct verification *v, struct sym_err *err)
{
	const char *store = v->options->store;
	size_t len;

	while (strncmp(store, "./", 2) == 0)
		store += 1 + strspn(store + 1, "/");
	len = strlen(store);
	while (len > 1 && store[len - 1] == '/')
		len--;
	if (len > SOURCE_PATH_BYTES_MAX)
		return err_set(err, SYM_TOO_BIG, "the path is longer than the %u bytes that can be opened",
			       SOURCE_PATH_BYTES_MAX);
	memcpy(v->folder, len ? store : ".", len ? len : 1);
	if (strcmp(v->folder, ".") != 0)
		snprintf(v->root, sizeof v->root, "%s%s", v->folder, strcmp(v->folder, "/") == 0 ? "" : "/");
	return SYM_OK;
}

static enum sym_status open_store(struct verification *v, struct sym_err *err)
{
	struct os_dir *dir;
	enum sym_status status = os_dir_open(NULL, v->options->store, OS_FOLLOW, &dir, err);

	if (status == SYM_OK) {
		v->place = (struct place){.readers = v->options->readers};
		status = os_is_there(dir, "index2.txt", OS_FOLLOW, &v->place.two_tier, err);
		os_dir_close(dir);
	}
	return status == SYM_OK ? set_root(v, err) : err_prefix(err, "%s", v->options->store);
}

static enum sym_status judges_init(struct verification *v, struct sym_err *err)
{
	v->judges = calloc(v->options->workers, sizeof *v->judges);
	v->twins = twins_new(v->root);
	if (!v->judges || !v->twins)
		return err_set(err, SYM_NOMEM, "out of memory");
	for (unsigned i = 0; i < v->options->workers; i++) {
		v->judges[i].probe = probe_new(v->options->fallback_age);
		if (!v->judges[i].probe)
			return err_set(err, SYM_NOMEM, "out of memory");
	}
	return SYM_OK;
}

static enum sym_status look_at_all(struct verification *v, struct sym_err *err)
{
	struct ring_work work = {.seat_size = sizeof(struct seat), .look = look, .tell = tell, .ctx = v};
	enum sym_status status = ring_start(&work, v->options->workers, &v->ring, err);

	if (status != SYM_OK)
		return status;
	status = v->options->receipt ? take_receipt(v, err) : walk(v, err);
	ring_finish(v->ring);
	if (status == SYM_OK && v->no_memory)
		return err_set(err, SYM_NOMEM, "out of memory");
	return status == SYM_OK ? stop_check(err) : status;
}

static void release(struct verification *v)
{
	for (unsigned i = 0; v->judges && i < v->options->workers; i++) {
		probe_free(v->judges[i].probe);
		hasher_free(v->judges[i].hasher);
	}
	free(v->judges);
	twins_free(v->twins);
	table_release(&v->named);
}

enum sym_status run_verify(const struct verify_options *options, struct verify_counts *counts,
			   struct sym_err *err)
{
	struct verification v = {.options = options, .counts = counts, .named = TABLE_OF(uint64_t)};
	uint64_t start = os_now_ms();
	enum sym_status status;

	memset(counts, 0, sizeof *counts);
	status = open_store(&v, err);
	if (status == SYM_OK)
		status = judges_init(&v, err);
	if (status == SYM_OK)
		status = look_at_all(&v, err);
	if (status == SYM_OK)
		twins_compare(v.twins, tell_twin, &v);
	if (status == SYM_OK)
		status = check_transactions(&v, err);
	if (status == SYM_OK)
		status = stop_check(err);
	counts->milliseconds = os_now_ms() - start;
	release(&v);
	return status;
}
