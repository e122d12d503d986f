/* SPDX-License-Identifier: MIT
 * Sends what belongs under a path, by PUT or COPY, makes the collections above it where the server
 * does not, and asks whether what was sent is there. */
#include "target/http/turn.h"

#include "base/err.h"

#include <string.h>

enum {
	CONDITIONAL_AFTER = 8, /* objects: small runs need not know */
	CONDITIONAL_BYTES = 64 << 10,
};

/* ------------------------------------------------------------ collections -- */

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

/* Makes a request that may need its collections made first. SYM_OK: `r` holds an answer. */
static enum sym_status call_with_parents(struct http_turn *t, struct http_call *call, const char *path,
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
			target_give_up(&h->base, err); /* hardly two files have one folder */
		return err->status;
	}
	return err_set(err, SYM_NET, "nginx failed (PUT: 500): its error.log tells why (a full disk? no right to "
				     "write there?)");
}

/* An upload. As long as it is not known who makes parents, one alone. */
static enum sym_status call_put(struct http_turn *t, struct http_call *call, struct xfer_response *r,
				struct sym_err *err)
{
	struct http *h = t->h;
	bool first = h->learnt.parents == UNKNOWN && t->body.bytes.size <= HTTP_BLIND_BYTES, none;
	enum sym_status status;

	if (first)
		pthread_mutex_lock(&h->first);
	none = h->learnt.parents == UNKNOWN;
	/* By what the first one met it may have been given up. */
	status = target_given_up(&h->base, err) ? err->status : call_with_parents(t, call, call->path, r, err);
	if (status == SYM_OK && (r->http / 100 == 2 || http_failed_by_nginx(r)) && h->learnt.parents == UNKNOWN)
		h->learnt.parents = NO; /* or by nobody, which needs not be found out one by one */
	if (status == SYM_OK && http_failed_by_nginx(r))
		status = explain_nginx(h, call->path, none, err);
	if (first)
		pthread_mutex_unlock(&h->first);
	return status;
}

/* ---------------------------------------------------------------- proof -- */

void http_note_encoding(struct http_turn *t, struct parcel_path *at, const struct http_seen *seen)
{
	int unknown = UNKNOWN;

	if (!t->body.packed || seen->size != t->body.bytes.size || /* it lies there as it is */
	    !atomic_compare_exchange_strong(&t->h->learnt.encodings, &unknown, seen->packed ? YES : NO) ||
	    seen->packed)
		return;
	err_set(&at->why, SYM_UNSUPPORTED,
		"the server does not tell readers that a file is packed (Content-Encoding), and they take it as it "
		"comes: files go there as they are; --existing replace replaces those that are packed (said once)");
	at->warn = true;
}

/* Another run was faster: this one's bytes stand there now. */
static void note_race(struct http_turn *t, struct parcel_path *at, const struct http_call *call,
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
static enum sym_status prove(struct http_turn *t, struct parcel_path *at, struct sym_err *err)
{
	struct http_seen seen;
	enum sym_status status = http_look(t->h, at->path, &t->body, &seen, err);

	if (status != SYM_OK)
		return err_prefix(err, "sent, but not confirmed");
	if (seen.sight == SIGHT_NOTHING)
		return err_set(err, SYM_NET, "the server took it, but has nothing there");
	if (seen.sight == SIGHT_SAME)
		http_note_encoding(t, at, &seen);
	if (seen.sight != SIGHT_OTHER)
		return SYM_OK;
	return err_set(err, SYM_NET, "the server took %llu bytes, but has %s%llu there",
		       (unsigned long long)t->body.bytes.size, seen.by_size ? "" : "other ",
		       (unsigned long long)seen.size);
}

/* The answer to an upload proves it by the checksum of what the server has now, or names the
 * new object; else it is asked for. */
static enum sym_status prove_by_answer(struct http_turn *t, struct parcel_path *at,
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

/* ------------------------------------------------------------- requests -- */

/* The way that servers refuse a condition that they do not know. */
static bool refuses_condition(const struct http *h, const struct xfer_response *r)
{
	return h->learnt.conditional != YES && (r->http == 400 || r->http == 501);
}

/* The headers that say that the body is packed; answers how many. */
static size_t add_encoding(const struct http *h, const struct http_body *body, const char *headers[])
{
	size_t n = 0;

	if (body->packed)
		headers[n++] = "Content-Encoding: gzip";
	if (body->packed && h->azure)
		headers[n++] = "x-ms-blob-content-encoding: gzip";
	return n;
}

enum http_sent http_put(struct http_turn *t, struct parcel_path *at, bool replace, struct sym_err *err)
{
	struct http *h = t->h;
	struct http_call call = {.method = "PUT", .path = at->path, .body = &t->body,
				 .body_max = HTTP_WORDS_MAX};
	struct xfer_response r;
	enum http_sent sent = SENT_STORED;
	enum sym_status status;
	size_t n = add_encoding(h, &t->body, call.extra);

	if (!replace && !h->learnt.unconditional)
		call.extra[n] = "If-None-Match: *";
	memset(&r, 0, sizeof r);
	status = call_put(t, &call, &r, err);
	if (status == SYM_OK && call.extra[n] && refuses_condition(h, &r)) {
		call.extra[n] = NULL;
		xfer_response_release(&r);
		status = call_put(t, &call, &r, err);
		if (status == SYM_OK && r.http / 100 == 2) { /* it was the condition */
			h->learnt.conditional = NO;
			h->learnt.unconditional = true;
		}
	}
	t->unsure = call.unsure;
	t->p->attempts = call.attempts > t->p->attempts ? call.attempts : t->p->attempts;
	if (status == SYM_OK && r.http / 100 == 2) {
		if (!replace)
			note_race(t, at, &call, &r);
		status = prove_by_answer(t, at, &r, err);
	} else if (status == SYM_OK && !replace && http_stands_already(&r)) {
		h->learnt.conditional = YES;
		sent = SENT_EXISTS;
	} else if (status == SYM_OK) {
		status = http_refusal(h, &r, call.method, err);
		if (r.http == 507) /* RFC 4918, 11.5: there is no room */
			target_give_up(&h->base, err);
	}
	xfer_response_release(&r);
	return status == SYM_OK ? sent : SENT_FAILED;
}

enum http_sent http_copy(struct http_turn *t, struct parcel_path *at, bool replace)
{
	struct http *h = t->h;
	char url[HTTP_URL_MAX], destination[HTTP_URL_MAX + 16] = "Destination: ";
	struct http_call call = {.method = "COPY", .path = t->twin->path, .tries = 2,
				 .extra = {destination, replace ? "Overwrite: T" : "Overwrite: F"},
				 .body_max = HTTP_WORDS_MAX};
	struct xfer_response r;
	struct sym_err err;
	enum http_sent sent = SENT_NOT;

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

void http_learn_conditional(struct http *h, const struct http_body *body, const char *path)
{
	struct http_call call = {.method = "PUT", .path = path, .body = body, .tries = 1};
	int unknown = UNKNOWN;
	struct xfer_response r;
	struct sym_err err;

	if (h->learnt.stored < CONDITIONAL_AFTER || body->bytes.size > CONDITIONAL_BYTES ||
	    !atomic_compare_exchange_strong(&h->learnt.conditional, &unknown, NO))
		return;
	call.extra[add_encoding(h, body, call.extra)] = "If-None-Match: *";
	if (http_call(h, &call, &r, &err) == SYM_OK && http_stands_already(&r))
		h->learnt.conditional = YES;
	xfer_response_release(&r);
}
