/* SPDX-License-Identifier: MIT
 * The transaction of one run into a bucket: its claim, its signs of life, and its end. */
#include "target/s3/admin/admin.h"

#include "base/err.h"
#include "base/stop.h"
#include "base/text.h"
#include "target/admin/transaction.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	CLAIMS_MAX = 1000, /* numbers tried, while other runs take them */
	LOOK_AGAIN_MS = 1000,
	CLAIM_BYTES_MAX = 128,
};

struct s3_transaction {
	struct s3 *s;
	const struct transaction_title *title;
	char *here;            /* the current folder */
	uint64_t id;           /* 0: none is claimed, or it was committed */
	char text[CLAIM_BYTES_MAX]; /* of the claim: no other run's has it */
	_Atomic uint64_t signed_ms; /* os_now_ms of the last sign of life */
	struct s3_manifest manifest;
	struct sym_err failed; /* the first failure */
};

/* ----------------------------------------------------------------- claiming -- */

/* One that fails is made up for by the next. */
void s3_transaction_sign(struct s3_transaction *t)
{
	uint64_t now = os_now_ms(), last = atomic_load(&t->signed_ms);
	struct sym_err ignored;

	if (t->id && now - last >= RUN_SIGNS_S * 1000 && atomic_compare_exchange_strong(&t->signed_ms, &last, now))
		(void)!s3_admin_put_state(t->s, t->id, ".begun", t->text, &ignored);
}

/* The number is free then, and somebody else's claim: so the deletion is not tried twice. Where it failed, or
 * these credentials may not delete, it is said in another way that there will be no transaction. */
static void give_up(struct s3_transaction *t)
{
	struct sym_err ignored;
	unsigned tries = t->s->retry.tries;
	uint64_t id = t->id;
	enum sym_status status;

	t->id = 0;
	t->s->retry.tries = 1;
	status = s3_admin_delete_state(t->s, id, ".begun", &ignored);
	t->s->retry.tries = tries;
	if (status != SYM_OK)
		(void)!s3_admin_put_state(t->s, id, ".dead", t->text, &ignored);
}

/* After the manifest was written, or may have been. Deaf, for a stop may be the reason. The number is burnt:
 * a deletion that arrives late shall not meet another run's manifest. */
static void take_back(struct s3_transaction *t)
{
	struct xfer *usual = s3_deafen(t->s);
	struct sym_err ignored;

	(void)!s3_admin_put_state(t->s, t->id, ".dead", t->text, &ignored);
	if (s3_admin_delete_state(t->s, t->id, "", &ignored) == SYM_AUTH)
		(void)!s3_manifest_copy(t->s, t->id, "", ".deleted", &ignored);
	s3_hear(t->s, usual);
}

/* Makes the claim of a number; `*made` false: somebody else was first. */
static enum sym_status make_claim(struct s3_transaction *t, uint64_t id, bool *made, struct sym_err *err)
{
	struct s3_body body = s3_body_of(t->text, strlen(t->text));
	char name[ADMIN_NAME_MAX];
	enum sym_status status;

	s3_admin_name(id, ".begun", name);
	status = s3_admin_make(t->s, name, &body, made, err);
	t->id = *made ? id : 0;
	atomic_store(&t->signed_ms, os_now_ms());
	return status;
}

/* Is the claim the only thing that bears the number? Others may have had it, and ended, after we listed.
 * SYM_UNSUPPORTED: it is not listed, so neither would a removal's marker be. */
static enum sym_status check_listing(const struct roster *r, uint64_t id, bool *alone, struct sym_err *err)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->numbers[i].id == id) {
			*alone = s3_roster_is_claimed(&r->numbers[i]);
			return SYM_OK;
		}
	return err_set(err, SYM_UNSUPPORTED, "transactions need a server that lists at once what was written, and this "
		       "one does not");
}

/* Claims the lowest number that nobody ever had. Leaves in `*r` who was there right after. */
static enum sym_status claim(struct s3_transaction *t, struct roster *r, struct sym_err *err)
{
	enum sym_status status = SYM_OK;

	for (unsigned n = 0; n < CLAIMS_MAX && status == SYM_OK; n++) {
		uint64_t id = r->last + 1;
		bool made, alone = false;

		if (id > 9999999999)
			return err_set(err, SYM_TOO_BIG, "no number is left for a transaction: the highest so far "
				       "is %" PRIu64, r->last);
		status = make_claim(t, id, &made, err);
		if (status != SYM_OK)
			return status;
		s3_roster_release(r);
		status = s3_roster_read(t->s, r, err);
		if (status == SYM_OK && made)
			status = check_listing(r, id, &alone, err);
		if (status == SYM_OK && alone)
			return SYM_OK;
		if (status == SYM_OK && made)
			give_up(t); /* else s3_transaction_end does, and hears no stop */
		r->last = r->last < id ? id : r->last;
	}
	return status == SYM_OK ? err_set(err, SYM_CHANGED, "other runs take each number first") : status;
}

static bool is_being_removed_from(const struct roster *r)
{
	for (size_t i = 0; i < r->marker_count; i++)
		if (!s3_roster_is_dead_marker(r, &r->markers[i]))
			return true;
	return false;
}

/* Until no removal is at work: what it takes is gone then, and what it leaves will stay. */
static enum sym_status wait_for_removals(struct s3_transaction *t, struct roster *r, struct sym_err *err)
{
	const struct target_options *o = &t->s->options;
	char text[320];
	enum sym_status status = SYM_OK;

	if (is_being_removed_from(r) && o->note) {
		snprintf(text, sizeof text, "Waiting for a removal of transactions in %.*s.",
			 text_fit(t->s->base.shown, 200), t->s->base.shown);
		o->note(o->note_ctx, text);
	}
	while (status == SYM_OK && is_being_removed_from(r)) {
		for (uint64_t until = os_now_ms() + LOOK_AGAIN_MS; os_now_ms() < until && !stop_asked();)
			admin_pause();
		s3_roster_release(r);
		status = s3_roster_read(t->s, r, err);
	}
	return status;
}

/* ---------------------------------------------------------------- beginning -- */

static enum sym_status begin(struct s3 *s, const struct transaction_title *title, struct roster *r,
			     struct sym_err *err)
{
	struct s3_transaction *t = calloc(1, sizeof *t);
	uint64_t random[2];
	enum sym_status status;

	if (!t)
		return err_set(err, SYM_NOMEM, "out of memory");
	t->s = s;
	t->title = title;
	t->here = os_absolute(".");
	os_random(random, sizeof random);
	snprintf(t->text, sizeof t->text, "{\"run\":\"%016" PRIx64 "%016" PRIx64 "\"}\n", random[0], random[1]);
	s3_manifest_init(&t->manifest);
	status = transaction_check(title, err);
	if (status == SYM_OK)
		status = claim(t, r, err);
	s->transaction = t; /* from now on each request can give the sign of life */
	if (status == SYM_OK)
		status = wait_for_removals(t, r, err);
	if (status == SYM_OK)
		return SYM_OK;
	s->transaction = NULL;
	s3_transaction_end(t);
	return status;
}

/* Where nobody may list, or the server cannot, whatever it says then, no run can be noted. */
static bool is_refusal(enum sym_status status)
{
	return status == SYM_AUTH || status == SYM_UNSUPPORTED || status == SYM_REFUSED ||
	       status == SYM_NOT_FOUND || status == SYM_MALFORMED;
}

enum sym_status s3_meet(struct target *target, struct sym_err *err)
{
	static const struct transaction_title untitled = {.product = "", .version = "", .label = ""};
	struct s3 *s = (struct s3 *)target;
	const struct transaction_title *title = s->options.transaction ? s->options.transaction : &untitled;
	struct roster roster;
	enum sym_status status;

	if (!s->options.transaction && s->options.dry_run)
		return SYM_OK; /* who asks as readers do, and may have no right to list */
	status = s3_roster_read(s, &roster, err); /* in a dry run, too: it fails as the run will */
	if (status == SYM_OK && !s->options.dry_run && (title->wanted || roster.last > 0))
		status = begin(s, title, &roster, err);
	if (status == SYM_OK && roster.removed_s)
		target->removed_s = os_time_s() - (roster.now_s - roster.removed_s) + 1;
	s3_roster_release(&roster);
	if (status == SYM_OK || status == SYM_CANCELLED)
		return status;
	if (title->wanted)
		return err_prefix(err, "%s", target->shown);
	if (!is_refusal(status))
		target_give_up(target, err); /* what is delivered unnoted, a removal would take */
	return SYM_OK;
}

/* ----------------------------------------------------------------- entering -- */

void s3_enter(struct target *target, const char *source, const struct parcel *p)
{
	struct s3_transaction *t = ((struct s3 *)target)->transaction;
	struct buf from = BUF_MAX(16 << 10);
	struct sym_err err;

	if (!t)
		return;
	transaction_add_source(t->here, source, &from);
	for (size_t i = 0; i < p->count && t->failed.status == SYM_OK; i++)
		if (action_is_there(p->at[i].action) &&
		    s3_manifest_add(&t->manifest, p->at[i].path, from.data, p->id->slice_size, &err) != SYM_OK)
			t->failed = err;
	buf_release(&from);
}

/* ---------------------------------------------------------------------- end -- */

static enum sym_status write_manifest(struct s3_transaction *t, struct sym_err *err)
{
	struct s3_body body;
	char name[ADMIN_NAME_MAX];
	uint64_t size;
	os_file file;
	bool made;
	enum sym_status status = s3_manifest_end(&t->manifest, t->id, t->title, &file, &size, err);

	s3_admin_name(t->id, "", name);
	if (status == SYM_OK)
		status = s3_admin_file(file, size, &body, err);
	if (status == SYM_OK) {
		status = s3_admin_make(t->s, name, &body, &made, err);
		if (status == SYM_NET || status == SYM_CANCELLED)
			take_back(t); /* perhaps the answer alone did not arrive */
	}
	os_close_quietly(file);
	if (status == SYM_OK && !made)
		status = err_set(err, SYM_CHANGED, "somebody else wrote " ADMIN_FOLDER "/%s", name);
	return status;
}

/* Did a removal give us up, and perhaps take what we count on? */
static enum sym_status check_life(struct s3_transaction *t, struct sym_err *err)
{
	char name[ADMIN_NAME_MAX];
	bool dead;
	enum sym_status status;

	s3_admin_name(t->id, ".dead", name);
	status = s3_admin_exists(t->s, name, &dead, err);
	if (status == SYM_OK && dead)
		status = err_set(err, SYM_CHANGED, "for an hour this run gave no sign of life, and transactions were "
						   "removed meanwhile: run it again");
	return status;
}

static enum sym_status commit(struct s3_transaction *t, struct sym_err *err)
{
	struct sym_err ignored;
	enum sym_status status;
	uint64_t id = t->id;

	if (target_given_up(&t->s->base, err))
		return err->status; /* who does not answer is not asked again */
	status = check_life(t, err);
	if (status == SYM_OK)
		status = write_manifest(t, err);
	if (status != SYM_OK)
		return status;
	status = check_life(t, err);
	if (status != SYM_OK) {
		take_back(t);
		return status;
	}
	t->id = 0;
	(void)!s3_admin_delete_state(t->s, id, ".begun", &ignored); /* the manifest speaks for it now */
	return SYM_OK;
}

enum sym_status s3_transaction_commit(struct s3_transaction *t, struct sym_err *err)
{
	*err = t->failed;
	if (t->failed.status == SYM_OK && t->manifest.files == 0)
		return SYM_OK;
	if (t->failed.status == SYM_OK && commit(t, err) == SYM_OK)
		return SYM_OK;
	return err_prefix(err, "the transaction cannot be noted");
}

void s3_transaction_end(struct s3_transaction *t)
{
	struct xfer *usual;

	if (!t)
		return;
	if (t->id) {
		usual = s3_deafen(t->s);
		give_up(t);
		s3_hear(t->s, usual);
	}
	s3_manifest_release(&t->manifest);
	free(t->here);
	free(t);
}
