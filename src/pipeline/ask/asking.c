/* SPDX-License-Identifier: MIT */
#include "pipeline/ask/asking.h"

#include "base/err.h"
#include "pipeline/member.h"
#include "target/gzip.h"

#include <stdlib.h>
#include <string.h>

struct asking {
	struct target base;
	struct target *inner;
};

static struct target *inner_of(struct target *t)
{
	return ((struct asking *)t)->inner;
}

enum sym_status asked_open(const char *where, const struct target_options *options, struct target **out,
			   struct sym_err *err)
{
	struct target_options looking = *options;
	struct sym_err ignored;
	enum sym_status status;

	looking.dry_run = true;
	looking.transaction = NULL;
	status = target_open(where, &looking, out, err);
	if (status == SYM_OK && (*out)->kind->meet)
		(void)!(*out)->kind->meet(*out, &ignored); /* the questions tell it */
	return status;
}

/* ------------------------------------------------------------ comparing -- */

/* What a fetch brings. */
struct fetched {
	struct gunzip *bytes;
	os_file spool; /* all of it, where it is to be opened; else OS_NO_FILE */
};

static enum sym_status take(void *ctx, const void *bytes, size_t size, struct sym_err *err)
{
	struct fetched *f = ctx;

	if (!bytes) {
		if (!gunzip_restart(f->bytes))
			return err_set(err, SYM_NOMEM, "out of memory");
		if (f->spool == OS_NO_FILE)
			return SYM_OK;
		os_close_quietly(f->spool);
		f->spool = OS_NO_FILE;
		return os_spool(&f->spool, err);
	}
	gunzip_feed(f->bytes, bytes, size);
	return f->spool == OS_NO_FILE ? SYM_OK : os_write(f->spool, bytes, size, err);
}

static bool is_same(const uint8_t a[32], const uint8_t b[32])
{
	return memcmp(a, b, 32) == 0;
}

static enum sym_status compare_plain(const struct parcel *p, const struct target_answer *answer,
				     const struct gunzipped *came, struct sym_err *err)
{
	bool unpacked = came->unpacked && is_same(came->plain_sha256, p->sha256);

	if (is_same(came->sha256, p->sha256) || (unpacked && answer->gzip))
		return SYM_OK;
	if (unpacked)
		return err_set(err, SYM_EXISTS,
			       "it is packed by gzip, and the server does not say so (Content-Encoding): "
			       "readers take it as it comes");
	if (came->unpacked && answer->gzip)
		return err_set(err, SYM_EXISTS, "other bytes are there: %llu once unpacked, not %llu",
			       (unsigned long long)came->plain_size,
			       (unsigned long long)p->id->slice_size);
	if (came->size != p->id->slice_size)
		return err_set(err, SYM_EXISTS, "other bytes are there: %llu, not %llu",
			       (unsigned long long)came->size, (unsigned long long)p->id->slice_size);
	return err_set(err, SYM_EXISTS, "other bytes of the same number are there");
}

/* A compressed file holds the very bytes. */
static enum sym_status compare_cabinet(const struct parcel *p, const struct fetched *f, uint64_t size,
				       struct sym_err *err)
{
	uint8_t sha256[32];
	uint64_t member_size;
	enum sym_status status = member_digest(f->spool, size, sha256, &member_size, err);

	if (status != SYM_OK)
		return err_prefix(err, "the compressed file");
	if (!is_same(sha256, p->sha256))
		return err_set(err, SYM_EXISTS, "the compressed file holds other bytes: %llu, not %llu",
			       (unsigned long long)member_size, (unsigned long long)p->id->slice_size);
	return SYM_OK;
}

/* Fetches `path` and compares it. SYM_EXISTS: it is another file. */
static enum sym_status ask_deep(struct target *inner, const struct parcel *p, const char *path,
				bool compressed, struct target_answer *answer, struct sym_err *err)
{
	struct fetched f = {.bytes = gunzip_new(), .spool = OS_NO_FILE};
	struct target_sink sink = {.take = take, .ctx = &f};
	struct gunzipped came;
	enum sym_status status = SYM_OK;

	if (!f.bytes)
		return err_set(err, SYM_NOMEM, "out of memory");
	if (compressed)
		status = os_spool(&f.spool, err);
	if (status == SYM_OK)
		status = inner->kind->ask(inner, path, &sink, answer, err);
	if (status == SYM_OK) {
		gunzip_end(f.bytes, &came);
		status = compressed ? compare_cabinet(p, &f, came.size, err)
				    : compare_plain(p, answer, &came, err);
	}
	os_close_quietly(f.spool);
	gunzip_free(f.bytes);
	return status;
}

/* --------------------------------------------------------------- asking -- */

static enum sym_status ask(struct target *inner, const struct parcel *p, const char *path,
			   bool compressed, struct target_answer *answer, struct sym_err *err)
{
	if (p && p->sha256)
		return ask_deep(inner, p, path, compressed, answer, err);
	return inner->kind->ask(inner, path, NULL, answer, err);
}

/* Does a reader of this path look for the compressed file, where there is no other? */
static bool has_twin(const struct parcel_path *at, char twin[KEY_PATH_MAX])
{
	memcpy(twin, at->path, strlen(at->path) + 1);
	key_compressed(twin);
	return strcmp(twin, at->path) != 0 && key_reads_symsrv(at->readers);
}

/* It is there: is that worth a word? */
static void settle_there(const struct parcel *p, struct parcel_path *at, bool compressed,
			 const struct target_answer *answer)
{
	at->action = ACTION_PRESENT;
	if (compressed) {
		err_set(&at->why, SYM_OK, "as a compressed file");
	} else if (!p->sha256 && answer->has_size && !answer->gzip && !at->second &&
		   answer->size != p->id->slice_size) {
		err_set(&at->why, SYM_EXISTS, "it is there with %llu bytes, and the file here has %llu",
			(unsigned long long)answer->size, (unsigned long long)p->id->slice_size);
		at->warn = true;
	}
}

/* Asks for the path, and where nothing is there for its twin. `p` may be NULL. */
static enum sym_status ask_both(struct target *inner, const struct parcel *p,
				const struct parcel_path *at, bool *compressed,
				struct target_answer *answer, struct sym_err *err)
{
	char twin[KEY_PATH_MAX];
	struct sym_err twin_err;
	enum sym_status status = ask(inner, p, at->path, false, answer, err);

	*compressed = status == SYM_NOT_FOUND && has_twin(at, twin);
	if (!*compressed)
		return status;
	status = ask(inner, p, twin, true, answer, &twin_err);
	if (status != SYM_OK && status != SYM_NOT_FOUND)
		*err = twin_err;
	return status;
}

static enum target_listed listed(struct target *t, const char *path)
{
	return t->kind->listed ? t->kind->listed(t, path) : LISTED_UNKNOWN;
}

enum sym_status asking_for(struct target *t, const struct parcel_path *at, struct sym_err *err)
{
	enum target_listed whole = listed(t, at->path);
	struct target_answer answer;
	char twin[KEY_PATH_MAX];
	bool compressed;

	if (whole == LISTED_THERE)
		return SYM_OK;
	if (whole == LISTED_ABSENT && (!has_twin(at, twin) || listed(t, twin) == LISTED_ABSENT))
		return err_set(err, SYM_NOT_FOUND, "nothing is there");
	return ask_both(t, NULL, at, &compressed, &answer, err);
}

enum sym_status asking_answer(struct target *t, const struct parcel_path *at, bool *compressed,
			      struct target_answer *answer, struct sym_err *err)
{
	return ask_both(t, NULL, at, compressed, answer, err);
}

static void settle(struct target *inner, struct parcel *p, struct parcel_path *at)
{
	struct target_answer answer;
	struct sym_err err;
	bool compressed;
	enum sym_status status = ask_both(inner, p, at, &compressed, &answer, &err);

	if (status == SYM_OK) {
		settle_there(p, at, compressed, &answer);
		return;
	}
	at->why = err;
	at->action = status == SYM_NOT_FOUND ? ACTION_MISSING : ACTION_FAILED;
	if (status == SYM_EXISTS && at->second) {
		at->action = ACTION_PRESENT;
		err_set(&at->why, SYM_EXISTS, "another file of this run has this path");
	}
}

static enum sym_status asking_stage(struct target *t, unsigned worker, struct parcel *p,
				    struct sym_err *err)
{
	(void)worker;
	(void)err;
	for (size_t i = 0; i < p->count; i++)
		if (p->at[i].action == ACTION_PENDING)
			settle(inner_of(t), p, &p->at[i]);
	return SYM_OK;
}

static void asking_close(struct target *t)
{
	struct target *inner = inner_of(t);

	inner->kind->close(inner);
	free(t);
}

static const struct target_kind asking_target = {
	.stage = asking_stage,
	.close = asking_close,
};

static const struct target_kind deep_asking_target = {
	.wants_sha256 = true,
	.stage = asking_stage,
	.close = asking_close,
};

enum sym_status asking_open(const char *where, const struct target_options *options, bool deep,
			    struct target **out, struct sym_err *err)
{
	struct asking *a = calloc(1, sizeof *a);
	enum sym_status status;

	if (!a)
		return err_set(err, SYM_NOMEM, "out of memory");
	status = asked_open(where, options, &a->inner, err);
	if (status != SYM_OK) {
		free(a);
		return status;
	}
	a->base.kind = deep ? &deep_asking_target : &asking_target;
	a->base.shown = a->inner->shown;
	a->base.place = a->inner->place;
	a->base.two_tier = a->inner->two_tier;
	*out = &a->base;
	return SYM_OK;
}

const char *asking_name(const struct target *t, bool by_place)
{
	return by_place && t->place ? t->place : t->shown;
}
