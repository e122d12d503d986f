/* SPDX-License-Identifier: MIT
 * A parcel's way into the bucket. Each path is looked at where that is worth a request, written
 * under the condition that it is still as it was seen, and looked at again where the server
 * keeps no conditions. */
#include "target/s3/s3.h"

#include "base/err.h"
#include "base/text.h"
#include "target/digest.h"

#include <stdio.h>
#include <string.h>

enum {
	ROUNDS_MAX = 5,        /* of looking and writing, while others write the same key */
	DOUBT_AFTER_FOUND = 8, /* so many keys must be absent before one is sent unasked again */
};

/* -------------------------------------------------------------- looking -- */

/* One path on its way. */
struct journey {
	struct s3 *s;
	struct s3_cargo *c;
	struct parcel_path *at;
	char key[S3_KEY_MAX + 1];
	bool again;             /* what was known did not hold: ask the object itself */
	bool replace;
	struct sym_err overwrites; /* what `replace` was once set for; status SYM_OK: it never was */
	struct s3_found found;  /* what is known of the object now */
	struct s3_expect expect;
	enum s3_match match;    /* how If-Match was spelled */
	char refused[S3_ETAG_MAX]; /* ETag of an If-Match that was refused; "" = none was */
	bool copied, in_parts;
};

static bool conditions_work(struct s3 *s)
{
	return atomic_load(&s->condition) == S3_CONDITION_WORKS;
}

static void note_absent(struct s3 *s)
{
	unsigned doubt = atomic_load(&s->doubt);

	while (doubt > 0 && !atomic_compare_exchange_weak(&s->doubt, &doubt, doubt - 1))
		;
}

/* A small object is sent unasked while nearly all are new: the condition keeps what stands. */
static bool may_go_unasked(const struct journey *j)
{
	return !j->again && !j->s->options.dry_run && j->s->options.existing != EXISTING_REPLACE &&
	       !j->at->second && j->c->p->id->slice_size <= S3_SMALL_BYTES && conditions_work(j->s) &&
	       (atomic_load(&j->s->doubt) == 0 || atomic_load(&j->s->blind));
}

static enum sym_status look(struct journey *j, struct sym_err *err)
{
	struct s3 *s = j->s;
	enum target_listed listed = LISTED_UNKNOWN;
	bool same = false;
	enum sym_status status;

	j->found.known = S3_NOT_ASKED;
	if (may_go_unasked(j))
		return SYM_OK;
	j->found.known = S3_DENIED;
	if (atomic_load(&s->blind))
		return SYM_OK;
	if (!j->again)
		listed = s3_list_ask(s, j->key, j->c->p, &same);
	if (same || (listed == LISTED_ABSENT && conditions_work(s))) {
		j->found.known = same ? S3_SAME : S3_ABSENT;
		return SYM_OK;
	}
	status = s3_head(s, j->key, &j->found, err);
	if (status != SYM_OK)
		return status;
	if (j->found.known != S3_THERE) {
		note_absent(s);
		return SYM_OK;
	}
	atomic_store(&s->doubt, DOUBT_AFTER_FOUND);
	return j->found.has_sha256 ? s3_cargo_hash(j->c, err) : SYM_OK;
}

/* Something stands there, and may not be looked at. Said as a warning once, and of each that may be this run's. */
static void settle_blind(struct journey *j)
{
	bool unsure = j->c->attempts > 1;

	atomic_store(&j->s->blind, true);
	err_set(&j->at->why, SYM_EXISTS, "an object stands under this key%s, and these credentials may not look at it "
					 "(s3:GetObject)",
		unsure ? ", perhaps by an attempt of this run whose answer was lost" : "");
	path_settle(j->at, ACTION_KEPT, !atomic_exchange(&j->s->told_blind, true) || unsure);
}

/* Nobody may look what stands there, if anything does. */
static void decide_blind(struct journey *j)
{
	struct s3 *s = j->s;
	struct sym_err err;

	if (s->options.existing == EXISTING_REPLACE && !j->at->second) {
		j->expect.absent = false;
		existing_unseen(j->at);
	} else if (j->again && conditions_work(s)) {
		settle_blind(j);
	} else if (atomic_load(&s->condition) == S3_CONDITION_NONE) {
		err_set(&err, SYM_AUTH, "these credentials may not look whether something stands under this key "
					"(s3:GetObject, s3:ListBucket), and the server has no conditional PUT");
		path_fail(j->at, &err);
	}
}

/* Is what stands there what was written? */
static bool is_written(const struct journey *j, const struct s3_found *found)
{
	if (found->has_sha256)
		return memcmp(j->c->hash, found->sha256, sizeof j->c->hash) == 0;
	return *j->c->etag ? s3_etags_same(j->c->etag, found->etag) : found->size == j->c->body.bytes.size;
}

/* Are these our bytes, under metadata that speak of others? They settle nothing. */
static bool is_mislabelled(const struct journey *j, const struct s3_found *found)
{
	return j->c->resumed && s3_etags_same(j->c->etag, found->etag) && !is_written(j, found);
}

/* From what is known to what is expected of the write; settles the path where there is
 * nothing to write. */
static void decide(struct journey *j)
{
	struct s3 *s = j->s;

	if (j->found.known == S3_THERE && is_mislabelled(j, &j->found)) {
		j->expect = (struct s3_expect){.etag = j->found.etag};
		return; /* it is this run's own write that is done again */
	}
	j->replace = false;
	j->expect = (struct s3_expect){.absent = true};
	j->at->why = (struct sym_err){.status = SYM_OK};
	switch (j->found.known) {
	case S3_NOT_ASKED:
	case S3_ABSENT:
		break;
	case S3_SAME:
		j->at->action = ACTION_PRESENT;
		break;
	case S3_THERE:
		s3_settle(s, j->c, j->at, &j->found, &j->replace);
		j->expect = (struct s3_expect){.etag = j->found.etag};
		if (j->replace)
			j->overwrites = j->at->why;
		if (j->replace && *j->refused && strcmp(j->refused, j->found.etag) == 0)
			s3_learn_match(s, j->match);
		break;
	case S3_DENIED:
		decide_blind(j);
		break;
	}
	if (j->at->action == ACTION_PENDING && s->options.dry_run)
		j->at->action = ACTION_PLANNED;
}

/* -------------------------------------------------------------- writing -- */

/* Copies cannot be conditional: only where it is known what stands there. A small object
 * is sent again by one request where copying takes three. */
static bool should_copy(const struct journey *j)
{
	bool seen = j->found.known == S3_ABSENT || j->found.known == S3_THERE;

	return j->c->copy_key && seen && !atomic_load(&j->s->no_copy) &&
	       (j->c->body.bytes.size > S3_SMALL_BYTES || !conditions_work(j->s));
}

/* Where nobody can look, the end of an upload in parts could overwrite, but one PUT cannot. */
static bool must_be_whole(const struct journey *j)
{
	return j->found.known == S3_DENIED && !j->s->conditional_complete;
}

static bool should_split(const struct journey *j)
{
	return j->c->streams ||
	       j->c->body.bytes.size >= (must_be_whole(j) ? S3_PUT_MAX + 1 : S3_MULTIPART_BYTES);
}

static enum sym_status write_object(struct journey *j, enum s3_sent *sent, struct sym_err *err)
{
	enum sym_status status = SYM_UNSUPPORTED;
	const char *copy_key = j->c->copy_key;

	j->match = (enum s3_match)atomic_load(&j->s->match);
	j->copied = should_copy(j);
	if (j->copied)
		status = s3_copy(j->s, j->c, j->key, sent, err);
	if (status != SYM_UNSUPPORTED)
		return status;
	j->copied = false;
	j->in_parts = should_split(j);
	j->c->copy_key = NULL;
	status = j->in_parts ? s3_multipart(j->s, j->c, j->key, &j->expect, sent, err)
			     : s3_put(j->s, j->c, j->key, &j->expect, sent, err);
	j->c->copy_key = copy_key;
	return status;
}

/* Does this write tell what the server does with conditions? Then it comes alone. */
static bool is_lesson(const struct journey *j)
{
	return atomic_load(&j->s->condition) == S3_CONDITION_UNKNOWN && j->expect.absent &&
	       j->c->body.bytes.size <= S3_SMALL_BYTES;
}

/* Did the write prove by itself that nothing else was overwritten? */
static bool is_proved(const struct journey *j)
{
	if (j->copied || j->c->resumed)
		return false;
	if (j->s->conditional_complete)
		return true;
	return !j->in_parts && j->expect.absent && conditions_work(j->s);
}

/* HEAD after a write that proves nothing. A lost race is reported. */
static enum sym_status confirm(struct journey *j, struct sym_err *err)
{
	struct s3_found found;
	enum sym_status status = s3_head(j->s, j->key, &found, err);

	if (status != SYM_OK)
		return status;
	if (found.known == S3_ABSENT)
		return err_set(err, SYM_CHANGED, "the object was stored, and is gone again");
	if (found.known == S3_DENIED || is_written(j, &found))
		return SYM_OK;
	if (is_mislabelled(j, &found)) {
		/* The upload was begun for other bytes, or by a program that writes other metadata. */
		j->c->made_anew = true;
		j->again = true;
		return SYM_OK;
	}
	err_set(&j->at->why, SYM_EXISTS,
		"another run wrote other bytes under this key at the same moment, and these stand now");
	j->at->warn = true;
	j->at->action = ACTION_KEPT;
	return SYM_OK;
}

/* Stored where nobody could look before. Said as a warning: once where the condition kept
 * whatever stood there, else each time. */
static void tell_blind(struct journey *j)
{
	bool kept = conditions_work(j->s);

	if (j->found.known != S3_DENIED || (atomic_exchange(&j->s->told_blind, true) && kept))
		return;
	err_set(&j->at->why, SYM_EXISTS, kept ? "it was stored without a look at what stands there, which these "
						"credentials do not allow (s3:GetObject, s3:ListBucket)"
					      : "nobody could look whether something stood under this key: these "
						"credentials may not (s3:GetObject, s3:ListBucket), and whether the "
						"server keeps conditions is not known");
	j->at->warn = true;
}

/* After a write that went well: settles the path, unless it has to be made again. */
static enum sym_status conclude(struct journey *j, struct sym_err *err)
{
	enum sym_status status = SYM_OK;

	j->again = false;
	if (!is_proved(j))
		status = confirm(j, err);
	if (status != SYM_OK || j->again || j->at->action != ACTION_PENDING)
		return status;
	j->at->action = j->replace ? ACTION_REPLACED : ACTION_STORED;
	if (j->expect.absent)
		tell_blind(j);
	return SYM_OK;
}

/* Writes; the first small object of a run teaches all that come after it. */
static enum sym_status write_alone_or_not(struct journey *j, enum s3_sent *sent, struct sym_err *err)
{
	bool lesson = is_lesson(j);
	struct sym_err ignored;
	enum sym_status status;

	if (!lesson)
		return write_object(j, sent, err);
	pthread_mutex_lock(&j->s->first);
	lesson = is_lesson(j);
	if (!lesson)
		pthread_mutex_unlock(&j->s->first);
	/* By what the first one met it may have been given up. */
	status = target_given_up(&j->s->base, err) ? err->status : write_object(j, sent, err);
	if (!lesson)
		return status;
	if (status == SYM_OK && *sent == S3_SENT && !j->copied)
		(void)!s3_learn_condition(j->s, j->c, j->key, &ignored); /* the next one tries, too */
	pthread_mutex_unlock(&j->s->first);
	return status;
}

static enum sym_status write_and_settle(struct journey *j, struct sym_err *err)
{
	enum s3_sent sent;
	enum sym_status status = s3_cargo_load(j->s, j->c, must_be_whole(j), err);

	if (status == SYM_OK)
		status = write_alone_or_not(j, &sent, err);
	if (status != SYM_OK)
		return status;
	if (sent == S3_SENT)
		return conclude(j, err);
	if (sent == S3_RACED) {
		if (j->found.known == S3_NOT_ASKED)
			atomic_store(&j->s->doubt, DOUBT_AFTER_FOUND);
		snprintf(j->refused, sizeof j->refused, "%s", j->expect.etag ? j->expect.etag : "");
	}
	j->again = true;
	return SYM_OK;
}

static void deliver(struct journey *j)
{
	struct sym_err err;
	enum sym_status status = s3_key(j->s, j->at->path, j->key, &err);

	j->c->attempts = 0;
	j->c->resumed = j->c->made_anew = false;
	for (int round = 0; round < ROUNDS_MAX && status == SYM_OK; round++) {
		status = look(j, &err);
		if (status == SYM_OK)
			decide(j);
		if (status != SYM_OK || j->at->action != ACTION_PENDING)
			break;
		status = write_and_settle(j, &err);
		if (j->at->action != ACTION_PENDING)
			break;
	}
	if (status == SYM_OK && j->at->action == ACTION_PENDING)
		status = err_set(&err, SYM_CHANGED, "the bucket changed each time it was written to");
	if (status != SYM_OK)
		path_fail(j->at, &err);
	/* The answer to an earlier attempt was lost, and that attempt had stored it. */
	if (j->at->action == ACTION_PRESENT && j->c->attempts > 1) {
		j->at->action = ACTION_STORED;
		if (j->overwrites.status != SYM_OK) {
			j->at->action = ACTION_REPLACED;
			j->at->why = j->overwrites;
		}
	}
}

/* Do our bytes stand under the path, for certain? Then they can be copied from there. */
static bool is_source(const struct journey *j)
{
	return j->at->action == ACTION_STORED || j->at->action == ACTION_REPLACED ||
	       (j->at->action == ACTION_PRESENT && j->at->why.status == SYM_OK);
}

enum sym_status s3_stage(struct target *t, unsigned worker, struct parcel *p, struct sym_err *err)
{
	struct s3 *s = (struct s3 *)t;
	char copy_key[S3_KEY_MAX + 1];
	struct s3_cargo cargo;

	(void)worker;
	if (target_given_up(t, err))
		return err->status;
	s3_cargo_init(&cargo, p);
	for (size_t i = 0; i < p->count; i++) {
		struct journey j = {.s = s, .c = &cargo, .at = &p->at[i]};

		if (j.at->action != ACTION_PENDING)
			continue;
		deliver(&j);
		if (j.at->action == ACTION_PENDING)
			break; /* the run ends */
		target_hear(t, j.at, os_now_ms());
		p->attempts = cargo.attempts > p->attempts ? cargo.attempts : p->attempts;
		if (!cargo.copy_key && is_source(&j)) {
			memcpy(copy_key, j.key, sizeof copy_key);
			cargo.copy_key = copy_key;
		}
	}
	s3_cargo_release(&cargo);
	return SYM_OK;
}
