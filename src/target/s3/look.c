/* SPDX-License-Identifier: MIT
 * What stands under a key, and what to do about it: never poorer. */
#include "target/s3/s3.h"

#include "base/err.h"
#include "base/text.h"
#include "format/format.h"

#include <stdio.h>
#include <string.h>

/* ------------------------------------------------------------- metadata -- */

void s3_has_words(unsigned has, char to[HAS_TEXT_MAX])
{
	if (has)
		has_join(has, ",", ",", to);
	else
		text_put(to, to + HAS_TEXT_MAX, "nothing");
}

static unsigned read_has(const char *text)
{
	unsigned has = 0;

	while (*text) {
		size_t len = strcspn(text, ", ");

		for (size_t i = 0; i < HAS_BITS; i++)
			if (strlen(has_words[i]) == len && strncmp(has_words[i], text, len) == 0)
				has |= 1u << i;
		text += len;
		text += strspn(text, ", ");
	}
	return has;
}

bool s3_etags_same(const char *a, const char *b)
{
	size_t len;

	a += *a == '"';
	b += *b == '"';
	len = strcspn(a, "\"");
	return len > 0 && strcspn(b, "\"") == len && memcmp(a, b, len) == 0;
}

bool s3_etag_md5(const char *etag, uint8_t md5[16])
{
	const char *hex = etag + (*etag == '"');

	return strspn(hex, "0123456789abcdefABCDEF") == 32 && (hex[32] == '\0' || hex[32] == '"') &&
	       text_hex_bytes(hex, md5, 16);
}

static void read_found(const struct xfer_response *r, struct s3_found *out)
{
	char text[S3_ETAG_MAX];

	*out = (struct s3_found){0};
	(void)response_size(r, &out->size);
	if (xfer_header(r, "ETag", text, sizeof text))
		memcpy(out->etag, text, strlen(text) + 1);
	out->gzip = response_is_gzip(r);
	out->has_sha256 = response_sha256(r, S3_SHA256, out->sha256);
	out->has_has = xfer_header(r, "x-amz-meta-has", text, sizeof text) != NULL;
	if (out->has_has)
		out->has = read_has(text);
}

static enum sym_status head_once(struct s3 *s, const char *key, long *http, struct s3_found *found,
				 struct sym_err *err)
{
	const struct s3_request request = {.method = "HEAD", .key = key, .right = "s3:GetObject"};
	struct s3_call call;
	enum sym_status status = s3_perform(s, &request, &call, err);

	*http = call.http;
	if (status == SYM_OK && call.http == 200)
		read_found(&call.response, found);
	else if (status == SYM_OK && call.http != 400 && call.http != 403 && call.http != 404)
		status = s3_refused(&call, err);
	s3_call_release(&call);
	return status;
}

/* A HEAD that was called a bad request: an answer to GET has a body, which tells whether
 * something is wrong for good, or the keys had expired and have been renewed meanwhile. */
static enum sym_status ask_reason(struct s3 *s, const char *key, struct sym_err *err)
{
	const struct s3_request request = {.method = "GET", .key = key, .headers = {{"Range", "bytes=0-0"}},
					   .right = "s3:GetObject"};
	struct s3_call call;
	enum sym_status status = s3_perform(s, &request, &call, err);

	if (status == SYM_OK && call.http == 400)
		status = s3_refused(&call, err);
	s3_call_release(&call);
	return status;
}

enum sym_status s3_head(struct s3 *s, const char *key, struct s3_found *found, struct sym_err *err)
{
	long http;
	enum sym_status status = head_once(s, key, &http, found, err);

	if (status == SYM_OK && http == 400) {
		status = ask_reason(s, key, err);
		if (status == SYM_OK)
			status = head_once(s, key, &http, found, err);
	}
	found->known = http == 200 ? S3_THERE : http == 404 ? S3_ABSENT : S3_DENIED;
	return status;
}

/* ------------------------------------------------------------- settling -- */

static void settle_other(const struct s3 *s, const struct parcel *p, struct parcel_path *at,
			 const struct s3_found *found, bool *replace)
{
	if (existing_decides(s->options.existing, at, replace))
		return;
	if (found->has_has) {
		existing_compare(p->id->has, found->has, at, replace);
		return;
	}
	err_set(&at->why, SYM_EXISTS, "other bytes stand under this key, and nothing tells what they "
				      "offer (--existing replace)");
	path_settle(at, ACTION_KEPT, true);
}

void s3_settle(const struct s3 *s, const struct s3_cargo *c, struct parcel_path *at,
	       const struct s3_found *found, bool *replace)
{
	*replace = false;
	if (found->has_sha256 && memcmp(found->sha256, c->hash, sizeof c->hash) == 0) {
		path_settle(at, ACTION_PRESENT, false);
	} else if (!found->has_sha256 && found->size == c->p->id->slice_size) {
		*replace = existing_resends(s->options.existing, at);
		if (*replace)
			return;
		err_set(&at->why, SYM_EXISTS, "present (size only): the object does not tell its SHA-256");
		path_settle(at, ACTION_PRESENT, false);
	} else {
		settle_other(s, c->p, at, found, replace);
	}
}
