/* SPDX-License-Identifier: MIT
 * What stands on the server: asked by HEAD, as readers ask. */
#include "target/http/http.h"

#include "base/err.h"

#include <string.h>

/* -------------------------------------------------------------- answers -- */

static void compare(const struct xfer_response *r, const struct http_body *body,
		    struct http_seen *seen)
{
	const uint8_t *ours = body->sha256;
	uint8_t theirs[32];
	bool same;

	seen->has_size = response_size(r, &seen->size);
	seen->packed = response_is_gzip(r);
	same = seen->has_size && seen->size == body->bytes.size;
	/* What lies there as it is, is as good as packed. */
	if (body->packed && !seen->packed && seen->has_size && seen->size == body->bytes.plain) {
		ours = body->plain_sha256;
		same = true;
	}
	seen->by_size = !ours || !response_sha256(r, HTTP_SHA256, theirs);
	if (!seen->by_size)
		same = memcmp(theirs, ours, sizeof theirs) == 0;
	seen->stands = true;
	if (seen->has_size || !seen->by_size)
		seen->sight = same ? SIGHT_SAME : SIGHT_OTHER;
}

/* A HEAD's refusal (`http`) has no body: GET tells why. Once, where that refusal passes: it was tried often. */
static enum sym_status ask_why(struct http *h, const char *path, long http, struct xfer_response *r,
			       struct sym_err *err)
{
	struct http_call call = {.method = "GET", .path = path, .extra = {"Range: bytes=0-0"},
				 .body_max = HTTP_WORDS_MAX, .tries = retry_passes(http) ? 1 : 0};

	return http_call(h, &call, r, err);
}

/* Why HEAD was refused, as far as anybody says. */
static enum sym_status refusal(struct http *h, const char *path, const struct xfer_response *head,
			       struct sym_err *err)
{
	enum sym_status status = http_refusal(h, head, "HEAD", err);
	struct xfer_response r;
	struct sym_err said;

	if (ask_why(h, path, head->http, &r, &said) == SYM_OK && r.http == head->http)
		http_refusal(h, &r, "GET", err);
	xfer_response_release(&r);
	return status;
}

enum sym_status http_look(struct http *h, const char *path, const struct http_body *body,
			  struct http_seen *seen, struct sym_err *err)
{
	struct http_call call = {.method = "HEAD", .path = path};
	struct xfer_response r;
	enum sym_status status;

	*seen = (struct http_seen){.sight = SIGHT_UNKNOWN};
	if (h->answers_all) {
		err_set(err, SYM_REFUSED, "a path that cannot exist is answered as if it were there: "
					  "this is a login page, or no store");
		target_give_up(&h->base, err);
		return err->status;
	}
	if (h->learnt.heads == NO)
		return SYM_OK;
	status = http_call(h, &call, &r, err);
	if (status != SYM_OK) {
		xfer_response_release(&r);
		return status;
	}
	if (r.http == 404 || r.http == 410)
		seen->sight = SIGHT_NOTHING;
	else if (r.http / 100 == 2)
		compare(&r, body, seen);
	else if (r.http == 405 || r.http == 501)
		h->learnt.heads = NO;
	else if (r.http != 403) /* 403: may write, but not read */
		status = refusal(h, path, &r, err);
	xfer_response_release(&r);
	return status;
}

/* --------------------------------------------------------------- asking -- */

static void take_answer(const struct xfer_response *r, struct target_answer *out)
{
	out->http = r->http;
	out->curl = r->curl;
	out->has_size = response_size(r, &out->size);
	out->gzip = response_is_gzip(r);
	out->has_sha256 = !out->gzip && response_sha256(r, HTTP_SHA256, out->sha256);
	out->date_s = response_date_s(r);
}

static enum sym_status verdict(const struct http *h, const struct xfer_response *r, const char *method,
			       struct sym_err *err)
{
	enum sym_status status;

	if (r->http / 100 == 2)
		return SYM_OK;
	status = http_refusal(h, r, method, err);
	if (r->http == 410)
		status = err->status = SYM_NOT_FOUND;
	return status;
}

/* What GET says where HEAD was refused. */
static enum sym_status ask_again(struct http *h, const char *path, struct target_answer *out,
				 struct sym_err *err)
{
	struct sym_err head = *err;
	struct xfer_response r;
	enum sym_status status;

	out->head_http = out->http;
	status = ask_why(h, path, out->head_http, &r, err);
	if (status == SYM_OK) {
		take_answer(&r, out);
		out->has_size = false; /* of the one byte */
		status = verdict(h, &r, "GET", err);
	}
	xfer_response_release(&r);
	if (head.status != SYM_UNSUPPORTED)
		return status;
	*err = head;
	return head.status;
}

enum sym_status http_ask(struct target *t, const char *path, const struct target_sink *sink,
			 struct target_answer *out, struct sym_err *err)
{
	struct http *h = (struct http *)t;
	struct http_call call = {.method = sink ? "GET" : "HEAD", .path = path, .sink = sink,
				 .body_max = sink ? HTTP_WORDS_MAX : 0};
	struct xfer_response r;
	enum sym_status status;

	*out = (struct target_answer){0};
	if (target_given_up(t, err)) {
		out->curl = h->dead_curl;
		return err->status;
	}
	status = http_call(h, &call, &r, err);
	take_answer(&r, out);
	if (status == SYM_OK)
		status = verdict(h, &r, call.method, err);
	xfer_response_release(&r);
	if (out->http == 0 || status == SYM_OK || status == SYM_NOT_FOUND || sink)
		return status;
	return ask_again(h, path, out, err);
}
