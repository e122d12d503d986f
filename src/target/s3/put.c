/* SPDX-License-Identifier: MIT
 * One object by one PUT, whose signature holds the SHA-256 of its bytes: a server that takes
 * it has them. */
#include "target/s3/s3.h"

#include "base/err.h"

#include <stdio.h>
#include <string.h>

void s3_add_object_headers(const struct s3 *s, const struct s3_cargo *c, struct s3_request *r)
{
	s3_add_header(r, "Content-Type", "application/octet-stream");
	s3_add_header(r, "Content-Encoding", c->gzip ? "gzip" : NULL);
	s3_add_header(r, S3_SHA256, c->sha256);
	s3_add_header(r, "x-amz-meta-has", c->has);
	s3_add_header(r, "x-amz-tagging", s->remote.tags);
	s3_add_copy_headers(s, r);
}

void s3_add_copy_headers(const struct s3 *s, struct s3_request *r)
{
	const struct remote_options *o = &s->remote;

	s3_add_header(r, "x-amz-acl", o->acl);
	s3_add_header(r, "x-amz-storage-class", o->storage_class);
	s3_add_header(r, "x-amz-server-side-encryption", o->sse);
	s3_add_header(r, "x-amz-server-side-encryption-aws-kms-key-id", o->sse_kms_key);
}

/* If-Match as this server wants it. False where it knows none. */
static bool add_match(struct s3 *s, const char *etag, char bare[S3_ETAG_MAX], struct s3_request *r)
{
	size_t len = strlen(etag);
	bool quoted = len >= 2 && etag[0] == '"' && etag[len - 1] == '"';

	switch ((enum s3_match)atomic_load(&s->match)) {
	case S3_MATCH_QUOTED:
		s3_add_header(r, "If-Match", etag);
		return true;
	case S3_MATCH_BARE:
		snprintf(bare, S3_ETAG_MAX, "%.*s", quoted ? (int)len - 2 : (int)len, etag + quoted);
		s3_add_header(r, "If-Match", bare);
		return true;
	case S3_MATCH_NONE:
		break;
	}
	return false;
}

/* Adds the condition, if there is one and the server may know it; answers whether. */
static bool add_expect(struct s3 *s, const struct s3_expect *expect, char bare[S3_ETAG_MAX], struct s3_request *r)
{
	if (!expect->absent)
		return expect->etag && *expect->etag && add_match(s, expect->etag, bare, r);
	if (atomic_load(&s->condition) == S3_CONDITION_NONE)
		return false;
	s3_add_header(r, "If-None-Match", "*");
	return true;
}

/* A server that refuses by If-None-Match keeps it. */
static void note_kept(struct s3 *s, const struct s3_expect *expect)
{
	int unknown = S3_CONDITION_UNKNOWN;

	if (expect->absent)
		atomic_compare_exchange_strong(&s->condition, &unknown, S3_CONDITION_WORKS);
}

/* Does what was expected not hold? An object that is gone fails If-Match in its own way. */
static bool is_raced(const struct s3_call *call, const struct s3_expect *expect)
{
	return call->http == 412 || (expect->etag && s3_says(call, "NoSuchKey"));
}

/* The server knows no conditions: which one was it? */
static void forget_condition(struct s3 *s, const struct s3_expect *expect)
{
	if (expect->absent)
		atomic_store(&s->condition, S3_CONDITION_NONE);
	else
		atomic_store(&s->match, S3_MATCH_NONE);
}

enum sym_status s3_put(struct s3 *s, struct s3_cargo *c, const char *key,
		       const struct s3_expect *expect, enum s3_sent *sent, struct sym_err *err)
{
	struct s3_request request = {.method = "PUT", .key = key, .body = &c->body, .right = "s3:PutObject"};
	char bare[S3_ETAG_MAX];
	struct s3_call call;
	enum sym_status status;
	bool conditional;

	s3_add_object_headers(s, c, &request);
	conditional = add_expect(s, expect, bare, &request);
	status = s3_perform(s, &request, &call, err);
	c->attempts += call.attempt;
	if (status == SYM_OK && call.http / 100 == 2) {
		*sent = S3_SENT;
		if (!xfer_header(&call.response, "ETag", c->etag, sizeof c->etag))
			c->etag[0] = '\0';
	} else if (status == SYM_OK && is_raced(&call, expect)) {
		*sent = S3_RACED;
		note_kept(s, expect);
	} else if (status == SYM_OK && call.http == 501 && conditional) { /* else it is a storage class, or tags */
		forget_condition(s, expect);
		*sent = S3_NO_CONDITION;
	} else if (status == SYM_OK) {
		status = s3_refused(&call, err);
	}
	s3_call_release(&call);
	return status;
}

enum sym_status s3_learn_condition(struct s3 *s, struct s3_cargo *c, const char *key,
				   struct sym_err *err)
{
	const struct s3_expect expect = {.absent = true};
	struct s3_cargo again = *c; /* the object stands already: this is no attempt to send it */
	enum s3_sent sent = S3_NO_CONDITION;
	enum sym_status status = s3_put(s, &again, key, &expect, &sent, err);

	if (status != SYM_OK)
		return status;
	atomic_store(&s->condition, sent == S3_RACED ? S3_CONDITION_WORKS : S3_CONDITION_NONE);
	if (sent == S3_SENT)
		memcpy(c->etag, again.etag, sizeof c->etag);
	return SYM_OK;
}

void s3_learn_match(struct s3 *s, enum s3_match used)
{
	int was = (int)used;

	if (used != S3_MATCH_NONE)
		atomic_compare_exchange_strong(&s->match, &was, (int)used + 1);
}
