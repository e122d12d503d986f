/* SPDX-License-Identifier: MIT
 * What stands under a key, and what to do about it: never poorer. */
#include "target/s3/s3.h"

#include "base/err.h"
#include "base/text.h"
#include "target/digest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------- metadata -- */

/* In the order of the bits of enum sym_has. */
static const char *const words[] = {"symbols", "debug", "unwind", "sources"};

static void join_words(unsigned has, const char *between, char *to, size_t size)
{
	size_t used = 0;

	to[0] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (has & 1u << i && used < size)
			used += (size_t)snprintf(to + used, size - used, "%s%s", used ? between : "", words[i]);
}

void s3_has_words(unsigned has, char to[S3_HAS_MAX])
{
	join_words(has, ",", to, S3_HAS_MAX);
	if (!*to)
		snprintf(to, S3_HAS_MAX, "nothing");
}

static unsigned read_has(const char *text)
{
	unsigned has = 0;

	while (*text) {
		size_t len = strcspn(text, ", ");

		for (size_t i = 0; i < ARRAY_LEN(words); i++)
			if (strlen(words[i]) == len && strncmp(words[i], text, len) == 0)
				has |= 1u << i;
		text += len;
		text += strspn(text, ", ");
	}
	return has;
}

static void read_found(const struct xfer_response *r, struct s3_found *out)
{
	char text[S3_ETAG_MAX];

	*out = (struct s3_found){0};
	if (xfer_header(r, "Content-Length", text, sizeof text))
		out->size = strtoull(text, NULL, 10);
	if (xfer_header(r, "ETag", text, sizeof text))
		memcpy(out->etag, text, strlen(text) + 1);
	out->has_sha256 = xfer_header(r, "x-amz-meta-sha256", text, sizeof text) && strlen(text) == 64 &&
			  text_hex_bytes(text, out->sha256, 32);
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
	static const char *const headers[] = {"Range: bytes=0-0", NULL};
	const struct s3_request request = {.method = "GET", .key = key, .headers = headers,
					   .right = "s3:GetObject"};
	struct s3_call call;
	enum sym_status status = s3_perform(s, &request, &call, err);

	if (status == SYM_OK && call.http == 400)
		status = s3_refused(&call, err);
	s3_call_release(&call);
	return status;
}

enum sym_status s3_head(struct s3 *s, const char *key, enum s3_look *look, struct s3_found *found,
			struct sym_err *err)
{
	long http;
	enum sym_status status = head_once(s, key, &http, found, err);

	if (status == SYM_OK && http == 400) {
		status = ask_reason(s, key, err);
		if (status == SYM_OK)
			status = head_once(s, key, &http, found, err);
	}
	*look = http == 200 ? S3_THERE : http == 404 ? S3_ABSENT : S3_DENIED;
	return status;
}

/* ------------------------------------------------------------- settling -- */

static void settle(struct parcel_path *at, enum action action, bool warn)
{
	at->action = action;
	at->warn = warn;
}

void s3_fail(struct parcel_path *at, const struct sym_err *err)
{
	at->why = *err;
	settle(at, ACTION_FAILED, true);
}

/* --existing richer: what the object's metadata say it offers, against what we do. */
static void settle_richer(const struct parcel *p, struct parcel_path *at,
			  const struct s3_found *found, bool *replace)
{
	unsigned mine = p->id->has, theirs = found->has;
	char text[S3_HAS_MAX];

	if (!found->has_has) {
		err_set(&at->why, SYM_EXISTS, "other bytes stand under this key, and nothing tells what they "
					      "offer (--existing replace)");
		settle(at, ACTION_KEPT, true);
	} else if ((mine & theirs) == theirs && mine != theirs) {
		join_words(mine & ~theirs, ", ", text, sizeof text);
		err_set(&at->why, SYM_EXISTS, "what stood there lacked %s", text);
		*replace = true;
	} else if ((mine & theirs) == mine && mine != theirs) {
		join_words(theirs & ~mine, ", ", text, sizeof text);
		err_set(&at->why, SYM_EXISTS, "what stands there offers more: %s", text);
		settle(at, ACTION_KEPT, false);
	} else {
		err_set(&at->why, SYM_EXISTS,
			"other bytes stand under this key, and neither file offers more than the other");
		settle(at, ACTION_KEPT, true);
	}
}

static void settle_other(const struct s3 *s, const struct parcel *p, struct parcel_path *at,
			 const struct s3_found *found, bool *replace)
{
	enum existing existing = s->options.existing;

	if (at->second && existing == EXISTING_REPLACE)
		existing = EXISTING_RICHER;
	switch (existing) {
	case EXISTING_KEEP:
		err_set(&at->why, SYM_EXISTS, "other bytes stand under this key (--existing keep)");
		settle(at, ACTION_KEPT, true);
		break;
	case EXISTING_REPLACE:
		err_set(&at->why, SYM_EXISTS, "other bytes stood under this key (--existing replace)");
		*replace = true;
		break;
	case EXISTING_RICHER:
		settle_richer(p, at, found, replace);
		break;
	}
}

/* Are they our bytes, by the hash in the metadata? */
static enum sym_status compare(const struct parcel *p, const struct s3_found *found, bool *same,
			       struct sym_err *err)
{
	uint8_t made[32];
	const uint8_t *ours = p->sha256;
	enum sym_status status;

	if (!ours) {
		status = digest_file(p->source, p->id->slice_offset, p->id->slice_size, made, err);
		if (status != SYM_OK)
			return status;
		ours = made;
	}
	*same = memcmp(found->sha256, ours, 32) == 0;
	return SYM_OK;
}

void s3_settle(struct s3 *s, const struct parcel *p, struct parcel_path *at,
	       const struct s3_found *found, bool *replace)
{
	bool same = false;
	struct sym_err err;

	*replace = false;
	if (found->has_sha256) {
		if (compare(p, found, &same, &err) != SYM_OK)
			s3_fail(at, &err);
		else if (same)
			settle(at, ACTION_PRESENT, false);
		else
			settle_other(s, p, at, found, replace);
	} else if (found->size == p->id->slice_size) {
		err_set(&at->why, SYM_EXISTS, "present (size only): the object does not tell its SHA-256");
		settle(at, ACTION_PRESENT, false);
	} else {
		settle_other(s, p, at, found, replace);
	}
}
