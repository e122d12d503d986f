/* SPDX-License-Identifier: MIT
 * Delivers a parcel: looks where it must, and decides, path by path, what is sent and over what:
 * never poorer. */
#include "target/http/turn.h"

#include "base/err.h"
#include "target/body.h"
#include "target/compare.h"
#include "target/existing.h"

#include <string.h>

enum { BLIND_AFTER = 8 }; /* so many paths in a row under which nothing stood */

/* ------------------------------------------------------------- outcomes -- */

static void fail(struct http *h, struct parcel_path *at, const struct sym_err *err)
{
	path_fail(at, err);
	/* Nobody's account is to be locked by a thousand tries. */
	if (err->status == SYM_AUTH && h->learnt.locked_out && h->learnt.stored == 0)
		target_give_up(&h->base, err);
}

static void settle_stored(struct http_turn *t, struct parcel_path *at, bool replaced)
{
	path_settle(at, replaced ? ACTION_REPLACED : ACTION_STORED, at->warn);
	t->twin = at;
}

/* The file as it is: its reader would not know that it is packed. */
static void take_plain(struct http_turn *t)
{
	t->body = (struct http_body){.bytes = body_plain(t->p), .sha256 = t->p->sha256};
}

static void settle_same(struct http_turn *t, struct parcel_path *at, const struct http_seen *seen)
{
	path_settle(at, ACTION_PRESENT, false);
	if (!seen->by_size)
		t->twin = at;
	else if (!atomic_exchange(&t->h->learnt.said_size_only, true))
		err_set(&at->why, SYM_EXISTS,
			"by its size alone: the server keeps no checksum to compare (said once)");
	http_note_encoding(t, at, seen);
}

/* Other bytes stand there. True: they are to be replaced. */
static bool settle_other(struct http_turn *t, struct parcel_path *at, const struct http_seen *seen)
{
	static const char silent[] = "the server does not tell which file offers more";
	bool replace = false;

	if (existing_decides(t->h->options.existing, at, &replace))
		return replace;
	if (at->second)
		err_set(&at->why, SYM_EXISTS, "another file of this run was preferred for this path");
	else if (seen->has_size && seen->size != t->body.bytes.size)
		err_set(&at->why, SYM_EXISTS, "other bytes stand under this key (%llu, not %llu): %s",
			(unsigned long long)seen->size, (unsigned long long)t->body.bytes.size, silent);
	else
		err_set(&at->why, SYM_EXISTS, "other bytes stand under this key: %s", silent);
	path_settle(at, ACTION_KEPT, !at->second);
	return false;
}

/* ------------------------------------------------------------- deciding -- */

static bool must_look(const struct http_turn *t, const struct parcel_path *at)
{
	const struct http *h = t->h;

	return h->options.dry_run || at->second || t->body.bytes.size > HTTP_BLIND_BYTES ||
	       h->learnt.conditional != YES || h->learnt.absent < BLIND_AFTER;
}

/* The server does not tell what stands there, but `exists`: that something does, else it can be nothing. */
static bool decide_blind(struct http_turn *t, struct parcel_path *at, bool exists, bool *replace)
{
	struct http_learnt *learnt = &t->h->learnt;

	*replace = t->h->options.existing == EXISTING_REPLACE && !at->second;
	t->unseen = *replace && !exists;
	if (t->unseen)
		existing_unseen(at);
	if (exists && !*replace) {
		err_set(&at->why, SYM_EXISTS, "something stands under this key%s, and the server does not tell what",
			t->unsure ? ", perhaps by an attempt of this run whose answer was lost" : "");
		path_settle(at, ACTION_KEPT, !atomic_exchange(&learnt->said_no_look, true) || t->unsure);
		return false;
	}
	if (!*replace && learnt->conditional != YES && !atomic_exchange(&learnt->said_no_look, true)) {
		err_set(&at->why, SYM_AUTH, "the server does not tell what stands there: other bytes may %s replaced "
			"(said once)", t->h->options.dry_run ? "be" : "have been");
		at->warn = true;
	}
	return true;
}

/* What stands there decides: true where the path is to be sent, `*replace` over other bytes.
 * `exists`: an upload was refused because something stands there. */
static bool decide(struct http_turn *t, struct parcel_path *at, bool exists, bool *replace)
{
	struct http_learnt *learnt = &t->h->learnt;
	struct http_seen seen;
	struct sym_err err;

	*replace = false;
	if (http_look(t->h, at->path, &t->body, &seen, &err) != SYM_OK) {
		fail(t->h, at, &err);
		return false;
	}
	switch (seen.sight) {
	case SIGHT_NOTHING:
		learnt->absent++;
		return true;
	case SIGHT_SAME:
		learnt->absent = 0;
		*replace = seen.by_size && existing_resends(t->h->options.existing, at);
		if (!*replace)
			settle_same(t, at, &seen);
		return *replace;
	case SIGHT_OTHER:
		learnt->absent = 0;
		*replace = settle_other(t, at, &seen);
		return *replace;
	case SIGHT_UNKNOWN:
		break;
	}
	return decide_blind(t, at, exists || seen.stands, replace);
}

static void send_path(struct http_turn *t, struct parcel_path *at, bool replace)
{
	struct http *h = t->h;
	struct sym_err err;
	enum http_sent sent = t->twin ? http_copy(t, at, replace) : SENT_NOT;
	bool was_put = sent == SENT_NOT;

	t->unsure = false;
	if (was_put)
		sent = http_put(t, at, replace, &err);
	if (sent == SENT_EXISTS && decide(t, at, true, &replace))
		sent = http_put(t, at, replace, &err);
	if (t->unsure && at->action == ACTION_PRESENT) { /* by the attempt whose answer was lost */
		at->action = ACTION_PENDING;
		sent = SENT_STORED;
	}
	if (sent == SENT_STORED && t->body.packed && h->learnt.encodings == NO) {
		take_plain(t);
		sent = http_put(t, at, true, &err);
	}
	if (sent == SENT_STORED) {
		settle_stored(t, at, replace && !t->unseen);
		h->learnt.stored++;
		if (was_put && !replace)
			http_learn_conditional(h, &t->body, at->path);
	} else if (at->action == ACTION_PENDING) {
		if (sent == SENT_EXISTS)
			err_set(&err, SYM_NET, "what stands there comes and goes");
		fail(h, at, &err);
	}
}

static void deliver_path(struct http_turn *t, struct parcel_path *at)
{
	struct sym_err err;
	bool replace = false;

	t->unseen = false;
	if (target_given_up(&t->h->base, &err))
		fail(t->h, at, &err);
	else if (must_look(t, at) && !decide(t, at, false, &replace))
		return;
	if (t->h->options.dry_run)
		path_settle(at, ACTION_PLANNED, false);
	else
		send_path(t, at, replace);
}

/* -------------------------------------------------------------- parcels -- */

static enum sym_status pack(struct http_turn *t, struct sym_err *err)
{
	const struct gzip_source from = {.file = t->p->source,
					 .offset = t->p->id->slice_offset,
					 .size = t->p->id->slice_size};
	enum sym_status status = gzip_slice(&from, &t->packed, err);

	if (status == SYM_TOO_BIG)
		return SYM_OK; /* it would not become smaller */
	if (status == SYM_OK)
		status = compare_state(t->p->source, t->p->as_it_was, err);
	if (status != SYM_OK)
		return status;
	t->body = (struct http_body){.bytes = body_packed(t->p, &t->packed),
				     .sha256 = t->packed.sha256,
				     .plain_sha256 = t->p->sha256,
				     .packed = true};
	return SYM_OK;
}

static enum sym_status begin(struct http_turn *t, struct sym_err *err)
{
	take_plain(t);
	return t->h->gzip && t->h->learnt.encodings != NO ? pack(t, err) : SYM_OK;
}

enum sym_status http_stage(struct target *target, unsigned worker, struct parcel *p,
			   struct sym_err *err)
{
	struct http_turn t = {.h = (struct http *)target, .p = p, .packed.file = OS_NO_FILE};
	enum sym_status status;

	(void)worker;
	if (target_given_up(target, err))
		return err->status;
	status = begin(&t, err);
	for (size_t i = 0; i < p->count && status == SYM_OK; i++) {
		deliver_path(&t, &p->at[i]);
		if (p->at[i].action == ACTION_PENDING)
			break; /* the run ends */
		target_hear(target, &p->at[i], os_now_ms());
	}
	gzipped_release(&t.packed);
	return status;
}
