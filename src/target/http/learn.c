/* SPDX-License-Identifier: MIT
 * What the server does beyond PUT, learnt from its answers: authentication, conditions,
 * collections. */
#include "target/http/http.h"

#include "base/err.h"
#include "base/hash.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------- authentication -- */

/* One line may hold several challenges, and their parameters, behind commas (RFC 9110, 11.6.1). */
static bool asks_for_digest(const char *challenges)
{
	bool begins = true, quoted = false;

	for (const char *c = challenges; *c; c++) {
		if (begins && text_starts_nocase(c, "Digest "))
			return true;
		quoted ^= *c == '"';
		begins = !quoted && (*c == ',' || (begins && *c == ' '));
	}
	return false;
}

bool http_learn_digest(struct http *h, const struct xfer_response *r)
{
	char challenge[512];

	for (size_t i = 0; xfer_header_nth(r, "WWW-Authenticate", i, challenge, sizeof challenge); i++)
		if (asks_for_digest(challenge)) {
			h->learnt.auth = XFER_AUTH_DIGEST;
			return true;
		}
	return false;
}

/* Over plain http:// a password is not sent before it is known that the server wants it so. */
static void learn_auth_in_the_open(struct http *h)
{
	struct http_call call = {.method = "HEAD", .path = "", .anonymous = true, .tries = RETRY_MEET_TRIES};
	struct xfer_response r;
	struct sym_err err;

	if (http_call(h, &call, &r, &err) == SYM_OK && r.http == 401)
		(void)!http_learn_digest(h, &r);
	xfer_response_release(&r);
}

/* Behind a login page, and where an application answers every address by its own page, all is
 * there: what HEAD says is not about files. */
static bool answers_all(struct http *h)
{
	char path[KEY_PATH_MAX];
	struct http_call call = {.method = "HEAD", .path = path, .tries = RETRY_MEET_TRIES};
	struct xfer_response r;
	struct sym_err ignored;
	bool there;

	target_unheard_of(path);
	there = http_call(h, &call, &r, &ignored) == SYM_OK && r.http / 100 == 2;
	xfer_response_release(&r);
	return there;
}

enum sym_status http_meet(struct target *t, struct sym_err *err)
{
	struct http *h = (struct http *)t;
	struct http_call call = {.method = "HEAD", .path = "index2.txt", .tries = RETRY_MEET_TRIES};
	struct xfer_response r;
	enum sym_status status;

	if ((h->user || h->netrc) && !h->bearer && strncmp(h->root, "http:", 5) == 0)
		learn_auth_in_the_open(h);
	if (target_given_up(t, err))
		return SYM_OK;
	status = http_call(h, &call, &r, err);
	if (status != SYM_OK)
		target_give_up(t, err);
	t->two_tier = status == SYM_OK && r.http / 100 == 2;
	xfer_response_release(&r);
	h->answers_all = t->two_tier && answers_all(h);
	t->two_tier &= !h->answers_all;
	return SYM_OK;
}

/* ------------------------------------------------------------ condition -- */

bool http_stands_already(const struct xfer_response *r)
{
	char code[64];

	if (r->http == 412)
		return true;
	if (!xfer_header(r, "x-ms-error-code", code, sizeof code))
		return false;
	return strcmp(code, "BlobAlreadyExists") == 0 || strcmp(code, "UnauthorizedBlobOverwrite") == 0;
}

/* ---------------------------------------------------------- collections -- */

static bool is_made(struct http *h, uint64_t key)
{
	bool made;

	pthread_mutex_lock(&h->lock);
	made = table_find(&h->made, key) != NULL;
	pthread_mutex_unlock(&h->lock);
	return made;
}

/* Without memory it is not remembered, and asked for again. */
static void remember_made(struct http *h, uint64_t key)
{
	pthread_mutex_lock(&h->lock);
	(void)table_add(&h->made, key);
	pthread_mutex_unlock(&h->lock);
}

/* One level. SYM_NOT_FOUND: the one above is missing. */
static enum sym_status make_one(struct http *h, const char *url, struct sym_err *err)
{
	struct http_call call = {.method = "MKCOL", .url = url, .body_max = HTTP_WORDS_MAX};
	struct xfer_response r;
	enum sym_status status = http_call(h, &call, &r, err);

	if (status == SYM_OK && (r.http == 409 || r.http == 404))
		status = err_set(err, SYM_NOT_FOUND, "a folder above is missing");
	else if (status == SYM_OK && r.http / 100 > 3 && r.http != 405) /* 405, 301: it is there */
		status = http_refusal(h, &r, call.method, err);
	xfer_response_release(&r);
	return status;
}

/* Makes the collections of the address `url`, from the one that ends at `from`. One that is
 * refused may have been made by another run at this moment: the last one's fate counts. */
static enum sym_status make_levels(struct http *h, const char *url, size_t from, size_t end,
				   bool anew, struct sym_err *err)
{
	char level[HTTP_URL_MAX];
	enum sym_status status = SYM_OK;

	for (size_t i = from; i < end; i++) {
		size_t room = sizeof level - i - 1;
		uint64_t key;

		if (url[i] != '/')
			continue;
		memcpy(level, url, i + 1);
		level[i + 1] = '\0';
		key = hash_text(HASH_START, level);
		status = SYM_OK;
		if (!anew && is_made(h, key))
			continue;
		if (strlen(h->query) >= room)
			return err_set(err, SYM_TOO_BIG, "the address is longer than %u bytes", HTTP_URL_MAX);
		memcpy(level + i + 1, h->query, strlen(h->query) + 1);
		status = make_one(h, level, err);
		if (status == SYM_NOT_FOUND || status == SYM_CANCELLED)
			return status;
		if (status == SYM_OK)
			remember_made(h, key);
	}
	return status;
}

/* The first `/` behind the host, and one more: the first level that can be made. */
static size_t first_level(const char *url)
{
	const char *host = strstr(url, "://") + 3;

	return (size_t)(host - url) + strcspn(host, "/") + 1;
}

enum sym_status http_make_parents(struct http *h, const char *path, bool anew, struct sym_err *err)
{
	char url[HTTP_URL_MAX];
	size_t root = strlen(h->root), end;
	enum sym_status status = http_url(h, path, url, err);

	if (status != SYM_OK)
		return status;
	end = strcspn(url, "?");
	status = make_levels(h, url, root, end, anew, err);
	if (status != SYM_NOT_FOUND)
		return status;
	/* Not even the root is there. */
	return make_levels(h, url, first_level(url), end, true, err);
}
