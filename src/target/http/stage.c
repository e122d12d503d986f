/* SPDX-License-Identifier: MIT
 * Delivers a parcel: looks where it must, sends where it may, never poorer, and
 * holds what the server says it has now against what was sent. */
#include "target/http/http.h"

#include "base/err.h"
#include "target/compare.h"
#include "target/existing.h"
#include "target/gzip.h"

#include <string.h>

enum {
	BLIND_BYTES = 1 << 20, /* larger files are looked for before they are sent */
	BLIND_AFTER = 8,       /* so many paths in a row under which nothing stood */
};

/* One parcel in hand. */
struct turn {
	struct http *h;
	struct parcel *p;
	struct http_body body;
	struct gzipped packed;
	const struct parcel_path *twin; /* has got these very bytes; NULL: none yet */
};

/* ------------------------------------------------------------- outcomes -- */

static void fail(struct http *h, struct parcel_path *at, const struct sym_err *err)
{
	path_fail(at, err);
	/* Nobody's account is to be locked by a thousand tries. */
	if (err->status == SYM_AUTH && h->learnt.locked_out && h->learnt.stored == 0)
		http_give_up(h, err, 0);
}

static void settle_stored(struct turn *t, struct parcel_path *at, bool replaced)
{
	path_settle(at, replaced ? ACTION_REPLACED : ACTION_STORED, at->warn);
	t->twin = at;
}

/* Readers unpack only what they are told is packed. Said once. */
static void note_encoding(struct turn *t, struct parcel_path *at, const struct http_seen *seen)
{
	int unknown = UNKNOWN;

	if (!t->body.packed || seen->size != t->body.size || /* it lies there as it is */
	    !atomic_compare_exchange_strong(&t->h->learnt.encodings, &unknown, seen->packed ? YES : NO) ||
	    seen->packed)
		return;
	err_set(&at->why, SYM_UNSUPPORTED,
		"the server does not tell readers that a file is packed (Content-Encoding), and they take it as it "
		"comes: files go there as they are; --existing replace replaces those that are packed (said once)");
	at->warn = true;
}

/* The file as it is: its reader would not know that it is packed. */
static void take_plain(struct turn *t)
{
	t->body = (struct http_body){.file = t->p->source,
				     .offset = t->p->id->slice_offset,
				     .size = t->p->id->slice_size,
				     .as_it_was = t->p->as_it_was,
				     .sha256 = t->p->sha256,
				     .gauge = t->p->gauge,
				     .plain = t->p->id->slice_size};
}

static void settle_same(struct turn *t, struct parcel_path *at, const struct http_seen *seen)
{
	path_settle(at, ACTION_PRESENT, false);
	if (!seen->by_size)
		t->twin = at;
	else if (!atomic_exchange(&t->h->learnt.said_size_only, true))
		err_set(&at->why, SYM_EXISTS,
			"by its size alone: the server keeps no checksum to compare (said once)");
	note_encoding(t, at, seen);
}

/* Other bytes stand there. True: they are to be replaced. */
static bool settle_other(struct turn *t, struct parcel_path *at, const struct http_seen *seen)
{
	static const char silent[] = "the server does not tell which file offers more";
	bool replace = false;

	if (existing_decides(t->h->options.existing, at, &replace))
		return replace;
	if (at->second)
		err_set(&at->why, SYM_EXISTS, "another file of this run was preferred for this path");
	else if (seen->has_size && seen->size != t->body.size)
		err_set(&at->why, SYM_EXISTS, "other bytes stand under this key (%llu, not %llu): %s",
			(unsigned long long)seen->size, (unsigned long long)t->body.size, silent);
	else
		err_set(&at->why, SYM_EXISTS, "other bytes stand under this key: %s", silent);
	path_settle(at, ACTION_KEPT, !at->second);
	return false;
}

/* -------------------------------------------------------------- sending -- */

enum sent {
	SENT_STORED,
	SENT_EXISTS, /* something stands there: look */
	SENT_NOT,    /* this way does not work here */
	SENT_FAILED,
};

/* Where a collection cannot be made, the refusal of what was to lie in it says more; and
 * perhaps it is there by now. */
static bool is_fatal(enum sym_status making)
{
	return making == SYM_NOMEM || making == SYM_CANCELLED || making == SYM_TOO_BIG;
}

/* Is a collection missing? WebDAV says 409 (RFC 4918, 9.7.1), servers made with Go's library,
 * such as rclone's, say 404, and nginx fails. */
static bool may_lack_parents(const struct http *h, const struct xfer_response *r)
{
	return !h->azure &&
	       ((r->http == 409 && !http_stands_already(r)) || r->http == 404 || http_failed_by_nginx(r));
}

/* Asks a question that may need its collections made first. SYM_OK: `r` holds an answer. */
static enum sym_status call_with_parents(struct turn *t, struct http_call *call, const char *path,
					 struct xfer_response *r, struct sym_err *err)
{
	struct http *h = t->h;
	enum sym_status status, making;

	if (h->learnt.parents == YES && is_fatal(http_make_parents(h, path, false, err)))
		return err->status;
	status = http_call(h, call, r, err);
	/* Also where it is believed that the server makes them: the first may have been there. */
	if (status != SYM_OK || !may_lack_parents(h, r))
		return status;
	making = http_make_parents(h, path, true, err);
	if (is_fatal(making))
		return making;
	if (making != SYM_OK && r->http != 409)
		return SYM_OK; /* that is the answer */
	xfer_response_release(r);
	status = http_call(h, call, r, err);
	if (status == SYM_OK && !may_lack_parents(h, r) && strcmp(call->method, "PUT") == 0)
		h->learnt.parents = YES;
	return status;
}

/* nginx does not say what failed. Where the folder is not there, that is most likely it; `none`:
 * no folder has been made yet, and then none will be. */
static enum sym_status explain_nginx(struct http *h, const char *path, bool none, struct sym_err *err)
{
	char folder[KEY_PATH_MAX];
	struct http_call call = {.method = "HEAD", .path = folder, .tries = 1};
	struct xfer_response r;
	struct sym_err ignored;
	size_t len = (size_t)(strrchr(path, '/') - path) + 1;
	bool missing;

	memcpy(folder, path, len);
	folder[len] = '\0';
	missing = http_call(h, &call, &r, &ignored) == SYM_OK && r.http == 404;
	xfer_response_release(&r);
	if (missing) {
		err_set(err, SYM_NET, "nginx failed (PUT: 500), and the file's folder is not there: nginx "
				      "makes folders where its configuration says \"create_full_put_path on;\"");
		if (none)
			http_give_up(h, err, 0); /* hardly two files have one folder */
		return err->status;
	}
	return err_set(err, SYM_NET, "nginx failed (PUT: 500): its error.log tells why (a full disk? no right to "
				     "write there?)");
}

/* An upload. As long as it is not known who makes parents, one alone. */
static enum sym_status call_put(struct turn *t, struct http_call *call, struct xfer_response *r,
				struct sym_err *err)
{
	struct http *h = t->h;
	bool first = h->learnt.parents == UNKNOWN && t->body.size <= BLIND_BYTES, none;
	enum sym_status status;

	if (first)
		pthread_mutex_lock(&h->first);
	none = h->learnt.parents == UNKNOWN;
	if (h->is_dead) { /* by what the first one met */
		*err = h->dead;
		status = err->status;
	} else {
		status = call_with_parents(t, call, call->path, r, err);
	}
	if (status == SYM_OK && (r->http / 100 == 2 || http_failed_by_nginx(r)) && h->learnt.parents == UNKNOWN)
		h->learnt.parents = NO; /* or by nobody, which needs not be found out one by one */
	if (status == SYM_OK && http_failed_by_nginx(r))
		status = explain_nginx(h, call->path, none, err);
	if (first)
		pthread_mutex_unlock(&h->first);
	return status;
}

/* Another run was faster: this one's bytes stand there now. */
static void note_race(struct turn *t, struct parcel_path *at, const struct http_call *call,
		      const struct xfer_response *r)
{
	if (r->http == 201)
		t->h->learnt.created = true;
	else if (t->h->learnt.created && !call->unsure && r->http / 100 == 2) {
		err_set(&at->why, SYM_CHANGED,
			"something was stored there between the look and the upload, and is replaced");
		at->warn = true;
	}
}

/* Is now there what was sent? */
static enum sym_status prove(struct turn *t, struct parcel_path *at, struct sym_err *err)
{
	struct http_seen seen;
	enum sym_status status = http_look(t->h, at->path, &t->body, &seen, err);

	if (status != SYM_OK)
		return err_prefix(err, "sent, but not confirmed");
	if (seen.sight == SIGHT_NOTHING)
		return err_set(err, SYM_NET, "the server took it, but has nothing there");
	if (seen.sight == SIGHT_SAME)
		note_encoding(t, at, &seen);
	if (seen.sight != SIGHT_OTHER)
		return SYM_OK;
	return err_set(err, SYM_NET, "the server took %llu bytes, but has %s%llu there",
		       (unsigned long long)t->body.size, seen.by_size ? "" : "other ",
		       (unsigned long long)seen.size);
}

/* The answer to an upload proves it by the checksum of what the server has now, or names the
 * new object; else it is asked for. */
static enum sym_status prove_by_answer(struct turn *t, struct parcel_path *at,
				       const struct xfer_response *r, struct sym_err *err)
{
	bool must_look = t->body.packed && t->h->learnt.encodings == UNKNOWN;
	uint8_t sha256[32];
	char text[128];

	if (t->body.sha256 && response_sha256(r, HTTP_SHA256, sha256))
		return memcmp(sha256, t->body.sha256, sizeof sha256) == 0 ?
			SYM_OK :
			err_set(err, SYM_NET, "the server has other bytes than were sent (X-Checksum-Sha256)");
	if (!must_look && xfer_header(r, "ETag", text, sizeof text))
		return SYM_OK;
	return prove(t, at, err);
}

/* The way that servers refuse a condition that they do not know. */
static bool refuses_condition(const struct http *h, const struct xfer_response *r)
{
	return h->learnt.conditional == UNKNOWN && (r->http == 400 || r->http == 501);
}

static enum sent put(struct turn *t, struct parcel_path *at, bool replace, struct sym_err *err)
{
	struct http *h = t->h;
	struct http_call call = {.method = "PUT", .path = at->path, .body = &t->body,
				 .body_max = HTTP_WORDS_MAX};
	struct xfer_response r;
	enum sent sent = SENT_STORED;
	enum sym_status status;
	size_t n = 0;

	if (t->body.packed)
		call.extra[n++] = "Content-Encoding: gzip";
	if (t->body.packed && h->azure)
		call.extra[n++] = "x-ms-blob-content-encoding: gzip";
	if (!replace)
		call.extra[n] = "If-None-Match: *";
	memset(&r, 0, sizeof r);
	status = call_put(t, &call, &r, err);
	if (status == SYM_OK && !replace && refuses_condition(h, &r)) {
		h->learnt.conditional = NO;
		call.extra[n] = NULL;
		xfer_response_release(&r);
		status = call_put(t, &call, &r, err);
	}
	t->p->attempts = call.attempts > t->p->attempts ? call.attempts : t->p->attempts;
	if (status == SYM_OK && r.http / 100 == 2) {
		if (!replace)
			note_race(t, at, &call, &r);
		status = prove_by_answer(t, at, &r, err);
	} else if (status == SYM_OK && !replace && http_stands_already(&r)) {
		h->learnt.conditional = YES;
		sent = SENT_EXISTS;
		if (call.unsure && prove(t, at, err) == SYM_OK) /* an attempt whose answer was lost did */
			sent = SENT_STORED;
	} else if (status == SYM_OK) {
		status = http_refusal(&r, call.method, err);
	}
	xfer_response_release(&r);
	return status == SYM_OK ? sent : SENT_FAILED;
}

/* The server makes the file's further path from the one that it has. */
static enum sent copy(struct turn *t, struct parcel_path *at, bool replace)
{
	struct http *h = t->h;
	char url[HTTP_URL_MAX], destination[HTTP_URL_MAX + 16] = "Destination: ";
	struct http_call call = {.method = "COPY", .path = t->twin->path, .tries = 2,
				 .extra = {destination, replace ? "Overwrite: T" : "Overwrite: F"},
				 .body_max = HTTP_WORDS_MAX};
	struct xfer_response r;
	struct sym_err err;
	enum sent sent = SENT_NOT;

	if (h->azure || *h->query || h->learnt.copies == NO ||
	    http_url(h, at->path, url, &err) != SYM_OK)
		return SENT_NOT;
	memcpy(destination + strlen(destination), url, strlen(url) + 1);
	memset(&r, 0, sizeof r);
	if (call_with_parents(t, &call, at->path, &r, &err) == SYM_OK) {
		if (r.http == 201 || r.http == 204)
			sent = prove(t, at, &err) == SYM_OK ? SENT_STORED : SENT_NOT;
		else if (r.http == 412)
			sent = SENT_EXISTS;
	}
	if (h->learnt.copies == UNKNOWN)
		h->learnt.copies = sent == SENT_NOT ? NO : YES;
	xfer_response_release(&r);
	return sent;
}

/* ------------------------------------------------------------- deciding -- */

static bool must_look(const struct turn *t, const struct parcel_path *at)
{
	const struct http *h = t->h;

	return h->options.dry_run || at->second || t->body.size > BLIND_BYTES ||
	       h->learnt.conditional != YES || h->learnt.absent < BLIND_AFTER;
}

/* The server does not tell what stands there, but `exists`: that something does. */
static bool decide_blind(struct turn *t, struct parcel_path *at, bool exists, bool *replace)
{
	struct http_learnt *learnt = &t->h->learnt;

	*replace = t->h->options.existing == EXISTING_REPLACE && !at->second;
	if (exists && !*replace) {
		err_set(&at->why, SYM_EXISTS,
			"something stands under this key, and the server does not tell what");
		path_settle(at, ACTION_KEPT, !atomic_exchange(&learnt->said_no_look, true));
		return false;
	}
	if (!*replace && learnt->conditional != YES && !atomic_exchange(&learnt->said_no_look, true)) {
		err_set(&at->why, SYM_AUTH,
			"the server does not tell what stands there: other bytes may have been replaced "
			"(said once)");
		at->warn = true;
	}
	return true;
}

/* What stands there decides: true where the path is to be sent, `*replace` over other bytes.
 * `exists`: an upload was refused because something stands there. */
static bool decide(struct turn *t, struct parcel_path *at, bool exists, bool *replace)
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
	return decide_blind(t, at, exists, replace);
}

static void send_path(struct turn *t, struct parcel_path *at, bool replace)
{
	struct http *h = t->h;
	struct sym_err err;
	enum sent sent = t->twin ? copy(t, at, replace) : SENT_NOT;
	bool was_put = sent == SENT_NOT;

	if (was_put)
		sent = put(t, at, replace, &err);
	if (sent == SENT_EXISTS && decide(t, at, true, &replace))
		sent = put(t, at, replace, &err);
	if (sent == SENT_STORED && t->body.packed && h->learnt.encodings == NO) {
		take_plain(t);
		sent = put(t, at, true, &err);
	}
	if (sent == SENT_STORED) {
		settle_stored(t, at, replace);
		h->learnt.stored++;
		if (was_put && !replace)
			http_learn_conditional(h, &t->body, at->path);
	} else if (at->action == ACTION_PENDING) {
		if (sent == SENT_EXISTS)
			err_set(&err, SYM_NET, "what stands there comes and goes");
		fail(h, at, &err);
	}
}

static void deliver_path(struct turn *t, struct parcel_path *at)
{
	bool replace = false;

	if (t->h->is_dead) {
		fail(t->h, at, &t->h->dead);
		return;
	}
	if (must_look(t, at) && !decide(t, at, false, &replace))
		return;
	if (t->h->options.dry_run)
		path_settle(at, ACTION_PLANNED, false);
	else
		send_path(t, at, replace);
}

/* -------------------------------------------------------------- parcels -- */

static enum sym_status pack(struct turn *t, struct sym_err *err)
{
	const struct gzip_source from = {.file = t->p->source,
					 .offset = t->body.offset,
					 .size = t->body.size};
	enum sym_status status = gzip_slice(&from, &t->packed, err);

	if (status == SYM_TOO_BIG)
		return SYM_OK; /* it would not become smaller */
	if (status == SYM_OK)
		status = compare_state(t->p->source, t->p->as_it_was, err);
	if (status != SYM_OK)
		return status;
	t->body = (struct http_body){.file = t->packed.file,
				     .memory = t->packed.memory,
				     .size = t->packed.size,
				     .sha256 = t->packed.sha256,
				     .gauge = t->p->gauge,
				     .plain = t->p->id->slice_size,
				     .plain_sha256 = t->p->sha256,
				     .packed = true};
	return SYM_OK;
}

static enum sym_status begin(struct turn *t, struct sym_err *err)
{
	take_plain(t);
	if (t->h->gzip && t->h->learnt.encodings != NO)
		return pack(t, err);
	if (t->p->bytes) {
		t->body.file = OS_NO_FILE;
		t->body.memory = t->p->bytes;
		t->body.offset = 0;
		t->body.as_it_was = NULL;
	}
	return SYM_OK;
}

enum sym_status http_stage(struct target *target, unsigned worker, struct parcel *p,
			   struct sym_err *err)
{
	struct turn t = {.h = (struct http *)target, .p = p, .packed.file = OS_NO_FILE};
	enum sym_status status = SYM_OK;

	(void)worker;
	if (t.h->is_dead) {
		*err = t.h->dead;
		return err->status;
	}
	status = begin(&t, err);
	for (size_t i = 0; i < p->count && status == SYM_OK; i++) {
		struct parcel_path *at = &p->at[i];

		deliver_path(&t, at);
		if (at->action == ACTION_FAILED && at->why.status == SYM_CHANGED) {
			*err = at->why; /* of the source: the caller begins anew */
			status = err->status;
		}
	}
	gzipped_release(&t.packed);
	return status;
}
