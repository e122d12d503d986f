/* SPDX-License-Identifier: MIT
 * What a reader would be told when it asks for a path. */
#include "target/s3/s3.h"

#include "base/err.h"

#include <stdio.h>
#include <string.h>

#define READ_RIGHT "s3:GetObject, or for what is missing s3:ListBucket on the bucket"

static void read_answer(const struct s3_call *call, struct target_answer *out)
{
	const struct xfer_response *r = &call->response;

	out->http = r->http;
	out->curl = r->curl;
	out->date_s = response_date_s(r);
	if (!xfer_header(r, "x-amz-bucket-region", out->region, sizeof out->region))
		snprintf(out->region, sizeof out->region, "%.*s", (int)sizeof out->region - 1,
			 call->error.region);
	snprintf(out->code, sizeof out->code, "%s", call->error.code);
	if (r->http / 100 != 2)
		return;
	out->has_size = response_size(r, &out->size);
	out->gzip = response_is_gzip(r);
	out->has_sha256 = response_sha256(r, S3_SHA256, out->sha256);
}

/* One request; what its answer means. */
static enum sym_status ask_once(struct s3 *s, const struct s3_request *request,
				struct target_answer *out, struct sym_err *err)
{
	struct s3_call call;
	enum sym_status status = s3_perform(s, request, &call, err);

	read_answer(&call, out);
	if (status == SYM_OK && call.http / 100 != 2) {
		status = s3_refused(&call, err);
		if (s3_says(&call, "NoSuchBucket"))
			status = SYM_REFUSED; /* none of its objects is missed for itself */
		else if (call.http == 404 || call.http == 410)
			status = SYM_NOT_FOUND;
		else if (call.http == 405 || call.http == 501)
			status = SYM_UNSUPPORTED;
		else if (status != SYM_AUTH)
			status = SYM_NET;
		err->status = status;
	}
	s3_call_release(&call);
	return status;
}

/* An answer to HEAD has no body that tells why, nor whether it is the bucket that is not there:
 * one byte is asked for, to hear the reason. Once, where that answer passes: it was tried often. */
static enum sym_status ask_why(struct s3 *s, const struct s3_request *head, enum sym_status status,
			       struct target_answer *out, struct sym_err *err)
{
	const struct s3_request get = {.method = "GET", .key = head->key, .headers = {{"Range", "bytes=0-0"}},
				       .may_be_anonymous = true, .right = READ_RIGHT,
				       .tries = retry_passes(out->http) ? 1 : 0};
	long http = out->http;
	struct sym_err why;
	enum sym_status second;

	second = ask_once(s, &get, out, &why);
	if (second == SYM_OK && http == 400) /* the region is right now, or the keys are new */
		return ask_once(s, head, out, err);
	out->head_http = http;
	if (second == SYM_OK)
		return status;
	*err = why;
	return status == SYM_UNSUPPORTED ? status : second;
}

enum sym_status s3_ask(struct target *t, const char *path, const struct target_sink *sink,
		       struct target_answer *out, struct sym_err *err)
{
	struct s3 *s = (struct s3 *)t;
	char key[S3_KEY_MAX + 1];
	const struct s3_request request = {.method = sink ? "GET" : "HEAD", .key = key, .sink = sink,
					   .may_be_anonymous = true, .right = READ_RIGHT};
	enum sym_status status = s3_key(s, path, key, err);

	*out = (struct target_answer){0};
	if (status != SYM_OK)
		return status;
	status = ask_once(s, &request, out, err);
	if (status == SYM_OK)
		atomic_store(&s->bucket_is_there, true);
	if (sink || status == SYM_OK || out->http == 0 ||
	    (status == SYM_NOT_FOUND && atomic_load(&s->bucket_is_there)))
		return status;
	status = ask_why(s, &request, status, out, err);
	if (status == SYM_NOT_FOUND)
		atomic_store(&s->bucket_is_there, true);
	return status;
}
