/* SPDX-License-Identifier: MIT
 * One request to S3 until its answer is final: each attempt is signed anew, with keys that
 * are good now and for the region in which the bucket is. */
#include "target/s3/s3.h"

#include "base/err.h"
#include "base/text.h"
#include "target/advice.h"
#include "target/s3/admin/admin.h"

#include <stdio.h>
#include <string.h>

#define NOTHING_SHA256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

enum {
	ERROR_MAX = 16 << 10, /* bytes of an error's text */
	REGION_MOVES = 2,
	RENEWALS = 1,
	FRESH_S = 1, /* a signature that is older is made anew before it is sent */
};

void s3_add_header(struct s3_request *r, const char *name, const char *value)
{
	size_t n = 0;

	while (r->headers[n].name)
		n++;
	if (value && n + 1 < ARRAY_LEN(r->headers)) /* there is room for all that any request has */
		r->headers[n] = (struct sigv4_pair){name, value};
}

static enum sym_status get_keys(struct s3_call *call, struct sym_err *err)
{
	enum sym_status status;

	aws_keys_release(&call->keys);
	status = aws_credentials_get(call->s->credentials, &call->keys, err);
	call->anonymous = status == SYM_NOT_FOUND && call->request->may_be_anonymous;
	if (call->anonymous)
		return SYM_OK;
	if (status == SYM_NOT_FOUND)
		err->status = status = SYM_AUTH;
	return status;
}

static enum sym_status sign(struct s3_call *call, struct aws_signed *out, struct sym_err *err)
{
	struct s3 *s = call->s;
	const struct s3_request *request = call->request;
	struct s3_request paid = *request; /* the requester's consent to pay stands in every request */
	struct aws_site site;
	struct sigv4_key kept;
	char path[S3_PATH_MAX];
	struct aws_request to_sign = {
		.site = &site, .host = s->virtual_host ? s->bucket : NULL, .method = request->method,
		.path = path, .query = request->query, .query_count = request->query_count,
		.headers = paid.headers, .payload = request->body ? request->body->sha256 : NOTHING_SHA256,
		.service = "s3", .region = call->region, .kept = &kept};
	enum sym_status status;

	call->signed_s = os_time_s();
	s3_add_header(&paid, "x-amz-request-payer", s->remote.requester_pays ? "requester" : NULL);
	pthread_mutex_lock(&s->lock);
	site = s->site;
	memcpy(call->region, s->region, sizeof call->region);
	kept = s->signing_key;
	pthread_mutex_unlock(&s->lock);
	snprintf(path, sizeof path, "%s%s%s%s", s->virtual_host ? "" : "/", s->virtual_host ? "" : s->bucket,
		 *request->key || s->virtual_host ? "/" : "", request->key);
	status = aws_sign(&to_sign, call->anonymous ? NULL : &call->keys, out, err);
	pthread_mutex_lock(&s->lock);
	s->signing_key = kept;
	pthread_mutex_unlock(&s->lock);
	bytes_wipe(&kept, sizeof kept);
	return status;
}

/* It has come to the request at last, behind others on a slow line, or after a pause that the server wanted: servers
 * take no signature of a quarter of an hour ago. From the transfers' thread; nobody else looks at the call now. */
static void sign_anew(void *ctx, struct xfer_request *send)
{
	struct s3_call *call = ctx;
	struct aws_signed made;
	struct aws_keys keys;
	struct sym_err ignored;

	if (os_time_s() - call->signed_s <= FRESH_S)
		return;
	if (call->keys.id && aws_credentials_at_hand(call->s->credentials, &keys)) {
		aws_keys_release(&call->keys);
		call->keys = keys;
	}
	if (sign(call, &made, &ignored) != SYM_OK) {
		aws_signed_release(&made);
		return;
	}
	aws_signed_release(&call->made);
	call->made = made;
	send->url = call->made.url.data;
	send->headers = call->made.headers;
}

/* Would an attempt at that time begin when it must not any more? */
static bool is_too_late(const struct s3 *s, uint64_t at_ms)
{
	return s->until_ms && (at_ms > s->until_ms || os_now_ms() > s->until_ms || os_time_s() > s->until_s);
}

/* Signs and sends. Leaves call->job NULL, and `failure`, where that is not possible. */
static void attempt(struct s3_call *call)
{
	const struct s3_request *request = call->request;
	struct xfer_request send = {.method = request->method,
				    .body = request->body ? &request->body->bytes : NULL,
				    .body_max = request->answer_max > ERROR_MAX ? request->answer_max : ERROR_MAX,
				    .not_before_ms = call->not_before_ms,
				    .begins = sign_anew,
				    .begins_ctx = call,
				    .outlives_stop = request->outlives_stop};
	enum sym_status status = SYM_OK;

	call->job = NULL;
	call->attempt++;
	aws_signed_release(&call->made);
	if (is_too_late(call->s, call->not_before_ms)) {
		err_set(&call->failure, SYM_NET, S3_STOOD_STILL);
		return;
	}
	if (request->sink) {
		send.take = request->sink->take;
		send.take_ctx = request->sink->ctx;
		if (call->attempt > 1)
			status = request->sink->take(request->sink->ctx, NULL, 0, &call->failure);
	}
	if (status == SYM_OK)
		status = get_keys(call, &call->failure);
	if (status == SYM_OK)
		status = sign(call, &call->made, &call->failure);
	if (status != SYM_OK)
		return;
	send.url = call->made.url.data;
	send.headers = call->made.headers;
	call->failure.status = SYM_OK;
	if (xfer_start(call->s->x, &send, &call->job, &call->failure) != SYM_OK)
		call->job = NULL;
}

void s3_call_start(struct s3 *s, const struct s3_request *request, struct s3_call *call)
{
	*call = (struct s3_call){.s = s, .request = request, .began_ms = os_now_ms()};
	if (s->transaction)
		s3_transaction_sign(s->transaction);
	attempt(call);
}

/* What an answer says about the bucket's region, where that is news to this call. */
static bool names_region(const struct s3_call *call, char region[S3_REGION_MAX])
{
	if (!xfer_header(&call->response, "x-amz-bucket-region", region, S3_REGION_MAX))
		snprintf(region, S3_REGION_MAX, "%s", call->error.region);
	return s3_is_region(region) && strcmp(region, call->region) != 0;
}

/* The bucket is in another region: so are all requests from now on. */
static bool move_region(struct s3_call *call)
{
	struct s3 *s = call->s;
	char region[S3_REGION_MAX];
	struct aws_site site;
	struct sym_err ignored;

	if ((call->http != 301 && call->http != 307 && call->http != 400 && call->http != 403) ||
	    call->region_moves++ == REGION_MOVES || !names_region(call, region))
		return false;
	if (call->http == 301 && s->regional)
		return false; /* the bucket is not there, however it is asked for */
	if (s->amazon && s3_amazon_site(s, region, &site, &ignored) != SYM_OK)
		return false;
	pthread_mutex_lock(&s->lock);
	if (s->amazon)
		s->site = site;
	memcpy(s->region, region, sizeof s->region);
	pthread_mutex_unlock(&s->lock);
	return true;
}

static bool renew_keys(struct s3_call *call)
{
	static const char *const codes[] = {"ExpiredToken", "ExpiredTokenException",
					    "TokenRefreshRequired", "RequestExpired", NULL};

	if (!s3_says_one_of(call, codes) || !call->keys.id || call->renewals++ == RENEWALS)
		return false;
	aws_credentials_expired(call->s->credentials, &call->keys);
	return true;
}

/* The status by which retry.c decides: some of S3's errors pass though theirs do not say so. */
static long status_to_judge(const struct s3_call *call)
{
	static const char *const passing[] = {"RequestTimeout", "OperationAborted",
					      "ConditionalRequestConflict", "InternalError", NULL};

	return s3_says_one_of(call, passing) ? 503 : call->http;
}

static bool has_another_try(struct s3_call *call)
{
	struct retry_policy policy = retry_at_most(call->s->retry, call->request->tries);
	struct retry_decision next;
	char after[64];

	if (call->failure.status == SYM_CANCELLED ||
	    (call->failure.status == SYM_OK && call->http / 100 == 2))
		return false;
	if (call->response.status == SYM_OK && (move_region(call) || renew_keys(call)))
		return true;
	if (call->s->answered_ms == 0)
		policy = retry_at_most(policy, RETRY_MEET_TRIES);
	next = retry_now(&policy, call->attempt, call->response.curl, status_to_judge(call),
			 xfer_header(&call->response, "Retry-After", after, sizeof after));
	call->not_before_ms = next.at_ms;
	call->too_long_ms = next.too_long_ms;
	return next.again && !is_too_late(call->s, next.at_ms);
}

/* 200 is said before the work is done: where it then breaks off, its answer is not whole, or none. */
static bool is_whole(const struct xfer_response *r)
{
	struct sym_err ignored;

	return xml_read(r->body.data, r->body.size, NULL, 0, NULL, &ignored) == SYM_OK;
}

/* The status of an error that comes when 200 was said already. */
static long status_of_late(const struct s3_error *error)
{
	static const struct {
		const char *code;
		long http;
	} known[] = {
		{"AccessDenied", 403},   {"EntityTooLarge", 400}, {"EntityTooSmall", 400}, {"InvalidPart", 400},
		{"InvalidRequest", 400}, {"NoSuchBucket", 404},   {"NoSuchKey", 404},      {"NoSuchUpload", 404},
		{"PreconditionFailed", 412},
	};

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (strcmp(known[i].code, error->code) == 0)
			return known[i].http;
	return 500;
}

/* Takes the answer of one attempt apart. */
static void read_answer(struct s3_call *call)
{
	const struct xfer_response *r = &call->response;
	bool is_error;

	call->failure = r->err;
	call->failure.status = r->status;
	call->http = r->http;
	call->error = (struct s3_error){0};
	if (r->status == SYM_OK)
		call->s->answered_ms = os_now_ms();
	if (r->status != SYM_OK || (r->http / 100 == 2 && !call->request->late_error))
		return;
	is_error = xml_read_error(r->body.data, r->body.size, &call->error);
	if (r->http / 100 != 2 || (!is_error && is_whole(r)))
		return;
	call->http = status_of_late(&call->error);
	if (!is_error)
		snprintf(call->error.message, sizeof call->error.message, "it began with 200, and broke off");
}

/* There was no answer. Is it to be the same with all other requests? No credentials, a certificate
 * that is not trusted, a proxy that wants a login do not come right by themselves. */
static bool is_for_good(const struct s3_call *call)
{
	switch (call->failure.status) {
	case SYM_AUTH:
	case SYM_REFUSED:
	case SYM_USAGE:
		return true;
	case SYM_NET:
		return retry_gives_up(call->response.curl, call->began_ms, call->s->answered_ms, os_now_ms());
	default:
		return false;
	}
}

enum sym_status s3_call_end(struct s3_call *call, struct sym_err *err)
{
	while (call->job) {
		xfer_wait(call->s->x, call->job, &call->response);
		call->job = NULL;
		read_answer(call);
		/* libcurl itself sends again where a connection that it had kept was gone. */
		if (call->request->body && call->response.sent > call->request->body->bytes.size)
			call->attempt++;
		if (!has_another_try(call))
			break;
		xfer_response_release(&call->response);
		attempt(call);
	}
	if (call->failure.status == SYM_OK)
		return SYM_OK;
	*err = call->failure;
	retry_count(err, call->attempt);
	if (call->made.url.data)
		advice_on_scheme(call->made.url.data, call->response.curl, call->s->answered_ms != 0, err);
	if (call->response.curl && err->status == SYM_REFUSED && call->s->virtual_host) /* an asterisk takes no dots */
		err_prefix(err, "with --addressing path a certificate need not cover the bucket's name");
	if (is_for_good(call))
		target_give_up(&call->s->base, err);
	return err->status;
}

void s3_call_release(struct s3_call *call)
{
	struct sym_err ignored;

	if (call->job)
		(void)!s3_call_end(call, &ignored);
	xfer_response_release(&call->response);
	aws_signed_release(&call->made);
	aws_keys_release(&call->keys);
}

enum sym_status s3_perform(struct s3 *s, const struct s3_request *request, struct s3_call *call,
			   struct sym_err *err)
{
	s3_call_start(s, request, call);
	return s3_call_end(call, err);
}
