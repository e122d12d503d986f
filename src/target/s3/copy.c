/* SPDX-License-Identifier: MIT
 * The same bytes under another key, without sending them again. Metadata, type and tags come
 * along; storage class, encryption and ACL do not, and are asked for anew. */
#include "target/s3/s3.h"

#include "base/err.h"

#include <stdio.h>
#include <string.h>

enum { ANSWER_MAX = 16 << 10 }; /* bytes */

static void keep_etag(void *ctx, const char *const values[XML_COLUMNS_MAX])
{
	snprintf(ctx, S3_ETAG_MAX, "%s", values[0]);
}

enum sym_status s3_read_etag(const struct s3_call *call, const char *row, char etag[S3_ETAG_MAX],
			     struct sym_err *err)
{
	const struct xml_rows rows = {row, {"ETag"}, keep_etag};

	etag[0] = '\0';
	return xml_read(call->response.body.data, call->response.body.size, &rows, 1, etag, err);
}

enum sym_status s3_add_copy_source(const struct s3 *s, const char *key, struct buf *text, struct s3_request *r,
				   struct sym_err *err)
{
	*text = (struct buf)BUF_MAX(4 * S3_PATH_MAX);
	buf_printf(text, "/%s/", s->bucket);
	buf_add_encoded(text, key, strlen(key), "/");
	if (text->failed) /* without it the request would make an empty object */
		return err_set(err, SYM_NOMEM, "out of memory");
	s3_add_header(r, "x-amz-copy-source", text->data);
	return SYM_OK;
}

/* Is it the size that the server does not like? S3 says InvalidRequest, others say what is meant. */
static bool is_too_large(const struct s3_call *call)
{
	return s3_says(call, "EntityTooLarge") || call->http == 413 ||
	       (s3_says(call, "InvalidRequest") && strstr(call->error.message, "size"));
}

/* Will another copy be refused like this one, or fail as all tries did? Then bytes are sent from now on. */
static bool is_impossible(const struct s3_call *call)
{
	return call->http == 403 || call->http == 405 || call->http == 500 || call->http == 501;
}

static enum sym_status copy_whole(struct s3 *s, struct s3_cargo *c, const char *key,
				  bool *too_large, struct sym_err *err)
{
	struct s3_request request = {.method = "PUT", .key = key, .answer_max = ANSWER_MAX, .late_error = true,
				     .right = "s3:GetObject and s3:PutObject"};
	struct buf source;
	struct s3_call call;
	struct sym_err ignored;
	enum sym_status status = s3_add_copy_source(s, c->copy_key, &source, &request, err);

	*too_large = false;
	if (status == SYM_OK) {
		s3_add_copy_headers(s, &request);
		status = s3_perform(s, &request, &call, err);
		c->attempts += call.attempt;
		if (status == SYM_OK && call.http / 100 == 2) {
			(void)!s3_read_etag(&call, "CopyObjectResult", c->etag, &ignored);
		} else if (status == SYM_OK && is_too_large(&call)) {
			*too_large = true;
		} else if (status == SYM_OK && is_impossible(&call)) {
			atomic_store(&s->no_copy, true);
			status = err_set(err, SYM_UNSUPPORTED, "the server does not copy");
		} else if (status == SYM_OK) {
			status = s3_refused(&call, err);
		}
		s3_call_release(&call);
	}
	buf_release(&source);
	return status;
}

/* The same bytes may lie there otherwise than they are sent: stored by an earlier run, packed or not. */
static enum sym_status copy_in_parts(struct s3 *s, struct s3_cargo *c, const char *key, enum s3_sent *sent,
				     struct sym_err *err)
{
	const struct s3_expect expect = {.absent = false};
	struct s3_found source;
	enum sym_status status = s3_head(s, c->copy_key, &source, err);

	if (status != SYM_OK)
		return status;
	if (source.known != S3_THERE || source.size != c->body.bytes.size || source.gzip != c->gzip)
		return err_set(err, SYM_UNSUPPORTED, "the object to copy is not as it would be sent");
	memcpy(c->copy_etag, source.etag, sizeof c->copy_etag);
	return s3_multipart(s, c, key, &expect, sent, err);
}

enum sym_status s3_copy(struct s3 *s, struct s3_cargo *c, const char *key, enum s3_sent *sent,
			struct sym_err *err)
{
	bool too_large = c->body.bytes.size > S3_PUT_MAX;
	enum sym_status status = SYM_OK;

	*sent = S3_SENT;
	if (!too_large)
		status = copy_whole(s, c, key, &too_large, err);
	if (too_large)
		status = copy_in_parts(s, c, key, sent, err);
	return status == SYM_NOT_FOUND ? err_set(err, SYM_UNSUPPORTED, "the object to copy is gone") : status;
}
