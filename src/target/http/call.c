/* SPDX-License-Identifier: MIT
 * One request to the server, tried as often as it makes sense. */
#include "target/http/http.h"

#include "base/err.h"
#include "target/advice.h"

#include <stdio.h>
#include <string.h>

enum {
	LIST_MAX = HTTP_HEADERS_MAX + 8,
	NGINX_TRIES = 2, /* a disk is full, or a folder missing, a minute later, too */
};

enum sym_status http_url(const struct http *h, const char *path, char to[HTTP_URL_MAX],
			 struct sym_err *err)
{
	struct buf url = BUF_MAX(HTTP_URL_MAX - 1);
	bool fits;

	buf_add_text(&url, h->root);
	buf_add_encoded(&url, path, strlen(path), "/");
	buf_add_text(&url, h->query);
	fits = !url.failed;
	if (fits)
		memcpy(to, url.data, url.size + 1);
	buf_release(&url);
	return fits ? SYM_OK : err_set(err, SYM_TOO_BIG, "the address is longer than %u bytes", HTTP_URL_MAX);
}

static void list_headers(const struct http *h, const struct http_call *call,
			 const char *list[LIST_MAX])
{
	size_t n = 0;

	for (; n < h->header_count; n++)
		list[n] = h->headers[n];
	if (h->bearer && !call->anonymous)
		list[n++] = h->bearer;
	for (size_t i = 0; i < ARRAY_LEN(call->extra) && call->extra[i]; i++)
		list[n++] = call->extra[i];
	list[n] = NULL;
}

/* At its every attempt: another thread may have learnt what the server wants. */
static void set_credentials(const struct http *h, const struct http_call *call,
			    struct xfer_request *request)
{
	request->auth = XFER_AUTH_NONE;
	if (call->anonymous || h->bearer)
		return;
	if (h->user || h->netrc)
		request->auth = (enum xfer_auth)h->learnt.auth;
	request->user = h->user;
	request->password = h->password;
}

static struct retry_decision decide(const struct http *h, const struct http_call *call,
				    const struct xfer_response *r)
{
	struct retry_policy policy = retry_at_most(h->policy, call->tries);
	char after[64];

	if (r->status == SYM_OK && r->http / 100 == 2)
		return (struct retry_decision){.again = false};
	if (http_failed_by_nginx(r))
		policy = retry_at_most(policy, NGINX_TRIES);
	return retry_now(&policy, call->attempts, r->curl, r->http,
			 xfer_header(r, "Retry-After", after, sizeof after));
}

/* The server wants to be left alone for longer than a run waits: by all requests, not by this one alone. */
static void leave_alone(struct http *h, const struct http_call *call, const struct xfer_response *r,
			uint64_t wait_ms)
{
	struct sym_err why;

	http_refusal(h, r, call->method, &why);
	advice_on_wait(wait_ms, &why);
	target_give_up(&h->base, &why);
}

/* Is it a question that may well go unanswered, and so is not repeated as others are? */
static bool is_aside(const struct http_call *call)
{
	return call->tries && call->tries < RETRY_MEET_TRIES;
}

/* There was no answer, and there will be none. */
static enum sym_status fail(struct http *h, const struct http_call *call, uint64_t began_ms,
			    struct xfer_response *r, struct sym_err *err)
{
	*err = r->err;
	retry_count(err, call->attempts);
	if (r->foreign && err->status == SYM_NET)
		err_prefix(err, "it redirects to another host or port");
	advice_on_scheme(h->root, r->curl, h->answered_ms != 0, err);
	if (is_aside(call))
		return err->status;
	if (err->status == SYM_REFUSED || err->status == SYM_USAGE || err->status == SYM_AUTH ||
	    (err->status == SYM_NET &&
	     (h->answered_ms == 0 || retry_gives_up(r->curl, began_ms, h->answered_ms, os_now_ms())))) {
		h->dead_curl = r->curl;
		target_give_up(&h->base, err);
	}
	return err->status;
}

/* The line without HTTP/2, opened when it is first needed. */
static struct xfer *http1_line(struct http *h)
{
	struct sym_err ignored;

	pthread_mutex_lock(&h->lock);
	if (!h->http1) {
		struct xfer_options options = h->connect;

		options.http1 = true;
		if (xfer_open(&options, &h->http1, &ignored) != SYM_OK)
			h->http1 = NULL;
	}
	pthread_mutex_unlock(&h->lock);
	return h->http1 ? h->http1 : h->xfer;
}

/* One attempt. Another one at once, where it taught how to authenticate. */
static void attempt(struct http *h, struct xfer *x, struct http_call *call,
		    struct xfer_request *request, struct xfer_response *r)
{
	bool learnt;

	do {
		set_credentials(h, call, request);
		/* libcurl 7.88 does not manage Digest's rounds over HTTP/2. */
		xfer_perform(request->auth == XFER_AUTH_DIGEST ? http1_line(h) : x, request, r);
		call->attempts++;
		learnt = r->status == SYM_OK && r->http == 401 && request->auth == XFER_AUTH_BASIC &&
			 http_learn_digest(h, r);
		if (learnt)
			xfer_response_release(r);
	} while (learnt);
}

/* Attempts until one of them is final. */
static enum sym_status insist(struct http *h, struct http_call *call, struct xfer_request *request,
			      struct xfer_response *r, struct sym_err *err)
{
	uint64_t began_ms = os_now_ms();
	struct xfer *x = h->xfer;

	for (;;) {
		struct retry_decision decision;
		enum sym_status status;

		attempt(h, x, call, request, r);
		decision = decide(h, call, r);
		if (decision.too_long_ms)
			leave_alone(h, call, r, decision.too_long_ms);
		if (!decision.again)
			break;
		call->unsure |= r->sent > 0 && (r->status != SYM_OK || r->http >= 500);
		request->not_before_ms = decision.at_ms;
		if (r->stream_reset && call->body)
			x = http1_line(h);
		xfer_response_release(r);
		if (!call->sink)
			continue;
		status = call->sink->take(call->sink->ctx, NULL, 0, err);
		if (status != SYM_OK)
			return status;
	}
	if (r->status != SYM_OK)
		return fail(h, call, began_ms, r, err);
	/* libcurl itself sends again where a connection that it had kept was gone. */
	call->unsure |= call->body && r->sent > call->body->bytes.size;
	h->answered_ms = os_now_ms();
	if ((r->http == 401 && !call->anonymous) || r->http == 407)
		h->learnt.locked_out = true;
	return SYM_OK;
}

enum sym_status http_call(struct http *h, struct http_call *call, struct xfer_response *r,
			  struct sym_err *err)
{
	char url[HTTP_URL_MAX];
	const char *list[LIST_MAX];
	struct xfer_request request = {.method = call->method, .url = call->url ? call->url : url,
				       .headers = list, .follow = true, .body_max = call->body_max,
				       .body = call->body ? &call->body->bytes : NULL};
	enum sym_status status = SYM_OK;

	memset(r, 0, sizeof *r);
	call->attempts = 0;
	call->unsure = false;
	if (!call->url)
		status = http_url(h, call->path, url, err);
	if (status != SYM_OK)
		return status;
	list_headers(h, call, list);
	if (call->sink) {
		request.take = call->sink->take;
		request.take_ctx = call->sink->ctx;
	}
	return insist(h, call, &request, r, err);
}
