/* SPDX-License-Identifier: MIT
 * Logging in by OAuth's client credentials (RFC 6749 4.4), once for all workers, and
 * again when the token ends. */
#include "target/bugsplat/bugsplat.h"

#include "base/err.h"
#include "base/text.h"

#include <curl/curl.h> /* the names of its codes */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	EARLY_S = 60,   /* a token is exchanged so long before its end */
	TOKENS_MAX = 3, /* that are refused one after the other, before no further one is fetched */
};

static const char not_authenticated[] = "Could not authenticate, check credentials and try again";

/* Is the refusal the service's considered word? What is no JSON is a gateway's. */
static bool is_final(const struct bugsplat_failure *f, const struct bugsplat_answer *a)
{
	return f->unauthorised || (a->error && strcmp(a->error, "invalid_client") == 0);
}

/* Is there nobody to log in to? Only the first time: what was reached once comes back. */
static bool is_nowhere(const struct bugsplat *b, const struct bugsplat_failure *f, unsigned attempt)
{
	return b->token_number == 0 && attempt >= RETRY_MEET_TRIES &&
	       (f->curl == CURLE_COULDNT_CONNECT || f->curl == CURLE_COULDNT_RESOLVE_HOST ||
		f->curl == CURLE_COULDNT_RESOLVE_PROXY);
}

static enum sym_status explain(const struct bugsplat_failure *f, const struct bugsplat_answer *a,
			       struct sym_err *err)
{
	char said[120];

	if (is_final(f, a))
		return err_set(err, SYM_AUTH, "%s", not_authenticated);
	if (f->err.text[0] && (f->curl || f->http == 0 || f->err.status == SYM_REFUSED))
		*err = f->err; /* there was no answer, or none that makes sense, or it leads elsewhere */
	else if (f->http == 429)
		err_set(err, SYM_AUTH, "Could not authenticate, too many requests%s%s%s",
			f->retry_after[0] ? ", retry after " : "", f->retry_after,
			f->retry_after[0] ? " seconds" : "");
	else if (a->is_json && a->message) {
		text_shown(said, sizeof said, a->message, strlen(a->message));
		err_set(err, SYM_AUTH, "%s: %s", not_authenticated, said);
	} else {
		err_set(err, SYM_AUTH, "%s: status %ld", not_authenticated, f->http);
	}
	return err->status;
}

static enum sym_status keep(struct bugsplat *b, const struct bugsplat_answer *a, struct sym_err *err)
{
	size_t size = strlen("Authorization:  ") + strlen(a->access_token) + 1;
	const char *type = a->token_type ? a->token_type : "Bearer";
	char *token;

	if (strpbrk(a->access_token, "\r\n") || strpbrk(type, "\r\n"))
		return err_set(err, SYM_AUTH, "BugSplat's token makes no sense");
	size += strlen(type);
	token = malloc(size);
	if (!token)
		return err_set(err, SYM_NOMEM, "out of memory");
	snprintf(token, size, "Authorization: %s %s", type, a->access_token);
	text_forget(b->token);
	b->token = token;
	b->token_number++;
	b->token_worked = false;
	b->token_ends_ms = UINT64_MAX;
	if (a->expires_s > 0) /* of a short life at least the half is used */
		b->token_ends_ms = os_now_ms() + (a->expires_s > 2 * EARLY_S ?
			(a->expires_s - EARLY_S) * 1000 : a->expires_s * 500);
	return SYM_OK;
}

/* One attempt. */
static bool ask(struct bugsplat *b, uint64_t not_before_ms, struct bugsplat_answer *a,
		struct bugsplat_failure *f)
{
	struct bugsplat_form form = {.count = 3,
				     .at = {{"grant_type", "client_credentials"},
					    {"client_id", b->remote->client_id},
					    {"client_secret", b->remote->client_secret}}};
	bool good = bugsplat_post(b, BUGSPLAT_LOG_IN, &form, not_before_ms, a, f);

	if (good && a->access_token && *a->access_token && !a->error)
		return true;
	if (good)
		f->http = 200; /* JSON, but no token: it will say the same again */
	return false;
}

/* Under the lock: whoever comes meanwhile waits for this one. */
static enum sym_status log_in(struct bugsplat *b, struct sym_err *err)
{
	struct bugsplat_answer a;
	struct bugsplat_failure f;
	uint64_t at_ms = 0;
	enum sym_status status = SYM_OK;
	bool first = b->token_number == 0;

	if (first)
		bugsplat_log(b, "About to authenticate...");
	for (unsigned attempt = 1; !ask(b, at_ms, &a, &f); attempt++) {
		bool again = !is_final(&f, &a) && !is_nowhere(b, &f, attempt) &&
			     bugsplat_again(b, &f, attempt, &at_ms);

		if (!again)
			status = explain(&f, &a, err);
		bugsplat_answer_release(&a);
		if (!again)
			return status;
	}
	status = keep(b, &a, err);
	bugsplat_answer_release(&a);
	if (status == SYM_OK && first)
		bugsplat_log(b, "Authentication success!");
	return status;
}

enum sym_status bugsplat_token_take(struct bugsplat *b, char **header, unsigned *number,
				    struct sym_err *err)
{
	enum sym_status status = SYM_OK;

	pthread_mutex_lock(&b->lock);
	if (target_given_up(&b->base, err)) {
		status = err->status;
	} else if (!b->token || os_now_ms() >= b->token_ends_ms) {
		status = log_in(b, err);
		if (status != SYM_OK)
			target_give_up(&b->base, err); /* the other files need not try, and no account is locked */
	}
	if (status == SYM_OK) {
		*header = strdup(b->token);
		*number = b->token_number;
		if (!*header)
			status = err_set(err, SYM_NOMEM, "out of memory");
	}
	pthread_mutex_unlock(&b->lock);
	return status;
}

void bugsplat_token_answered(struct bugsplat *b, unsigned number, bool refused)
{
	struct sym_err why;

	pthread_mutex_lock(&b->lock);
	if (number == b->token_number && !refused) {
		b->token_worked = true;
		b->tokens_refused = 0;
	} else if (number == b->token_number && b->token_ends_ms > 0) { /* the first to hear of it */
		b->token_ends_ms = 0;
		if (!b->token_worked && ++b->tokens_refused == TOKENS_MAX) {
			err_set(&why, SYM_AUTH, "BugSplat refuses each token that it gives (401)");
			target_give_up(&b->base, &why);
		}
	}
	pthread_mutex_unlock(&b->lock);
}
