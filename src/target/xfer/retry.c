/* SPDX-License-Identifier: MIT */
#include "target/xfer/retry.h"

#include "base/err.h"
#include "base/text.h"

#include <curl/curl.h> /* the names of its codes, and dates */
#include <stdlib.h>
#include <string.h>

enum { TELLING_MS = 500 }; /* without an answer; less than what two further tries take */

const struct retry_policy retry_default = {
	.tries = 8,
	.first_ms = 500,
	.longest_ms = 30 * 1000,
	.longest_after_ms = 300 * 1000,
};

struct retry_policy retry_policy_of(unsigned tries)
{
	struct retry_policy policy = retry_default;

	policy.tries = tries ? tries : policy.tries;
	return policy;
}

struct retry_policy retry_at_most(struct retry_policy policy, unsigned tries)
{
	if (tries && tries < policy.tries)
		policy.tries = tries;
	return policy;
}

/* What may be otherwise the next time. What a code means for the user says error.c. */
static const struct {
	int curl;
	unsigned tries; /* at most; 0 = as many as the policy has */
} passing[] = {
	{CURLE_FAILED_INIT, 0}, /* libcurl 7.88 calls it so where a proxy's tunnel, kept for HTTP/2, was gone */
	{CURLE_COULDNT_RESOLVE_PROXY, 3},
	{CURLE_COULDNT_RESOLVE_HOST, 3},
	{CURLE_COULDNT_CONNECT, 0},
	{CURLE_WEIRD_SERVER_REPLY, 0},
	{CURLE_HTTP2, 0},
	{CURLE_PARTIAL_FILE, 0},
	{CURLE_OPERATION_TIMEDOUT, 0},
	{CURLE_SSL_CONNECT_ERROR, 0},
	{CURLE_GOT_NOTHING, 0},
	{CURLE_SEND_ERROR, 0},
	{CURLE_RECV_ERROR, 0},
	{CURLE_SSL_SHUTDOWN_FAILED, 0},
	{CURLE_AGAIN, 0},
	{CURLE_NO_CONNECTION_AVAILABLE, 0},
	{CURLE_HTTP2_STREAM, 0},
	{CURLE_HTTP3, 0},
	{CURLE_QUIC_CONNECT_ERROR, 0},
};

/* 501, 505 and 507 will be said again however often one asks. */
bool retry_passes(long http)
{
	return http == 408 || http == 425 || http == 429 ||
	       (http >= 500 && http != 501 && http != 505 && http != 507);
}

/* How often a request that failed so is tried at most, where the policy has `tries`; 0: it does not pass. */
static unsigned tries_of(int curl, long http, unsigned tries)
{
	if (!curl)
		return retry_passes(http) ? tries : 0;
	for (size_t i = 0; i < ARRAY_LEN(passing); i++)
		if (passing[i].curl == curl)
			return passing[i].tries && passing[i].tries < tries ? passing[i].tries : tries;
	return 0;
}

void retry_count(struct sym_err *err, unsigned attempts)
{
	struct sym_err once = *err;

	if (attempts > 1 && err->status != SYM_CANCELLED)
		err_set(err, once.status, "%.*s (tried %u times)", text_fit(once.text, 200), once.text, attempts);
}

bool retry_after_wait(const char *value, int64_t now_s, uint64_t *wait_ms)
{
	size_t len = strlen(value);
	int64_t at;

	if (len > 0 && len <= 9 && strspn(value, "0123456789") == len) {
		*wait_ms = strtoull(value, NULL, 10) * 1000;
		return true;
	}
	at = (int64_t)curl_getdate(value, NULL);
	if (at < 0)
		return false;
	*wait_ms = at > now_s ? (uint64_t)(at - now_s) * 1000 : 0;
	return true;
}

/* Twice as long each time, and somewhere in the upper half of it: failures that came
 * together shall not come back together. */
static uint64_t pause_ms(const struct retry_policy *policy, unsigned attempt, uint64_t random)
{
	uint64_t pause = policy->first_ms;

	for (unsigned i = 1; i < attempt && pause < policy->longest_ms; i++)
		pause *= 2;
	pause = min_u64(pause, policy->longest_ms);
	return pause - random % (pause / 2 + 1);
}

struct retry_decision retry_decide(const struct retry_policy *policy, unsigned attempt, int curl,
				   long http, const char *retry_after, uint64_t now_ms,
				   int64_t now_s, uint64_t random)
{
	unsigned tries = tries_of(curl, http, policy->tries);
	struct retry_decision decision = {.again = false};
	uint64_t wait = 0, pause;

	if (tries == 0)
		return decision;
	if (retry_after && retry_after_wait(retry_after, now_s, &wait) && wait > policy->longest_after_ms) {
		decision.too_long_ms = wait;
		return decision;
	}
	if (attempt >= tries)
		return decision;
	pause = pause_ms(policy, attempt, random);
	if (wait > pause)
		pause = wait + random % (policy->first_ms + 1);
	decision.again = true;
	decision.at_ms = now_ms + pause;
	return decision;
}

struct retry_decision retry_now(const struct retry_policy *policy, unsigned attempt, int curl, long http,
				const char *retry_after)
{
	uint64_t random;

	os_random(&random, sizeof random);
	return retry_decide(policy, attempt, curl, http, retry_after, os_now_ms(), os_time_s(), random);
}

bool retry_gives_up(int curl, uint64_t began_ms, uint64_t answered_ms, uint64_t now_ms)
{
	if (answered_ms >= began_ms)
		return false;
	return tries_of(curl, 0, 1) == 0 || now_ms - began_ms >= TELLING_MS;
}
