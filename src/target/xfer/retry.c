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
static const struct passing {
	int code;
	unsigned tries; /* at most; 0 = as many as the policy has */
	const char *why;
} passing_curl[] = {
	/* libcurl 7.88 calls it so where a proxy's tunnel, kept for HTTP/2, was gone. */
	{CURLE_FAILED_INIT, 0, "the connection was lost"},
	{CURLE_COULDNT_RESOLVE_PROXY, 3, "the proxy's name is not known"},
	{CURLE_COULDNT_RESOLVE_HOST, 3, "the host's name is not known"},
	{CURLE_COULDNT_CONNECT, 0, "there was no connection"},
	{CURLE_WEIRD_SERVER_REPLY, 0, "the answer made no sense"},
	{CURLE_HTTP2, 0, "the HTTP/2 connection broke"},
	{CURLE_PARTIAL_FILE, 0, "the answer was cut short"},
	{CURLE_OPERATION_TIMEDOUT, 0, "no byte moved for too long"},
	{CURLE_SSL_CONNECT_ERROR, 0, "the TLS handshake failed"},
	{CURLE_GOT_NOTHING, 0, "there was no answer"},
	{CURLE_SEND_ERROR, 0, "the connection was lost"},
	{CURLE_RECV_ERROR, 0, "the connection was lost"},
	{CURLE_SSL_SHUTDOWN_FAILED, 0, "the connection was lost"},
	{CURLE_AGAIN, 0, "the connection was not ready"},
	{CURLE_NO_CONNECTION_AVAILABLE, 0, "there was no connection"},
	{CURLE_HTTP2_STREAM, 0, "the HTTP/2 stream was reset"},
	{CURLE_HTTP3, 0, "the HTTP/3 connection broke"},
	{CURLE_QUIC_CONNECT_ERROR, 0, "there was no connection"},
}, passing_http[] = {
	{408, 0, "the server waited too long for the request (408)"},
	{425, 0, "the server wants the request later (425)"},
	{429, 0, "the server wants fewer requests (429)"},
	{500, 0, "the server failed (500)"},
	{502, 0, "a gateway failed (502)"},
	{503, 0, "the server is busy (503)"},
	{504, 0, "a gateway waited too long (504)"},
};

/* 501, 505 and 507 will be said again however often one asks. */
static const struct passing passing_5xx = {0, 0, "the server failed (5xx)"};

static const struct passing *passing_of(int curl, long http)
{
	const struct passing *table = curl ? passing_curl : passing_http;
	size_t count = curl ? ARRAY_LEN(passing_curl) : ARRAY_LEN(passing_http);
	long code = curl ? curl : http;

	for (size_t i = 0; i < count; i++)
		if (table[i].code == code)
			return &table[i];
	if (!curl && http >= 500 && http != 501 && http != 505 && http != 507)
		return &passing_5xx;
	return NULL;
}

bool retry_passes(long http)
{
	return passing_of(0, http) != NULL;
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
	const struct passing *passing = passing_of(curl, http);
	struct retry_decision decision = {.again = false};
	uint64_t wait = 0, pause;

	if (!passing)
		return decision;
	decision.why = passing->why;
	if (retry_after && retry_after_wait(retry_after, now_s, &wait) && wait > policy->longest_after_ms) {
		decision.too_long_ms = wait;
		return decision;
	}
	if (attempt >= policy->tries || (passing->tries && attempt >= passing->tries))
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
	return !passing_of(curl, 0) || now_ms - began_ms >= TELLING_MS;
}
