/* SPDX-License-Identifier: MIT */
#include "target/s3/credentials.h"

#include "base/err.h"
#include "target/json_read.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum {
	RENEW_BEFORE_S = 300,
	RENEW_AGAIN_S = 10, /* after a failure, while the old keys are still good */
};

struct aws_credentials {
	struct aws_finder finder;
	char *region;
	pthread_mutex_t lock;   /* over all below */
	pthread_cond_t renewed;
	bool renewing;          /* one thread asks; those with good keys go on, others wait */
	bool have;
	struct aws_keys keys;
	int64_t renew_s;        /* since 1970 */
	struct sym_err failure; /* of the last finding; status SYM_OK where it went well */
};

int64_t aws_renew_at(int64_t got_s, int64_t expires_s)
{
	int64_t life = expires_s - got_s, late = expires_s - RENEW_BEFORE_S, long_gone;

	if (expires_s == 0)
		return INT64_MAX;
	long_gone = got_s + life - life / 4;
	return late > long_gone ? late : long_gone;
}

struct aws_credentials *aws_credentials_new(const struct aws_settings *settings, struct xfer *x,
					    const char *region)
{
	struct aws_credentials *c = calloc(1, sizeof *c);

	if (!c)
		return NULL;
	c->region = strdup(region);
	if (!c->region) {
		free(c);
		return NULL;
	}
	c->finder = (struct aws_finder){.settings = settings, .x = x, .region = c->region};
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->renewed, NULL);
	return c;
}

void aws_credentials_free(struct aws_credentials *c)
{
	if (!c)
		return;
	pthread_cond_destroy(&c->renewed);
	pthread_mutex_destroy(&c->lock);
	aws_keys_release(&c->keys);
	free(c->region);
	free(c);
}

/* A key that was pasted with a line's end would be refused without a word about it. */
static bool is_printed(const char *text)
{
	while (text && *text > ' ' && *text < 0x7f)
		text++;
	return !text || *text == '\0';
}

enum sym_status aws_find_environment(const struct aws_finder *f, struct aws_keys *out,
				     struct sym_err *err)
{
	const char *id = aws_env("AWS_ACCESS_KEY_ID"), *secret = aws_env("AWS_SECRET_ACCESS_KEY");
	const char *token = aws_env("AWS_SESSION_TOKEN");

	(void)f;
	if (!id && !secret)
		return SYM_NOT_FOUND;
	if (!id || !secret)
		return err_set(err, SYM_USAGE, "%s is set, but %s is not",
			       id ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY",
			       id ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID");
	if (!is_printed(id) || !is_printed(secret) || !is_printed(token))
		return err_set(err, SYM_USAGE, "%s holds a blank, a line's end or a letter that is not ASCII",
			       !is_printed(id)       ? "AWS_ACCESS_KEY_ID"
			       : !is_printed(secret) ? "AWS_SECRET_ACCESS_KEY"
						     : "AWS_SESSION_TOKEN");
	return aws_keys_set(out, id, secret, token, 0, err);
}

enum sym_status aws_keys_read(const struct buf *text, const char *const names[4], struct aws_keys *out,
			      struct sym_err *err)
{
	char *expires = NULL;
	const struct json_want wants[] = {
		{names[0], &out->id},
		{names[1], &out->secret},
		{names[2], &out->token},
		{names[3], &expires},
	};
	enum sym_status status;

	*out = (struct aws_keys){0};
	status = json_read(text->data, text->size, wants, ARRAY_LEN(wants), err);
	out->expires_s = expires ? aws_time_read(expires) : 0;
	free(expires);
	if (status == SYM_OK && (!out->id || !out->secret))
		status = err_set(err, SYM_MALFORMED, "there are no keys in it");
	if (status != SYM_OK)
		aws_keys_release(out);
	return status;
}

/* Asks one place after the other, in the order of AWS's tools; but a profile that the user names goes
 * before the environment. */
static enum sym_status find_keys(const struct aws_finder *f, struct aws_keys *out,
				 struct sym_err *err)
{
	static aws_find_fn *const places[] = {aws_find_environment, aws_find_web_identity, aws_find_profile,
					      aws_find_container, aws_find_instance};
	enum sym_status status = f->settings->named ? aws_find_profile(f, out, err) : SYM_NOT_FOUND;

	for (size_t i = 0; i < ARRAY_LEN(places) && status == SYM_NOT_FOUND; i++)
		if (places[i] != aws_find_profile || !f->settings->named)
			status = places[i](f, out, err);
	if (status != SYM_NOT_FOUND)
		return status;
	return err_set(err, SYM_NOT_FOUND,
		       "no AWS credentials were found: not in the environment (AWS_ACCESS_KEY_ID), not in the "
		       "profile \"%s\" of ~/.aws, and no container's or instance's role",
		       f->settings->profile);
}

/* Finds keys with the lock given up meanwhile. */
static void renew(struct aws_credentials *c)
{
	struct aws_keys keys = {0};
	struct sym_err err = {.status = SYM_OK};
	enum sym_status status;
	int64_t now;

	c->renewing = true;
	pthread_mutex_unlock(&c->lock);
	status = find_keys(&c->finder, &keys, &err);
	pthread_mutex_lock(&c->lock);
	now = os_time_s();
	if (status == SYM_OK) {
		aws_keys_release(&c->keys);
		c->keys = keys;
		c->have = true;
		c->renew_s = aws_renew_at(now, keys.expires_s);
		c->failure = (struct sym_err){.status = SYM_OK};
	} else {
		c->failure = err;
		c->renew_s = now + RENEW_AGAIN_S;
	}
	c->renewing = false;
	pthread_cond_broadcast(&c->renewed);
}

static bool are_good(const struct aws_credentials *c, int64_t now)
{
	return c->have && (c->keys.expires_s == 0 || now < c->keys.expires_s);
}

static enum sym_status copy_keys(const struct aws_credentials *c, struct aws_keys *out, struct sym_err *err)
{
	return aws_keys_set(out, c->keys.id, c->keys.secret, c->keys.token, c->keys.expires_s, err);
}

enum sym_status aws_credentials_get(struct aws_credentials *c, struct aws_keys *out,
				    struct sym_err *err)
{
	enum sym_status status;

	pthread_mutex_lock(&c->lock);
	if (!c->renewing && os_time_s() >= c->renew_s)
		renew(c);
	while (c->renewing && !are_good(c, os_time_s()))
		pthread_cond_wait(&c->renewed, &c->lock);
	if (are_good(c, os_time_s())) {
		status = copy_keys(c, out, err);
	} else if (c->failure.status != SYM_OK) {
		*err = c->failure;
		status = err->status;
	} else {
		status = err_set(err, SYM_AUTH, "the credentials that were found have expired already: "
						"check the clock of this machine");
	}
	pthread_mutex_unlock(&c->lock);
	return status;
}

bool aws_credentials_at_hand(struct aws_credentials *c, struct aws_keys *out)
{
	struct sym_err ignored;
	bool good;

	pthread_mutex_lock(&c->lock);
	good = are_good(c, os_time_s()) && copy_keys(c, out, &ignored) == SYM_OK;
	pthread_mutex_unlock(&c->lock);
	return good;
}

void aws_credentials_expired(struct aws_credentials *c, const struct aws_keys *keys)
{
	pthread_mutex_lock(&c->lock);
	if (c->have && strcmp(c->keys.id, keys->id) == 0 && strcmp(c->keys.secret, keys->secret) == 0 &&
	    !c->renewing) {
		c->have = false;
		c->renew_s = 0;
	}
	pthread_mutex_unlock(&c->lock);
}
